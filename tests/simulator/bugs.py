"""Seeded bugs: each takes one rule out. The simulator must find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from pileus.cloud.kernel.journal import pages, rows, rules, texts
from pileus.cloud.kernel.journal.store import JournalStore

from .host import Patch

DEVICE_BUGS: dict[str, Patch] = {
    "an edit is acknowledged before the ledger has it": Patch(
        "index.ts",
        "await this.storage.transaction('readwrite', (tx) => enter(tx, wish, () => this.random.uuid()));",
        "void this.storage.transaction('readwrite', (tx) => enter(tx, wish, () => this.random.uuid()));"
        "if (wish) return this.ring();",
    ),
    "a sent mutation is still changed": Patch("ledger.ts", "last.state === 'waiting' && ", ""),
    "what was sent is not written down": Patch("ledger.ts", "await tx.put('ledger', sent.key, sent);", ""),
    "an acknowledged mutation goes before the tail came": Patch(
        "ledger.ts", "} else if (outcome.seq <= cursor) {", "} else if (outcome.seq > 0) {"
    ),
    "the base is raised without looking": Patch(
        "ledger.ts", "return same && now.deleted === entry.seenDeleted ?", "return same || now.seq > 0 ?"
    ),
    "joined edits keep the last text only": Patch(
        "ledger.ts", "before ? Y.mergeUpdates([before, update]) : update", "update"
    ),
    "joined edits keep the last fields only": Patch("ledger.ts", "{ ...last.fields, ...fields }", "fields"),
    "a snapshot empties the ledger": Patch(
        "exchange.ts",
        "await tx.put('meta', 'sweep', true);",
        "for (const entry of await entries(tx)) await tx.delete('ledger', entry.key);"
        "await tx.put('meta', 'sweep', true);",
    ),
    "a snapshot keeps what is gone": Patch(
        "exchange.ts",
        "if (replica.generation === generation) continue;",
        "if (replica.generation >= 0) continue;",
    ),
    "a lost text is not upheld": Patch(
        "exchange.ts", "if (Object.keys(texts).length === 0) return;", "if (texts) return;"
    ),
    "a snapshot takes away before its tail": Patch(
        "exchange.ts",
        "await tx.put('meta', 'sweep', true);",
        "await this.sweep(tx, generation); await pass(tx, asOf);",
    ),
    "tombstones are not applied": Patch("exchange.ts", "deleted: change.deleted,", "deleted: false,"),
    "the last of a tail's page is not applied": Patch(
        "exchange.ts",
        "for (const change of page.changes) await",
        "for (const change of page.changes.slice(0, 2)) await",
    ),
}


def _always(target: Any, name: str, function: Callable[..., Any]) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(target, name, function)


@contextmanager
def _no_tombstones() -> Iterator[None]:
    real = pages.changes

    def changes(*arguments: Any) -> pages.ChangesPage:
        page = real(*arguments)
        return replace(page, changes=[change for change in page.changes if not change.deleted])

    with patch.object(pages, "changes", changes):
        yield


@contextmanager
def _merged_as(merge: str) -> Iterator[None]:
    real = rules.decide_put

    def decide(declared: rules.Merge, *rest: Any) -> rules.Decision:
        return real("fields" if declared == merge else declared, *rest)

    with patch.object(rules, "decide_put", decide):
        yield


@contextmanager
def _last_text_wins() -> Iterator[None]:
    real = texts.applied
    with patch.object(texts, "applied", lambda _state, update: real(b"", update)):
        yield


@contextmanager
def _every_cursor_is_kept() -> Iterator[None]:
    real = rows.bounds
    with patch.object(rows, "bounds", lambda conn, account: (0, real(conn, account)[1])):
        yield


CLOUD_BUGS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "a repeated mutation is applied again": _always(JournalStore, "_once", JournalStore._tried),
    "deletions leave no tombstone": _no_tombstones,
    "a deletion wins over a change that it did not know": _always(rules, "foreign_since", lambda *_: False),
    "a replaced value leaves no trace": _always(rules, "_conflicts", lambda *_: False),
    "a put replaces the whole record": _always(rules, "_overlaid", lambda _fields, put: dict(put)),
    "the last text wins": _last_text_wins,
    "a copy is not kept": lambda: _merged_as("copy"),
    "an entry changes after it was made": lambda: _merged_as("append"),
    "a cursor that is gone is taken": _every_cursor_is_kept,
}
