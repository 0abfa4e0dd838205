"""`storage`: what the file system says, asked every minute. Cards and drives that are put in are not shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pileus.handset.capabilities.storage import rules
from pileus.handset.capabilities.storage.shape import State
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.shape import OnChange

MINUTE = 60.0
STEP = 16 * 1024 * 1024
"""Smaller changes of what is free are nobody's news."""


def measure(folder: Path) -> tuple[int, int]:
    """Total and free bytes; raises `OSError`."""
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize


class Storage:
    """Event: `low` when room becomes low."""

    def __init__(
        self, around: Surroundings, measure: Callable[[Path], tuple[int, int]] = measure, every: float = MINUTE
    ) -> None:
        self._folder, self._tell, self._measure, self._every = around.folder, around.tell, measure, every
        self._news = OnChange(self.state, around.changed)
        self._state = State(present=False, why="no-hardware")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._task is None:
            self._look()
            self._task = asyncio.create_task(self._minutes())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def state(self) -> dict[str, Any]:
        return self._state.plain() if self._state.present else absent(self._state.why)

    @method
    async def look(self) -> None:
        """Now, as after something large was deleted."""
        self._look()

    async def _minutes(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self._look()

    def _look(self) -> None:
        try:
            total, free = self._measure(self._folder)
        except OSError:
            self._state = State(present=False, why="no-hardware")
            self._news()
            return
        before = self._state
        low = rules.low(total, free, before.low)
        if (before.total, before.low) != (total, low) or abs(before.free - free) >= STEP:
            self._state = State(total=total, free=min(free, total), low=low)
            self._news()
        if low and not before.low:
            self._tell("low", {"free": free, "total": total})
