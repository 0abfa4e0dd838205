"""`power`: UPower's battery, the screen's brightness, the login manager's sleep."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from pileus.core.errors import NotFound, PileusError, Unavailable
from pileus.handset.capabilities.power import backlight, rules, wakeup
from pileus.handset.capabilities.power.shape import Brightness, State, Wake
from pileus.handset.capabilities.power.sleep import Sleep
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange
from pileus.handset.values import flag

SERVICE, PATH = "org.freedesktop.UPower", "/org/freedesktop/UPower"
MANAGER, DEVICE = "org.freedesktop.UPower", "org.freedesktop.UPower.Device"
BACKLIGHTS, CLOCKS = Path("/sys/class/backlight"), Path("/sys/class/rtc")


class Power:
    """Events: `sleeping` before the device sleeps (others have as long as the login manager waits, 5 s unless it
    is set otherwise), `woke` after it."""

    def __init__(self, around: Surroundings, backlights: Path | None = None, clocks: Path | None = None) -> None:
        self._backlights, self._clocks = backlights or BACKLIGHTS, clocks or CLOCKS
        self._alarm: Path | None = None
        self._light: backlight.Backlight | None = None
        self._percent: int | None = None
        self._display = ""
        self._news = OnChange(self.state, around.changed)
        self._upower = Mirror(around.system, SERVICE, changed=self._moved, came=self._came)
        self._upower.follow(PATH, MANAGER)
        self._sleep = Sleep(around.system, self._news, lambda event: around.tell(event, {}), around.sleep)

    async def start(self) -> None:
        self._look()
        await self._upower.start()
        await self._sleep.start()

    async def stop(self) -> None:
        await self._upower.stop()
        await self._sleep.stop()

    def state(self) -> dict[str, Any]:
        if self._upower.why and self._sleep.mirror.why:
            return absent(self._upower.why)
        return State(
            battery=rules.battery(self._upower.of(self._display, DEVICE)),
            on_battery=flag(self._upower.of(PATH, MANAGER), "OnBattery"),
            brightness=self._percent,
            can=[*self._sleep.can, "wake"] if self._alarm else self._sleep.can,
        ).plain()

    @method
    async def brightness(self, wish: Brightness) -> None:
        """Raises `no-backlight`, and as the login manager refuses."""
        if self._light is None:
            raise NotFound("no-backlight", "The brightness of this screen cannot be set.")
        raw = rules.to_raw(wish.percent, self._light.most)
        try:
            await self._sleep.brightness(self._light.name, raw)
        except PileusError as refused:
            try:
                self._light.write(raw)
            except OSError:
                raise refused from None
        self._look()
        self._news()

    @method
    async def suspend(self) -> None:
        await self._go("Suspend")

    @method
    async def power_off(self) -> None:
        await self._go("PowerOff")

    @method
    async def reboot(self) -> None:
        await self._go("Reboot")

    @method
    async def wake(self, wish: Wake) -> None:
        """When a sleeping device is to wake by itself, for its owner's next alarm; the last wish counts. Raises
        `no-wake`."""
        try:
            if self._alarm is None:
                raise OSError("there is none")
            wakeup.write(self._alarm, None if wish.at is None else wish.at // 1000)
        except OSError as error:
            raise NotFound("no-wake", f"This device cannot be woken by an alarm then: {error}") from None

    async def _go(self, member: str) -> None:
        if self._sleep.mirror.why:
            raise Unavailable("power-absent", "This device cannot be put to sleep or switched off from here.")
        await self._sleep.go(member)

    def _look(self) -> None:
        self._light = backlight.find(self._backlights)
        self._percent = self._light.percent() if self._light else None
        self._alarm = wakeup.find(self._clocks)

    def _moved(self) -> None:
        if self._upower.why and self._display:
            self._upower.leave(self._display, DEVICE)
            self._display = ""
        self._news()

    async def _came(self) -> None:
        found = await self._upower.call(PATH, MANAGER, "GetDisplayDevice")
        self._display = found[0] if found and isinstance(found[0], str) else ""
        if self._display:
            self._upower.follow(self._display, DEVICE)
            with contextlib.suppress(PileusError):
                await self._upower.read(self._display, DEVICE)
