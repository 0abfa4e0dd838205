"""The account's processes: which run, what waits for them, and which is ended first when memory is short."""

from __future__ import annotations

import enum
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pileus.surfaces.engines.android.system.parcels import Said
from pileus.surfaces.engines.android.system.router import Parcel, Peer

MAX_MESSAGES = 2048
"""That wait for a process that starts, as many as one-way calls for one that runs."""
GRACE = 10.0
"""Seconds for which an app that has gone behind others may still open activities, as on Android."""
MAX_CACHED = 4
"""Processes without a reason to run that are kept for the next time."""


log = logging.getLogger("pileus.android.system")


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
    hidden_at: float = -math.inf
    """When it was looked at last, by the system's clock, where nobody does any more."""
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
    keep: Callable[[Parcel], object] = lambda objects: None
    free: Callable[[Parcel], object] = lambda objects: None
    """Hold and let go of objects in the system's name."""
    busy: set[object] = field(default_factory=set)
    """Broadcasts and jobs that it works on now."""

    def opens(self, now: float) -> bool:
        """Whether it may open activities: somebody looks at it, or did so a moment ago (Android's
        BackgroundActivityStartController)."""
        return self.shown or (self.screen and now - self.hidden_at < GRACE)

    def tell(self, method: str, said: Said) -> None:
        """Sends a message to the process, as soon as its application runs."""
        if self.ready:
            self.send(method, said)
        elif not self.ended and len(self.waiting) < MAX_MESSAGES:
            self.keep(said.objects)
            self.waiting.append((method, said))
        elif not self.ended:
            log.warning("%s does not start, and has too many messages: %s is left out", self.package, method)

    def take_waiting(self) -> list[tuple[str, Said]]:
        """What waited; its objects are let go of by `free`, once it is sent or given up."""
        waiting, self.waiting = self.waiting, []
        return waiting


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
