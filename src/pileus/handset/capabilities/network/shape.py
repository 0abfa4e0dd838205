"""The state of `network`, and what its methods take. A password is only ever in what a method takes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pileus.handset.shape import Shape

Security = Literal["open", "wpa", "wpa3", "wep", "enterprise"]
Connectivity = Literal["unknown", "none", "portal", "limited", "full"]
Family = Literal["ipv4", "ipv6", "ipv4v6"]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Ssid = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2}){1,32}\Z")]
"""The bytes of a network's name in hexadecimal: names are bytes, and two may read alike."""


class AccessPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One network: the strongest of its access points."""

    id: Ssid
    name: str
    strength: Percent
    security: Security
    known: bool = False
    active: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True):
    id: Ssid
    name: str


class Wifi(msgspec.Struct, frozen=True, kw_only=True):
    """`blocked`: by a switch of the device itself. `active` is the name of the network it is joined to or joins;
    `hotspot` the one that it makes, "" for none."""

    enabled: bool
    blocked: bool = False
    status: Literal["disconnected", "connecting", "connected"] = "disconnected"
    active: str = ""
    hotspot: str = ""
    networks: list[AccessPoint] = msgspec.field(default_factory=list)
    known: list[Known] = msgspec.field(default_factory=list)


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """A packet connection of the modem's, as ModemManager has it. `why` it is of no use: the network does not know
    the access point, found no carrier, refused otherwise; or it is there and the system makes no link of it."""

    apn: str
    ip: Family = "ipv4v6"
    connected: bool = False
    why: Literal["", "access-point", "no-carrier", "refused", "no-ppp"] = ""


class Mobile(msgspec.Struct, frozen=True, kw_only=True):
    """`enabled`: the owner lets it carry data, `roaming`: abroad too. `abroad`: it is. `apn`, `user` and `ip` are
    the owner's for this card; an empty `apn` is the operator's own."""

    enabled: bool
    connected: bool
    roaming: bool = False
    abroad: bool = False
    card: str = ""
    apn: str = ""
    user: str = ""
    ip: Family = "ipv4v6"
    bearers: list[Bearer] = msgspec.field(default_factory=list)


class State(Shape, frozen=True, kw_only=True):
    """`kind` is what carries the traffic; `wifi` and `mobile` are None on a device without."""

    connectivity: Connectivity = "unknown"
    kind: Literal["", "wifi", "mobile", "wired", "other"] = ""
    metered: bool = False
    wifi: Wifi | None = None
    mobile: Mobile | None = None


class Switch(msgspec.Struct):
    on: bool


class Join(msgspec.Struct):
    """Without a password a known network is joined as before."""

    id: Ssid
    password: Annotated[str, msgspec.Meta(max_length=64)] = ""
    hidden: bool = False

    def __repr__(self) -> str:
        return f"Join({self.id!r})"


class Forget(msgspec.Struct):
    id: Ssid


class Hotspot(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    password: Annotated[str, msgspec.Meta(max_length=63)]

    def __repr__(self) -> str:
        return f"Hotspot({self.name!r})"


class Apn(msgspec.Struct):
    """Of the card that is in the modem now. The name is as DNS has it (TS 23.003 §9.1); a password of None is the
    one that is kept."""

    name: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9]([A-Za-z0-9.-]{0,98}[A-Za-z0-9])?)?\Z")] = ""
    user: Annotated[str, msgspec.Meta(max_length=64)] = ""
    password: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    ip: Family = "ipv4v6"

    def __repr__(self) -> str:
        return f"Apn({self.name!r})"
