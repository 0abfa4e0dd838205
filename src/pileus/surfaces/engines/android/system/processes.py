"""The account's processes: which run, what waits for them, and which is ended first when memory is short."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pileus.surfaces.engines.android.system.parcels import Said
from pileus.surfaces.engines.android.system.router import Peer

MAX_CACHED = 4
"""Processes without a reason to run that are kept for the next time."""


class Rank(enum.IntEnum):
    """Android's priorities; the higher is ended first (ActivityManager.RunningAppProcessInfo)."""

    FOREGROUND = 100
    VISIBLE = 200
    SERVICE = 300
    CACHED = 400


@dataclass(eq=False)
class Process:
    """A package's process, from the wish for it to its end. Until it is ready, messages wait."""

    number: int
    package: str
    uid: int
    peer: Peer | None = None
    ready: bool = False
    ended: bool = False
    shown: bool = False
    """Whether it has a screen that someone looks at."""
    screen: bool = False
    """Whether it has a session."""
    takes: bool = False
    """Whether its activities hear at once what is sent to them: its screen is there, and it has asked once."""
    over: bool = False
    """Its activities have all ended: what is sent to them now is for its next screen."""
    used: int = 0
    """Grows with use: the order in which cached ones are ended."""
    waiting: list[tuple[str, Said]] = field(default_factory=list)
    send: Callable[[str, Said], None] = lambda method, said: None
    busy: set[object] = field(default_factory=set)
    """Broadcasts and jobs that it works on now."""

    def tell(self, method: str, said: Said) -> None:
        """Sends a message to the process, as soon as its application runs."""
        if self.ready:
            self.send(method, said)
        elif not self.ended:
            self.waiting.append((method, said))


@dataclass(frozen=True)
class Needs:
    """What keeps a process: counted by the services."""

    foreground_service: bool = False
    started: bool = False
    bound_by: tuple[Rank, ...] = ()
    provides: bool = False


def rank(process: Process, needs: Needs) -> Rank:
    """How much a process is needed; a binding passes its client's rank on, as does the use of a provider."""
    own = Rank.CACHED
    if process.shown or process.busy:
        own = Rank.FOREGROUND
    elif process.screen or needs.foreground_service:
        own = Rank.VISIBLE
    elif needs.started or needs.provides:
        own = Rank.SERVICE
    bound = min(needs.bound_by, default=Rank.CACHED)
    return min(own, max(bound, Rank.FOREGROUND))


def to_end(ranked: Iterable[tuple[Process, Rank]], most: int = MAX_CACHED) -> list[Process]:
    """The cached processes beyond those that are kept, longest unused first."""
    cached = sorted((item for item, rank_ in ranked if rank_ is Rank.CACHED), key=lambda item: item.used)
    return cached[: max(0, len(cached) - most)]
