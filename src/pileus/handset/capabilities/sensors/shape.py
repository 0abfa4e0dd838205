"""The state of `sensors`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pileus.handset.shape import Shape

Sensor = Literal["orientation", "light", "proximity"]
Orientation = Literal["normal", "bottom-up", "left-up", "right-up"]


class Light(msgspec.Struct, frozen=True):
    """`vendor`: in a unit that only its maker knows, percent mostly."""

    level: Annotated[float, msgspec.Meta(ge=0)]
    unit: Literal["lux", "vendor"]


class State(Shape, frozen=True, kw_only=True):
    """`has` names the sensors of the device; those that nobody claimed are None."""

    has: list[Sensor] = msgspec.field(default_factory=list)
    orientation: Orientation | None = None
    light: Light | None = None
    near: bool | None = None


class Which(msgspec.Struct):
    sensor: Sensor
