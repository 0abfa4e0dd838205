"""`clock`: timedated, and the last moment that this device knew, in a file."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import pileus
from pileus.core.errors import Conflict, Invalid, PileusError
from pileus.handset.bus import BusError
from pileus.handset.capabilities.clock import rules
from pileus.handset.capabilities.clock.shape import Moment, Switch, Zone
from pileus.handset.capability import Surroundings, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange
from pileus.handset.values import flag

SERVICE, PATH, TIMEDATE = "org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1"
HOUR = 3600.0


class DeviceClock:
    def __init__(self, around: Surroundings, built_ms: int | None = None) -> None:
        self._clock = around.clock
        self._file = around.folder / "last-time"
        self._built = _built() if built_ms is None else built_ms
        self._last = _read(self._file)
        self._news = OnChange(self.state, around.changed)
        self._mirror = Mirror(around.system, SERVICE, changed=self._moved, rests=True)
        self._mirror.follow(PATH, TIMEDATE)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._mirror.start()
        if self._task is None:
            self._task = asyncio.create_task(self._hours())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            self._note()
        await self._mirror.stop()

    def state(self) -> dict[str, Any]:
        wrong = rules.wrong(self._clock.now_ms(), self._built, self._last)
        return rules.shown(self._mirror.why, self._mirror.of(PATH, TIMEDATE), wrong).plain()

    @method
    async def zone(self, wish: Zone) -> None:
        """Raises `zone-unknown`."""
        try:
            await self._mirror.call(PATH, TIMEDATE, "SetTimezone", "sb", wish.zone, False)
        except BusError as error:
            if error.name.endswith(".InvalidArgs"):
                raise Invalid("zone-unknown", "This device does not know that time zone.") from None
            raise

    @method
    async def automatic(self, wish: Switch) -> None:
        await self._mirror.call(PATH, TIMEDATE, "SetNTP", "bb", wish.on, False)

    @method
    async def set(self, wish: Moment) -> None:
        """By hand: from then on it counts as right. Raises `clock-automatic`."""
        try:
            await self._mirror.call(PATH, TIMEDATE, "SetTime", "xbb", wish.at * 1000, False, False)
        except BusError as error:
            if error.name.endswith(".AutomaticTimeSyncEnabled"):
                raise Conflict(
                    "clock-automatic", "The time comes from the network. Switch that off first."
                ) from None
            raise
        self._trust(wish.at)

    async def _hours(self) -> None:
        """timedated does not tell of a synchronisation, and the last moment has to be near the end."""
        while True:
            self._note()
            await asyncio.sleep(HOUR)
            if not self._mirror.why:
                with contextlib.suppress(PileusError):
                    await self._mirror.read(PATH, TIMEDATE)

    def _moved(self) -> None:
        if flag(self._mirror.of(PATH, TIMEDATE), "NTPSynchronized"):
            self._trust(self._clock.now_ms())
        self._news()

    def _trust(self, at: int) -> None:
        """What somebody who knows says, whatever was noted: a clock may have been too late before."""
        if abs(at - self._last) > rules.SLACK_MS:
            self._last = at
            self._keep()
            self._news()

    def _note(self) -> None:
        now = self._clock.now_ms()
        if not rules.wrong(now, self._built, self._last) and now > self._last:
            self._last = now
            self._keep()

    def _keep(self) -> None:
        """Without a wait for the disk: what a power cut leaves is an hour older, or no number, which is none."""
        with contextlib.suppress(OSError):
            self._file.write_text(f"{self._last}\n", encoding="ascii")


def _built() -> int:
    """When this program was installed, at the latest."""
    return int(os.stat(pileus.__file__).st_mtime * 1000)


def _read(path: Path) -> int:
    try:
        return min(max(int(path.read_text(encoding="ascii")), 0), 4_102_444_800_000)
    except (OSError, ValueError):
        return 0
