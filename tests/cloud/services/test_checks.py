"""Whatever a device puts into a record, its collection's check refuses it with a code of its own, or lets it be.

What else a check raises is `internal` for the journal, which may pass: a device tries such a change for ever.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import pileus.cloud.services
from pileus.core.errors import PileusError

SERVICES = Path(next(iter(pileus.cloud.services.__path__)))
VALUES: list[Any] = [
    None,
    True,
    5,
    -1,
    10**400,
    1.5,
    "x",
    "",
    "\ud800",
    "9" * 5000,
    [],
    ["a"],
    [[]],
    [{}],
    [None],
    [[["a"]]],
    {},
    {"a": []},
    {"value": []},
    {"value": {}, "params": {"TYPE": [[]]}},
    [{"value": []}],
    [{"value": "1", "group": []}],
    [{"value": "1", "params": {"TYPE": [{}]}}],
    [["rrule", {}, "recur", {"freq": []}]],
    [["rrule", {}, "recur", {"freq": "DAILY", "count": [{}]}]],
    [[[], {}, "text", "a"]],
    ["vevent", [], [[[], [], []]]],
]
GOOD: dict[str, dict[str, Any]] = {
    "backups.snapshot": {
        **dict.fromkeys(("host", "user", "object"), "a"),
        **{key: ["a"] for key in ("paths", "tags", "excludes")},
        **dict.fromkeys(("time_ms", "files", "folders", "bytes", "added", "skipped"), 1),
        "tree": "0" * 64,
    },
    "calendar.calendar": {"name": "Home", "colour": "#2f7bf6", "hidden": False},
    "calendar.event": {
        "_component": "vevent",
        "_calendar": "home",
        "_me": "",
        "_parts": [],
        "_zones": [],
        "uid": [["uid", {}, "text", "a"]],
        "dtstart": [["dtstart", {}, "date", "2026-01-01"]],
        "rrule": [["rrule", {}, "recur", {"freq": "DAILY"}]],
        "@20260102": ["vevent", [], []],
    },
    "contacts.contact": {
        "fn": [{"value": "Mei"}],
        "n": [{"value": ["Mei", "", "", "", ""]}],
        "tel": [{"value": "1"}],
        "photo": [{"value": "data:,"}],
        "categories": [{"value": ["a"]}],
        "uid": [{"value": "a"}],
    },
    "contacts.distinct": {"contacts": ["a", "b"]},
    "files.file": {"name": "a", "parent": "", "type": "text/plain", "sealed": "", "size": 1, "object": "a"},
    "messages.message": {
        "address": "1",
        "thread": "1",
        "date_ms": 1,
        "direction": "in",
        "state": "received",
        "body": "a",
        "read": True,
        "people": ["1", "2"],
        "parts": [],
        "subject": "",
        "sim": "",
        "via": "",
        "sent_ms": 1,
        "error": "",
        "blocked": False,
    },
    "messages.call": {
        "address": "1",
        "thread": "1",
        "contact": "",
        "date_ms": 1,
        "kind": "in",
        "duration_s": 1,
        "sim": "",
        "seen": True,
    },
    "messages.archive": {"thread": "1", "last_ms": 1, "last_seq": 1},
    "messages.block": {"address": "1", "since_ms": 1},
    "messages.draft": {"people": ["1"], "thread": "1", "contact": "", "body": "a", "sim": "", "changed_ms": 1},
    "notes.note": {"title": "a", "body": "a", "created_ms": 1, "edited_ms": 1, "pinned": True},
}


def checks() -> Iterator[tuple[str, str, str]]:
    for manifest in sorted(SERVICES.glob("*/service.toml")):
        for name, collection in tomllib.loads(manifest.read_text()).get("collections", {}).items():
            if "check" in collection:
                yield (name, manifest.parent.name, collection["check"])


def test_each_check_has_an_example() -> None:
    assert {name for name, _, _ in checks()} == set(GOOD)


@pytest.mark.parametrize(("name", "service", "check"), list(checks()), ids=lambda one: one)
def test_a_check_refuses_with_a_code_whatever_comes(name: str, service: str, check: str) -> None:
    module, _, function = check.partition(":")
    refuses = getattr(import_module(f"pileus.cloud.services.{service}.{module}"), function)
    refuses(GOOD[name])
    kept = 0
    for field in [*GOOD[name], "other", "@other", ""]:
        for value in VALUES:
            with suppress(PileusError):
                refuses({**GOOD[name], field: value})
                kept += 1
    assert kept < len(VALUES) * (len(GOOD[name]) + 3)
