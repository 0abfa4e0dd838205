"""Rules of `sensors`."""

from __future__ import annotations

import math

from pileus.handset.capabilities.sensors.rules import shown
from pileus.handset.capabilities.sensors.shape import Light

ALL = {"HasAccelerometer": True, "HasAmbientLight": True, "HasProximity": True}


def test_odd_values_are_none() -> None:
    odd = {"AccelerometerOrientation": "sideways", "LightLevel": math.nan, "ProximityNear": "yes"}
    found = shown({**ALL, **odd}, {"orientation", "light", "proximity"})
    assert (found.orientation, found.light, found.near) == (None, None, False)
    assert shown({"HasProximity": "yes"}, {"proximity"}).has == []


def test_light_in_its_unit() -> None:
    lux = {**ALL, "LightLevel": 12.0, "LightLevelUnit": "lux"}
    assert shown(lux, {"light"}).light == Light(12.0, "lux")
    assert shown({**ALL, "LightLevel": 1e300}, {"light"}).light == Light(1_000_000.0, "vendor")
    assert shown(lux, {"proximity"}).light is None
