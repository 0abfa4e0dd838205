"""The messages between an app's process and the system process, version 1 (docs/design/android-system.md).

Pure: bytes to values and back. File descriptors travel beside the bytes; a message says how many are its own.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
MAX_PARCEL = (1 << 20) - (8 << 10)
"""Android's bound on one transaction."""
MAX_OBJECTS = 1024
MAX_FDS = 64
MAX_FRAME = MAX_PARCEL + (64 << 10)

HELLO, CALL, REPLY, RELEASE, DROP, DEAD = 1, 2, 3, 4, 5, 6

ONE_WAY = 1
"""The flag of a call whose caller waits for no answer (IBinder.FLAG_ONEWAY)."""

OWN, HANDLE, FD = 1, 2, 3
"""Kinds of objects: a node of the sender's (or, towards its owner, the receiver's), a handle, a descriptor."""

OK, GONE, TOO_LARGE, REFUSED, FAILED = 0, 1, 2, 3, 4
"""The status of a reply: done; the target has died; too many bytes; not allowed; the target broke."""

_OBJECT = struct.Struct("<BII")
_CALL = struct.Struct("<IIIIIIIHH")
_REPLY = struct.Struct("<IBHH")
_PAIR = struct.Struct("<II")


class WireError(ValueError):
    """A message that no honest process sends; the connection ends."""


@dataclass(frozen=True, slots=True)
class Item:
    """An object within a parcel: at `offset`, of `kind`; `value` is a node, a handle or a descriptor's index."""

    kind: int
    offset: int
    value: int


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message both ways. The system tells the process who it is."""

    version: int = VERSION
    uid: int = 0
    pid: int = 0
    package: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction. `target` is a handle towards the system and a node towards a process.

    `within` is the call that the sender's thread is serving, so that a call back reaches the thread that waits.
    """

    call: int
    target: int
    code: int
    flags: int = 0
    within: int = 0
    uid: int = 0
    pid: int = 0
    fds: int = 0
    items: Sequence[Item] = ()
    parcel: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a call."""

    call: int
    status: int = OK
    fds: int = 0
    items: Sequence[Item] = ()
    parcel: bytes = b""


@dataclass(frozen=True, slots=True)
class Release:
    """A process gives back `count` of the times it was sent a handle."""

    handle: int
    count: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Nobody holds a node any more that was mentioned `mentions` times."""

    node: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Dead:
    """The process behind a handle has ended."""

    handle: int


Message = Hello | Call | Reply | Release | Drop | Dead


def encode(message: Message) -> bytes:
    """The message with its length in front."""
    body = _body(message)
    return len(body).to_bytes(4, "little") + body


def decode(body: bytes) -> Message:
    """A message without its length; raises `WireError`."""
    try:
        return _decode(memoryview(body))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise WireError(f"a message that ends too early: {error}") from error


def _body(message: Message) -> bytes:
    match message:
        case Hello(version, uid, pid, package):
            name = package.encode()
            return struct.pack("<BHIII", HELLO, version, uid, pid, len(name)) + name
        case Call():
            head = _CALL.pack(
                *(message.call, message.target, message.code, message.flags, message.within),
                *(message.uid, message.pid, message.fds, len(message.items)),
            )
            return b"".join((bytes((CALL,)), head, _items(message.items), message.parcel))
        case Reply(call, status, fds, items, parcel):
            return b"".join((bytes((REPLY,)), _REPLY.pack(call, status, fds, len(items)), _items(items), parcel))
        case Release(handle, count):
            return bytes((RELEASE,)) + _PAIR.pack(handle, count)
        case Drop(node, mentions):
            return bytes((DROP,)) + _PAIR.pack(node, mentions)
        case Dead(handle):
            return bytes((DEAD,)) + handle.to_bytes(4, "little")


def _items(items: Sequence[Item]) -> bytes:
    return b"".join(_OBJECT.pack(item.kind, item.offset, item.value) for item in items)


def _decode(body: memoryview) -> Message:
    kind = body[0]
    if kind == CALL:
        call, target, code, flags, within, uid, pid, fds, count = _CALL.unpack_from(body, 1)
        items, parcel = _rest(body, 1 + _CALL.size, count, fds)
        return Call(call, target, code, flags, within, uid, pid, fds, items, parcel)
    if kind == REPLY:
        call, status, fds, count = _REPLY.unpack_from(body, 1)
        items, parcel = _rest(body, 1 + _REPLY.size, count, fds)
        return Reply(call, status, fds, items, parcel)
    if kind == RELEASE:
        return Release(*_PAIR.unpack(body[1:]))
    if kind == DROP:
        return Drop(*_PAIR.unpack(body[1:]))
    if kind == DEAD:
        return Dead(*struct.unpack("<I", body[1:]))
    if kind == HELLO:
        version, uid, pid, size = struct.unpack_from("<HIII", body, 1)
        if len(body) != 15 + size:
            raise WireError("a greeting of another length than it says")
        return Hello(version, uid, pid, str(body[15:], "utf-8"))
    raise WireError(f"a message of the unknown type {kind}")


def _rest(body: memoryview, start: int, count: int, fds: int) -> tuple[tuple[Item, ...], bytes]:
    end = start + count * _OBJECT.size
    if count > MAX_OBJECTS or fds > MAX_FDS or end > len(body):
        raise WireError(f"{count} objects and {fds} descriptors in one message")
    items = tuple(Item(*_OBJECT.unpack_from(body, at)) for at in range(start, end, _OBJECT.size))
    parcel = bytes(body[end:])
    last, taken = -8, 0
    for item in items:
        if item.kind not in (OWN, HANDLE, FD) or item.offset < last + 8 or item.offset + 8 > len(parcel):
            raise WireError("an object where none can be")
        if item.kind == FD and item.value != taken:
            raise WireError("descriptors out of order")
        taken += item.kind == FD
        last = item.offset
    if taken != fds:
        raise WireError(f"{fds} descriptors for {taken} places")
    return items, parcel
