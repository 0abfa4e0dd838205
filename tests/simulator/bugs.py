"""Seeded bugs: each takes one rule out. The simulator must find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from pileus.cloud.kernel.journal import pages, rows, rules, texts
from pileus.cloud.kernel.journal.store import JournalStore
from pileus.core.errors import Conflict

from .host import Patch

Applied = tuple[bytes, str]

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
        "ledger.ts", "} else if (outcome.seq <= told) {", "} else if (outcome.seq > 0) {"
    ),
    "an acknowledged mutation goes in the middle of a tail": Patch(
        "exchange.ts", "if (page.more) return;", "if (page.more) return pass(tx, page.next);"
    ),
    "the base is raised without looking": Patch(
        "ledger.ts", "return same && now.deleted === entry.seenDeleted", "return same || now.seq > 0"
    ),
    "joined edits keep the last text only": Patch(
        "ledger.ts", "texts: merge(last.texts, texts)", "texts: { ...last.texts, ...texts }"
    ),
    "joined edits keep the last fields only": Patch("ledger.ts", "{ ...last.fields, ...fields }", "fields"),
    "a snapshot empties the ledger": Patch(
        "exchange.ts",
        "await tx.put('meta', 'sweep', true);",
        "for (const entry of await tx.list('ledger')) await tx.delete('ledger', entry.key);"
        "await tx.put('meta', 'sweep', true);",
    ),
    "a snapshot keeps what is gone": Patch(
        "exchange.ts",
        "if (replica.generation === generation) continue;",
        "if (replica.generation >= 0) continue;",
    ),
    "what an update builds on is not kept": Patch(
        "exchange.ts", "await inherit(tx, mine, base?.texts ?? {}, replica.texts);", ""
    ),
    "an entry leaves no ground to the next": Patch(
        "ground.ts", "await inherit(tx, heirs, texts, await grounds(tx, entry, heirs));", ""
    ),
    "what an editor shows is no ground": Patch("index.ts", "const ground = known;", "const ground = {};"),
    "an incomplete text is given up": Patch("exchange.ts", "outcome.code === INCOMPLETE &&", "false &&"),
    "a refusal for want of room ends the push": Patch(
        "exchange.ts",
        "if (code && PASSING.has(code)) held.set(entry.key, new ProblemError(503, code, detail ?? ''));",
        "if (code && PASSING.has(code)) throw new ProblemError(503, code, detail ?? '');",
    ),
    "what follows a refusal on its record overtakes it": Patch(
        "ledger.ts", "if (busy.has(record)) continue;", "if (busy.has(record) || held.has(entry.key)) continue;"
    ),
    "what was sent counts as safe": Patch(
        "index.ts", "=> entry.state !== 'acknowledged'", "=> entry.state === 'waiting'"
    ),
    "tombstones are not applied": Patch("exchange.ts", "deleted: change.deleted,", "deleted: false,"),
    "the last of a tail's page is not applied": Patch(
        "exchange.ts",
        "page.changes.map((change)",
        "page.changes.slice(0, 2).map((change)",
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
def _text_is(applied: Callable[[bytes, bytes, Callable[..., Applied]], Applied]) -> Iterator[None]:
    real = texts.applied
    with patch.object(texts, "applied", lambda state, update: applied(state, update, real)):
        yield


def _appended(state: bytes, update: bytes, real: Callable[..., Applied]) -> Applied:
    before = texts._plain(texts._document(state or texts.EMPTY))
    arrived = texts._plain(texts._document(update))
    return texts.replaced(state, before + arrived) if arrived else real(state, update)


def _insertions_only(state: bytes, update: bytes, real: Callable[..., Applied]) -> Applied:
    return real(state, update if update[0] else texts.EMPTY)


def _lacking(state: bytes, update: bytes, real: Callable[..., Applied]) -> Applied:
    import pycrdt

    try:
        return real(state, update)
    except Conflict:
        merged = pycrdt.merge_updates(state or texts.EMPTY, update)
        return merged, texts._plain(texts._document(merged))


@contextmanager
def _tail_ends_at_head() -> Iterator[None]:
    real = pages.changes

    def changes(conn: Any, account: str, *rest: Any) -> pages.ChangesPage:
        return replace(real(conn, account, *rest), next=rows.head(conn, account), more=False)

    with patch.object(pages, "changes", changes):
        yield


@contextmanager
def _old_lives_come_back() -> Iterator[None]:
    real = rules._revive

    def revive(state: rules.State, device: str, _base: int | None, put: rules.Fields) -> rules.Decision:
        return real(replace(state, writers={}), device, -1, put)

    with patch.object(rules, "_revive", revive):
        yield


def _kept_when_emptied(fields: rules.Fields, put: rules.Fields) -> dict[str, Any]:
    return {**fields, **{name: value for name, value in put.items() if value is not None}}


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
    "a text is appended, not merged": lambda: _text_is(_appended),
    "a cut is not kept": lambda: _text_is(_insertions_only),
    "a text that lacks what it builds on is taken": lambda: _text_is(_lacking),
    "a field that was emptied stays": _always(rules, "_overlaid", _kept_when_emptied),
    "a new life brings the old one back": _old_lives_come_back,
    "a tail ends at the head whatever it held": _tail_ends_at_head,
    "a copy is not kept": lambda: _merged_as("copy"),
    "an entry changes after it was made": lambda: _merged_as("append"),
    "a cursor that is gone is taken": _every_cursor_is_kept,
}
