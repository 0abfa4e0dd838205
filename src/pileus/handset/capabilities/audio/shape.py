"""The state of `audio`, and what its methods take."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.shape import Shape

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is PipeWire's node name: it is the same after a restart. `volume` as people hear it, not as samples are
    multiplied."""

    id: str
    name: str
    active: bool = False
    volume: Percent = 100
    muted: bool = False


class State(Shape, frozen=True, kw_only=True):
    outputs: list[Port] = msgspec.field(default_factory=list)
    inputs: list[Port] = msgspec.field(default_factory=list)


class Volume(msgspec.Struct):
    """Of the output that is active."""

    percent: Percent


class Switch(msgspec.Struct):
    on: bool


class Which(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
