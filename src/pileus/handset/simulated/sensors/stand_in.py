"""A device that is held upright in daylight, with nothing near it, until it is turned."""

from __future__ import annotations

from typing import Annotated, cast

import msgspec

from pileus.core.errors import NotFound
from pileus.handset.capabilities.sensors import rules
from pileus.handset.capabilities.sensors.shape import Orientation, Sensor, State, Which
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn


class Simulate(msgspec.Struct):
    orientation: Orientation | None = None
    lux: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    near: bool | None = None


class SimulatedSensors(StandIn):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._claimed: set[Sensor] = set()
        self._said: dict[str, object] = {
            **dict.fromkeys(rules.HAS.values(), True),
            "AccelerometerOrientation": "normal",
            "LightLevel": 400.0,
            "LightLevelUnit": "lux",
            "ProximityNear": False,
        }

    def _shown(self) -> State:
        return rules.shown(self._said, self._claimed)

    @method
    async def claim(self, wish: Which) -> None:
        if wish.sensor not in rules.HAS:
            raise NotFound("no-sensor", "This device has no such sensor.")
        self._claimed.add(wish.sensor)
        self._news()

    @method
    async def release(self, wish: Which) -> None:
        self._claimed.discard(wish.sensor)
        self._news()

    @method
    async def simulate(self, wish: Simulate) -> None:
        names = {"orientation": "AccelerometerOrientation", "lux": "LightLevel", "near": "ProximityNear"}
        values = cast("dict[str, object]", msgspec.structs.asdict(wish))
        self._said |= {names[name]: value for name, value in values.items() if value is not None}
        self._news()
