"""A zone that is only shown; the machine's own clock is left alone."""

from __future__ import annotations

from zoneinfo import available_timezones

import msgspec

from pileus.core.errors import Conflict, Invalid
from pileus.handset.capabilities.clock.shape import Moment, State, Switch, Zone
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn


class Simulate(msgspec.Struct):
    wrong: bool


class SimulatedClock(StandIn):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._zone, self._automatic, self._wrong = "Asia/Shanghai", True, False

    def _shown(self) -> State:
        return State(
            zone=self._zone,
            automatic=self._automatic,
            can_automatic=True,
            synchronized=self._automatic and not self._wrong,
            wrong=self._wrong,
        )

    @method
    async def zone(self, wish: Zone) -> None:
        if wish.zone not in available_timezones():
            raise Invalid("zone-unknown", "This device does not know that time zone.")
        self._zone = wish.zone
        self._news()

    @method
    async def automatic(self, wish: Switch) -> None:
        self._automatic = wish.on
        self._news()

    @method
    async def set(self, wish: Moment) -> None:
        if self._automatic:
            raise Conflict("clock-automatic", "The time comes from the network. Switch that off first.")
        self._wrong = False
        self._news()

    @method
    async def simulate(self, wish: Simulate) -> None:
        self._wrong = wish.wrong
        self._news()
