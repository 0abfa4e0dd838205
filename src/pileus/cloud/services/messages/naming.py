"""Which conversations are meant by somebody's name. Runs inside `db.read`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from pileus.cloud.kernel.service import Journal
from pileus.cloud.services.messages import store
from pileus.cloud.services.messages.rules import thread_of
from pileus.core.words import search_expression, tokens

CONTACTS = "contacts.contact"
"""Read as the app reads it: names and numbers."""
LOOKED = 200
"""Newest messages with the name's words in them of which is asked whether they are with somebody of that name."""
MOST = 20
"""Conversations of one name."""


def threads_with(conn: Connection, journal: Journal, account_id: str, person: str, region: str) -> list[str]:
    """Conversations with a number or `@account` in any spelling; else with whom the name is of, at most `MOST`.

    A name is one in the contacts, one that messages brought along, or an account's; a part of it does that is
    whole words.
    """
    own = thread_of((person,), region)
    words = set(tokens(person))
    if own.startswith("@") or own.removeprefix("+").isdigit() or not words:
        return [own]
    found = dict.fromkeys([own, f"@{own}"])
    for numbers in _numbers(conn, journal, account_id, words):
        found |= dict.fromkeys(thread_of((one,), region) for one in numbers)
    ids = store.search(conn, account_id, search_expression(person), LOOKED)
    for record in journal.named(conn, account_id, store.COLLECTION, ids).values():
        if words <= set(tokens(str(record.fields.get("contact", "")))):
            found[str(record.fields.get("thread", ""))] = None
    return list(found)[:MOST]


def _numbers(conn: Connection, journal: Journal, account_id: str, words: set[str]) -> Iterator[Sequence[str]]:
    """Of each contact in whose name the words are."""
    for record in journal.records(conn, account_id, CONTACTS):
        if any(words <= set(tokens(name)) for name in _values(record.fields, "fn")):
            yield [one.removeprefix("tel:") for one in _values(record.fields, "tel")]


def _values(fields: Mapping[str, Any], name: str) -> list[str]:
    return [one["value"] for one in fields.get(name, ()) if isinstance(one.get("value"), str)]
