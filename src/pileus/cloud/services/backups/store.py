"""Snapshots in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Journal, Record, drop_moment, let_go, take_back
from pileus.cloud.services.backups.phone.rules import RESTORE
from pileus.core.errors import Conflict, Gone
from pileus.sdk.backup.wire import Facts, Snapshot

COLLECTION = "backups.snapshot"
LAST = ("backups.phone", "state")
"""The record that tells of the phone's last backup."""
AREA = "backups"
IN_USE = "backup-in-use"


def project(conn: Connection, change: AppliedChange) -> None:
    """Which object each live snapshot names; one that is gone refuses the record."""
    key = {"account": change.account_id, "id": change.record, "object": change.fields["object"]}
    if change.deleted:
        conn.execute(text("DELETE FROM backups_snapshot WHERE account_id = :account AND id = :id"), key)
        drop_moment(conn, change.account_id, change.record, change.at_ms)
        return
    if not take_back(conn, change.account_id, AREA, change.fields["object"]):
        raise Gone("content-gone", "What this snapshot held is kept no more.")
    conn.execute(
        text(
            "INSERT INTO backups_snapshot (account_id, id, object_id) VALUES (:account, :id, :object)"
            " ON CONFLICT (account_id, id) DO UPDATE SET object_id = excluded.object_id"
        ),
        key,
    )


def add(
    conn: Connection, journal: Journal, account_id: str, snapshot: str, facts: Facts, object_id: str
) -> Record:
    """The snapshot's record; one that is there already stays as it is."""
    there = journal.record(conn, account_id, COLLECTION, snapshot)
    if there is not None:
        return there
    fields = {**msgspec.to_builtins(facts), "object": object_id}
    journal.put(conn, account_id, COLLECTION, snapshot, fields)
    made = journal.record(conn, account_id, COLLECTION, snapshot)
    assert made is not None  # noqa: S101 - it was put in this transaction
    return made


def object_of(conn: Connection, journal: Journal, account_id: str, snapshot: str) -> str:
    """Raises `Conflict` where the snapshot was forgotten meanwhile."""
    record = journal.record(conn, account_id, COLLECTION, snapshot)
    if record is None:
        raise Conflict("snapshot-gone", "The snapshot that this one is like was forgotten meanwhile.")
    return str(record.fields["object"])


def listed(conn: Connection, journal: Journal, account_id: str) -> list[Record]:
    """By rising time."""
    found = journal.records(conn, account_id, COLLECTION)
    return sorted(found, key=lambda record: (record.fields["time_ms"], record.id))


def forget(conn: Connection, journal: Journal, account_id: str, ids: Sequence[str], now_ms: int) -> int:
    """How many there were. Objects that no snapshot names any more are deleted with the last that did.

    Raises `Conflict` where a restore of one of them has not ended.
    """
    there = journal.named(conn, account_id, COLLECTION, ids)
    if there.keys() & _restored(conn, account_id):
        raise Conflict(IN_USE, "Something is being restored from this backup: wait for its end, or cancel it.")
    for snapshot, record in there.items():
        journal.delete(conn, account_id, COLLECTION, snapshot)
        if not _named(conn, account_id, record.fields["object"]):
            let_go(conn, account_id, AREA, record.fields["object"], now_ms)
    _tell_last(conn, journal, account_id, [told(record) for record in there.values()])
    return len(there)


def _restored(conn: Connection, account_id: str) -> set[str]:
    """Snapshots of which a restore has not ended: one that a kill cut off goes on at the next start."""
    query = text(
        "SELECT payload FROM job WHERE account_id = :account AND name = :name AND state IN ('waiting', 'running')"
    )
    payloads = conn.execute(query, {"account": account_id, "name": RESTORE}).scalars()
    return {str(msgspec.json.decode(one)["snapshot"]) for one in payloads}


def told(record: Record) -> Snapshot:
    fields = {name: value for name, value in record.fields.items() if name != "object"}
    return msgspec.convert({"id": record.id, **fields}, Snapshot)


def _tell_last(conn: Connection, journal: Journal, account_id: str, gone: Sequence[Snapshot]) -> None:
    """When the phone was last backed up is told of backups that are there: the next one is due by that."""
    state = journal.record(conn, account_id, *LAST)
    last = state.fields.get("last_ms") if state else None
    if last is None or not any(one.time_ms == last for one in gone if one.of_phone):
        return
    rest = [one for one in map(told, listed(conn, journal, account_id)) if one.of_phone]
    if not rest:
        journal.put(conn, account_id, *LAST, {"last_ms": None, "records": None, "bytes": None})
    elif rest[-1].time_ms != last:
        last_of = {"last_ms": rest[-1].time_ms, "records": None, "bytes": rest[-1].bytes}
        journal.put(conn, account_id, *LAST, last_of)


def _named(conn: Connection, account_id: str, object_id: str) -> bool:
    query = text("SELECT 1 FROM backups_snapshot WHERE account_id = :account AND object_id = :object LIMIT 1")
    return conn.execute(query, {"account": account_id, "object": object_id}).first() is not None
