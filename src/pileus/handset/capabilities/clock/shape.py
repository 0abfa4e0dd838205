"""The state of `clock`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.shape import Shape


class State(Shape, frozen=True, kw_only=True):
    """`zone` by its IANA name, "" where it is not known. `wrong`: the clock is before a moment that has been, as
    after an empty battery: certificates then count as not yet valid."""

    zone: str = ""
    automatic: bool = False
    can_automatic: bool = False
    synchronized: bool = False
    wrong: bool = False


class Zone(msgspec.Struct):
    zone: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\Z", max_length=64)]


class Switch(msgspec.Struct):
    on: bool


class Moment(msgspec.Struct):
    """Milliseconds since 1970 UTC."""

    at: Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)]
