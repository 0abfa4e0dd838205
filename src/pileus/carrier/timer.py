"""Doing something later: on an event loop, or when a test says that time has passed."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

from pileus.core.clock import ManualClock


class Pending(Protocol):
    """Something that will be done unless it is cancelled."""

    def cancel(self) -> None: ...


class Timer(Protocol):
    def later(self, seconds: float, action: Callable[[], None]) -> Pending: ...


class LoopTimer:
    """On the event loop that runs when something is put off."""

    def later(self, seconds: float, action: Callable[[], None]) -> Pending:
        return asyncio.get_running_loop().call_later(seconds, action)


class ManualTimer:
    """Moves its clock, and does what is due on the way, in order."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._queue: list[tuple[float, int, _Action]] = []
        self._numbers = itertools.count()

    def later(self, seconds: float, action: Callable[[], None]) -> Pending:
        pending = _Action(action)
        heapq.heappush(self._queue, (self._clock.monotonic() + seconds, next(self._numbers), pending))
        return pending

    def advance(self, seconds: float) -> None:
        """What is done may put off more, which is done too where it is due by then."""
        end = self._clock.monotonic() + seconds
        while self._queue and self._queue[0][0] <= end:
            at, _, pending = heapq.heappop(self._queue)
            self._clock.advance(max(0.0, at - self._clock.monotonic()))
            pending.run()
        self._clock.advance(max(0.0, end - self._clock.monotonic()))


class _Action:
    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self._action = None

    def run(self) -> None:
        if self._action is not None:
            self._action()
