"""A speaker, an earpiece and a microphone without sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pileus.core.errors import NotFound
from pileus.handset.capabilities.audio.calls import Calls
from pileus.handset.capabilities.audio.shape import OfCall, Port, Spoken, State, Switch, Volume, Which
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn


class SimulatedAudio(StandIn):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._outputs = [
            Port(id="speaker", name="Speaker", kind="speaker", active=True),
            Port(id="earpiece", name="Earpiece", kind="handset"),
        ]
        self._inputs = [Port(id="microphone", name="Microphone", active=True)]
        self._calls = Calls()

    def _shown(self) -> State:
        calls = self._calls
        call = Spoken(
            id=calls.spoken,
            muted=calls.spoken in calls.muted,
            output=calls.output or "earpiece",
            input=calls.input or "microphone",
        )
        return State(outputs=self._outputs, inputs=self._inputs, call=call if calls.spoken else None)

    def accompany(self, telephony: Mapping[str, Any]) -> None:
        """As `daemon.Accompanies` has it."""
        self._calls.take(telephony)
        self._news()

    @method
    async def of_call(self, wish: OfCall) -> None:
        """The sound of a call, and of it alone. Raises `call-unknown`, `audio-unknown`."""
        for ports, name in ((self._outputs, wish.output), (self._inputs, wish.input)):
            if name:
                _choose(ports, name)
        self._calls.wish(wish)
        self._news()

    @method
    async def volume(self, wish: Volume) -> None:
        self._outputs = _change(self._outputs, volume=wish.percent)
        self._news()

    @method
    async def mute(self, wish: Switch) -> None:
        self._outputs = _change(self._outputs, muted=wish.on)
        self._news()

    @method
    async def microphone(self, wish: Switch) -> None:
        self._inputs = _change(self._inputs, muted=not wish.on)
        self._news()

    @method
    async def output(self, wish: Which) -> None:
        self._outputs = _choose(self._outputs, wish.id)
        self._news()

    @method
    async def input(self, wish: Which) -> None:
        self._inputs = _choose(self._inputs, wish.id)
        self._news()


def _change(ports: list[Port], **values: int | bool) -> list[Port]:
    return [msgspec.structs.replace(one, **values) if one.active else one for one in ports]


def _choose(ports: list[Port], name: str) -> list[Port]:
    if name not in [one.id for one in ports]:
        raise NotFound("audio-unknown", "This device has no such output or input for sound.")
    return [msgspec.structs.replace(one, active=one.id == name) for one in ports]
