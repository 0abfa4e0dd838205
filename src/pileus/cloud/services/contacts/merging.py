"""Making one contact of several, and taking that back; everything here runs inside `db.write`.

A merge is a record of its own, `contacts.merge`, that holds what was there before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Journal
from pileus.cloud.services.contacts import store
from pileus.cloud.services.contacts.cards import Fields
from pileus.cloud.services.contacts.rules import united
from pileus.core.errors import Invalid, NotFound
from pileus.core.ids import new_id

COLLECTION = "contacts.merge"
MOST = 20


def merge(conn: Connection, journal: Journal, account_id: str, ids: Sequence[str], now_ms: int) -> tuple[str, str]:
    """The merge and the contact that stays, the one with most in it, by id; raises `NotFound`, `Invalid`."""
    wanted = list(dict.fromkeys(ids))
    if not 2 <= len(wanted) <= MOST:
        raise Invalid("merge-few", f"2 to {MOST} contacts become one.")
    before = {one: _contact(conn, journal, account_id, one) for one in wanted}
    stays = max(wanted, key=lambda one: (sum(map(len, before[one].values())), one))
    whole = before[stays]
    for one in wanted:
        if one != stays:
            whole, _ = united(whole, before[one])
    made = new_id(now_ms)
    fields = {"into": stays, "before": before, "after": whole, "at_ms": now_ms}
    journal.put(conn, account_id, COLLECTION, made, fields)
    _replace(conn, journal, account_id, stays, before[stays], whole)
    for one in wanted:
        if one != stays:
            journal.delete(conn, account_id, store.COLLECTION, one)
    return made, stays


def undo(conn: Connection, journal: Journal, account_id: str, made: str) -> list[str]:
    """The contacts that are there again. What was changed since in the one that stayed is left as it is."""
    record = journal.record(conn, account_id, COLLECTION, made)
    if record is None:
        raise NotFound("no-merge", "This merge was undone already, or is too long ago.")
    stays, before, after = record.fields["into"], record.fields["before"], record.fields["after"]
    now = journal.record(conn, account_id, store.COLLECTION, stays)
    kept: Fields = {} if now is None else now.fields
    changed = {name: kept.get(name) for name in {*kept, *after} if kept.get(name) != after.get(name)}
    again = before[stays] if now is None else {**before[stays], **changed}
    _replace(conn, journal, account_id, stays, kept, {name: value for name, value in again.items() if value})
    for one, fields in before.items():
        if one != stays and journal.record(conn, account_id, store.COLLECTION, one) is None:
            journal.put(conn, account_id, store.COLLECTION, one, fields)
    journal.delete(conn, account_id, COLLECTION, made)
    return sorted(before)


def project(conn: Connection, change: AppliedChange) -> None:
    """Holds the pictures of what was merged, and knows how old it is; one without a time is forgotten first."""
    store.project_objects(conn, change, _objects)
    key = {"account": change.account_id, "merge": change.record}
    if change.deleted:
        conn.execute(text("DELETE FROM contacts_merge WHERE account_id = :account AND merge = :merge"), key)
        return
    conn.execute(
        text(
            "INSERT INTO contacts_merge (account_id, merge, at_ms) VALUES (:account, :merge, :at)"
            " ON CONFLICT DO NOTHING"
        ),
        {**key, "at": change.fields.get("at_ms", 0)},
    )


def forget(conn: Connection, journal: Journal, before_ms: int) -> None:
    """Merges that were made before can be undone no more."""
    old = conn.execute(
        text("SELECT account_id, merge FROM contacts_merge WHERE at_ms < :before"), {"before": before_ms}
    ).all()
    for account_id, made in old:
        journal.delete(conn, account_id, COLLECTION, made)


def _contact(conn: Connection, journal: Journal, account_id: str, one: str) -> Fields:
    record = journal.record(conn, account_id, store.COLLECTION, one)
    if record is None:
        raise NotFound("no-contact", "There is no such contact.")
    return record.fields


def _replace(
    conn: Connection, journal: Journal, account_id: str, contact: str, old: Fields, new: Mapping[str, object]
) -> None:
    gone = dict.fromkeys(set(old) - set(new))
    journal.put(conn, account_id, store.COLLECTION, contact, {**gone, **new})


def _objects(fields: Mapping[str, Mapping[str, Fields]]) -> set[str]:
    return {name for contact in fields.get("before", {}).values() for name in store.objects(contact)}
