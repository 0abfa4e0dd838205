"""Finding the components of an iCalendar file, piece by piece. No framework, no I/O.

`icalendar` reads a file as a whole, and one broken line may end that; so each component is cut out and given
to it alone.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from pileus.cloud.services.calendar.rules import MAX_NAME_BYTES
from pileus.core.errors import Invalid, TooLarge

MAX_COMPONENT_BYTES = 4 << 20
MAX_COMPONENTS = 100_000
"""Of a file: all are held until its end."""
TAKEN = ("VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE")


@dataclass(frozen=True)
class Block:
    """One component as text, from `BEGIN` to `END`; `line` is where it begins in the file."""

    line: int
    name: str
    text: str


@dataclass(frozen=True)
class Broken:
    """What cannot be read: where, its summary as far as it can be told, and why."""

    line: int
    name: str
    code: str
    why: str


@dataclass
class _Open:
    line: int
    name: str
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    depth: int = 0


class BlockReader:
    """Takes bytes by `feed`, gives what they completed; `close` ends the file.

    `properties` are those of the calendar itself. Raises `Invalid` at the end where there was no component,
    `TooLarge` where there are too many.
    """

    def __init__(self) -> None:
        self.properties: dict[str, str] = {}
        self._rest = bytearray()
        self._begun = False
        self._line = 0
        self._open: _Open | None = None
        self._items: list[Block | Broken] = []
        self._seen = 0

    def feed(self, data: bytes) -> list[Block | Broken]:
        if data and not self._begun:
            self._begun = True
            data = data.removeprefix(codecs.BOM_UTF8)
        self._rest += data
        if b"\n" in data:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                self._take(line.removesuffix(b"\r"))
        if len(self._rest) > MAX_COMPONENT_BYTES:
            raise Invalid("ical-line", "The file has a line that is too long to be read.", line=self._line + 1)
        return self._given()

    def close(self) -> list[Block | Broken]:
        if self._rest.strip():
            self._take(bytes(self._rest))
        if self._open is not None:
            self._break(self._open, "ical-unfinished", "The file ends within it.")
        items = self._given()
        if not self._seen:
            raise Invalid("ical-none", "The file has no event.")
        return items

    def _given(self) -> list[Block | Broken]:
        items, self._items = self._items, []
        self._seen += len(items)
        if self._seen > MAX_COMPONENTS:
            raise TooLarge("ical-too-many", f"At most {MAX_COMPONENTS} events are read from one file.")
        return items

    def _take(self, line: bytes) -> None:
        self._line += 1
        verb, _, word = line.strip().upper().partition(b":") if len(line) < 80 else (b"", b"", b"")
        name = word.decode(errors="replace")
        if self._open is None:
            if verb == b"BEGIN" and name in TAKEN:
                self._open = _Open(self._line, name)
            else:
                self._note(line)
                return
        self._keep(self._open, line)
        if verb == b"BEGIN":
            self._open.depth += 1
        elif verb == b"END":
            self._open.depth -= 1
            if self._open.depth == 0:
                self._end(self._open)

    def _keep(self, block: _Open, line: bytes) -> None:
        block.size += len(line) + 1
        if block.size <= MAX_COMPONENT_BYTES:
            block.lines.append(line)

    def _end(self, block: _Open) -> None:
        if block.size > MAX_COMPONENT_BYTES:
            self._break(block, "ical-too-large", f"It has more than {MAX_COMPONENT_BYTES >> 20} MiB.")
            return
        self._open = None
        try:
            text = b"\r\n".join(block.lines).decode() + "\r\n"
        except UnicodeDecodeError:
            self._break(block, "ical-encoding", "Its text is not UTF-8.")
            return
        self._items.append(Block(block.line, block.name, text))

    def _break(self, block: _Open, code: str, why: str) -> None:
        self._open = None
        told = next((one for one in block.lines if one.upper().startswith(b"SUMMARY")), b"")
        self._items.append(Broken(block.line, told.partition(b":")[2].decode(errors="replace")[:200], code, why))

    def _note(self, line: bytes) -> None:
        name, colon, value = line.decode(errors="replace").partition(":")
        if colon and name.upper() in ("METHOD", "X-WR-CALNAME", "X-APPLE-CALENDAR-COLOR"):
            short = value.strip().encode()[:MAX_NAME_BYTES].decode(errors="ignore")
            self.properties[name.upper()] = short.strip()
