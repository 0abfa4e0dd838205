"""What a message is and when two are one: no framework, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Annotated, Any, Literal

import msgspec

from pileus.cloud.services.messages.numbers import normal_address
from pileus.core.errors import Invalid, TooLarge

MAX_BODY_BYTES = 256 * 1024
MAX_ADDRESS_BYTES = 320
"""A long mail address; telephone numbers have 15 digits at most (ITU-T E.164)."""
MAX_NAME_BYTES = 512
MAX_PEOPLE = 100
MAX_PARTS = 100
LATEST_MS = 253_402_300_799_999
MAX_PART_BYTES = 8 << 20
"""Decoded; networks carry MMS of some 3 MB at most."""
MAX_PARTS_BYTES = 16 << 20
MAX_CALL_SECONDS = 31 * 24 * 3600
CALL_KINDS = frozenset({"in", "out", "missed", "voicemail", "rejected", "blocked", "elsewhere"})
CALL_FIELDS = frozenset({"address", "thread", "contact", "date_ms", "kind", "duration_s", "sim", "seen"})
DRAFT_FIELDS = frozenset({"people", "thread", "contact", "body", "sim", "changed_ms"})
SHOWN_TYPES = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp",
    "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac", "audio/3gpp",
    "video/mp4", "video/3gpp", "video/webm",
})  # fmt: skip
CLOUD = "cloud"
"""The `via` of messages between accounts of one cloud."""
DIRECTIONS = frozenset({"in", "out"})
STATES = frozenset({"received", "queued", "sending", "sent", "delivered", "failed", "unsent", "unknown"})
"""Of an outgoing message `unsent` never left, `unknown` may have: only its owner can tell."""
SETTLED = {"queued": "unsent", "sending": "unknown"}
"""What a message that waits elsewhere is here: bringing it must not seem to send it."""

_TEXTS = {
    "address": MAX_ADDRESS_BYTES,
    "thread": MAX_ADDRESS_BYTES * 3,
    "contact": MAX_NAME_BYTES,
    "subject": MAX_NAME_BYTES,
    "sim": MAX_NAME_BYTES,
    "via": 40,
    "error": MAX_NAME_BYTES,
    "body": MAX_BODY_BYTES,
}
_TIMES = frozenset({"date_ms", "sent_ms", "delivered_ms"})
KNOWN = frozenset({*_TEXTS, *_TIMES, "direction", "state", "read", "blocked", "people", "parts"})


_Address = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ADDRESS_BYTES // 4)]
_Name = Annotated[str, msgspec.Meta(max_length=40 // 4)]
_Line = Annotated[str, msgspec.Meta(max_length=MAX_NAME_BYTES // 4)]
_Body = Annotated[str, msgspec.Meta(max_length=MAX_BODY_BYTES // 4)]
_Time = Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]


class _Usual(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Most messages: with neither attachments nor a group, and texts that fit in whatever letters they are."""

    address: _Address
    date_ms: _Time
    direction: Literal["in", "out"]
    thread: _Address = ""
    state: Literal["received", "queued", "sending", "sent", "delivered", "failed", "unsent", "unknown"] = "sent"
    body: _Body = ""
    read: bool = True
    blocked: bool = False
    contact: _Line = ""
    subject: _Line = ""
    sim: _Line = ""
    error: _Line = ""
    via: _Name = ""
    sent_ms: _Time = 0
    delivered_ms: _Time = 0


class Part(msgspec.Struct, frozen=True):
    """One attached piece of a message; its bytes are the object `object`, "" where they could not be kept."""

    type: str
    size: int
    sha256: str
    name: str = ""
    object: str = ""


class Message(msgspec.Struct, frozen=True):
    """One message as an import gives it. `date_ms`: milliseconds since 1970, UTC.

    `people` names all others of a group; `address` is who wrote, or to whom. `sim` is whatever the source calls
    the card. `via`: "" for SMS and MMS, else the service that carried it. `blocked`: it came while its sender was.
    """

    address: str
    date_ms: int
    direction: str
    body: str
    contact: str = ""
    state: str = ""
    read: bool = True
    people: tuple[str, ...] = ()
    subject: str = ""
    parts: tuple[Part, ...] = ()
    sim: str = ""
    via: str = ""
    sent_ms: int = 0
    delivered_ms: int = 0
    blocked: bool = False

    def fields(self, region: str = "") -> dict[str, Any]:
        """As the record has them; what is empty is left out. `region`: where national numbers are at home."""
        fields: dict[str, Any] = {
            "address": self.address,
            "thread": thread_of(self.people or (self.address,), region),
            "date_ms": self.date_ms,
            "direction": self.direction,
            "state": SETTLED.get(self.state, self.state) or ("received" if self.direction == "in" else "sent"),
            "body": self.body,
            "read": self.read,
        }
        if self.contact:
            fields["contact"] = self.contact
        if len(self.people) > 1:
            fields["people"] = list(self.people)
        if self.parts:
            fields["parts"] = [msgspec.to_builtins(part) for part in self.parts]
        if self.subject:
            fields["subject"] = self.subject
        if self.sim:
            fields["sim"] = self.sim
        if self.via:
            fields["via"] = self.via
        if self.sent_ms:
            fields["sent_ms"] = self.sent_ms
        if self.delivered_ms:
            fields["delivered_ms"] = self.delivered_ms
        if self.blocked:
            fields["blocked"] = True
        return fields


class Call(msgspec.Struct, frozen=True):
    """One call as an import gives it; `kind` is one of `CALL_KINDS`, `address` "" where it was withheld."""

    address: str
    date_ms: int
    kind: str
    duration_s: int = 0
    contact: str = ""
    sim: str = ""

    def fields(self, region: str = "") -> dict[str, Any]:
        fields: dict[str, Any] = {
            "address": self.address,
            "thread": normal_address(self.address, region),
            "date_ms": self.date_ms,
            "kind": self.kind,
            "duration_s": self.duration_s,
        }
        return fields | {name: value for name in ("contact", "sim") if (value := getattr(self, name))}


class Draft(msgspec.Struct, frozen=True):
    """A text that was begun and not sent: one a conversation."""

    people: tuple[str, ...]
    body: str
    changed_ms: int
    contact: str = ""

    def fields(self, region: str = "") -> dict[str, Any]:
        named = {"contact": self.contact} if self.contact else {}
        thread = thread_of(self.people, region)
        return {
            "people": list(self.people),
            "thread": thread,
            "body": self.body,
            "changed_ms": self.changed_ms,
        } | named


def thread_of(people: Sequence[str], region: str = "") -> str:
    """A conversation's name: the normal address of its one correspondent, or a hash of those of a group."""
    if len(people) == 1:
        return normal_address(people[0], region)
    several = sorted({normal_address(one, region) for one in people})
    if len(several) == 1:
        return several[0]
    return "group-" + blake2b("\n".join(several).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def key_of(fields: Mapping[str, Any]) -> str:
    """What copies of one message share: its second, and a hash of conversation, direction, text and parts.

    Space counts as one blank, since files keep it differently. Keys sort by time.
    """
    date = fields.get("date_ms", 0)
    words = [str(fields.get("thread", "")), str(fields.get("direction", "")), *str(fields.get("body", "")).split()]
    hashed = blake2b("\x1f".join(words).encode("utf-8", "surrogatepass"), digest_size=12)
    for part in fields.get("parts") or ():
        hashed.update(b"\0" + str(part.get("sha256", "")).encode("utf-8", "surrogatepass"))
    return f"{int(date) // 1000:010x}-{hashed.hexdigest()}"


def id_of(key: str, date_ms: int) -> str:
    """The id of a message that is kept by this key: whoever keeps it first, on whatever device, gives the same."""
    return f"{key}-{date_ms % 1000:03d}"


@dataclass
class Twin:
    """A message of some key that is kept, or was (`gone`).

    `claimed_ms`: the exact time that a copy of a message kept by the second had.
    """

    record: str
    date_ms: int
    claimed_ms: int | None = None
    gone: bool = False


def twin_of(known: Sequence[Twin], date_ms: int) -> Twin | None:
    """Which of the messages with the same key a copy with this time is, None for none.

    Files and devices that keep whole seconds cut the rest off. So a whole second is the same as any time in it,
    and a message kept by its second is the first exact one that comes: its `claimed_ms` is set to that here. Two
    exact times are two messages.
    """
    if date_ms % 1000 == 0:
        return known[0] if known else None
    for one in known:
        if date_ms in (one.date_ms, one.claimed_ms):
            return one
    for one in known:
        if one.date_ms % 1000 == 0 and one.claimed_ms is None:
            one.claimed_ms = date_ms
            return one
    return None


def restored(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A message as it comes back from a backup: one that waited to be sent then is not sent now."""
    state = str(fields.get("state", ""))
    return {**fields, "state": SETTLED[state]} if state in SETTLED else dict(fields)


def check_message(fields: Mapping[str, Any]) -> None:
    """Refuses what can't be kept as a message: raises `Invalid` or `TooLarge`."""
    if _is_usual(fields):
        return
    if not KNOWN.issuperset(fields):
        unknown = sorted(set(fields) - KNOWN)[0]
        raise Invalid("message-field", f"A message has no field {unknown[:80]!r}.")
    for name, value in fields.items():
        limit = _TEXTS.get(name)
        if limit is not None:
            check_text("message", name, value, limit)
        elif name in _TIMES:
            check_time(value)
    address = fields.get("address", "")
    if not address or address.isspace():
        raise Invalid("message-address", "A message has an address: a number or a name.")
    check_time(fields.get("date_ms"))
    direction, state = fields.get("direction"), fields.get("state", "sent")
    if not isinstance(direction, str) or direction not in DIRECTIONS:
        raise Invalid("message-direction", 'A message\'s direction is "in" or "out".')
    if not isinstance(state, str) or state not in STATES:
        raise Invalid("message-state", f"A message's state is one of {', '.join(sorted(STATES))}.")
    if not isinstance(fields.get("read", True), bool):
        raise Invalid("message-read", "A message's read is true or false.")
    if not isinstance(fields.get("blocked", False), bool):
        raise Invalid("message-blocked", "A message's blocked is true or false.")
    if "people" in fields:
        check_people(fields["people"])
    if "parts" in fields:
        _check_parts(fields["parts"])


def _is_usual(fields: Mapping[str, Any]) -> bool:
    """Whether a message is seen to be right at one look; one that is not may be right as well."""
    try:
        return not msgspec.convert(fields, _Usual).address.isspace()
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter where a text is in a number's place
        return False


def safe_type(kind: str) -> str:
    """An attachment's type as it is served: pictures, sound and video that browsers show, else plain bytes."""
    return kind if kind in SHOWN_TYPES else "application/octet-stream"


def check_text(kind: str, name: str, value: object, limit: int) -> None:
    """A text of at most `limit` bytes in UTF-8."""
    if not isinstance(value, str):
        raise Invalid(f"{kind}-text", f"A {kind}'s {name} is a text.")
    if len(value) * 4 <= limit:
        return
    size = len(value.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise TooLarge(f"{kind}-too-large", f"The {kind}'s {name} has {size} bytes; at most {limit} are kept.")


def check_time(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST_MS:
        raise Invalid("message-date", "A message's date is a whole number of milliseconds since 1970.")


def check_people(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise Invalid("message-people", "A conversation's people are a list of addresses.")
    if len(value) > MAX_PEOPLE:
        raise TooLarge("message-people", f"A conversation has at most {MAX_PEOPLE} people.")
    for one in value:
        check_text("message", "address", one, MAX_ADDRESS_BYTES)


def _check_parts(value: object) -> None:
    try:
        parts = msgspec.convert(value, list[Part])
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Invalid("message-parts", f"A message's parts are not as expected: {error}") from None
    if len(parts) > MAX_PARTS:
        raise TooLarge("message-parts", f"A message has at most {MAX_PARTS} parts.")
    for part in parts:
        check_text("message", "part", part.name + part.type + part.object + part.sha256, MAX_NAME_BYTES * 4)


def call_id(fields: Mapping[str, Any]) -> str:
    """A call's id: copies agree in second, number and kind."""
    words = f"{fields.get('thread', '')}\x1f{fields.get('kind', '')}".encode("utf-8", "surrogatepass")
    return f"{int(fields.get('date_ms', 0)) // 1000:010x}-{blake2b(words, digest_size=12).hexdigest()}"


def draft_id(thread: str) -> str:
    """The one draft of a conversation; a device makes the same by itself (`web/shell`), hence SHA-256."""
    return "draft-" + sha256(thread.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def check_call(fields: Mapping[str, Any]) -> None:
    """Refuses what can't be kept as a call: raises `Invalid` or `TooLarge`."""
    unknown = sorted(set(fields) - CALL_FIELDS)
    if unknown:
        raise Invalid("call-field", f"A call has no field {unknown[0][:80]!r}.")
    for name in ("address", "thread", "contact", "sim"):
        check_text("call", name, fields.get(name, ""), MAX_NAME_BYTES * 2)
    date, duration = fields.get("date_ms"), fields.get("duration_s", 0)
    if isinstance(date, bool) or not isinstance(date, int) or not 0 <= date <= LATEST_MS:
        raise Invalid("call-date", "A call's date is a whole number of milliseconds since 1970.")
    if isinstance(duration, bool) or not isinstance(duration, int) or not 0 <= duration <= MAX_CALL_SECONDS:
        raise Invalid("call-duration", "A call's duration is a number of seconds.")
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in CALL_KINDS:
        raise Invalid("call-kind", f"A call's kind is one of {', '.join(sorted(CALL_KINDS))}.")
    if not isinstance(fields.get("seen", True), bool):
        raise Invalid("call-seen", "A call's seen is true or false.")


def check_draft(fields: Mapping[str, Any]) -> None:
    """Refuses what can't be kept as a draft: raises `Invalid` or `TooLarge`."""
    unknown = sorted(set(fields) - DRAFT_FIELDS)
    if unknown:
        raise Invalid("draft-field", f"A draft has no field {unknown[0][:80]!r}.")
    check_people(fields.get("people"))
    check_text("draft", "thread", fields.get("thread", ""), MAX_ADDRESS_BYTES * 3)
    check_text("draft", "body", fields.get("body", ""), MAX_BODY_BYTES)
    check_text("draft", "sim", fields.get("sim", ""), MAX_NAME_BYTES)
    check_text("draft", "contact", fields.get("contact", ""), MAX_NAME_BYTES)
    check_time(fields.get("changed_ms"))
