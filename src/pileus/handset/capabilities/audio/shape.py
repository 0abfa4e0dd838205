"""The state of `audio`, and what its methods take."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.shape import Shape

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is PipeWire's node name, the same after a restart; `kind` is its device's form factor, empty where
    it is not known (`handset` is held to the ear). `volume` as people hear it, not as samples are multiplied."""

    id: str
    name: str
    kind: str = ""
    active: bool = False
    volume: Percent = 100
    muted: bool = False


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """The call that is spoken in, or else one that is held, by its id at `telephony`: whether the others hear
    nothing, and where its sound goes and comes from, by `Port.id`; empty where there is none."""

    id: str
    muted: bool = False
    output: str = ""
    input: str = ""


class State(Shape, frozen=True, kw_only=True):
    outputs: list[Port] = msgspec.field(default_factory=list)
    inputs: list[Port] = msgspec.field(default_factory=list)
    call: Spoken | None = None


class Volume(msgspec.Struct):
    """Of the output that is active."""

    percent: Percent


class Switch(msgspec.Struct):
    on: bool


class Which(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class OfCall(msgspec.Struct):
    """`muted`: the others hear nothing; `output` and `input` are ids, for as long as calls last. What is left out
    stays as it is."""

    call: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    muted: bool | None = None
    output: Annotated[str, msgspec.Meta(max_length=200)] = ""
    input: Annotated[str, msgspec.Meta(max_length=200)] = ""
