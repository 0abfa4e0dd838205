"""Messages in the journal, and the index of their words and copies. Runs inside `db.read` or `db.write`."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, text

from pileus.cloud.kernel.db.dialect import TextIndex, insert_many, listed
from pileus.cloud.kernel.service import AppliedChange, Fields, Journal, Mutation
from pileus.cloud.services.messages import parts
from pileus.cloud.services.messages.rules import Twin, call_id, draft_id, id_of, key_of, twin_of
from pileus.core.errors import PileusError, QuotaExceeded
from pileus.core.ids import new_id
from pileus.core.words import tokens

COLLECTION = "messages.message"
CALLS = "messages.call"
DRAFTS = "messages.draft"
SEARCH = TextIndex("messages_search", ("scope", "words"))

# A row's number is its message's time and what makes it unique, so that FTS5 gives the newest first by itself.
TIE_BITS = 21
OTHERS = 8
"""Hits of all accounts, for each one wanted, that a search looks at before it asks for its account's alone."""
KEYS = "messages_keys"
"""In a connection's `info`: the keys of messages under way, which `keep` knows."""
AT_ONCE = 500
"""Messages that are indexed in the transaction that brings them."""
WAITING_MOST = 1000
LATEST_ROW_MS = (1 << 63 - TIE_BITS) - (1 << 20)
"""The year 2109; what is later sorts as if it were then."""


GONE_MS = 180 * 24 * 3600_000
"""For so long copies of a deleted message are known: as long as the journal keeps its tombstone."""


@dataclass
class Kept:
    """What became of a batch; `deleted` counts what was deleted here and stays so, `refused` is by place."""

    new: int = 0
    repeated: int = 0
    deleted: int = 0
    refused: dict[int, PileusError] = field(default_factory=dict)


def project(conn: Connection, change: AppliedChange) -> None:
    """Keeps the index true in the transaction of the change itself."""
    before, after = parts.named(change.before or {}), set() if change.deleted else parts.named(change.fields)
    if before or after:
        parts.REFERENCES.follow(conn, change.account_id, change.record, before, after)
    row = _row(conn, change.account_id, key_of(change.before or change.fields), change.record)
    if change.deleted:
        _withdraw(conn, change.account_id, change.record)
        if row is not None:
            conn.execute(text("DELETE FROM messages_search WHERE rowid = :row"), {"row": row})
            conn.execute(text("DELETE FROM messages_stale WHERE row = :row"), {"row": row})
            gone = text("UPDATE messages_entry SET gone_ms = :at WHERE row = :row")
            conn.execute(gone, {"row": row, "at": change.at_ms})
    elif row is None:
        _enter(conn, change.account_id, [(change.record, change.fields)])
    elif change.before is None:  # it was deleted, and is here again
        conn.execute(text("UPDATE messages_entry SET gone_ms = NULL WHERE row = :row"), {"row": row})
        _index(conn, change.account_id, {row: change.fields})
    elif (words := _words(change.fields)) != _words(change.before or {}):
        update = text("UPDATE messages_search SET words = :words WHERE rowid = :row")
        conn.execute(update, {"row": row, "words": words})


def project_many(conn: Connection, account_id: str, records: Sequence[tuple[str, Fields]]) -> None:
    """The same for new messages that came together."""
    for record, fields in records:
        if "parts" in fields:
            parts.REFERENCES.follow(conn, account_id, record, set(), parts.named(fields))
    _enter(conn, account_id, records)


def search(
    conn: Connection,
    account_id: str,
    expression: str,
    limit: int,
    *,
    thread: str | None = None,
    before_ms: int | None = None,
    since_ms: int | None = None,
) -> list[str]:
    """Ids of the account's messages that match, newest first: of a conversation, a span of time, where given.

    All of it is asked of the full-text table, by a row's number and two tokens in `scope`. SQLite stops at the
    last one wanted, but walks through the account's rows beside the words' to find it. So there the newest hits
    of all accounts are looked at first; only where many of them are others' the account is asked for too.
    """
    wanted: dict[tuple[str, ...], str] = {}
    if thread is not None:
        wanted[("scope",)] = f'"{person_scope(thread)}"'
    if expression:
        wanted[("words",)] = expression
    first = 0 if since_ms is None else min(since_ms, LATEST_ROW_MS) << TIE_BITS
    end = (1 << 63) - 1 if before_ms is None else (min(before_ms, LATEST_ROW_MS) << TIE_BITS) - 1
    found: list[str] = []
    if wanted and SEARCH.comes_in_order(conn):
        looked = 0
        with closing(_hits(conn, wanted, first, end, limit * OTHERS)) as hits:
            for row, owner, record in hits:
                looked, end = looked + 1, row - 1
                if owner == account_id:
                    found.append(str(record))
                    if len(found) == limit:
                        return found
        if looked < limit * OTHERS:
            return found
    mine = f'"{account_scope(account_id)}"'
    scope = " AND ".join([mine, *([wanted[("scope",)]] if thread is not None else [])])
    with closing(_hits(conn, {**wanted, ("scope",): scope}, first, end, limit - len(found))) as hits:
        return found + [str(record) for _, owner, record in hits if owner == account_id]


def _hits(
    conn: Connection, wanted: Mapping[tuple[str, ...], str], first: int, end: int, limit: int
) -> Generator[tuple[int, str | None, str | None], None, None]:
    """Row, account and record of what matches, newest first; the latter None where no entry is left. Close it."""
    condition, value = SEARCH.matching(conn, wanted)
    rows = conn.execute(
        text(
            "SELECT hit.rowid, entry.account_id, entry.record FROM messages_search AS hit"  # noqa: S608 - constant
            " LEFT JOIN messages_entry AS entry ON entry.row = hit.rowid"
            f" WHERE {condition} AND hit.rowid BETWEEN :first AND :end ORDER BY hit.rowid DESC LIMIT :limit"
        ),
        {"expression": value, "first": first, "end": end, "limit": limit},
    )
    with rows:
        for hit in rows:
            yield hit.rowid, hit.account_id, hit.record


def keep(
    conn: Connection,
    journal: Journal,
    account_id: str,
    device_id: str,
    messages: Sequence[tuple[str, Fields]],
    *,
    revive: bool = False,
) -> Kept:
    """Puts messages (key, fields) into the journal, each once, whatever copies came before or are among them.

    What was deleted here stays so, unless `revive`.
    """
    kept = Kept()
    twins = _twins(conn, account_id, {key for key, _ in messages})
    claims: list[tuple[str, Twin]] = []
    new: dict[str, Fields] = {}
    keys: dict[str, str] = {}
    places: dict[str, int] = {}
    back: dict[str, Fields] = {}
    for place, (key, fields) in enumerate(messages):
        date = fields["date_ms"]
        known = twins.setdefault(key, [])
        twin = twin_of(known, date)
        if twin is not None:
            if not twin.gone:
                kept.repeated += 1
            elif revive:
                back[twin.record], places[twin.record], twin.gone = fields, place, False
            else:
                kept.deleted += 1
            if twin.claimed_ms == date:
                claims.append((key, twin))
            continue
        record = id_of(key, date)
        known.append(Twin(record, date))
        new[record], keys[record], places[record] = fields, key, place
    conn.info[KEYS] = keys
    try:
        refused, away = _add(conn, journal, account_id, device_id, COLLECTION, new, back, revive)
    finally:
        del conn.info[KEYS]
    _claim(conn, account_id, claims)
    kept.refused = {places[record]: error for record, error in refused.items()}
    kept.new = len(new) + len(back) - len(refused) - away
    kept.deleted += away
    return kept


def keep_calls(
    conn: Connection,
    journal: Journal,
    account_id: str,
    device_id: str,
    calls: Sequence[Fields],
    *,
    revive: bool = False,
) -> Kept:
    """The same for calls, whose ids are their keys."""
    kept = Kept()
    new: dict[str, Fields] = {}
    places: dict[str, int] = {}
    for place, fields in enumerate(calls):
        record = call_id(fields)
        if record in new or journal.record(conn, account_id, CALLS, record) is not None:
            kept.repeated += 1
        else:
            new[record], places[record] = fields, place
    refused, kept.deleted = _add(conn, journal, account_id, device_id, CALLS, new, {}, revive)
    kept.refused = {places[record]: error for record, error in refused.items()}
    kept.new = len(new) - len(refused) - kept.deleted
    return kept


def keep_draft(
    conn: Connection, journal: Journal, account_id: str, device_id: str, fields: Fields, *, revive: bool = False
) -> Kept:
    """Keeps a draft unless its conversation has one that is as new, or had one that was sent or deleted.

    Raises where it is refused.
    """
    record = draft_id(fields["thread"])
    present = journal.record(conn, account_id, DRAFTS, record)
    if present is None:
        refused, away = _add(conn, journal, account_id, device_id, DRAFTS, {record: fields}, {}, revive)
        for error in refused.values():
            raise error
        return Kept(new=1 - away, deleted=away)
    if present.fields.get("changed_ms", 0) >= fields["changed_ms"]:
        return Kept(repeated=1)
    journal.put(conn, account_id, DRAFTS, record, fields)
    return Kept(new=1)


def forget(conn: Connection, now_ms: int) -> int:
    """Forgets some messages that were deleted long ago; how many, 0 when none is left."""
    some = "SELECT row FROM messages_entry WHERE gone_ms < :before LIMIT :some"
    forgotten = text(f"DELETE FROM messages_entry WHERE row IN ({some})")  # noqa: S608 - constant
    return conn.execute(forgotten, {"before": now_ms - GONE_MS, "some": AT_ONCE}).rowcount


def _add(
    conn: Connection,
    journal: Journal,
    account_id: str,
    device_id: str,
    collection: str,
    new: Mapping[str, Fields],
    back: Mapping[str, Fields],
    revive: bool,
) -> tuple[dict[str, PileusError], int]:
    """New records in bulk, and those of `back`, which were deleted. Why some were refused, by id; and how many
    of the new ones turned out to be deleted, and stay so unless `revive`."""
    added = journal.add(conn, account_id, device_id, collection, new)
    returned = {**back, **({one: new[one] for one in added.present} if revive else {})}
    wishes = [Mutation(new_id(), None, collection, one, "put", returned[one]) for one in sorted(returned)]
    refused = {**added.refused, **_revive(conn, journal, account_id, device_id, wishes)}
    return refused, 0 if revive else len(added.present)


def _withdraw(conn: Connection, account_id: str, record: str) -> None:
    """A message that waits to be sent is deleted: it does not leave, not even when it is brought back."""
    conn.execute(
        text(
            "UPDATE messages_sending SET phase = 'cancelled', device = '', token = '', until_ms = 0"
            " WHERE account_id = :account AND record = :record AND phase IN ('queued', 'leased')"
        ),
        {"account": account_id, "record": record},
    )


def take_old(conn: Connection, journal: Journal, limit: int) -> int:
    """Takes in messages from before there were keys; how many, 0 when all are done."""
    found = conn.execute(text("SELECT account_id, record FROM messages_old LIMIT :limit"), {"limit": limit}).all()
    by_account: dict[str, list[str]] = {}
    for account_id, record in found:
        by_account.setdefault(account_id, []).append(record)
    for account_id, ids in by_account.items():
        records = journal.named(conn, account_id, COLLECTION, ids).items()
        _enter(conn, account_id, [(record, one.fields) for record, one in records])
    if found:
        done = "DELETE FROM messages_old WHERE account_id = ? AND record = ?"
        conn.exec_driver_sql(done, [tuple(one) for one in found])
    return len(found)


def index_stale(conn: Connection, journal: Journal, limit: int) -> int:
    """Takes words of the newest messages that wait into the index; how many, 0 when none waits."""
    found = conn.exec_driver_sql(
        "SELECT entry.row, entry.account_id, entry.record FROM"
        " (SELECT row FROM messages_stale ORDER BY row DESC LIMIT ?) AS stale"
        " LEFT JOIN messages_entry AS entry ON entry.row = stale.row",
        (limit,),
    ).all()
    by_account: dict[str, dict[str, int]] = {}
    for row, account_id, record in found:
        if account_id is not None:
            by_account.setdefault(account_id, {})[record] = row
    for account_id, rows in by_account.items():
        records = journal.named(conn, account_id, COLLECTION, list(rows))
        _index(conn, account_id, {rows[record]: one.fields for record, one in records.items()})
    if found:
        conn.exec_driver_sql("DELETE FROM messages_stale WHERE row = ?", [(row,) for row, _, _ in found])
    return len(found)


def waiting(conn: Connection, account_id: str) -> int:
    """How many messages of an account are not indexed yet, at most `WAITING_MOST`: each search asks."""
    count = conn.execute(
        text(
            "SELECT count(*) FROM (SELECT 1 FROM messages_stale AS stale JOIN messages_entry AS entry"
            " ON entry.row = stale.row WHERE entry.account_id = :account LIMIT :most) AS few"
        ),
        {"account": account_id, "most": WAITING_MOST},
    )
    return int(count.scalar_one())


def _enter(conn: Connection, account_id: str, records: Sequence[tuple[str, Fields]]) -> None:
    """Gives messages their rows; few get into the index at once, many wait for `index_stale`."""
    rows: dict[int, tuple[str, Fields]] = {}
    wanted = [(_first_row(record, fields), record, fields) for record, fields in records]
    taken = _taken(conn, [row for row, _, _ in wanted])
    for first, record, fields in wanted:
        row, step = first, 1
        while row in rows or row in taken:
            row, step = first + step, step * 2  # far enough in a few steps, however many have the same time
            if _is_taken(conn, row):
                taken.add(row)
        rows[row] = (record, fields)
    keys = conn.info.get(KEYS, {})
    entries = [
        (row, keys.get(record) or key_of(fields), record, fields.get("date_ms", 0))
        for row, (record, fields) in sorted(rows.items())
    ]
    names = ("row", "key", "record", "date_ms")
    insert_many(conn, "messages_entry", names, entries, account_id=account_id)
    if len(rows) <= AT_ONCE:
        _index(conn, account_id, {row: fields for row, (_, fields) in rows.items()})
    else:
        insert_many(conn, "messages_stale", ("row",), [(row,) for row in sorted(rows)])


def _index(conn: Connection, account_id: str, rows: Mapping[int, Fields]) -> None:
    """Takes the words of messages in; by rising rows, so that FTS5 writes but once."""
    scope = account_scope(account_id)
    found = []
    for row in sorted(rows):
        person = person_scope(str(rows[row].get("thread", "")))
        found.append((row, f"{scope} {person}", _words(rows[row])))
    if found:
        conn.exec_driver_sql("INSERT INTO messages_search (rowid, scope, words) VALUES (?, ?, ?)", found)


def account_scope(account_id: str) -> str:
    return "a" + account_id.replace("-", "")


def person_scope(thread: str) -> str:
    return "p" + blake2b(thread.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _twins(conn: Connection, account_id: str, keys: Iterable[str]) -> dict[str, list[Twin]]:
    # The loop over the wanted keys has to be the outer one, which CROSS JOIN says to SQLite.
    found = conn.exec_driver_sql(
        f"SELECT entry.key, record, date_ms, claimed_ms, gone_ms FROM {listed(conn)}"  # noqa: S608
        " CROSS JOIN messages_entry AS entry WHERE entry.account_id = ? AND entry.key = wanted.value",
        (json.dumps(sorted(set(keys))), account_id),
    )
    twins: dict[str, list[Twin]] = {}
    for key, record, date_ms, claimed_ms, gone_ms in found:
        twins.setdefault(key, []).append(Twin(record, date_ms, claimed_ms, gone_ms is not None))
    return twins


def _claim(conn: Connection, account_id: str, claims: Iterable[tuple[str, Twin]]) -> None:
    claimed = [(twin.claimed_ms, account_id, key, twin.record) for key, twin in claims]
    if claimed:
        conn.exec_driver_sql(
            "UPDATE messages_entry SET claimed_ms = ? WHERE account_id = ? AND key = ? AND record = ?", claimed
        )


def _revive(
    conn: Connection, journal: Journal, account_id: str, device_id: str, mutations: list[Mutation]
) -> Mapping[str, PileusError]:
    """Brings back what was deleted."""
    if not mutations:
        return {}
    outcomes = journal.apply(conn, account_id, device_id, mutations)
    full = next((one for one in outcomes if one.code == "quota-exceeded"), None)
    if full is not None:
        raise QuotaExceeded("quota-exceeded", full.detail or "The account's storage is full.")
    return {
        mutation.record: PileusError(outcome.code, outcome.detail or "It was refused.")
        for mutation, outcome in zip(mutations, outcomes, strict=True)
        if outcome.status == "refused"
    }


def _row(conn: Connection, account_id: str, key: str, record: str) -> int | None:
    return conn.execute(
        text("SELECT row FROM messages_entry WHERE account_id = :account AND key = :key AND record = :record"),
        {"account": account_id, "key": key, "record": record},
    ).scalar()


def _first_row(record: str, fields: Mapping[str, Any]) -> int:
    tie = crc32(record.encode()) & (1 << TIE_BITS) - 1
    return int(min(fields.get("date_ms", 0), LATEST_ROW_MS)) << TIE_BITS | tie


def _taken(conn: Connection, rows: list[int]) -> set[int]:
    query = (
        f"SELECT entry.row FROM {listed(conn)} CROSS JOIN messages_entry AS entry"  # noqa: S608 - constant
        " WHERE entry.row = CAST(wanted.value AS BIGINT)"
    )
    return {row for (row,) in conn.exec_driver_sql(query, (json.dumps(rows),))}


def _is_taken(conn: Connection, row: int) -> bool:
    return conn.exec_driver_sql("SELECT 1 FROM messages_entry WHERE row = ?", (row,)).first() is not None


def _words(fields: Mapping[str, Any]) -> str:
    return " ".join(_tokens_of(fields))


def _tokens_of(fields: Mapping[str, Any]) -> Iterator[str]:
    seen = set()
    for name in ("body", "subject", "contact", "address", "thread"):
        value = fields.get(name)
        if isinstance(value, str) and value and value not in seen:
            seen.add(value)
            yield from tokens(value)


def leave(conn: Connection, account_id: str) -> int:
    """Some rows of an account that is being erased which do not name it: words, and who wrote how much."""
    mine = {"account": account_id, "some": AT_ONCE}
    query = text("SELECT row FROM messages_entry WHERE account_id = :account LIMIT :some")
    rows = [{"row": row} for row in conn.execute(query, mine).scalars()]
    if rows:
        for table, column in (("messages_search", "rowid"), ("messages_stale", "row"), ("messages_entry", "row")):
            conn.execute(text(f"DELETE FROM {table} WHERE {column} = :row"), rows)  # noqa: S608 - constants
    letters = text("DELETE FROM messages_letter WHERE receiver = :account OR sender = :account")
    return len(rows) + conn.execute(letters, {"account": account_id}).rowcount
