"""JSON lines: one object a line, a message, call or draft as the records have it."""

from __future__ import annotations

import base64
import binascii
import codecs
from hashlib import sha256
from typing import Any

import msgspec

from pileus.cloud.services.messages.formats.items import Found, Item, Skipped
from pileus.cloud.services.messages.rules import MAX_PART_BYTES, Call, Draft, Message, Part

MAX_LINE_BYTES = 16 << 20
"""A message with its attachments in base64."""


class LinesReader:
    """A line that is no message is skipped, the ones after it are read."""

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
            return [Skipped(self._line, "line-too-long", {"limit": MAX_LINE_BYTES})]
        if self._line == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        return _from_json(line, self._line) if line.strip() else []


class _Line(msgspec.Struct):
    """Everything but what every message has is optional; `kind` says what the line is."""

    address: Any = None
    date_ms: Any = None
    direction: Any = None
    body: Any = None
    read: Any = True
    contact: str | None = ""
    state: str = ""
    people: list[str] = []
    subject: str = ""
    sim: str = ""
    via: str = ""
    sent_ms: int = 0
    delivered_ms: int = 0
    parts: list[dict[str, Any]] = []
    kind: str = "message"
    duration_s: int = 0


def _from_json(text: bytes, line: int) -> list[Item]:
    try:
        value = msgspec.json.decode(text, type=_Line)
    except msgspec.ValidationError as error:
        field = str(error).partition("`$.")[2].partition("`")[0]
        code = "no-contact" if field == "contact" else "field-form" if field else "no-object"
        return [Skipped(line, code, {"field": field} if code == "field-form" else {})]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [Skipped(line, "no-object")]
    kind = value.kind
    if not isinstance(value.address, str) or (kind != "call" and not isinstance(value.body, str)):
        return [Skipped(line, "no-texts")]
    if isinstance(value.date_ms, bool) or not isinstance(value.date_ms, int):
        return [Skipped(line, "no-date")]
    if not isinstance(value.direction, str) or not isinstance(value.read, bool):
        return [Skipped(line, "no-direction")]
    if kind == "call":
        who = (value.address.strip(), value.date_ms, value.direction)
        return [Found(line, Call(*who, value.duration_s, value.contact or "", value.sim))]
    if kind == "draft":
        people = tuple(value.people) or (value.address.strip(),)
        return [Found(line, Draft(people, value.body, value.date_ms, value.contact or ""))]
    if kind != "message":
        return [Skipped(line, "type-unknown", {"value": repr(kind[:20])})]
    parts, blobs, items = _parts(value.parts, line)
    message = Message(
        value.address.strip(),
        value.date_ms,
        value.direction,
        value.body,
        value.contact or "",
        value.state,
        value.read,
        tuple(value.people),
        value.subject,
        parts,
        value.sim,
        value.via,
        value.sent_ms,
        value.delivered_ms,
    )
    return [*items, Found(line, message, blobs)]


def _parts(given: list[dict[str, Any]], line: int) -> tuple[tuple[Part, ...], tuple[bytes, ...], list[Item]]:
    parts: list[Part] = []
    blobs: list[bytes] = []
    items: list[Item] = []
    for one in given:
        name, kind, data = str(one.get("name", ""))[:200], str(one.get("type", ""))[:100], one.get("data")
        try:
            content = base64.b64decode(data if isinstance(data, str) else "", validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not content:
            items.append(Skipped(line, "part-broken", {"name": repr(name)}))
        elif len(content) > MAX_PART_BYTES:
            items.append(Skipped(line, "part-too-large", {"name": repr(name), "limit": MAX_PART_BYTES}))
        else:
            parts.append(Part(kind, len(content), sha256(content).hexdigest(), name))
            blobs.append(content)
    return tuple(parts), tuple(blobs), items
