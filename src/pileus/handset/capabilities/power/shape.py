"""The state of `power`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pileus.handset.shape import Shape

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Status = Literal["charging", "discharging", "full", "unknown"]
Warning = Literal["none", "low", "critical"]
Way = Literal["suspend", "power-off", "reboot", "wake"]


class Battery(msgspec.Struct, frozen=True):
    """`seconds` are those to empty or to full, by `status`; None where that is not known."""

    percentage: Percent
    status: Status = "unknown"
    seconds: Annotated[int, msgspec.Meta(ge=1)] | None = None
    warning: Warning = "none"


class State(Shape, frozen=True, kw_only=True):
    """`brightness` is None where the screen's cannot be set; `can` names the methods that the system allows."""

    battery: Battery | None = None
    on_battery: bool = False
    brightness: Percent | None = None
    can: list[Way] = msgspec.field(default_factory=list)


class Brightness(msgspec.Struct):
    percent: Percent


class Wake(msgspec.Struct):
    """Milliseconds since 1970 UTC; None: not at all."""

    at: Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)] | None
