"""`sensors`: iio-sensor-proxy, which runs a sensor only while somebody claims it."""

from __future__ import annotations

import contextlib
from typing import Any

from pileus.core.errors import NotFound, PileusError
from pileus.handset.capabilities.sensors import rules
from pileus.handset.capabilities.sensors.shape import Sensor, Which
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange

SERVICE, PATH, PROXY = "net.hadess.SensorProxy", "/net/hadess/SensorProxy", "net.hadess.SensorProxy"
_CLAIM: dict[Sensor, str] = {
    "orientation": "ClaimAccelerometer",
    "light": "ClaimLight",
    "proximity": "ClaimProximity",
}
_RELEASE: dict[Sensor, str] = {
    "orientation": "ReleaseAccelerometer",
    "light": "ReleaseLight",
    "proximity": "ReleaseProximity",
}


class Sensors:
    def __init__(self, around: Surroundings) -> None:
        self._news = OnChange(self.state, around.changed)
        self._mirror = Mirror(around.system, SERVICE, changed=self._news, came=self._came)
        self._mirror.follow(PATH, PROXY)
        self._claimed: set[Sensor] = set()

    async def start(self) -> None:
        await self._mirror.start()

    async def stop(self) -> None:
        if not self._mirror.why:
            for sensor in sorted(self._claimed):
                with contextlib.suppress(PileusError):
                    await self._mirror.call(PATH, PROXY, _RELEASE[sensor])
        self._claimed.clear()
        await self._mirror.stop()

    def state(self) -> dict[str, Any]:
        if self._mirror.why:
            return absent(self._mirror.why)
        found = rules.shown(self._mirror.of(PATH, PROXY), self._claimed)
        return found.plain() if found.has else absent("no-hardware")

    @method
    async def claim(self, wish: Which) -> None:
        """May be repeated; holds over a restart of the service. Raises `no-sensor`."""
        if wish.sensor not in self.state().get("has", ()):
            raise NotFound("no-sensor", "This device has no such sensor.")
        await self._claim(wish.sensor)
        self._claimed.add(wish.sensor)
        self._news()

    @method
    async def release(self, wish: Which) -> None:
        """May be repeated."""
        if wish.sensor in self._claimed:
            self._claimed.discard(wish.sensor)
            self._news()
            await self._mirror.call(PATH, PROXY, _RELEASE[wish.sensor])

    async def _claim(self, sensor: Sensor) -> None:
        await self._mirror.call(PATH, PROXY, _CLAIM[sensor])
        # what a sensor saw before the claim is not told by a signal
        await self._mirror.read(PATH, PROXY)

    async def _came(self) -> None:
        for sensor in sorted(self._claimed):
            with contextlib.suppress(PileusError):
                await self._claim(sensor)
