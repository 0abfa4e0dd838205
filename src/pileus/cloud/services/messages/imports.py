"""Reading message files piece by piece: "SMS Backup & Restore" XML and JSON lines. No framework, no I/O.

A reader takes bytes by `feed` and gives what they completed: messages, and lines that were skipped with
the reason. `close` ends the file. A file that cannot be read further raises `Invalid` or `TooLarge` with
`line`. The XML form: https://www.synctech.com.au/sms-backup-restore/fields-in-xml-backup-files/.
"""

from __future__ import annotations

import codecs
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from xml.parsers import expat

from pileus.cloud.services.messages.rules import Message, check_message
from pileus.cloud.services.messages.values import Shortener
from pileus.core.errors import Invalid, PileusError, TooLarge

MAX_LINE_BYTES = 1 << 20
MAX_TOKEN_BYTES = 8 << 20
"""Between two elements of XML, not counted what `Shortener` takes out."""
MAX_DEPTH = 8
SNIFF_BYTES = 1 << 16

# The `type` attribute of an <sms>: 1 received, 2 sent, 3 draft, 4 outbox, 5 failed, 6 queued.
XML_TYPES: Mapping[str, tuple[str, str]] = {
    "1": ("in", "received"),
    "2": ("out", "sent"),
    "4": ("out", "unsent"),
    "5": ("out", "failed"),
    "6": ("out", "unsent"),
}


@dataclass(frozen=True)
class Found:
    line: int
    message: Message


@dataclass(frozen=True)
class Skipped:
    line: int
    why: str


Item = Found | Skipped


class Reader(Protocol):
    def feed(self, data: bytes) -> list[Item]: ...

    def close(self) -> list[Item]: ...


class AnyReader:
    """Chooses the reader by the first character of the file that is not a space."""

    def __init__(self) -> None:
        self._head = b""
        self._reader: Reader | None = None

    def feed(self, data: bytes) -> list[Item]:
        if self._reader is not None:
            return self._reader.feed(data)
        self._head += data
        first = self._head.removeprefix(codecs.BOM_UTF8).lstrip()
        if not first and len(self._head) < SNIFF_BYTES:
            return []
        if len(self._head) < 3 and codecs.BOM_UTF8.startswith(self._head):
            return []
        if first[:1] == b"<" or self._head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            self._reader = XmlReader()
        elif first[:1] == b"{":
            self._reader = LinesReader()
        else:
            raise Invalid(
                "import-format",
                "The file is neither an SMS Backup & Restore XML file nor JSON lines.",
                line=1,
            )
        head, self._head = self._head, b""
        return self._reader.feed(head)

    def close(self) -> list[Item]:
        if self._reader is None:
            raise Invalid("import-empty", "The file has no messages: it is empty.", line=1)
        return self._reader.close()


class LinesReader:
    """One JSON object a line; a line that is no message is skipped, the ones after it are read."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._line = 0
        self._too_long = False

    def feed(self, data: bytes) -> list[Item]:
        items: list[Item] = []
        *complete, rest = data.split(b"\n")
        for part in complete:
            self._take(part)
            items += self._end()
        self._take(rest)
        return items

    def close(self) -> list[Item]:
        return self._end() if self._rest or self._too_long else []

    def _take(self, part: bytes) -> None:
        if len(self._rest) + len(part) > MAX_LINE_BYTES:
            self._too_long = True
            self._rest.clear()
        elif not self._too_long:
            self._rest += part

    def _end(self) -> list[Item]:
        self._line += 1
        line, self._rest = bytes(self._rest), bytearray()
        if self._too_long:
            self._too_long = False
            return [Skipped(self._line, f"The line has more than {MAX_LINE_BYTES} bytes.")]
        if self._line == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        return [_from_json(line, self._line)] if line.strip() else []


class XmlReader:
    """`<sms>` elements at any place of the file; `<mms>` are skipped and named.

    Document types are refused, so no entity can be declared, and what stands between two elements is
    bounded: no file makes this grow. The parser gets more of an unfinished element only when that has
    doubled: it begins anew each time.
    """

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._mark = secrets.token_hex(16)
        self._begun = False
        self._shortener: Shortener | None = None
        self._gathered = bytearray()
        self._waiting = 0
        self._depth = 0
        self._root = ""
        self._error: PileusError | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = False
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._doctype
        self._parser.ExternalEntityRefHandler = self._external

    def feed(self, data: bytes) -> list[Item]:
        self._gathered += self._shortened(data)
        if len(self._gathered) < self._waiting and self._waiting + len(self._gathered) <= MAX_TOKEN_BYTES:
            return []
        self._parse_gathered()
        if self._waiting > MAX_TOKEN_BYTES:
            raise TooLarge("import-element", "One element of the file is too large to be read.", line=self._here())
        return self._take()

    def close(self) -> list[Item]:
        self._gathered += self._shortener.close() if self._shortener else b""
        self._parse_gathered()
        self._parse(b"", True)
        return self._take()

    def _shortened(self, data: bytes) -> bytes:
        if data and not self._begun:
            self._begun = True
            # Not in UTF-16, where bytes of markup are parts of characters too: there the bound alone holds.
            wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in data[:2]
            self._shortener = None if wide else Shortener(self._mark.encode())
        return self._shortener.feed(data) if self._shortener else data

    def _parse_gathered(self) -> None:
        data, self._gathered = bytes(self._gathered), bytearray()
        self._waiting += len(data)
        self._parse(data, False)

    def _parse(self, data: bytes, last: bool) -> None:
        if self._error is not None:
            raise self._error
        try:
            self._parser.Parse(data, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            self._error = Invalid(
                "import-malformed", f"The XML breaks off at line {self._here()}: {error}.", line=self._here()
            )
        except PileusError as error:
            self._error = error
        if self._error is not None and not self._items:
            raise self._error

    def _take(self) -> list[Item]:
        """What was completed; an error is told at the next call, after the messages before it."""
        items, self._items = self._items, []
        return items

    def _here(self) -> int:
        return self._parser.CurrentLineNumber

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._waiting = 0
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Invalid("import-malformed", "The file's elements lie too deep.", line=self._here())
        if not self._root:
            self._root = name
            if name not in {"smses", "sms", "mms"}:
                raise Invalid(
                    "import-format",
                    f"The file is XML but not of SMS Backup & Restore: it starts with <{name[:40]}>.",
                    line=self._here(),
                )
        if name == "sms" and any(value.startswith(self._mark) for value in attributes.values()):
            self._items.append(Skipped(self._here(), "The message is too long."))
        elif name == "sms":
            self._items.append(_from_xml(attributes, self._here()))
        elif name == "mms":
            self._items.append(Skipped(self._here(), "A message with pictures (MMS) is not imported yet."))

    def _end(self, _name: str) -> None:
        self._waiting = 0
        self._depth -= 1

    def _doctype(self, *_: object) -> None:
        raise Invalid(
            "import-doctype", "The file declares a document type or entities; no backup does.", line=self._here()
        )

    def _external(self, *_: object) -> int:
        return 0


def _from_xml(attributes: Mapping[str, str], line: int) -> Item:
    kind = attributes.get("type", "")
    if kind == "3":
        return Skipped(line, "A draft was never sent.")
    if kind not in XML_TYPES:
        return Skipped(line, f"The type {kind[:20]!r} is not known.")
    if "body" not in attributes or "date" not in attributes:
        missing = "body" if "body" not in attributes else "date"
        return Skipped(line, f"The attribute {missing} is missing.")
    date = _whole(attributes["date"])
    if date is None:
        return Skipped(line, f"The date {attributes['date'][:40]!r} is no number of milliseconds.")
    direction, state = XML_TYPES[kind]
    contact = attributes.get("contact_name", "")
    message = Message(
        address=attributes.get("address", "").strip(),
        date_ms=date,
        direction=direction,
        body="" if attributes["body"] == "null" else attributes["body"],
        contact="" if contact in {"(Unknown)", "null"} else contact,
        state=state,
        read=attributes.get("read", "1") != "0",
    )
    return _checked(message, line)


def _from_json(text: bytes, line: int) -> Item:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Skipped(line, "The line is no JSON object.")
    if not isinstance(value, dict):
        return Skipped(line, "The line is no JSON object.")
    address, date, body = value.get("address"), value.get("date_ms"), value.get("body")
    if not isinstance(address, str) or not isinstance(body, str):
        return Skipped(line, "The address and the body have to be texts.")
    if isinstance(date, bool) or not isinstance(date, int):
        return Skipped(line, "The date_ms has to be a whole number of milliseconds.")
    contact = value.get("contact") or ""
    if not isinstance(contact, str):
        return Skipped(line, "The contact has to be a text.")
    direction, read = value.get("direction"), value.get("read", True)
    if not isinstance(direction, str) or not isinstance(read, bool):
        return Skipped(line, 'The direction has to be "in" or "out", read true or false.')
    return _checked(Message(address.strip(), date, direction, body, contact, read=read), line)


def _checked(message: Message, line: int) -> Item:
    try:
        texts = message.address + message.body + message.contact
        texts.encode()  # half of a surrogate pair can't be stored
        check_message(message.fields())
    except UnicodeEncodeError:
        return Skipped(line, "The text has a character that is not valid Unicode.")
    except PileusError as error:
        return Skipped(line, error.detail)
    return Found(line, message)


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
