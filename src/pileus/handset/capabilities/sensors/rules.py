"""What iio-sensor-proxy's properties mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pileus.handset.capabilities.sensors.shape import Light, Orientation, Sensor, State
from pileus.handset.values import flag, real, within, words

HAS: dict[Sensor, str] = {
    "orientation": "HasAccelerometer",
    "light": "HasAmbientLight",
    "proximity": "HasProximity",
}
_BRIGHTEST = 1_000_000.0
_ORIENTATIONS: dict[str, Orientation] = {
    "normal": "normal",
    "bottom-up": "bottom-up",
    "left-up": "left-up",
    "right-up": "right-up",
}


def shown(said: Mapping[str, Any], claimed: Collection[Sensor]) -> State:
    """A sensor that is not claimed stands still at what it last was: it says nothing."""
    has: list[Sensor] = [sensor for sensor, name in HAS.items() if flag(said, name)]
    live = [sensor for sensor in has if sensor in claimed]
    level = real(said, "LightLevel", -1)
    return State(
        has=has,
        orientation=_ORIENTATIONS.get(words(said, "AccelerometerOrientation")) if "orientation" in live else None,
        light=Light(within(level, 0, _BRIGHTEST), "lux" if words(said, "LightLevelUnit") == "lux" else "vendor")
        if "light" in live and level >= 0
        else None,
        near=flag(said, "ProximityNear") if "proximity" in live else None,
    )
