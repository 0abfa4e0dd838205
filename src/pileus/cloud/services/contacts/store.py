"""Contacts in the journal and the objects they stand for; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Journal, Mutation, take_back
from pileus.cloud.services.contacts.cards import Card, Fields
from pileus.cloud.services.contacts.rules import united
from pileus.core.errors import Gone, QuotaExceeded
from pileus.core.ids import new_id

COLLECTION = "contacts.contact"
DISTINCT = "contacts.distinct"
AREA = "contacts"


class Kept(NamedTuple):
    """What became of an imported card; `code` and `why` where it was refused."""

    state: Literal["new", "merged", "same", "refused"]
    code: str = ""
    why: str = ""


def project(conn: Connection, change: AppliedChange) -> None:
    project_objects(conn, change, objects)


def project_objects(
    conn: Connection, change: AppliedChange, named: Callable[[Mapping[str, Any]], set[str]]
) -> None:
    """Keeps the references to objects true; raises `Gone` for one that is kept no more or never was.

    `named` gives the objects that the fields of such a record stand for.
    """
    after = set() if change.deleted else named(change.fields)
    before = named(change.before or {})
    for name in after - before:
        if not take_back(conn, change.account_id, AREA, name):
            raise Gone("content-gone", "A picture of this contact is kept no more.")
    key = {"account": change.account_id, "contact": change.record}
    for name in before - after:
        conn.execute(
            text(
                "DELETE FROM contacts_object"
                " WHERE account_id = :account AND contact = :contact AND object_id = :object"
            ),
            {**key, "object": name},
        )
    for name in after - before:
        conn.execute(
            text(
                "INSERT INTO contacts_object (account_id, contact, object_id) VALUES (:account, :contact, :object)"
            ),
            {**key, "object": name},
        )
    doubt(conn, change.account_id, before ^ after)


def objects(fields: Mapping[str, Any]) -> set[str]:
    return {prop["object"] for props in fields.values() for prop in props if "object" in prop}


def doubt(conn: Connection, account_id: str, names: Iterable[str]) -> None:
    """Whether these objects are wanted is looked at after the commit."""
    for name in names:
        conn.execute(
            text(
                "INSERT INTO contacts_doubt (account_id, object_id) VALUES (:account, :object)"
                " ON CONFLICT DO NOTHING"
            ),
            {"account": account_id, "object": name},
        )


def doubts(conn: Connection, account_id: str | None = None) -> list[tuple[str, str, bool]]:
    """Account, object, and whether a contact still stands for it."""
    rows = conn.execute(
        text(
            "SELECT d.account_id, d.object_id, EXISTS (SELECT 1 FROM contacts_object AS o"
            " WHERE o.account_id = d.account_id AND o.object_id = d.object_id)"
            " FROM contacts_doubt AS d WHERE :account IS NULL OR d.account_id = :account"
        ),
        {"account": account_id},
    )
    return [(str(account), str(name), bool(used)) for account, name, used in rows]


def settle(conn: Connection, account_id: str, object_id: str, used: bool) -> None:
    """Takes a doubt away, unless its answer changed meanwhile."""
    if (account_id, object_id, used) in doubts(conn, account_id):
        conn.execute(
            text("DELETE FROM contacts_doubt WHERE account_id = :account AND object_id = :object"),
            {"account": account_id, "object": object_id},
        )


def keep(conn: Connection, journal: Journal, account_id: str, device_id: str, cards: list[Card]) -> list[Kept]:
    """Puts cards into the journal, one outcome each.

    A card that is there keeps what it has and gains what it lacks. Raises `QuotaExceeded`: then none is kept.
    """
    return [_kept(conn, journal, account_id, device_id, card) for card in cards]


def label(conn: Connection, journal: Journal, account_id: str, contact: str, name: str) -> bool:
    """Puts a label on a contact; False where there is no such contact, or it has the label."""
    record = journal.record(conn, account_id, COLLECTION, contact)
    if record is None:
        return False
    categories = record.fields.get("categories", [])
    if any(name in prop["value"] for prop in categories):
        return False
    journal.put(conn, account_id, COLLECTION, contact, {"categories": [*categories, {"value": [name]}]})
    return True


def page(
    conn: Connection, journal: Journal, account_id: str, after: str | None, limit: int
) -> list[tuple[str, Fields]]:
    """Contacts by rising id, those after an id."""
    return [(one.id, one.fields) for one in journal.records(conn, account_id, COLLECTION, after, limit)]


def people(conn: Connection, journal: Journal, account_id: str) -> tuple[dict[str, Fields], list[frozenset[str]]]:
    """All contacts by id, and the sets of them that the owner called distinct."""
    contacts = {one.id: one.fields for one in journal.records(conn, account_id, COLLECTION)}
    distinct = journal.records(conn, account_id, DISTINCT)
    return contacts, [frozenset(one.fields["contacts"]) for one in distinct]


def _kept(conn: Connection, journal: Journal, account_id: str, device_id: str, card: Card) -> Kept:
    there = journal.record(conn, account_id, COLLECTION, card.id)
    fields = card.fields if there is None else united(there.fields, card.fields)[0]
    if there is not None and fields == there.fields:
        return Kept("same")
    [outcome] = journal.apply(
        conn, account_id, device_id, [Mutation(new_id(), None, COLLECTION, card.id, "put", dict(fields))]
    )
    if outcome.code == "quota-exceeded":
        raise QuotaExceeded("quota-exceeded", outcome.detail or "The account's storage is full.")
    if outcome.status == "refused":
        return Kept("refused", outcome.code or "", outcome.detail or "It was refused.")
    return Kept("new" if there is None else "merged")
