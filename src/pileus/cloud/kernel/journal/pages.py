"""Reading the journal from a cursor, or as a snapshot: newest first within each collection.

A snapshot as of N is stable without being held anywhere: its pages show records whose number is at
most N; one that changes meanwhile leaves the pages and appears in the tail from N.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select, update

from pileus.cloud.kernel import quota
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.journal import rows
from pileus.cloud.kernel.journal.collections import Collections
from pileus.cloud.kernel.service import Record
from pileus.core.errors import Gone, Invalid

PAGE_LIMIT = 1000
PAGE_BYTES = 4 << 20
_record = tables.record
# Made once: making a statement costs more than SQLite takes to run it.
_CHANGES = (
    select(_record)
    .where(_record.c.account_id == bindparam("account"), _record.c.seq > bindparam("since"))
    .order_by(_record.c.seq)
    .limit(bindparam("limit"))
)
_CHANGES_ONLY = _CHANGES.where(_record.c.collection.in_(bindparam("only", expanding=True)))
_SPAN = (
    select(_record)
    .where(
        _record.c.account_id == bindparam("account"),
        _record.c.collection == bindparam("kind"),
        _record.c.seq < bindparam("below"),
        ~_record.c.deleted,
    )
    .order_by(_record.c.seq.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True)
class SnapshotPage:
    as_of: int
    records: list[Record]
    next: str | None


@dataclass(frozen=True)
class ChangesPage:
    changes: list[Record]
    next: int
    more: bool


class _Token(msgspec.Struct, array_like=True):
    """Where the next page begins: in a span, below a number; `left` records of a span that goes ahead are still to
    come, and `ends` has where each such span ended: the rest of its collection is below that."""

    as_of: int
    span: int
    below: int
    known: str
    left: int
    ends: dict[str, int]


def snapshot(
    conn: Connection, account_id: str, collections: Collections, page: str | None, limit: int
) -> SnapshotPage:
    """One page; raises `Gone` where the token's time is no longer kept, `Invalid` for a strange token."""
    floor, head = rows.bounds(conn, account_id)
    spans = collections.spans
    known = str(len(spans))
    token = _Token(head, 0, head + 1, known, spans[0].ahead if spans else 0, {}) if page is None else _decode(page)
    if token.as_of < floor or token.as_of > head or token.known != known:
        raise Gone("cursor-gone", "This snapshot is no longer kept: begin a new one.")
    found: list[Record] = []
    taken = 0
    ends = dict(token.ends)
    for index, span in enumerate(spans[token.span :], token.span):
        resumed = index == token.span
        below = token.below if resumed else ends.get(span.collection, token.as_of + 1)
        left = token.left if resumed else span.ahead
        room = limit - len(found)
        wish = {"account": account_id, "kind": span.collection, "below": below}
        most = min(room, left) if span.ahead else room
        part, used, cut = _take(conn, _SPAN, wish, most, PAGE_BYTES - taken)
        found += part
        taken += used
        last = part[-1].seq if part else below
        if span.ahead:
            left -= len(part)
            if not cut or left == 0:
                ends[span.collection] = last if cut else 0
                continue
        if cut:
            return SnapshotPage(token.as_of, found, _encode(_Token(token.as_of, index, last, known, left, ends)))
    return SnapshotPage(token.as_of, found, None)


def changes(
    conn: Connection, account_id: str, since: int, limit: int, only: Collection[str] | None = None
) -> ChangesPage:
    """What changed after `since`, each record once; raises `Gone` for a cursor out of range.

    Of the collections `only`, where given.
    """
    floor, head = rows.bounds(conn, account_id)
    if not floor <= since <= head:
        raise Gone("cursor-gone", "This cursor is not kept: read a snapshot.", floor=floor, head=head)
    query, wish = _CHANGES, {"account": account_id, "since": since}
    if only is not None:
        query, wish = _CHANGES_ONLY, {**wish, "only": list(only)}
    found, _, cut = _take(conn, query, wish, limit, PAGE_BYTES)
    return ChangesPage(found, found[-1].seq if cut else head, cut)


def prune(conn: Connection, account_id: str, before_ms: int) -> int:
    """Forgets tombstones and mutation ids older than `before_ms`; returns the new floor."""
    old = (_record.c.account_id == account_id, _record.c.deleted, _record.c.changed_ms < before_ms)
    last = conn.execute(select(func.max(_record.c.seq)).where(*old)).scalar()
    spent = tables.mutation
    conn.execute(delete(spent).where(spent.c.account_id == account_id, spent.c.at_ms < before_ms))
    floor, _ = rows.bounds(conn, account_id)
    if last is None:
        return floor
    freed = 0
    for row in conn.execute(select(_record.c.collection, _record.c.id, _record.c.size).where(*old)).all():
        rows.drop_texts(conn, account_id, row.collection, row.id)
        freed += row.size
    quota.count(conn, account_id, rows.AREA, -freed)
    conn.execute(delete(_record).where(*old))
    account = tables.account
    conn.execute(update(account).where(account.c.id == account_id).values(floor=max(floor, last)))
    return max(floor, int(last))


def _take(
    conn: Connection, query: Select[tuple[object, ...]], wish: Mapping[str, Any], limit: int, room: int
) -> tuple[list[Record], int, bool]:
    """Records within both bounds (at least one, where `limit` lets it), their bytes, and whether more wait."""
    kept: list[Row[tuple[object, ...]]] = []
    used = 0
    cut = False
    for row in conn.execute(query, {**wish, "limit": limit + 1}):
        if len(kept) == limit or (kept and used + row.size > room):
            cut = True
            break
        if room <= 0:
            cut = True
            break
        kept.append(row)
        used += row.size
    return rows.with_texts(conn, wish["account"], kept), used, cut


def _encode(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def _decode(page: str) -> _Token:
    try:
        raw = base64.b64decode(page + "=" * (-len(page) % 4), altchars=b"-_", validate=True)
        token = msgspec.json.decode(raw, type=_Token)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise Invalid("malformed-page", "The page token is not one of this server's.") from None
    if min(token.span, token.below, token.left, *token.ends.values()) < 0:
        raise Invalid("malformed-page", "The page token is not one of this server's.")
    return token
