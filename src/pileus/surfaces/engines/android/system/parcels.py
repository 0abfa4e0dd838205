"""What an app and the system say to each other: fields in JSON, and pieces behind them that stay parcelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from pileus.surfaces.engines.android.system.intents import Intent, Kept, Piece
from pileus.surfaces.engines.android.system.router import MAX_ONE_WAY_BYTES, Node, Parcel, Thing
from pileus.surfaces.engines.android.system.wire import WireError

CALL = 1
"""The code of such a message."""

MAX_INTENT = 16 << 10
"""Characters of an intent's own fields."""
MAX_EXTRAS = MAX_ONE_WAY_BYTES - (64 << 10)
"""Bytes of its extras: the one-way message that passes it on has room for its fields beside them."""

T = TypeVar("T")


class Refused(Exception):
    """A caller may not; the message is the SecurityException's."""


class Asked:
    """A message of an app's. Its pieces are looked up in the parcel that it came in."""

    def __init__(self, parcel: Parcel, charge: Callable[[Parcel], None] = lambda _piece: None) -> None:
        self._charge = charge
        size = int.from_bytes(parcel.data[:4], "little", signed=True)
        if not 0 <= size <= len(parcel.data) - 4:
            raise WireError("a message without its fields")
        self._json = parcel.data[4 : 4 + size]
        self.length = size
        start = 4 + (size + 3 & ~3)
        self._tail = parcel.part(start, len(parcel.data) - start) if start <= len(parcel.data) else Parcel()
        self.method: str = self.read(_Method).m

    def read(self, type_: type[T]) -> T:
        """The fields; raises `WireError`."""
        try:
            return msgspec.json.decode(self._json, type=type_)
        except (msgspec.DecodeError, RecursionError) as error:
            raise WireError(f"fields that do not fit: {error}") from error

    def piece(self, piece: Piece | None) -> Parcel | None:
        """A piece without its descriptors: what goes through the system has none. Raises `Refused` where the
        system holds too much of its sender's already."""
        if piece is None:
            return None
        part = self._tail.part(piece.at, piece.size)
        part = Parcel(part.data, tuple((at, thing) for at, thing in part.things if isinstance(thing, Node)))
        self._charge(part)
        return part

    def node(self, piece: Piece | None) -> Node | None:
        """The object that a piece is."""
        thing: Thing | None = None if piece is None else self._tail.thing(piece.at)
        return thing if isinstance(thing, Node) else None

    def kept(self, intent: Intent) -> Kept:
        """An intent with its extras taken out of the message; raises `Refused` for one that is too large to pass
        on."""
        extras = self.piece(intent.extras)
        if intent.length > MAX_INTENT or (extras is not None and len(extras.data) > MAX_EXTRAS):
            raise Refused("The intent is too large to go through the system.")
        return Kept(intent, (extras,) if extras else ())


class _Method(msgspec.Struct):
    m: str = ""


class Said:
    """A message to an app, or the answer to one."""

    def __init__(self, **fields: Any) -> None:
        self.fields: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        self._parts: list[bytes] = []
        self._things: list[tuple[int, Thing]] = []
        self._placed: list[Parcel] = []
        """Counts against its sender's budget as long as this message waits."""
        self._size = 0

    def put(self, **fields: Any) -> Said:
        self.fields |= {name: value for name, value in fields.items() if value is not None}
        return self

    def piece(self, name: str, parcel: Parcel | None) -> Said:
        if parcel is not None:
            self.fields[name] = self.place(parcel)
        return self

    def node(self, name: str, node: Node | None) -> Said:
        if node is not None:
            self.fields[name] = self.place(_one(node))
        return self

    def intent(self, name: str, kept: Kept | None) -> Said:
        if kept is not None:
            self.fields[name] = self.intent_fields(kept)
        return self

    def intent_fields(self, kept: Kept) -> dict[str, Any]:
        fields: dict[str, Any] = msgspec.to_builtins(kept.intent)
        fields = {key: value for key, value in fields.items() if value not in (None, ())}
        fields.pop("extras", None)
        places = [self.place(parcel) for parcel in kept.extras]
        if places:
            fields["extras"] = places[0]
        if places[1:]:
            fields["more"] = places[1:]
        return fields

    @property
    def objects(self) -> Parcel:
        """What it carries: whoever lets it wait keeps that."""
        return Parcel(b"", tuple(self._things))

    def parcel(self) -> Parcel:
        json = msgspec.json.encode(self.fields)
        head = len(json).to_bytes(4, "little") + json + bytes(-len(json) % 4)
        things = tuple((len(head) + offset, thing) for offset, thing in self._things)
        return Parcel(head + b"".join(self._parts), things)

    def place(self, parcel: Parcel) -> dict[str, int]:
        at = self._size
        self._things += [(at + offset, thing) for offset, thing in parcel.things]
        self._parts.append(parcel.data)
        self._placed.append(parcel)
        self._size += len(parcel.data)
        padding = -self._size % 4
        self._parts.append(bytes(padding))
        self._size += padding
        return {"at": at, "size": len(parcel.data)}


def _one(node: Node) -> Parcel:
    return Parcel((1).to_bytes(8, "little"), ((0, node),))
