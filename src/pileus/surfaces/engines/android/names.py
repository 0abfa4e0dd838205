"""Just enough of DNS to answer a sandbox: one question for IPv4 addresses. Pure. Source: RFC 1035, section 4."""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

A, AAAA, INTERNET = 1, 28, 1
NO_ERROR, FORMAT, SERVER, NO_NAME = 0, 1, 2, 3
TTL = 60
MOST = 16

_LABEL = re.compile(rb"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True)
class Question:
    """`raw` is the question as it came; `name` has no dot at its end, and is empty where it is no host's."""

    number: int
    name: str
    kind: int
    raw: bytes


def question(data: bytes) -> Question | None:
    """What is asked; None for what deserves no answer."""
    if len(data) < 17 or len(data) > 512:
        return None
    number, flags, count = struct.unpack_from(">HHH", data)
    if flags & 0xF800 or count != 1:
        return None
    labels, at = [], 12
    while size := data[at]:
        label = data[at + 1 : at + 1 + size]
        at += 1 + size
        if size > 63 or at + 5 > len(data):
            return None
        labels.append(label)
    kind, form = struct.unpack_from(">HH", data, at + 1)
    if form != INTERNET:
        return None
    # A name of one label would be looked for among the server's neighbours.
    plain = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    name = b".".join(labels).decode("ascii") if plain else ""
    return Question(number, name if len(name) <= 253 else "", kind, data[12 : at + 5])


def answer(asked: Question, status: int, addresses: Sequence[ipaddress.IPv4Address] = ()) -> bytes:
    """The message that answers; it has no more than `MOST` addresses."""
    some = list(addresses)[:MOST]
    head = struct.pack(">HHHHHH", asked.number, 0x8180 | status, 1, len(some), 0, 0)
    records = (struct.pack(">HHHIH", 0xC00C, A, INTERNET, TTL, 4) + address.packed for address in some)
    return head + asked.raw + b"".join(records)
