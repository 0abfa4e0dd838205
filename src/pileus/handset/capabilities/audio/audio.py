"""`audio`: PipeWire's outputs and inputs, and the sound of calls."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pileus.core.errors import NotFound
from pileus.handset.capabilities.audio import routing, rules
from pileus.handset.capabilities.audio.calls import Calls
from pileus.handset.capabilities.audio.programs import SOON, Watch, control
from pileus.handset.capabilities.audio.router import AGAIN, Router
from pileus.handset.capabilities.audio.shape import OfCall, Spoken, Switch, Volume, Which
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.shape import OnChange

log = logging.getLogger("pileus.handset.audio")


class Audio:
    """`path` is where PipeWire's programs are looked for, None for where all are."""

    def __init__(
        self, around: Surroundings, path: str | None = None, soon: float = SOON, again: float = AGAIN
    ) -> None:
        self._path = path
        self._graph: rules.Graph | None = None
        self._last: rules.Graph | None = None
        """That, or the last one that there was: it tells what is still wanted of the links that were made."""
        self._file = around.folder / "muted"
        self._calls = Calls(before=_read(self._file))
        self._router = Router(self._links, path, again)
        self._news = OnChange(self.state, around.changed)
        self._watch = Watch(self._said, self._gone, path, soon)

    async def start(self) -> None:
        self._router.start()
        await self._watch.start()

    async def stop(self) -> None:
        await self._watch.stop()
        await self._router.stop()
        self._graph = None

    def state(self) -> dict[str, Any]:
        if self._graph is None:
            return absent("no-service")
        return msgspec.structs.replace(rules.shown(self._graph), call=self._spoken(self._graph)).plain()

    def accompany(self, telephony: Mapping[str, Any]) -> None:
        """As `daemon.Accompanies` has it."""
        self._calls.take(telephony)
        self._changed()

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

    @method
    async def of_call(self, wish: OfCall) -> None:
        """The sound of a call, and of it alone. Raises `call-unknown`, `audio-unknown`: also without PipeWire,
        since nobody would be muted by it."""
        if self._graph is None:
            raise unknown()
        for media, name in ((rules.SINK, wish.output), (rules.SOURCE, wish.input)):
            if name:
                self._number(media, name)
        self._calls.wish(wish)
        self._changed()
        if wish.muted is not None:
            self._keep()

    def _number(self, media: str, name: str = "") -> str:
        found = rules.number_of(self._graph, media, name) if self._graph else None
        if found is None:
            raise unknown()
        return str(found)

    def _spoken(self, graph: rules.Graph) -> Spoken | None:
        calls = self._calls
        if not calls.spoken:
            return None
        return Spoken(
            id=calls.spoken,
            muted=calls.spoken in calls.muted,
            output=routing.output_of(graph, calls.output),
            input=routing.input_of(graph, calls.input),
        )

    def _links(self) -> tuple[set[routing.Link], set[routing.Link] | None]:
        """As `Router` has it."""
        if self._last is None:
            return set(), None
        spoken = self._spoken(self._last) or Spoken(id="")
        own = frozenset(self._calls.own)
        wish = routing.Wish(own, self._calls.device, spoken.muted, spoken.output, spoken.input)
        return routing.wanted(self._last, wish), routing.found(self._graph, own) if self._graph else None

    def _changed(self) -> None:
        self._router.news()
        self._news()

    def _keep(self) -> None:
        """For a daemon that begins anew in the call. Where it cannot be kept, the call is muted all the same."""
        part = self._file.with_suffix(".part")
        try:
            part.write_text("\n".join(sorted(self._calls.muted | self._calls.before)), encoding="utf-8")
            part.replace(self._file)
        except OSError as error:
            log.warning("who is muted cannot be kept: %s", error)

    def _said(self, objects: object) -> None:
        self._graph = self._last = self._graph or rules.Graph()
        self._graph.take(objects)
        self._changed()

    def _gone(self) -> None:
        self._graph = None
        self._changed()


def _read(path: Path) -> set[str]:
    """Ids of calls, which no other call has."""
    try:
        return set(path.read_text(encoding="utf-8").split())
    except (OSError, ValueError):
        return set()


def unknown() -> NotFound:
    return NotFound("audio-unknown", "This device has no such output or input for sound.")
