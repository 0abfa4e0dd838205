"""The journal's rows: reading and writing single records, texts and the account's head."""

from __future__ import annotations

import base64 as _base64
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.db.dialect import upsert
from pileus.cloud.kernel.journal.rules import Mark, State
from pileus.cloud.kernel.service import Record
from pileus.core.errors import NotFound

AREA = "journal"
"""Where records count in the account's quota."""

_record = tables.record
_text = tables.text


def head(conn: Connection, account_id: str) -> int:
    """The account's last number; raises `NotFound`."""
    return bounds(conn, account_id)[1]


def bounds(conn: Connection, account_id: str) -> tuple[int, int]:
    """(floor, head): cursors below the floor are gone."""
    table = tables.account
    row = conn.execute(select(table.c.floor, table.c.head).where(table.c.id == account_id)).first()
    if row is None:
        raise NotFound("no-account", "This account does not exist.")
    return row.floor, row.head


def state(conn: Connection, account_id: str, collection: str, record_id: str) -> State | None:
    """A record with all that merging needs."""
    row = conn.execute(select(_record).where(*_key(_record, account_id, collection, record_id))).first()
    if row is None:
        return None
    marks = msgspec.json.decode(row.marks, type=dict[str, tuple[int, str]])
    return State(
        row.seq,
        row.deleted,
        msgspec.json.decode(row.fields),
        {name: Mark(*mark) for name, mark in marks.items()},
        msgspec.json.decode(row.writers, type=dict[str, int]),
        row.size,
    )


def live(conn: Connection, account_id: str, collection: str, record_id: str) -> Record | None:
    query = select(_record).where(*_key(_record, account_id, collection, record_id), ~_record.c.deleted)
    found = with_texts(conn, account_id, conn.execute(query).all())
    return found[0] if found else None


def live_named(
    conn: Connection, account_id: str, collection: str, ids: Sequence[str], *, texts: bool
) -> dict[str, Record]:
    """Live records of these ids; `texts` False where the collection has none."""
    found: dict[str, Record] = {}
    for start in range(0, len(ids), 500):
        query = select(_record).where(
            _record.c.account_id == account_id,
            _record.c.collection == collection,
            _record.c.id.in_(ids[start : start + 500]),
            ~_record.c.deleted,
        )
        part = conn.execute(query).all()
        for one in with_texts(conn, account_id, part) if texts else map(_without_texts, part):
            found[one.id] = one
    return found


def count_live(conn: Connection, account_id: str, collection: str) -> int:
    query = select(func.count()).where(
        _record.c.account_id == account_id, _record.c.collection == collection, ~_record.c.deleted
    )
    return int(conn.execute(query).scalar_one())


def last_of(conn: Connection, account_id: str, collection: str) -> int:
    """The highest number among a collection's records, tombstones included; 0 where there is none."""
    mine = (_record.c.account_id == account_id, _record.c.collection == collection)
    found: int | None = conn.execute(select(func.max(_record.c.seq)).where(*mine)).scalar_one()
    return found or 0


def live_by_id(
    conn: Connection, account_id: str, collection: str, after: str | None, limit: int | None
) -> list[Record]:
    query = select(_record).where(
        _record.c.account_id == account_id, _record.c.collection == collection, ~_record.c.deleted
    )
    if after is not None:
        query = query.where(_record.c.id > after)
    query = query.order_by(_record.c.id)
    if limit is not None:
        query = query.limit(limit)
    return with_texts(conn, account_id, conn.execute(query).all())


def with_texts(conn: Connection, account_id: str, found: Sequence[Row[Any]]) -> list[Record]:
    """Rows of `journal_record` as records, with their texts."""
    blobs: dict[tuple[str, str], dict[str, bytes]] = {}
    wanted: dict[str, list[str]] = {}
    for row in found:
        if not row.deleted:
            wanted.setdefault(row.collection, []).append(row.id)
    for collection, ids in wanted.items():
        for start in range(0, len(ids), 500):
            query = select(_text).where(
                _text.c.account_id == account_id,
                _text.c.collection == collection,
                _text.c.record_id.in_(ids[start : start + 500]),
            )
            for text in conn.execute(query):
                blobs.setdefault((collection, text.record_id), {})[text.field] = text.state
    return [_record_of(row, blobs.get((row.collection, row.id), {})) for row in found]


def ids_in_use(conn: Connection, account_id: str, collection: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of the ids a record has, or a tombstone."""
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        query = select(_record.c.id).where(
            _record.c.account_id == account_id,
            _record.c.collection == collection,
            _record.c.id.in_(ids[start : start + 500]),
        )
        found.update(conn.execute(query).scalars())
    return frozenset(found)


def insert_new(
    conn: Connection, account_id: str, collection: str, new: Sequence[tuple[str, int, str, str, str, int, int]]
) -> None:
    """Records (id, seq, fields, marks, writers, size, time) that are not there yet."""
    if new:
        names = ("id", "seq", "fields", "marks", "writers", "size", "changed_ms")
        fixed = {"account_id": account_id, "collection": collection, "deleted": False}
        conn.execute(insert(_record), [{**fixed, **dict(zip(names, one, strict=True))} for one in new])


def set_head(conn: Connection, account_id: str, number: int) -> None:
    table = tables.account
    conn.execute(update(table).where(table.c.id == account_id).values(head=number))


def texts(conn: Connection, account_id: str, collection: str, record_id: str) -> dict[str, bytes]:
    query = select(_text.c.field, _text.c.state).where(*_text_key(account_id, collection, record_id))
    return {row.field: row.state for row in conn.execute(query)}


def text_sizes(conn: Connection, account_id: str, collection: str, record_id: str) -> dict[str, int]:
    query = select(_text.c.field, func.length(_text.c.state).label("bytes")).where(
        *_text_key(account_id, collection, record_id)
    )
    return {row.field: row.bytes for row in conn.execute(query)}


def drop_texts(conn: Connection, account_id: str, collection: str, record_id: str) -> None:
    conn.execute(delete(_text).where(*_text_key(account_id, collection, record_id)))


def save(
    conn: Connection,
    account_id: str,
    collection: str,
    record_id: str,
    values: Mapping[str, Any],
    states: Mapping[str, bytes],
) -> None:
    """Writes a record's row and the texts that changed."""
    key = {"account_id": account_id, "collection": collection}
    conn.execute(
        upsert(conn, _record)
        .values(**key, id=record_id, **values)
        .on_conflict_do_update(index_elements=["account_id", "collection", "id"], set_=values)
    )
    for name, blob in states.items():
        conn.execute(
            upsert(conn, _text)
            .values(**key, record_id=record_id, field=name, state=blob)
            .on_conflict_do_update(
                index_elements=["account_id", "collection", "record_id", "field"], set_={"state": blob}
            )
        )


def base64(blob: bytes) -> str:
    return _base64.b64encode(blob).decode()


def _record_of(row: Row[Any], texts: Mapping[str, bytes]) -> Record:
    fields = {} if row.deleted else msgspec.json.decode(row.fields)
    return Record(row.collection, row.id, row.seq, fields, texts, row.deleted)


def _without_texts(row: Row[Any]) -> Record:
    return _record_of(row, {})


def _key(table: Table, account_id: str, collection: str, record_id: str) -> tuple[Any, ...]:
    return (table.c.account_id == account_id, table.c.collection == collection, table.c.id == record_id)


def _text_key(account_id: str, collection: str, record_id: str) -> tuple[Any, ...]:
    return (
        _text.c.account_id == account_id,
        _text.c.collection == collection,
        _text.c.record_id == record_id,
    )
