"""Messages that came: into the ledger, and only then out of the modem.

A message of the modem is known again by its path as long as ModemManager lives (`life`), and by its content when
that began anew while the modem still had it: so a kill of either, between any two steps, makes none twice and
loses none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pileus.core.clock import Clock
from pileus.core.ids import new_id
from pileus.handset.capabilities.telephony import parts, rules
from pileus.handset.ledger import keep


@dataclass(frozen=True)
class Came:
    """`new`: it was not in the ledger before."""

    record: str
    wish: dict[str, Any]
    new: bool


def take(
    db: sqlite3.Connection,
    life: str,
    path: str,
    card: str,
    sms: dict[str, Any],
    clock: Clock,
    whose: str,
    unwanted: Callable[[str], bool] = lambda _: False,
) -> Came:
    """Keeps a message of the modem; one of a sender that is `unwanted` as read. In a `write` of the ledger."""
    key, now = rules.key_of(sms, card), clock.now_ms()
    row = db.execute("SELECT record FROM in_modem WHERE life = ? AND path = ?", (life, path)).fetchone()
    if row is None:
        row = db.execute(
            "SELECT record, life, path FROM in_modem WHERE key = ? AND life <> ? LIMIT 1", (key, life)
        ).fetchone()
        if row is not None:  # ModemManager began anew, and calls it something else
            db.execute(
                "UPDATE in_modem SET life = ?, path = ? WHERE life = ? AND path = ?",
                (life, path, row["life"], row["path"]),
            )
    if row is not None:
        return Came(str(row["record"]), {}, new=False)
    record, sent = new_id(now), rules.sent_of(sms)
    wish: dict[str, Any] = {
        "id": record,
        "address": rules.sender_of(sms),
        "body": rules.text_of(sms),
        "date_ms": rules.came_of(now, sent),
        "sent_ms": sent,
        "sim": card,
    }
    if unwanted(wish["address"]):
        wish |= {"read": True, "blocked": True}
    keep(db, whose, record, "message", wish, now)
    db.execute("INSERT INTO in_modem VALUES (?, ?, ?, ?)", (life, path, key, record))
    return Came(record, wish, new=True)


def is_new(db: sqlite3.Connection, life: str, path: str) -> bool:
    """Whether something else of the modem's is met for the first time; it is not from now on. In a `write`."""
    met = db.execute("SELECT 1 FROM in_modem WHERE life = ? AND path = ?", (life, path)).fetchone()
    db.execute("INSERT OR IGNORE INTO in_modem VALUES (?, ?, '', '')", (life, path))
    return met is None


def deleted(db: sqlite3.Connection, life: str, path: str) -> None:
    """The modem's copy is gone: in one life of ModemManager no path comes again. In a `write` of the ledger."""
    db.execute("DELETE FROM in_modem WHERE life = ? AND path IN (?, ?)", (life, path, parts.beside(path)))


def forget_lives(db: sqlite3.Connection, owner: str) -> None:
    """Of an earlier ModemManager than `owner`: what is known by its path alone, calls and reports, is not known
    again by anything."""
    db.execute(
        "DELETE FROM in_modem WHERE substr(life, 1, length(?)) <> ? AND key IN ('', 'call')",
        (f"{owner}/", f"{owner}/"),
    )
