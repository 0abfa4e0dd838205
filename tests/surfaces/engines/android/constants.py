"""The whole numbers that a class file gives its static fields (JVM specification, chapter 4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

UTF8, INTEGER, LONG, DOUBLE = 1, 3, 5, 6
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
"""Bytes of a constant after its tag, but for texts."""


def constants(data: bytes) -> Iterator[tuple[str, int]]:
    """Names of fields, and their numbers."""
    pool, at = _pool(data)
    (faces,) = struct.unpack_from(">H", data, at + 6)
    at += 8 + 2 * faces
    (count,) = struct.unpack_from(">H", data, at)
    at += 2
    for _ in range(count):
        _, name, _, attributes = struct.unpack_from(">4H", data, at)
        at += 8
        for _ in range(attributes):
            kind, length = struct.unpack_from(">HI", data, at)
            value = pool.get(struct.unpack_from(">H", data, at + 6)[0]) if length == 2 else None
            if pool.get(kind) == "ConstantValue" and isinstance(value, int):
                yield str(pool[name]), value
            at += 6 + length


def _pool(data: bytes) -> tuple[dict[int, str | int], int]:
    """The texts and whole numbers of the constant pool, and where it ends."""
    (count,) = struct.unpack_from(">H", data, 8)
    pool: dict[int, str | int] = {}
    at, number = 10, 1
    while number < count:
        tag = data[at]
        if tag == UTF8:
            (length,) = struct.unpack_from(">H", data, at + 1)
            pool[number] = data[at + 3 : at + 3 + length].decode("utf-8", "surrogatepass")
            at += 3 + length
        else:
            if tag == INTEGER:
                (pool[number],) = struct.unpack_from(">i", data, at + 1)
            at += 1 + SIZES[tag]
        number += 2 if tag in (LONG, DOUBLE) else 1
    return pool, at
