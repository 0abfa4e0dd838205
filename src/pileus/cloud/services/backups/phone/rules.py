"""What a phone's backup is and how old it may be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pileus.core.errors import PileusError
from pileus.sdk.backup.policy import Policy
from pileus.sdk.backup.wire import Snapshot

ABOUT, RECORDS, APPS = "about.json", "records", "apps"
"""What is in a snapshot: a report, a file for each collection, a folder for each app."""
KEPT = Policy(counts={"daily": 7, "weekly": 4, "monthly": 12})
OWN = ("backups.", "jobs.", "files.vault-ask", "files.vault-anew", "files.given")
"""Collections that tell of the cloud's own work, or of a moment: they are in no backup."""
RESTORE = "backups.restore"
"""The job that brings what is in a backup back."""
FRESH_MS = 20 * 3600_000
"""Younger than that the daily work lets a backup be."""
ANEW_MS = 7 * 24 * 3600_000
"""After so long all records are read again, whatever the journal says of what changed."""
LINE_MOST = 8 << 20
"""Bytes of a line: its own account may forge a phone's snapshot."""
ABOUT_MOST = 1 << 20
"""Bytes of `about.json`."""
TREE_MOST = 64 << 20
"""Bytes of a snapshot's tree: that of a phone has a few hundred for each file of its apps."""
LABELS = ("fn", "title", "name", "summary", "body", "label", "address", "contact", "app", "wallpaper")
"""Fields that name a record, the best first: a person's `title` is what they do."""
LONGEST = 120
PEOPLE = 5
TIMES = ("date_ms", "edited_ms", "changed_ms")
LATEST_MS = 253_402_300_799_999


class Skipped(msgspec.Struct, frozen=True):
    """Something that is not in a backup, or could not be brought back. `item`: COLLECTION/ID or COLLECTION."""

    item: str
    label: str
    code: str


class AppKept(msgspec.Struct, frozen=True):
    """An app whose folder is in a backup: its id, its name, how many bytes it keeps, and its package's SHA-256,
    which backups of before do not tell."""

    app: str
    label: str
    bytes: int
    package: str = ""


class About(msgspec.Struct, frozen=True):
    """`about.json` of a snapshot: how many records of each collection, which apps, what was left out and why."""

    version: int
    time_ms: int
    collections: dict[str, int]
    apps: list[AppKept] = []
    skipped: list[Skipped] = []


class Line(msgspec.Struct, frozen=True):
    """A line of a collection's file: a record."""

    id: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Before:
    """What is known of the last backup: the journal's number when it began to read, and when all was read last."""

    snapshot: Snapshot
    as_of: int
    read_ms: int


def before(state: Mapping[str, Any], own: Sequence[Snapshot], now_ms: int) -> Before | None:
    """What the next backup may take over from; None where it is to read everything."""
    as_of, read_ms = state.get("as_of"), state.get("read_ms", 0)
    # By its tree too: whoever has the account may forget it, and make another one of the same id.
    made = (state.get("snapshot"), state.get("tree"))
    snapshot = next((one for one in own if (one.id, one.tree) == made), None)
    if snapshot is None or as_of is None or not 0 <= now_ms - read_ms < ANEW_MS:
        return None
    return Before(snapshot, as_of, read_ms)


def split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a collection's file, without their ends."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > LINE_MOST:
            raise unreadable()
        yield from whole
    if rest:
        raise unreadable()


def bounded(pieces: Iterable[bytes], most: int) -> bytes:
    """All of a file that has at most so many bytes."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) > most:
            raise unreadable()
    return bytes(held)


def unreadable() -> PileusError:
    """Of a snapshot that is damaged, or does not read as a phone's: its own account may forge one."""
    return PileusError("backup-unreadable", "A part of the backup cannot be read in the cloud.", status=422)


def file_of(collection: str) -> str:
    return f"{collection}.jsonl"


def path_of(collection: str) -> str:
    """Of a collection's file in a snapshot."""
    return f"{RECORDS}/{file_of(collection)}"


def is_kept(collection: str) -> bool:
    return not collection.startswith(OWN)


def label_of(fields: Mapping[str, Any]) -> str:
    """A few words by which its owner knows a record; "" where it has none."""
    for value in (value for name in LABELS for value in _values(fields.get(name))):
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:LONGEST]
    return ""


def _values(field: Any) -> Iterator[Any]:
    """Of a plain field, a contact's properties (`{value}`), or an event's (`[name, params, type, value]`)."""
    if not isinstance(field, list):
        yield field
        return
    for one in field:
        if isinstance(one, dict):
            yield one.get("value")
        elif isinstance(one, list):
            yield from one[3:4]


def who_of(fields: Mapping[str, Any]) -> str:
    """With whom a message, a call or a draft was; "" where that is the label itself, or not told."""
    people = fields.get("people")
    named = [one for one in people if isinstance(one, str)] if isinstance(people, list) else []
    if "thread" not in fields:
        return ""
    found = (fields.get("contact"), ", ".join(named[:PEOPLE]), fields.get("address"))
    who = next((" ".join(one.split())[:LONGEST] for one in found if isinstance(one, str) and one.strip()), "")
    return "" if who == label_of(fields) else who


def at_of(fields: Mapping[str, Any]) -> int:
    """When a record was, in milliseconds since 1970; 0 where it does not tell."""
    for name in TIMES:
        at = fields.get(name)
        if isinstance(at, int) and not isinstance(at, bool) and 0 < at <= LATEST_MS:
            return at
    return 0


def changes(live: Mapping[str, Any] | None, wanted: Mapping[str, Any], texts: Collection[str]) -> dict[str, Any]:
    """The fields to put so that a record is as it was; None takes a field away, "" what is in one of `texts`."""
    before = live or {}
    changed = {name: value for name, value in wanted.items() if name not in before or before[name] != value}
    gone = {name: "" if name in texts else None for name in before.keys() - wanted.keys()}
    return changed | {name: value for name, value in gone.items() if before[name] != value}
