"""The login manager: sleeping, switching off, and a moment to get ready (https://systemd.io/INHIBITOR_LOCKS/)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable

from pileus.core.errors import PileusError
from pileus.handset.bus import Bus, Signal
from pileus.handset.capabilities.power.shape import Way
from pileus.handset.mirror import Mirror

SERVICE, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER, SESSION = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"
OWN_SESSION = "/org/freedesktop/login1/session/auto"
_CAN: dict[str, Way] = {"CanSuspend": "suspend", "CanPowerOff": "power-off", "CanReboot": "reboot"}


class Sleep:
    """Holds a lock that keeps the device awake until `others` were told that it goes to sleep and have put their
    work in order, so that an SMS which is being stored, or a timer that has to be set for the next alarm, is not
    cut."""

    def __init__(
        self,
        bus: Bus | None,
        changed: Callable[[], None],
        tell: Callable[[str], None],
        others: Callable[[bool], Awaitable[None]],
    ) -> None:
        self._bus, self._changed, self._tell, self._others = bus, changed, tell, others
        self._lock = -1
        self._turning: asyncio.Task[None] | None = None
        self.can: list[Way] = []
        self.mirror = Mirror(bus, SERVICE, changed=self._moved, came=self._came, heard=self._heard)

    async def start(self) -> None:
        await self.mirror.start()

    async def stop(self) -> None:
        await self.mirror.stop()
        if self._turning:
            self._turning.cancel()
            await asyncio.gather(self._turning, return_exceptions=True)
        self._let_go()

    async def go(self, member: str) -> None:
        """`Suspend`, `PowerOff` or `Reboot`. Raises as `Bus.call` does."""
        await self.mirror.call(PATH, MANAGER, member, "b", False)

    async def brightness(self, name: str, raw: int) -> None:
        """Raises as `Bus.call` does, `BusError` too where the daemon belongs to no session."""
        await self.mirror.call(OWN_SESSION, SESSION, "SetBrightness", "ssu", "backlight", name, raw)

    def _moved(self) -> None:
        if self.mirror.why:
            self.can = []
            self._let_go()
        self._changed()

    async def _came(self) -> None:
        found: list[Way] = []
        for member, way in _CAN.items():
            with contextlib.suppress(PileusError):
                # "challenge" would ask for a password, which nobody is there to give
                if await self.mirror.call(PATH, MANAGER, member) == ["yes"]:
                    found.append(way)
        self.can = found
        await self._take()

    async def _take(self) -> None:
        if self._bus is None or self._lock >= 0:
            return
        why = "Pileus puts its work in order"
        with contextlib.suppress(PileusError):
            got = await self._bus.files(SERVICE, PATH, MANAGER, "Inhibit", "ssss", "sleep", "Pileus", why, "delay")
            self._lock, *more = [*got, -1]
            for extra in more:
                _close(extra)

    def _let_go(self) -> None:
        _close(self._lock)
        self._lock = -1

    def _heard(self, signal: Signal) -> None:
        if signal.member != "PrepareForSleep" or signal.interface != MANAGER or signal.path != PATH:
            return
        if signal.body[:1] == (True,):
            self._turn(self._go_to_sleep)
        elif signal.body[:1] == (False,):
            self._turn(self._wake)

    def _turn(self, how: Callable[[], Awaitable[None]]) -> None:
        """One after the other, however fast they come."""
        before = self._turning

        async def turn() -> None:
            if before:
                await asyncio.wait([before])
            await how()

        self._turning = asyncio.create_task(turn())

    async def _go_to_sleep(self) -> None:
        self._tell("sleeping")
        try:
            await self._others(True)
        finally:
            self._let_go()

    async def _wake(self) -> None:
        self._tell("woke")
        await self._take()
        await self._others(False)


def _close(handle: int) -> None:
    if handle >= 0:
        with contextlib.suppress(OSError):
            os.close(handle)
