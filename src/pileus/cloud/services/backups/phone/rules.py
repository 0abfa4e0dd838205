"""What a phone's backup is and how old it may be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from pileus.core.errors import PileusError
from pileus.sdk.backup.policy import Policy
from pileus.sdk.backup.wire import Snapshot

HOST = "phone"
TAG = "phone"
ABOUT, RECORDS, APPS = "about.json", "records", "apps"
"""What is in a snapshot: a report, a file for each collection, a folder for each app."""
KEPT = Policy(counts={"daily": 7, "weekly": 4, "monthly": 12})
OWN = ("backups.", "jobs.")
"""Collections that tell of the cloud's own work: they are in no backup."""
FRESH_MS = 20 * 3600_000
"""Younger than that the daily work lets a backup be."""
LABELS = ("title", "fn", "name", "summary", "body", "label", "address", "contact", "app", "wallpaper")
LONGEST = 120


class Skipped(msgspec.Struct, frozen=True):
    """Something that is not in a backup, or could not be brought back. `item`: COLLECTION/ID or COLLECTION."""

    item: str
    label: str
    code: str


class AppKept(msgspec.Struct, frozen=True):
    """An app whose folder is in a backup: its id, its name, and how many bytes it keeps."""

    app: str
    label: str
    bytes: int


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


def unreadable() -> PileusError:
    """Of a snapshot that is damaged, or does not read as a phone's: its own account may forge one."""
    return PileusError("backup-unreadable", "A part of the backup cannot be read in the cloud.", status=422)


def is_phone(one: Snapshot) -> bool:
    """Whether a snapshot is a backup of the phone: its owner may tag backups of folders as they like."""
    return one.host == HOST and TAG in one.tags and one.paths == [f"/{part}" for part in (ABOUT, APPS, RECORDS)]


def is_kept(collection: str) -> bool:
    return not collection.startswith(OWN)


def label_of(fields: Mapping[str, Any]) -> str:
    """A few words by which its owner knows a record; "" where it has none."""
    for name in LABELS:
        value = fields.get(name)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0].get("value")
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:LONGEST]
    return ""


def changes(live: Mapping[str, Any] | None, wanted: Mapping[str, Any], texts: Collection[str]) -> dict[str, Any]:
    """The fields to put so that a record is as it was; None takes a field away, "" what is in one of `texts`."""
    before = live or {}
    changed = {name: value for name, value in wanted.items() if name not in before or before[name] != value}
    gone = {name: "" if name in texts else None for name in before.keys() - wanted.keys()}
    return changed | {name: value for name, value in gone.items() if before[name] != value}
