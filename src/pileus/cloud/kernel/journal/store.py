"""Applying mutations to the account's records, inside the caller's transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, union_all

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.journal import bulk, history, rows, rules, texts
from pileus.cloud.kernel.journal.collections import Collection, Collections
from pileus.cloud.kernel.quota import QuotaStore
from pileus.cloud.kernel.room import storage_failure
from pileus.cloud.kernel.service import (
    Added,
    AppliedChange,
    Database,
    Events,
    Fields,
    Mutation,
    Outcome,
    Record,
    Restorable,
)
from pileus.core.clock import Clock
from pileus.core.errors import Forbidden, Invalid, PileusError, QuotaExceeded, TooLarge
from pileus.core.filenames import tagged
from pileus.core.ids import is_record_id, new_id

RECORD_BYTES = 1 << 20
FIELDS = 500
_WRITERS = (tables.device, tables.app_password)
_OUTCOME = select(tables.mutation.c.outcome).where(
    tables.mutation.c.account_id == bindparam("account"), tables.mutation.c.id == bindparam("mutation")
)
_REMEMBER = insert(tables.mutation)
PASSING = frozenset({"quota-exceeded", "internal", "text-incomplete"})
"""Refusals that a later try of the same mutation may escape: they are not remembered."""

log = logging.getLogger(__name__)


@dataclass
class _Ledger:
    """What one account's changes in one transaction add up to; written once, when the turn ends."""

    head: int
    used: int
    limit: int
    delta: int = 0

    def grow(self, size: int, *, bounded: bool = True) -> None:
        """Counts bytes; raises `QuotaExceeded` where a rise does not fit, unless it is not `bounded`."""
        now = self.used + self.delta
        if bounded and size > 0 and now + size > self.limit:
            detail = f"{size} more bytes do not fit: {now} of {self.limit} are used."
            raise QuotaExceeded(detail=detail, used=now, limit=self.limit)
        self.delta += size


@dataclass
class _Turn:
    """One device's (or service's) turn; a service's change inside a `project` shares the ledger."""

    conn: Connection
    account_id: str
    device_id: str
    ledger: _Ledger
    device_name: str | None = None


class JournalStore:
    """The kernel's `Journal`. All methods run inside `db.read` or `db.write`."""

    def __init__(
        self, db: Database, collections: Collections, quota: QuotaStore, events: Events, clock: Clock
    ) -> None:
        self._db = db
        self.collections = collections
        self._quota = quota
        self._events = events
        self._clock = clock

    def apply(
        self, conn: Connection, account_id: str, device_id: str, mutations: Sequence[Mutation]
    ) -> list[Outcome]:
        with self._turn(conn, account_id, device_id) as turn:
            return [self._once(turn, mutation) for mutation in mutations]

    def add(
        self, conn: Connection, account_id: str, device_id: str, collection: str, records: Mapping[str, Fields]
    ) -> Added:
        declared = self.collections.get(collection)
        if declared is None:
            raise Invalid("unknown-collection", f"No service declares {collection[:80]!r}.")
        batch = bulk.gather(conn, account_id, declared, records, RECORD_BYTES)
        if batch.records:
            with self._turn(conn, account_id, device_id) as turn:
                turn.ledger.grow(batch.size, bounded=not declared.over_quota)
                head, now = turn.ledger.head, self._clock.now_ms()
                turn.ledger.head += len(batch.records)
                bulk.insert(conn, account_id, device_id, declared, batch.records, head, now)
        return Added(len(batch.records), batch.present, batch.refused)

    def put(self, conn: Connection, account_id: str, collection: str, record_id: str, fields: Fields) -> Outcome:
        return self._own(conn, account_id, Mutation(new_id(), None, collection, record_id, "put", fields))

    def delete(self, conn: Connection, account_id: str, collection: str, record_id: str) -> Outcome:
        return self._own(conn, account_id, Mutation(new_id(), None, collection, record_id, "delete"))

    def declared(self) -> Mapping[str, Restorable | None]:
        return {one.name: _restorable(one) for one in self.collections.order}

    def record(self, conn: Connection, account_id: str, collection: str, record_id: str) -> Record | None:
        return rows.live(conn, account_id, collection, record_id)

    def used(self, conn: Connection, account_id: str, collection: str, record_id: str) -> bool:
        return record_id in rows.ids_in_use(conn, account_id, collection, (record_id,))

    def named(self, conn: Connection, account_id: str, collection: str, ids: Sequence[str]) -> dict[str, Record]:
        declared = self.collections.get(collection)
        texts = declared is None or bool(declared.texts)
        return rows.live_named(conn, account_id, collection, ids, texts=texts)

    def count(self, conn: Connection, account_id: str, collection: str) -> int:
        return rows.count_live(conn, account_id, collection)

    def last_change(self, conn: Connection, account_id: str, collection: str) -> int:
        return rows.last_of(conn, account_id, collection)

    def numbers(self, conn: Connection, account_id: str) -> tuple[int, int]:
        return rows.bounds(conn, account_id)

    def changed(
        self, conn: Connection, account_id: str, collection: str, since: int, limit: int, size: int | None = None
    ) -> list[Record]:
        return rows.changed(conn, account_id, collection, since, limit, size)

    def records(
        self,
        conn: Connection,
        account_id: str,
        collection: str,
        after: str | None = None,
        limit: int | None = None,
        size: int | None = None,
    ) -> list[Record]:
        return rows.live_by_id(conn, account_id, collection, after, limit, size)

    def _own(self, conn: Connection, account_id: str, mutation: Mutation) -> Outcome:
        """A service's change: no deduplication, since no request carries it."""
        with self._turn(conn, account_id, "") as turn:
            return self._change(turn, mutation)

    @contextmanager
    def _turn(self, conn: Connection, account_id: str, device_id: str) -> Iterator[_Turn]:
        open_ones: dict[str, _Ledger] = conn.info.setdefault("journal_ledgers", {})
        if account_id in open_ones:
            yield _Turn(conn, account_id, device_id, open_ones[account_id])
            return
        head = rows.head(conn, account_id)
        ledger = _Ledger(head, *self._quota.standing(conn, account_id))
        open_ones[account_id] = ledger
        try:
            yield _Turn(conn, account_id, device_id, ledger)
        finally:
            del open_ones[account_id]
        if ledger.delta:
            self._quota.count(conn, account_id, rows.AREA, ledger.delta)
        if ledger.head != head:
            rows.set_head(conn, account_id, ledger.head)
            self._db.after_commit(conn, lambda: self._events.ring(account_id))

    def _once(self, turn: _Turn, mutation: Mutation) -> Outcome:
        if not 1 <= len(mutation.id) <= 100:
            return _refused(mutation, turn, Invalid("malformed-id", "A mutation's id has 1 to 100 characters."))
        found = turn.conn.execute(_OUTCOME, {"account": turn.account_id, "mutation": mutation.id}).scalar()
        if found is not None:
            return msgspec.json.decode(found, type=Outcome)
        outcome = self._tried(turn, mutation)
        if outcome.code not in PASSING:
            values = {"account_id": turn.account_id, "id": mutation.id, "at_ms": self._clock.now_ms()}
            turn.conn.execute(_REMEMBER, values | {"outcome": msgspec.json.encode(outcome).decode()})
        return outcome

    def _tried(self, turn: _Turn, mutation: Mutation) -> Outcome:
        before = replace(turn.ledger)
        try:
            with turn.conn.begin_nested():
                return self._change(turn, mutation)
        except PileusError as error:
            turn.ledger.head, turn.ledger.delta = before.head, before.delta
            return _refused(mutation, turn, error)
        except Exception as error:
            if storage_failure(error) is not None:
                raise  # SQLite may have ended the whole transaction: none of the request's changes is kept
            log.exception("a service failed on a change of %s", mutation.collection)
            turn.ledger.head, turn.ledger.delta = before.head, before.delta
            failure = PileusError("internal", "The service of this collection failed; try again later.")
            return _refused(mutation, turn, failure)

    def _change(self, turn: _Turn, mutation: Mutation) -> Outcome:
        collection = self.collections.get(mutation.collection)
        if collection is None:
            raise Invalid("unknown-collection", f"No service declares {mutation.collection[:80]!r}.")
        state = rows.state(turn.conn, turn.account_id, collection.name, mutation.record)
        _check_form(collection, mutation, state)
        if mutation.op == "delete":
            decision = rules.decide_delete(state, turn.device_id, mutation.base)
        else:
            put, updates = _split(collection, mutation)
            # Also of what will not be in the record: a value that comes too late goes to the history.
            _check_size(len(msgspec.json.encode(put)))
            decision = rules.decide_put(
                collection.merge,
                collection.mutable,
                state,
                turn.device_id,
                mutation.base,
                put,
                bool(updates),
            )
        status: Literal["applied", "merged"] = "merged" if decision.merged else "applied"
        if decision.kind == "nothing":
            self._keep(turn, collection, mutation.record, decision.lost, turn.ledger.head)
            return Outcome(mutation.id, status, state.seq if state else turn.ledger.head)
        seq = self._write(turn, collection, mutation, state, decision)
        return Outcome(mutation.id, status, seq)

    def _write(
        self,
        turn: _Turn,
        collection: Collection,
        mutation: Mutation,
        state: rules.State | None,
        decision: rules.Decision,
    ) -> int:
        record_id, before = mutation.record, state
        if decision.kind == "copy":
            record_id, before = rules.copy_id(mutation.id), None
            decision = replace(decision, fields=self._copied(turn, decision.fields))
        seq = turn.ledger.head + 1
        after = rules.advance(before, decision, seq, turn.device_id)
        states = self._texts(turn, collection, mutation, record_id, decision, seq)
        if states:
            plain = {name: text for name, (_, text) in states.items()}
            after = replace(after, fields={**after.fields, **plain})
        if collection.check is not None and not after.deleted:
            collection.check(after.fields)
        blobs = {name: blob for name, (blob, _) in states.items()}
        self._store(turn, collection, record_id, after, blobs, before.size if before else 0)
        self._keep(turn, collection, record_id, decision.lost, seq)
        if collection.project is not None:
            live = before is not None and not before.deleted
            collection.project(
                turn.conn,
                AppliedChange(
                    turn.account_id,
                    turn.device_id,
                    collection.name,
                    record_id,
                    seq,
                    after.deleted,
                    dict(before.fields) if live and before is not None else None,
                    dict(after.fields),
                    self._clock.now_ms(),
                ),
            )
        return seq

    def _texts(
        self,
        turn: _Turn,
        collection: Collection,
        mutation: Mutation,
        record_id: str,
        decision: rules.Decision,
        seq: int,
    ) -> dict[str, tuple[bytes, str]]:
        """New states and strings of the texts that this change touches."""
        if not collection.texts or decision.deleted:
            return {}
        if decision.fresh:
            old = rows.texts(turn.conn, turn.account_id, collection.name, record_id)
            lost = [rules.Lost(name, rows.base64(blob), seq - 1, turn.device_id) for name, blob in old.items()]
            self._keep(turn, collection, record_id, tuple(lost), seq)
            rows.drop_texts(turn.conn, turn.account_id, collection.name, record_id)
        present = rows.texts(turn.conn, turn.account_id, collection.name, mutation.record)
        states: dict[str, tuple[bytes, str]] = {}
        for name in sorted(collection.texts):
            state = present.get(name, b"")
            if name in mutation.texts:
                states[name] = texts.applied(state, mutation.texts[name])
            elif isinstance(mutation.fields.get(name), str):
                states[name] = texts.replaced(state, mutation.fields[name])
        return states

    def _store(
        self,
        turn: _Turn,
        collection: Collection,
        record_id: str,
        after: rules.State,
        states: Mapping[str, bytes],
        old_size: int,
    ) -> None:
        fields = msgspec.json.encode(after.fields)
        kept: dict[str, int] = {}
        if collection.texts:
            kept = rows.text_sizes(turn.conn, turn.account_id, collection.name, record_id)
            kept.update({name: len(blob) for name, blob in states.items()})
        size = len(fields) + sum(kept.values())
        _check_size(size)
        # A tombstone goes on counting until it is forgotten: its fields may still be revived.
        turn.ledger.grow(size - old_size, bounded=not collection.over_quota)
        values = {
            "seq": after.seq,
            "deleted": after.deleted,
            "fields": fields.decode(),
            "marks": msgspec.json.encode({k: (m.seq, m.device) for k, m in after.marks.items()}).decode(),
            "writers": msgspec.json.encode(after.writers).decode(),
            "size": size,
            "changed_ms": self._clock.now_ms(),
        }
        rows.save(turn.conn, turn.account_id, collection.name, record_id, values, states)
        turn.ledger.head = after.seq

    def _keep(
        self, turn: _Turn, collection: Collection, record_id: str, lost: tuple[rules.Lost, ...], seq: int
    ) -> None:
        now = self._clock.now_ms()
        for one in lost:
            size = history.keep(turn.conn, turn.account_id, collection.name, record_id, one, seq, now)
            turn.ledger.grow(size, bounded=not collection.over_quota)

    def _copied(self, turn: _Turn, fields: Mapping[str, Any]) -> dict[str, Any]:
        if turn.device_name is None:
            named = (select(one.c.name).where(one.c.id == turn.device_id) for one in _WRITERS)
            turn.device_name = turn.conn.execute(union_all(*named)).scalar() or "?"
        name = fields.get("name")
        return {**fields, "name": tagged(name if isinstance(name, str) else "", turn.device_name)}


def _check_form(collection: Collection, mutation: Mutation, state: rules.State | None) -> None:
    if not is_record_id(mutation.record):
        raise Invalid("malformed-id", "A record's id has 1 to 200 letters, digits or . _ : @ + -")
    if mutation.base is None:
        return
    if collection.write == "service":
        raise Forbidden("read-only", f"Only its service changes {collection.name}.")
    if len(mutation.fields) > FIELDS or any(not 1 <= len(name) <= 200 for name in mutation.fields):
        raise Invalid("malformed-fields", f"At most {FIELDS} fields with names of 1 to 200 characters.")
    present = state.fields if state is not None else {}
    for name, value in mutation.fields.items():
        if name in collection.guarded and present.get(name) != value:
            raise Forbidden("guarded-field", f"Only its service sets {name!r} in {collection.name}.")
        if name in collection.texts:
            raise Invalid("text-field", f"{name!r} is a text: send a Yjs update of it in `texts`.")
    for name in mutation.texts:
        if name not in collection.texts:
            raise Invalid("unknown-text", f"{collection.name} has no text {name[:80]!r}.")


def _restorable(collection: Collection) -> Restorable | None:
    if collection.write != "device" or collection.guarded:
        return None
    return Restorable(collection.restored, collection.texts, collection.attachments)


def _check_size(size: int) -> None:
    if size > RECORD_BYTES:
        raise TooLarge("record-too-large", f"The record would have {size} bytes; at most {RECORD_BYTES}.")


def _split(collection: Collection, mutation: Mutation) -> tuple[dict[str, Any], set[str]]:
    """The plain fields of a put, and the names of the texts that it changes."""
    plain = {name: value for name, value in mutation.fields.items() if name not in collection.texts}
    named = {name for name in mutation.fields if name in collection.texts}
    return plain, named | set(mutation.texts)


def _refused(mutation: Mutation, turn: _Turn, error: PileusError) -> Outcome:
    code = QuotaExceeded.code if isinstance(error, QuotaExceeded) else error.code
    return Outcome(mutation.id, "refused", turn.ledger.head, code, error.detail)
