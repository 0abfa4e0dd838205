"""The journal's rows: reading and writing single records, texts and the account's head."""

from __future__ import annotations

import base64 as _base64
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select, update

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.db.dialect import Upsert, insert_many, listed
from pileus.cloud.kernel.journal.rules import Mark, State
from pileus.cloud.kernel.service import Record
from pileus.core.errors import NotFound

AREA = "journal"
"""Where records count in the account's quota."""

_record = tables.record
_text = tables.text

# Made once: making a statement costs more than SQLite takes to run it.
_of_account = tables.account.c.id == bindparam("account")
_BOUNDS = select(tables.account.c.floor, tables.account.c.head).where(_of_account)
_SET_HEAD = update(tables.account).where(_of_account).values(head=bindparam("number"))
_ONE = (
    _record.c.account_id == bindparam("account"),
    _record.c.collection == bindparam("kind"),
    _record.c.id == bindparam("record"),
)
_STATE = select(_record).where(*_ONE)
_LIVE = _STATE.where(~_record.c.deleted)
_SAVE = Upsert(_record, ("account_id", "collection", "id"))
_TEXTS_OF = (
    _text.c.account_id == bindparam("account"),
    _text.c.collection == bindparam("kind"),
    _text.c.record_id == bindparam("record"),
)
_TEXTS = select(_text.c.field, _text.c.state).where(*_TEXTS_OF)
_TEXT_SIZES = select(_text.c.field, func.length(_text.c.state).label("bytes")).where(*_TEXTS_OF)
_DROP_TEXTS = delete(_text).where(*_TEXTS_OF)
_TEXTS_OF_MANY = select(_text).where(*_TEXTS_OF[:2], _text.c.record_id.in_(bindparam("records", expanding=True)))
_SAVE_TEXT = Upsert(_text, ("account_id", "collection", "record_id", "field"))


def head(conn: Connection, account_id: str) -> int:
    """The account's last number; raises `NotFound`."""
    return bounds(conn, account_id)[1]


def bounds(conn: Connection, account_id: str) -> tuple[int, int]:
    """(floor, head): cursors below the floor are gone."""
    row = conn.execute(_BOUNDS, {"account": account_id}).first()
    if row is None:
        raise NotFound("no-account", "This account does not exist.")
    return row.floor, row.head


def state(conn: Connection, account_id: str, collection: str, record_id: str) -> State | None:
    """A record with all that merging needs."""
    row = conn.execute(_STATE, _named(account_id, collection, record_id)).first()
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
    found = with_texts(conn, account_id, conn.execute(_LIVE, _named(account_id, collection, record_id)).all())
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
    conn: Connection, account_id: str, collection: str, after: str | None, limit: int | None, size: int | None
) -> list[Record]:
    query = select(_record).where(
        _record.c.account_id == account_id, _record.c.collection == collection, ~_record.c.deleted
    )
    if after is not None:
        query = query.where(_record.c.id > after)
    query = query.order_by(_record.c.id)
    if limit is not None:
        query = query.limit(_fitting(conn, query, limit, size))
    return with_texts(conn, account_id, conn.execute(query).all())


def changed(
    conn: Connection, account_id: str, collection: str, since: int, limit: int, size: int | None
) -> list[Record]:
    """Records with numbers above `since`, by rising number, deleted ones too."""
    query = (
        select(_record)
        .where(_record.c.account_id == account_id, _record.c.collection == collection, _record.c.seq > since)
        .order_by(_record.c.seq)
    )
    query = query.limit(_fitting(conn, query, limit, size))
    return with_texts(conn, account_id, conn.execute(query).all())


def _fitting(conn: Connection, query: Select[Any], limit: int, size: int | None) -> int:
    """How many of the first `limit` rows have at most `size` bytes together, at least one. Their sizes are read
    first: a driver may hold all rows of an answer before it gives the first."""
    if size is None:
        return limit
    sizes = accumulate(conn.execute(query.with_only_columns(_record.c.size).limit(limit)).scalars())
    return max(1, sum(1 for whole in sizes if whole <= size))


def with_texts(conn: Connection, account_id: str, found: Sequence[Row[Any]]) -> list[Record]:
    """Rows of `journal_record` as records, with their texts."""
    blobs: dict[tuple[str, str], dict[str, bytes]] = {}
    wanted: dict[str, list[str]] = {}
    for row in found:
        if not row.deleted:
            wanted.setdefault(row.collection, []).append(row.id)
    for collection, ids in wanted.items():
        for start in range(0, len(ids), 500):
            wish = {"account": account_id, "kind": collection, "records": ids[start : start + 500]}
            for text in conn.execute(_TEXTS_OF_MANY, wish):
                blobs.setdefault((collection, text.record_id), {})[text.field] = text.state
    return [_record_of(row, blobs.get((row.collection, row.id), {})) for row in found]


def ids_in_use(conn: Connection, account_id: str, collection: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of the ids a record has, or a tombstone."""
    query = (
        f"SELECT record.id FROM {listed(conn)} CROSS JOIN {_record.name} AS record"  # noqa: S608 - constants
        " WHERE record.account_id = ? AND record.collection = ? AND record.id = wanted.value"
    )
    wanted = msgspec.json.encode(ids).decode()
    return frozenset(conn.exec_driver_sql(query, (wanted, account_id, collection)).scalars())


def insert_new(
    conn: Connection, account_id: str, collection: str, new: Sequence[tuple[str, int, str, str, str, int, int]]
) -> None:
    """Records (id, seq, fields, marks, writers, size, time) that are not there yet."""
    names = ("id", "seq", "fields", "marks", "writers", "size", "changed_ms")
    insert_many(conn, _record.name, names, new, account_id=account_id, collection=collection, deleted=False)


def set_head(conn: Connection, account_id: str, number: int) -> None:
    conn.execute(_SET_HEAD, {"account": account_id, "number": number})


def texts(conn: Connection, account_id: str, collection: str, record_id: str) -> dict[str, bytes]:
    found = conn.execute(_TEXTS, _named(account_id, collection, record_id))
    return {row.field: row.state for row in found}


def text_sizes(conn: Connection, account_id: str, collection: str, record_id: str) -> dict[str, int]:
    found = conn.execute(_TEXT_SIZES, _named(account_id, collection, record_id))
    return {row.field: row.bytes for row in found}


def drop_texts(conn: Connection, account_id: str, collection: str, record_id: str) -> None:
    conn.execute(_DROP_TEXTS, _named(account_id, collection, record_id))


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
    _SAVE.run(conn, {**key, "id": record_id, **values})
    for name, blob in states.items():
        _SAVE_TEXT.run(conn, {**key, "record_id": record_id, "field": name, "state": blob})


def base64(blob: bytes) -> str:
    return _base64.b64encode(blob).decode()


def _record_of(row: Row[Any], texts: Mapping[str, bytes]) -> Record:
    fields = {} if row.deleted else msgspec.json.decode(row.fields)
    return Record(row.collection, row.id, row.seq, fields, texts, row.deleted)


def _without_texts(row: Row[Any]) -> Record:
    return _record_of(row, {})


def _named(account_id: str, collection: str, record_id: str) -> dict[str, str]:
    return {"account": account_id, "kind": collection, "record": record_id}
