"""A battery that goes down in ten hours and up in two, as the clock goes."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec

from pileus.handset.capabilities.power.shape import Battery, Brightness, State, Wake, Warning
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn
from pileus.handset.values import within

EMPTY_IN, FULL_IN = 10 * 3600, 2 * 3600
MINUTE = 60.0


class Simulate(msgspec.Struct):
    percentage: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    charging: bool | None = None


class SimulatedPower(StandIn):
    """It sleeps for no time at all; switched off, it goes on."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._level, self._charging, self._brightness = 80.0, False, 60
        self._since = around.clock.monotonic()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await super().start()
        if self._task is None:
            self._task = asyncio.create_task(self._minutes())

    async def stop(self) -> None:
        await super().stop()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _shown(self) -> State:
        level = self._now()
        left = (100 - level) / 100 * FULL_IN if self._charging else level / 100 * EMPTY_IN
        full = self._charging and level >= 100
        warning: Warning = "none" if self._charging or level > 20 else "low" if level > 5 else "critical"
        return State(
            battery=Battery(
                percentage=round(level),
                status="full" if full else "charging" if self._charging else "discharging",
                seconds=round(left / 60) * 60 or None,
                warning=warning,
            ),
            on_battery=not self._charging,
            brightness=self._brightness,
            can=["suspend", "power-off", "reboot", "wake"],
        )

    @method
    async def brightness(self, wish: Brightness) -> None:
        self._brightness = max(1, wish.percent)
        self._news()

    @method
    async def suspend(self) -> None:
        self._around.tell("sleeping", {})
        self._around.tell("woke", {})

    @method
    async def power_off(self) -> None:
        self._around.tell("sleeping", {})

    @method
    async def reboot(self) -> None:
        self._around.tell("sleeping", {})
        self._around.tell("woke", {})

    @method
    async def wake(self, wish: Wake) -> None:
        """It never sleeps."""

    @method
    async def simulate(self, wish: Simulate) -> None:
        self._level = self._now() if wish.percentage is None else wish.percentage
        self._since = self._around.clock.monotonic()
        self._charging = self._charging if wish.charging is None else wish.charging
        self._news()

    def _now(self) -> float:
        passed = self._around.clock.monotonic() - self._since
        moved = passed / FULL_IN if self._charging else -passed / EMPTY_IN
        return within(self._level + moved * 100, 0, 100)

    async def _minutes(self) -> None:
        while True:
            await asyncio.sleep(MINUTE)
            self._news()
