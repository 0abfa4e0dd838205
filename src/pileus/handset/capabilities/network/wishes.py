"""What the owner wants of mobile data: on or off, abroad too or not, and the access point of each card.

The one truth of it: NetworkManager's connections are written from here, never read. Kept in the capability's
folder (0600, since an access point may have a password).
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from pileus.core import durable
from pileus.handset.capabilities.network.shape import Family

MOST_CARDS = 20
"""Cards whose access points are remembered; the oldest is forgotten."""


class Point(msgspec.Struct, frozen=True):
    """An access point as the owner set it; without a name it is the operator's own."""

    name: str = ""
    user: str = ""
    password: str = ""
    ip: Family = "ipv4v6"


class Wishes(msgspec.Struct, frozen=True):
    on: bool = True
    roaming: bool = False
    cards: dict[str, Point] = {}

    def point(self, card: str) -> Point:
        return self.cards.get(card, Point())

    def with_point(self, card: str, point: Point) -> Wishes:
        others = [(one, kept) for one, kept in self.cards.items() if one != card]
        kept = [*others, (card, point)] if point != Point() else others
        return msgspec.structs.replace(self, cards=dict(kept[-MOST_CARDS:]))


def read(path: Path) -> Wishes:
    """What was kept; else what holds for a new phone."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(path.read_bytes(), type=Wishes)
    return Wishes()


def write(path: Path, wishes: Wishes) -> None:
    """Raises `OSError`."""
    durable.write(path, msgspec.json.encode(wishes))
