"""The resource table of an APK (resources.arsc): from a resource id to its value in the best configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pileus.surfaces.engines.android import chunks
from pileus.surfaces.engines.android.chunks import NONE, Chunk, Malformed, Strings, Value, number

MAX_TABLE = 128 << 20
MAX_TYPES = 50_000
MAX_LANGUAGES = 500
MAX_HOPS = 16
MAX_LOOKUPS = 2_000_000
"""Entries that one table is asked for, in all: a small table may have many configurations and many who ask."""
SDK = 36

_SPARSE, _OFFSET16 = 0x01, 0x02
_COMPLEX, _COMPACT = 0x0001, 0x0008
ANY_DENSITY = 0xFFFE


@dataclass(frozen=True)
class Config:
    """What a value is meant for; zero or empty: for all. `night` is 1 for the day's, 2 for the night's."""

    language: str = ""
    region: str = ""
    density: int = 0
    sdk: int = 0
    night: int = 0
    other: bool = False
    """Meant for a screen size, an orientation or the like that is not looked at here."""


@dataclass(frozen=True)
class Found:
    """A value and what it is meant for."""

    config: Config
    value: Value


@dataclass(frozen=True)
class _Block:
    config: Config
    place: Chunk
    flags: int
    count: int
    entries: int


class Resources:
    """A parsed table. Reading is lazy; everything raises `Malformed` for what contradicts itself."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_TABLE:
            raise Malformed(f"a table of {len(data) >> 20} MB")
        self._data = data
        self._blocks: dict[tuple[int, int], list[_Block]] = {}
        self._lookups = 0
        root = chunks.chunk(data, 0, len(data))
        if root.type != chunks.TABLE:
            raise Malformed("no resource table")
        strings: Strings | None = None
        seen = 0
        for part in chunks.children(data, root.body, root.end):
            if part.type == chunks.STRING_POOL and strings is None:
                strings = Strings(data, part)
            elif part.type == chunks.PACKAGE:
                seen += self._package(part)
                if seen > MAX_TYPES:
                    raise Malformed(f"more than {MAX_TYPES} types")
        if strings is None:
            raise Malformed("no string pool")
        self.strings = strings

    def all(self, resource: int) -> list[Found]:
        """The resource's simple values in every configuration that has one; raises `Malformed` when the table
        was asked too often."""
        blocks = self._blocks.get((resource >> 24, resource >> 16 & 0xFF), [])
        self._lookups += len(blocks)
        if self._lookups > MAX_LOOKUPS:
            raise Malformed("its resources refer to each other without end")
        found = []
        for block in blocks:
            value = self._entry(block, resource & 0xFFFF)
            if value is not None:
                found.append(Found(block.config, value))
        return found

    def best(self, resource: int, language: str = "", region: str = "", density: int = 640) -> Value | None:
        """The value for a language and density, references followed; None where there is none."""
        hops = 0
        while True:
            fitting = [found for found in self.all(resource) if fits(found.config, language, region)]
            if not fitting:
                return None
            value = max(fitting, key=lambda found: rank(found.config, region, density)).value
            if not value.is_reference:
                return value
            hops += 1
            if hops > MAX_HOPS:
                raise Malformed("references in a circle")
            resource = value.data

    def resolve(
        self, value: Value | None, language: str = "", region: str = "", density: int = 640
    ) -> Value | None:
        """A value that is no reference any more."""
        if value is None or not value.is_reference:
            return value
        return self.best(value.data, language, "", density)

    def by_language(self, resource: int) -> dict[str, Value]:
        """The best value of each language in which the resource is given ("" for the default one), references
        followed."""
        nearest: dict[str, Found] = {}
        for found in self.all(resource):
            language = found.config.language
            if fits(found.config, language, ""):
                before = nearest.get(language)
                if before is None or rank(found.config, "", 640) > rank(before.config, "", 640):
                    nearest[language] = found
        if len(nearest) > MAX_LANGUAGES:
            raise Malformed(f"a text in {len(nearest)} languages")
        values = {language: self.resolve(found.value, language) for language, found in sorted(nearest.items())}
        return {language: value for language, value in values.items() if value is not None}

    def _package(self, part: Chunk) -> int:
        data = self._data
        package = number(data, part.start + 8) & 0xFF
        seen = 0
        for child in chunks.children(data, part.body, part.end):
            if child.type != chunks.TYPE:
                continue
            seen += 1
            kind = number(data, child.start + 8, "<B")
            flags = number(data, child.start + 9, "<B")
            count, entries = number(data, child.start + 12), number(data, child.start + 16)
            width = 2 if flags & _OFFSET16 and not flags & _SPARSE else 4
            if child.body + count * width > child.end or entries > child.end - child.start:
                raise Malformed(f"a type of {count} entries")
            block = _Block(_config(data, child), child, flags, count, child.start + entries)
            self._blocks.setdefault((package, kind), []).append(block)
            if seen > MAX_TYPES:
                raise Malformed(f"more than {MAX_TYPES} types")
        return seen

    def _entry(self, block: _Block, index: int) -> Value | None:
        data, at = self._data, None
        if block.flags & _SPARSE:
            low, high = 0, block.count
            while low < high:
                middle = (low + high) // 2
                here = number(data, block.place.body + 4 * middle, "<H")
                if here == index:
                    at = number(data, block.place.body + 4 * middle + 2, "<H") * 4
                    break
                low, high = (middle + 1, high) if here < index else (low, middle)
        elif index < block.count and block.flags & _OFFSET16:
            offset = number(data, block.place.body + 2 * index, "<H")
            at = None if offset == 0xFFFF else offset * 4
        elif index < block.count:
            offset = number(data, block.place.body + 4 * index)
            at = None if offset == NONE else offset
        if at is None:
            return None
        start = block.entries + at
        if start + 8 > block.place.end:
            raise Malformed("an entry beyond its type")
        flags = number(data, start + 2, "<H")
        if flags & _COMPACT:
            kind, content = flags >> 8, number(data, start + 4)
            return Value(kind, content, self.strings.get(content) if kind == chunks.STRING else None)
        if flags & _COMPLEX:
            return None
        size = number(data, start, "<H")
        if start + size + 8 > block.place.end:
            raise Malformed("an entry beyond its type")
        return chunks.value(data, start + size, self.strings)


def fits(config: Config, language: str, region: str) -> bool:
    """Whether a device of this language may be given the value (AOSP ResTable_config::match, in short)."""
    if config.sdk > SDK or config.night == 2 or config.other:
        return False
    if config.language and config.language != language:
        return False
    return not (config.region and region and config.region != region)


def rank(config: Config, region: str, density: int) -> tuple[int, int, int, int]:
    """Higher is better among the values that fit: language, then density from above, then SDK level."""
    language = (2 if config.region == region and region else 1) if config.language else 0
    if config.density == ANY_DENSITY:
        near = 1 << 16
    else:
        near = config.density if config.density <= density else 2 * density - config.density
    return language, near, config.sdk, config.night


def _config(data: bytes, part: Chunk) -> Config:
    start = part.start + 20
    size = number(data, start)
    if size < 16 or start + size > part.body:
        raise Malformed("a configuration beyond its type")
    raw = data[start : start + size].ljust(64, b"\0")
    return Config(
        language=_letters(raw[8:10], "a"),
        region=_letters(raw[10:12], "0"),
        density=int.from_bytes(raw[14:16], "little"),
        sdk=int.from_bytes(raw[24:26], "little"),
        night=raw[29] >> 4 & 3,
        other=any(raw[4:8]) or any(raw[12:14]) or any(raw[16:24]) or any(raw[30:36]) or bool(raw[29] & 0x0F),
    )


def _letters(raw: bytes, base: str) -> str:
    """Two letters, or three packed into two bytes (ResTable_config::unpackLanguageOrRegion)."""
    if not raw[0]:
        return ""
    if raw[0] & 0x80:
        first, second = raw[1] & 0x1F, (raw[1] & 0xE0) >> 5 | (raw[0] & 0x03) << 3
        third = (raw[0] & 0x7C) >> 2
        return "".join(chr(ord(base) + part) for part in (first, second, third))
    return raw.decode("latin-1").strip("\0")


def files(found: Iterator[Found] | list[Found]) -> list[tuple[Config, str]]:
    """Those that name files of the package."""
    return [(item.config, item.value.text) for item in found if item.value.text]
