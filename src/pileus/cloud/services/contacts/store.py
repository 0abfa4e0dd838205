"""Contacts in the journal and the objects they stand for; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, text

from pileus.cloud.kernel.service import AppliedChange, Attachments, Doubts, Journal, Mutation, References
from pileus.cloud.services.contacts.cards import Card, Fields
from pileus.cloud.services.contacts.names import display_name
from pileus.cloud.services.contacts.properties import Property
from pileus.cloud.services.contacts.rules import united
from pileus.core.errors import QuotaExceeded
from pileus.core.ids import new_id

COLLECTION = "contacts.contact"
DISTINCT = "contacts.distinct"
AREA = "contacts"
DOUBTS = Doubts(AREA, "contacts_doubt", "contacts_object")
REFERENCES = References(DOUBTS, "contact", "A picture of this contact is kept no more.")


class Kept(NamedTuple):
    """What became of an imported card; `code` and `why` where it was refused."""

    state: Literal["new", "merged", "same", "refused"]
    code: str = ""
    why: str = ""


def named(journal: Journal, conn: Connection, account_id: str, objects: Sequence[str]) -> dict[str, str]:
    """Whose pictures these objects are."""
    query = text(
        "SELECT object_id, contact FROM contacts_object WHERE account_id = :account AND object_id IN :objects"
    ).bindparams(bindparam("objects", expanding=True))
    whose = conn.execute(query, {"account": account_id, "objects": list(objects)}).all()
    contacts = journal.named(conn, account_id, COLLECTION, [str(contact) for _, contact in whose])
    return {str(one): display_name(contacts[contact].fields) for one, contact in whose if contact in contacts}


def project(conn: Connection, change: AppliedChange) -> None:
    project_objects(conn, change, objects)


def project_objects(
    conn: Connection, change: AppliedChange, named: Callable[[Mapping[str, Any]], set[str]]
) -> None:
    """Keeps the references to objects true; raises `Gone` for one that is kept no more or never was.

    `named` gives the objects that the fields of such a record stand for.
    """
    after = set() if change.deleted else named(change.fields)
    REFERENCES.follow(conn, change.account_id, change.record, named(change.before or {}), after)


def objects(fields: Mapping[str, Any]) -> set[str]:
    return {prop["object"] for props in fields.values() for prop in props if "object" in prop}


def without(fields: Mapping[str, Any], gone: Collection[str]) -> Fields:
    """The contact with the small pictures of those whose originals are gone, and without what has none."""
    kept = {name: [one for prop in props if (one := _small(prop, gone))] for name, props in fields.items()}
    return {name: props for name, props in kept.items() if props}


ATTACHMENTS = Attachments(AREA, objects, without)


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


def _small(prop: Property, gone: Collection[str]) -> Property | None:
    if prop.get("object") not in gone:
        return prop
    if not prop["value"]:
        return None
    return {name: value for name, value in prop.items() if name not in ("object", "media", "size")}
