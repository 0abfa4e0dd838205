"""The state of `location`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pileus.handset.shape import Shape


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """Degrees (WGS 84), metres, metres a second, degrees from north; `at` in milliseconds of Unix time. None where
    it is not known."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    accuracy: Annotated[float, msgspec.Meta(ge=0)]
    altitude: float | None = None
    speed: Annotated[float, msgspec.Meta(ge=0)] | None = None
    heading: Annotated[float, msgspec.Meta(ge=0, le=360)] | None = None
    at: int


class State(Shape, frozen=True, kw_only=True):
    """`on`: somebody asks. `fix` is the last place since then."""

    on: bool = False
    fix: Fix | None = None


class Ask(msgspec.Struct):
    accuracy: Literal["city", "street", "exact"] = "exact"
