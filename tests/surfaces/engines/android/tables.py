"""Resource tables made by hand, for tests of what reads them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from pileus.surfaces.engines.android import chunks

PACKAGE = 0x7F


def language(number: int) -> bytes:
    """The bytes 8 and 9 of a configuration: two characters, another pair for each number."""
    return bytes((1 + number // 100, 1 + number % 100))


def reference(resource: int) -> tuple[int, int]:
    return chunks.REFERENCE, resource


def text(index: int) -> tuple[int, int]:
    return chunks.STRING, index


def table(strings: Sequence[str], *kinds: tuple[int, bytes, Sequence[tuple[int, int]]]) -> bytes:
    """A table of types, each with its number, its language and its values in order (0x7fTTEEEE)."""
    body = struct.pack("<I", PACKAGE).ljust(276, b"\0") + b"".join(_type(*kind) for kind in kinds)
    package = struct.pack("<HHI", chunks.PACKAGE, 284, 8 + len(body)) + body
    content = _pool(strings) + package
    return struct.pack("<HHII", chunks.TABLE, 12, 12 + len(content), 1) + content


def _type(number: int, language: bytes, values: Sequence[tuple[int, int]]) -> bytes:
    config = struct.pack("<I", 64) + bytes(4) + language.ljust(56, b"\0")
    offsets = struct.pack(f"<{len(values)}I", *range(0, 16 * len(values), 16))
    entries = b"".join(struct.pack("<HHIHBBI", 8, 0, 0, 8, 0, kind, data) for kind, data in values)
    start = 20 + len(config) + len(offsets)
    head = struct.pack("<HHI", chunks.TYPE, 20 + len(config), start + len(entries))
    return head + struct.pack("<BBHII", number, 0, 0, len(values), start) + config + offsets + entries


def _pool(strings: Sequence[str]) -> bytes:
    texts = [struct.pack("<H", len(item)) + item.encode("utf-16-le") + b"\0\0" for item in strings]
    places = [sum(map(len, texts[:index])) for index in range(len(texts))]
    content = b"".join(texts)
    content += bytes(-len(content) % 4)
    start = 28 + 4 * len(texts)
    head = struct.pack("<HHIIIIII", chunks.STRING_POOL, 28, start + len(content), len(texts), 0, 0, start, 0)
    return head + struct.pack(f"<{len(places)}I", *places) + content
