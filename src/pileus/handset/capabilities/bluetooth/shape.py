"""The state of `bluetooth`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.shape import Shape

Address = Annotated[str, msgspec.Meta(pattern=r"^([0-9A-F]{2}:){5}[0-9A-F]{2}\Z")]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """`icon` is a name of the freedesktop.org Icon Naming Specification, such as `audio-headset`; `strength` is
    None where it is not heard just now."""

    id: Address
    name: str
    icon: str = ""
    paired: bool = False
    connected: bool = False
    strength: Percent | None = None
    battery: Percent | None = None


class State(Shape, frozen=True, kw_only=True):
    powered: bool = False
    searching: bool = False
    visible: bool = False
    name: str = ""
    devices: list[Device] = msgspec.field(default_factory=list)


class Switch(msgspec.Struct):
    on: bool


class Which(msgspec.Struct):
    id: Address
