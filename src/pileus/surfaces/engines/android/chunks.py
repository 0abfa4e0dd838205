"""Chunks and string pools of Android's binary resource files.

Source: AOSP frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h. Every length is checked
against what is there, and strings are decoded only when they are asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pileus.surfaces.engines.android.archive import BadApk

STRING_POOL = 0x0001
TABLE = 0x0002
XML = 0x0003
XML_START = 0x0102
XML_END = 0x0103
XML_MAP = 0x0180
PACKAGE = 0x0200
TYPE = 0x0201
LIBRARY = 0x0203

REFERENCE = 0x01
STRING = 0x03
FLOAT = 0x04
DIMENSION = 0x05
DYNAMIC_REFERENCE = 0x07
FIRST_INT = 0x10
BOOLEAN = 0x12
FIRST_COLOUR = 0x1C
LAST_COLOUR = 0x1F

MAX_STRING = 1 << 16
MAX_STRINGS = 64 << 20
"""Bytes of a pool that are decoded in all: its strings may overlap, so a small pool can hold endless text."""
NONE = 0xFFFFFFFF


class Malformed(BadApk):
    """A binary resource file that contradicts itself."""

    def __init__(self, what: str) -> None:
        super().__init__("apk-resources-malformed", f"The package's resources are malformed: {what}.")


@dataclass(frozen=True)
class Chunk:
    """A chunk at `start`; its header ends at `body`, it ends at `end` (offsets in the file)."""

    type: int
    start: int
    body: int
    end: int


def number(data: bytes, at: int, form: str = "<I") -> int:
    """One little-endian number; raises `Malformed` beyond the end."""
    try:
        value: int = struct.unpack_from(form, data, at)[0]
    except struct.error:
        raise Malformed("a number beyond the end") from None
    return value


def chunk(data: bytes, at: int, limit: int) -> Chunk:
    """The chunk that starts at `at` and must end by `limit`."""
    if at + 8 > limit:
        raise Malformed("a chunk beyond the end")
    kind, header, size = struct.unpack_from("<HHI", data, at)
    if header < 8 or size < header or at + size > limit:
        raise Malformed(f"a chunk of {size} bytes")
    return Chunk(kind, at, at + header, at + size)


def children(data: bytes, start: int, end: int) -> Iterator[Chunk]:
    """The chunks between two offsets, one after the other."""
    while start < end:
        found = chunk(data, start, end)
        yield found
        start = found.end


class Strings:
    """A string pool."""

    def __init__(self, data: bytes, place: Chunk) -> None:
        if place.type != STRING_POOL or place.body - place.start < 28:
            raise Malformed("no string pool")
        self._data, self._place = data, place
        self._count = number(data, place.start + 8)
        self._utf8 = bool(number(data, place.start + 16) & 0x100)
        self._first = place.start + number(data, place.start + 20)
        if place.body + 4 * self._count > place.end or (self._count and self._first > place.end):
            raise Malformed(f"a pool of {self._count} strings")
        self._known: dict[int, str] = {}
        self._decoded = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> str:
        """The string; raises `Malformed` where there is none of that index."""
        if index not in self._known:
            self._known[index] = self._decode(index)
        return self._known[index]

    def get(self, index: int) -> str | None:
        return None if index == NONE else self[index]

    def _decode(self, index: int) -> str:
        if not 0 <= index < self._count:
            raise Malformed(f"string {index} of {self._count}")
        at = self._first + number(self._data, self._place.body + 4 * index)
        if self._utf8:
            _, at = self._length(at, 1)
            size, at = self._length(at, 1)
        else:
            units, at = self._length(at, 2)
            size = units * 2
        if size > MAX_STRING or at + size > self._place.end:
            raise Malformed("a string beyond its pool")
        self._decoded += size
        if self._decoded > MAX_STRINGS:
            raise Malformed("strings without end")
        return self._data[at : at + size].decode("utf-8" if self._utf8 else "utf-16-le", "replace")

    def _length(self, at: int, width: int) -> tuple[int, int]:
        form, top = ("<B", 0x80) if width == 1 else ("<H", 0x8000)
        first = number(self._data, at, form)
        if not first & top:
            return first, at + width
        return (first & (top - 1)) << (8 * width) | number(self._data, at + width, form), at + 2 * width


@dataclass(frozen=True)
class Value:
    """A typed value (Res_value). `text` is set for strings."""

    type: int
    data: int
    text: str | None = None

    @property
    def is_reference(self) -> bool:
        return self.type in (REFERENCE, DYNAMIC_REFERENCE)

    @property
    def is_colour(self) -> bool:
        return FIRST_COLOUR <= self.type <= LAST_COLOUR

    @property
    def number(self) -> float:
        """Integers as they are (signed), floats and dimensions as their number without the unit."""
        if self.type == FLOAT:
            value: float = struct.unpack("<f", struct.pack("<I", self.data))[0]
            return value
        if self.type in (DIMENSION, 0x06):
            mantissa = (self.data >> 8) - ((self.data >> 31) << 24)
            return float(mantissa) / (1, 1 << 7, 1 << 15, 1 << 23)[self.data >> 4 & 3]
        return self.data - (1 << 32) if self.data >> 31 else self.data


def value(data: bytes, at: int, strings: Strings) -> Value:
    """The Res_value at `at`."""
    kind, content = number(data, at + 3, "<B"), number(data, at + 4)
    return Value(kind, content, strings.get(content) if kind == STRING else None)
