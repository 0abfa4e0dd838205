"""A modem's satellite receiver (ModemManager's `Modem.Location`), where there is no GeoClue.

It is on only while somebody asks. It is asked for its place rather than heard: what it signals, everybody on the
bus would hear.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping

from pileus.core.clock import Clock
from pileus.core.errors import PileusError
from pileus.handset.bus import Bus
from pileus.handset.capabilities.location import rules
from pileus.handset.capabilities.location.shape import Ask, Fix
from pileus.handset.mirror import Mirror
from pileus.handset.values import number, of_type

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
LOCATION = f"{SERVICE}.Modem.Location"
EVERY = 2.0
"""Seconds between two questions."""

log = logging.getLogger("pileus.handset.location")


class Gnss:
    """`found` gets each place that is new."""

    def __init__(
        self, bus: Bus | None, clock: Clock, changed: Callable[[], None], found: Callable[[Fix], None]
    ) -> None:
        self._clock, self._found = clock, found
        self._mirror = Mirror(bus, SERVICE, manager=ROOT, changed=changed)
        self._task: asyncio.Task[None] | None = None
        self._path = ""
        self._stamp = ""
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        await self._mirror.start()

    async def stop(self) -> None:
        await self.end()
        await self._mirror.stop()

    @property
    def on(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def path(self) -> str:
        """The modem that has a receiver; "" for none."""
        return min((path for path, one in self._mirror.all(LOCATION).items() if rules.sources(one)), default="")

    async def begin(self, wish: Ask) -> None:
        """Switches it on. Raises as `Bus.call` does."""
        async with self._turn:
            await self._off()
            self._path, self._stamp = self.path, ""
            held = self._held()
            wanted = number(held, "Enabled") | rules.sources(held)
            await self._mirror.call(self._path, LOCATION, "Setup", "ub", wanted, False)
            self._task = asyncio.create_task(self._look(wish))

    async def end(self) -> None:
        """Switches it off, what else the modem tells of its place stays; may be repeated."""
        async with self._turn:
            await self._off()

    async def _off(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        left = number(self._held(), "Enabled") & ~rules.SATELLITES
        with contextlib.suppress(PileusError):  # it may be gone
            await self._mirror.call(self._path, LOCATION, "Setup", "ub", left, False)

    def _held(self) -> Mapping[str, object]:
        return self._mirror.of(self._path, LOCATION)

    async def _look(self, wish: Ask) -> None:
        while self._path in self._mirror.all(LOCATION):
            try:
                [answer] = await self._mirror.call(self._path, LOCATION, "GetLocation")
            except (PileusError, ValueError) as error:
                log.info("the modem does not say where it is: %s", error)
            else:
                stamp, fix = rules.of_satellites(of_type(answer, dict, {}), wish.accuracy, self._clock.now_ms())
                if fix and stamp != self._stamp:
                    self._stamp = stamp
                    self._found(fix)
            await asyncio.sleep(EVERY)
