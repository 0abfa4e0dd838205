"""Files of "SMS Backup & Restore": messages, messages with attachments (MMS) and calls. No framework, no I/O.

The form: https://www.synctech.com.au/sms-backup-restore/fields-in-xml-backup-files/. The plaintext export of
Signal for Android has the same (https://support.signal.org/hc/articles/360007059752).
"""

from __future__ import annotations

import base64
import binascii
import codecs
import secrets
from collections.abc import Mapping
from hashlib import sha256
from xml.parsers import expat

from pileus.cloud.services.messages.formats.items import Found, Item, Skipped
from pileus.cloud.services.messages.formats.values import Shortener
from pileus.cloud.services.messages.rules import MAX_PART_BYTES, MAX_PARTS_BYTES, Call, Draft, Message, Part
from pileus.core.errors import Invalid, PileusError, TooLarge

MAX_TOKEN_BYTES = 16 << 20
"""Between two elements of XML, not counted what `Shortener` takes out."""
MAX_DEPTH = 8
MAX_MMS_ITEMS = 300
"""Parts and addresses of one message."""

ROOTS = frozenset({"smses", "sms", "mms", "calls", "call"})
# The `type` attribute of an <sms>: 1 received, 2 sent, 3 draft, 4 outbox, 5 failed, 6 queued.
TYPES: Mapping[str, tuple[str, str]] = {
    "1": ("in", "received"),
    "2": ("out", "sent"),
    "4": ("out", "unsent"),
    "5": ("out", "failed"),
    "6": ("out", "unsent"),
}
DRAFT = "3"
DELIVERED = "0"
"""The `status` of a sent <sms> that arrived (TP-Status, 3GPP TS 23.040 §9.2.3.15)."""
CALL_TYPES: Mapping[str, str] = {
    "1": "in",
    "2": "out",
    "3": "missed",
    "4": "voicemail",
    "5": "rejected",
    "6": "blocked",
    "7": "elsewhere",
}
FROM = "137"
"""The `type` of an <addr> that names who wrote (PduHeaders.FROM of Android)."""
SELF = "insert-address-token"
NOBODY = frozenset({"(Unknown)", "null", ""})
WITHHELD = frozenset({"-1", "-2", "-3", "null"})
"""In place of a number that the caller did not show: older phones' unknown, private and payphone."""
UNSEEN_PARTS = frozenset({"application/smil"})


class XmlReader:
    """`<sms>`, `<mms>` and `<call>` elements at any place of the file.

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
        self._mms: _Mms | None = None
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
        if name == "sms" and self._root:
            self._items.append(self._from_sms(attributes))
            return
        if self._depth > MAX_DEPTH:
            raise Invalid("import-malformed", "The file's elements lie too deep.", line=self._here())
        if not self._root:
            self._root = name
            if name not in ROOTS:
                raise Invalid(
                    "import-format",
                    f"The file is XML but not of SMS Backup & Restore: it starts with <{name[:40]}>.",
                    line=self._here(),
                )
        if name == "sms":
            self._items.append(self._from_sms(attributes))
        elif name == "call":
            self._items.append(_from_call(attributes, self._here()))
        elif name == "mms":
            self._mms = _Mms(attributes, self._here(), self._mark)
        elif self._mms is not None and name == "part":
            self._mms.take_part(attributes)
        elif self._mms is not None and name == "addr":
            self._mms.take_address(attributes)

    def _from_sms(self, attributes: Mapping[str, str]) -> Item:
        cut = self._shortener is not None and self._shortener.has_cut
        return _from_sms(attributes, self._here(), self._mark if cut else "")

    def _end(self, name: str) -> None:
        self._waiting = 0
        self._depth -= 1
        if name == "mms" and self._mms is not None:
            self._items += self._mms.items()
            self._mms = None

    def _doctype(self, *_: object) -> None:
        raise Invalid(
            "import-doctype", "The file declares a document type or entities; no backup does.", line=self._here()
        )

    def _external(self, *_: object) -> int:
        return 0


class _Mms:
    """One <mms> as its parts come."""

    def __init__(self, attributes: Mapping[str, str], line: int, mark: str) -> None:
        self._attributes = attributes
        self._line = line
        self._mark = mark
        self._texts: list[str] = []
        self._parts: list[Part] = []
        self._blobs: list[bytes] = []
        self._sender = ""
        self._others: list[str] = []
        self._skipped: list[Skipped] = []
        self._count = self._bytes = 0

    def take_part(self, part: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MAX_MMS_ITEMS:
            return
        kind = _known(part.get("ct")).lower()
        if kind in UNSEEN_PARTS:
            return
        text = part.get("text", "null")
        if kind == "text/plain" and text != "null":
            self._texts.append(text)
            return
        name = next((value for key in ("cl", "name", "fn") if (value := _known(part.get(key)))), "")[:200]
        self._take_data(kind, name, part.get("data", ""))

    def _take_data(self, kind: str, name: str, data: str) -> None:
        shown = repr(name or kind)
        if data.startswith(self._mark) or len(data) > MAX_PART_BYTES * 3 // 2:
            self._skip("part-too-large", name=shown, limit=MAX_PART_BYTES)
            return
        try:
            content = base64.b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not content:
            self._skip("part-broken", name=shown)
        elif len(content) > MAX_PART_BYTES:
            self._skip("part-too-large", name=shown, limit=MAX_PART_BYTES)
        elif self._bytes + len(content) > MAX_PARTS_BYTES:
            self._skip("parts-too-large", limit=MAX_PARTS_BYTES)
        else:
            self._bytes += len(content)
            self._parts.append(Part(kind, len(content), sha256(content).hexdigest(), name))
            self._blobs.append(content)

    def take_address(self, address: Mapping[str, str]) -> None:
        self._count += 1
        value = address.get("address", "").strip()
        if self._count > MAX_MMS_ITEMS or not value or value == SELF:
            return
        if address.get("type") == FROM:
            self._sender = value
        else:
            self._others.append(value)

    def items(self) -> list[Item]:
        attributes, line = self._attributes, self._line
        box = attributes.get("msg_box", "1")
        date = _whole(attributes.get("date", ""))
        if any(value.startswith(self._mark) for value in attributes.values()):
            return [Skipped(line, "value-too-long")]
        if date is None:
            return [Skipped(line, "date-strange", {"value": repr(attributes.get("date", "")[:40])})]
        if box != DRAFT and box not in TYPES:
            return [Skipped(line, "type-unknown", {"value": repr(box[:20])})]
        direction, state = TYPES.get(box, ("out", "unsent"))
        people = self._people(direction)
        body = "\n".join(self._texts)
        subject = "" if attributes.get("sub", "null") == "null" else attributes["sub"]
        if not (body or subject or self._parts):
            return [*self._skipped, Skipped(line, "message-empty")]
        contact = _contact(attributes)
        if box == DRAFT:
            return [*self._skipped, Found(line, Draft(people, body, date, contact))]
        message = Message(
            self._sender if direction == "in" and self._sender else (people[0] if people else ""),
            date,
            direction,
            body,
            contact,
            state,
            attributes.get("read", "1") != "0",
            people if len(people) > 1 else (),
            subject,
            tuple(self._parts),
            _sim(attributes),
        )
        return [*self._skipped, Found(line, message, tuple(self._blobs))]

    def _people(self, direction: str) -> tuple[str, ...]:
        """All others: the list that the file gives; else who wrote, or to whom it went."""
        listed = [one.strip() for one in _known(self._attributes.get("address")).split("~")]
        people = [one for one in listed if one and one != SELF]
        if not people:
            people = [self._sender] if direction == "in" and self._sender else self._others
        return tuple(dict.fromkeys(people))

    def _skip(self, code: str, **values: object) -> None:
        self._skipped.append(Skipped(self._line, code, values))


def _from_sms(attributes: Mapping[str, str], line: int, mark: str) -> Item:
    get = attributes.get
    kind, body, date_text = get("type", ""), get("body"), get("date")
    if body is None or date_text is None:
        return Skipped(line, "attribute-missing", {"name": "body" if body is None else "date"})
    if mark and any(value.startswith(mark) for value in attributes.values()):
        return Skipped(line, "value-too-long")
    date = _whole(date_text)
    if date is None:
        return Skipped(line, "date-strange", {"value": repr(date_text[:40])})
    address = get("address", "").strip()
    if body == "null":
        body = ""
    if kind == DRAFT:
        if not address or not body:
            return Skipped(line, "message-empty" if address else "message-address")
        return Found(line, Draft((address,), body, date, _contact(attributes)))
    if kind not in TYPES:
        return Skipped(line, "type-unknown", {"value": repr(kind[:20])})
    direction, state = TYPES[kind]
    if state == "sent" and get("status") == DELIVERED:
        state = "delivered"
    sent = get("date_sent", "0")
    message = Message(
        address,
        date,
        direction,
        body,
        _contact(attributes),
        state,
        get("read", "1") != "0",
        sim=_sim(attributes),
        sent_ms=(_whole(sent) or 0) if direction == "in" and sent != "0" else 0,
    )
    return Found(line, message)


def _from_call(attributes: Mapping[str, str], line: int) -> Item:
    missing = next((name for name in ("number", "date", "type") if name not in attributes), None)
    if missing is not None:
        return Skipped(line, "attribute-missing", {"name": missing})
    kind = CALL_TYPES.get(attributes["type"])
    if kind is None:
        return Skipped(line, "type-unknown", {"value": repr(attributes["type"][:20])})
    date, duration = _whole(attributes["date"]), _whole(attributes.get("duration", "0"))
    if date is None:
        return Skipped(line, "date-strange", {"value": repr(attributes["date"][:40])})
    if duration is None:
        return Skipped(line, "call-duration")
    number = attributes["number"].strip()
    address = "" if number in WITHHELD else number
    return Found(line, Call(address, date, kind, duration, _contact(attributes), _sim(attributes)))


def _contact(attributes: Mapping[str, str]) -> str:
    contact = attributes.get("contact_name", "")
    return "" if contact in NOBODY else contact


def _sim(attributes: Mapping[str, str]) -> str:
    """The card as the file names it; -1 is none."""
    sim = attributes.get("sub_id", "") or attributes.get("subscription_id", "")
    return "" if sim in {"-1", "null", ""} else sim


def _known(value: str | None) -> str:
    return "" if value is None or value == "null" else value


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
