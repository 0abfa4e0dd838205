"""The search index of messages, and how imported messages get into the journal."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Journal, Mutation
from pileus.cloud.services.messages.rules import Message, tokens
from pileus.core.errors import QuotaExceeded
from pileus.core.ids import new_id

COLLECTION = "messages.message"


def project(conn: Connection, change: AppliedChange) -> None:
    """Keeps the index true in the transaction of the change itself."""
    key = {"account": change.account_id, "record": change.record}
    row = conn.execute(
        text("SELECT row FROM messages_entry WHERE account_id = :account AND record = :record"), key
    ).scalar()
    if change.deleted:
        if row is not None:
            conn.execute(text("DELETE FROM messages_search WHERE rowid = :row"), {"row": row})
            conn.execute(text("DELETE FROM messages_entry WHERE row = :row"), {"row": row})
        return
    words = _words(change)
    if row is None:
        date = {"date_ms": change.fields.get("date_ms", 0)}
        row = conn.execute(
            text(
                "INSERT INTO messages_entry (account_id, record, date_ms) VALUES (:account, :record, :date_ms)"
                " RETURNING row"
            ),
            {**key, **date},
        ).scalar_one()
        conn.execute(
            text("INSERT INTO messages_search (rowid, tokens) VALUES (:row, :words)"), {"row": row, "words": words}
        )
        return
    conn.execute(
        text("UPDATE messages_search SET tokens = :words WHERE rowid = :row"), {"row": row, "words": words}
    )


def search(
    conn: Connection, account_id: str, expression: str, limit: int, before_ms: int | None = None
) -> list[str]:
    """Ids of the account's messages that match, newest first; those before a time where it is given."""
    found = conn.execute(
        text(
            "SELECT entry.record FROM messages_search AS words JOIN messages_entry AS entry"
            " ON entry.row = words.rowid"
            " WHERE messages_search MATCH :expression AND entry.account_id = :account"
            " AND (:before IS NULL OR entry.date_ms < :before)"
            " ORDER BY entry.date_ms DESC, entry.record LIMIT :limit"
        ).bindparams(expression=expression, account=account_id, before=before_ms, limit=limit)
    )
    return [str(record) for (record,) in found]


def keep(
    conn: Connection, journal: Journal, account_id: str, device_id: str, messages: Sequence[Message]
) -> tuple[int, int, dict[str, str]]:
    """Puts messages into the journal: how many are new, how many were there, why some were refused (by id)."""
    new: dict[str, Message] = {}
    repeated = 0
    for message in messages:
        if message.id in new or journal.record(conn, account_id, COLLECTION, message.id) is not None:
            repeated += 1
        else:
            new[message.id] = message
    mutations = [Mutation(new_id(), None, COLLECTION, key, "put", one.fields()) for key, one in new.items()]
    outcomes = journal.apply(conn, account_id, device_id, mutations)
    refused = {
        mutation.record: outcome.detail or outcome.code or "It was refused."
        for mutation, outcome in zip(mutations, outcomes, strict=True)
        if outcome.status == "refused"
    }
    full = next((one for one in outcomes if one.code == "quota-exceeded"), None)
    if full is not None:
        raise QuotaExceeded("quota-exceeded", full.detail or "The account's storage is full.")
    return len(new) - len(refused), repeated, refused


def _words(change: AppliedChange) -> str:
    parts = (change.fields.get(name) for name in ("body", "contact", "address", "thread"))
    return " ".join(token for part in parts if isinstance(part, str) for token in tokens(part))
