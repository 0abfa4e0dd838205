"""What merges set aside: kept, counted, read, forgotten; everything runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from pileus.cloud.kernel import quota
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.journal import rows
from pileus.cloud.kernel.journal.rules import Lost

_history = tables.history
_KEEP = insert(_history)


@dataclass(frozen=True)
class Kept:
    """A value that a change replaced or came too late for. A text is the base64 of its Yjs state.

    `number` orders an account's history. `seq` is the value's own number, `replaced_seq` that of the change.
    """

    number: int
    collection: str
    record: str
    field: str
    value: Any
    seq: int
    replaced_seq: int
    device: str
    replaced_ms: int


@dataclass(frozen=True)
class HistoryPage:
    values: list[Kept]
    next: int | None


def keep(
    conn: Connection, account_id: str, collection: str, record_id: str, lost: Lost, seq: int, now_ms: int
) -> int:
    """Keeps a value; the bytes that it counts for in the account's quota."""
    value = msgspec.json.encode(lost.value)
    size = len(value) + len(lost.field.encode())
    values = {
        "account_id": account_id,
        "collection": collection,
        "record_id": record_id,
        "field": lost.field,
        "value": value.decode(),
        "size": size,
        "seq": lost.seq,
        "replaced_seq": seq,
        "device_id": lost.device,
        "replaced_ms": now_ms,
    }
    conn.execute(_KEEP, values)
    return size


def page(
    conn: Connection,
    account_id: str,
    collection: str | None,
    record_id: str | None,
    before: int,
    limit: int,
    room: int,
    only: Collection[str] | None = None,
) -> HistoryPage:
    """The newest first, of one collection or record where named; at most `limit` values and some `room` bytes.

    Of the collections `only`, where given.
    """
    query = select(_history).where(_history.c.account_id == account_id, _history.c.number < before)
    if collection is not None:
        query = query.where(_history.c.collection == collection)
    if only is not None:
        query = query.where(_history.c.collection.in_(only))
    if record_id is not None:
        query = query.where(_history.c.record_id == record_id)
    values: list[Kept] = []
    used = 0
    for row in conn.execute(query.order_by(_history.c.number.desc()).limit(limit + 1)):
        if len(values) == limit or (values and used + row.size > room):
            return HistoryPage(values, values[-1].number)
        used += row.size
        value = msgspec.json.decode(row.value)
        told = (row.number, row.collection, row.record_id, row.field, value)
        values.append(Kept(*told, row.seq, row.replaced_seq, row.device_id, row.replaced_ms))
    return HistoryPage(values, None)


def forget(conn: Connection, account_id: str, before_ms: int) -> None:
    """Forgets values that were replaced before."""
    old = (_history.c.account_id == account_id, _history.c.replaced_ms < before_ms)
    freed = conn.execute(select(func.coalesce(func.sum(_history.c.size), 0)).where(*old)).scalar_one()
    conn.execute(delete(_history).where(*old))
    quota.count(conn, account_id, rows.AREA, -int(freed))
