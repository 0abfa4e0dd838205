"""What the services declared about their collections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from pileus.cloud.kernel.journal.rules import Merge
from pileus.cloud.kernel.service import AppliedChange, Attachments, Fields

Project = Callable[[Connection, AppliedChange], None]
ProjectMany = Callable[[Connection, str, Sequence[tuple[str, Fields]]], None]
"""Hears of an account's new records, (id, fields), that came by `Journal.add`."""
Check = Callable[[Mapping[str, Any]], None]
Restored = Callable[[Mapping[str, Any]], Fields]
"""What a record's fields are when it comes back from a backup."""
AHEAD = 20
"""Priority of what goes ahead of its collection: after the shell's and the apps' records."""


@dataclass(frozen=True)
class Collection:
    """One declared collection. `priority`: lower comes first in a snapshot; of `ahead` records, the newest ones,
    already those come first that are needed to show what a phone shows at once (`AHEAD`).

    `over_quota`: counted, but never refused for want of room, so that a full account still learns what failed.
    """

    name: str
    merge: Merge = "fields"
    texts: frozenset[str] = frozenset()
    mutable: frozenset[str] = frozenset()
    guarded: frozenset[str] = frozenset()
    write: Literal["device", "service"] = "device"
    priority: int = 50
    over_quota: bool = False
    project: Project | None = None
    check: Check | None = None
    project_many: ProjectMany | None = None
    ahead: int = 0
    restored: Restored = dict
    attachments: Attachments | None = None


@dataclass(frozen=True)
class Span:
    """A stretch of a snapshot: a collection's `ahead` newest records, or (0) all that no span before had."""

    collection: str
    ahead: int = 0


class Collections:
    """All of them, by name and in the order of a snapshot."""

    def __init__(self, collections: Iterable[Collection]) -> None:
        self._by_name: dict[str, Collection] = {}
        for collection in collections:
            if collection.name in self._by_name:
                raise ValueError(f"The collection {collection.name} is declared twice.")
            self._by_name[collection.name] = collection
        self.order = sorted(self._by_name.values(), key=lambda one: (one.priority, one.name))
        spans = [(one.priority, one.name, Span(one.name)) for one in self.order]
        spans += [(AHEAD, one.name, Span(one.name, one.ahead)) for one in self.order if one.ahead]
        self.spans = [span for *_, span in sorted(spans, key=lambda one: (one[0], one[1], not one[2].ahead))]

    def get(self, name: str) -> Collection | None:
        return self._by_name.get(name)
