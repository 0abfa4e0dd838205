"""`audio`: PipeWire's outputs and inputs. The sound of calls is the telephony's."""

from __future__ import annotations

from typing import Any

from pileus.core.errors import NotFound
from pileus.handset.capabilities.audio import rules
from pileus.handset.capabilities.audio.programs import SOON, Watch, control
from pileus.handset.capabilities.audio.shape import Switch, Volume, Which
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.shape import OnChange


class Audio:
    """`path` is where PipeWire's programs are looked for, None for where all are."""

    def __init__(self, around: Surroundings, path: str | None = None, soon: float = SOON) -> None:
        self._path = path
        self._graph: rules.Graph | None = None
        self._news = OnChange(self.state, around.changed)
        self._watch = Watch(self._said, self._gone, path, soon)

    async def start(self) -> None:
        await self._watch.start()

    async def stop(self) -> None:
        await self._watch.stop()
        self._graph = None

    def state(self) -> dict[str, Any]:
        return rules.shown(self._graph).plain() if self._graph else absent("no-service")

    @method
    async def volume(self, wish: Volume) -> None:
        await control(self._path, "set-volume", self._number(rules.SINK), f"{wish.percent / 100:.2f}")

    @method
    async def mute(self, wish: Switch) -> None:
        await control(self._path, "set-mute", self._number(rules.SINK), str(int(wish.on)))

    @method
    async def microphone(self, wish: Switch) -> None:
        """On or muted, for all programs."""
        await control(self._path, "set-mute", self._number(rules.SOURCE), str(int(not wish.on)))

    @method
    async def output(self, wish: Which) -> None:
        """Raises `audio-unknown`."""
        await control(self._path, "set-default", self._number(rules.SINK, wish.id))

    @method
    async def input(self, wish: Which) -> None:
        """Raises `audio-unknown`."""
        await control(self._path, "set-default", self._number(rules.SOURCE, wish.id))

    def _number(self, media: str, name: str = "") -> str:
        found = rules.number_of(self._graph, media, name) if self._graph else None
        if found is None:
            raise NotFound("audio-unknown", "This device has no such output or input for sound.")
        return str(found)

    def _said(self, objects: object) -> None:
        self._graph = self._graph or rules.Graph()
        self._graph.take(objects)
        self._news()

    def _gone(self) -> None:
        self._graph = None
        self._news()
