"""The calls that there are, and what the account gets of each when it is over.

A call is in the ledger from its first sign on, as if it had been missed: if the handset ends before the call does,
that is what is known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from pileus.core.clock import Clock
from pileus.core.ids import new_id
from pileus.handset.bus import number, words
from pileus.handset.capabilities.telephony import rules
from pileus.handset.capabilities.telephony.words import INCOMING, call_state_of, ending_of
from pileus.handset.ledger import keep

CALL_KEY = "call"
"""In place of a message's key, among what the modem has."""


@dataclass
class Call:
    record: str
    path: str
    modem: str
    card: str
    number: str
    incoming: bool
    began_ms: int
    whose: str
    state: str = "unknown"
    answered_at: float | None = None
    answered_ms: int = 0
    declined: bool = False
    blocked: bool = False
    """Its number is in the block list: not shown while nobody answered it."""
    refused: bool = False
    hushed: bool = False
    """Declined beside another one: not shown, and refused once that is over."""
    why: str = ""
    """It ended: as `words.ending_of` has it."""
    over: bool = False

    def shown(self) -> dict[str, Any]:
        """As the shell gets it. Times are ms since 1970."""
        return {
            "id": self.record,
            "number": self.number,
            "card": self.card,
            "modem": self.modem,
            "incoming": self.incoming,
            "state": self.state,
            "began_ms": self.began_ms,
            "answered_ms": self.answered_ms,
        }

    def wish(self, now: float) -> dict[str, Any]:
        """As the account gets it."""
        answered = self.answered_at is not None
        return {
            "id": self.record,
            "address": self.number,
            "date_ms": self.began_ms,
            "kind": rules.kind_of_call(self.incoming, answered, self.declined, self.blocked),
            "duration_s": int(now - self.answered_at) if self.answered_at is not None else 0,
            "sim": self.card,
        }


def begun(path: str, modem: str, card: str, props: Mapping[str, Any], clock: Clock, whose: str) -> Call:
    """A call that was not there before; of one whose number is withheld that is empty."""
    now = clock.now_ms()
    found = rules.clean(words(props, "Number", 80))
    call = Call(new_id(now), path, modem, card, found, number(props, "Direction") == INCOMING, now, whose)
    change(call, props, clock)
    return call


def change(call: Call, props: Mapping[str, Any], clock: Clock) -> None:
    """What ModemManager says of it now."""
    call.state = call_state_of(props)
    call.why = ending_of(props)
    call.number = call.number or rules.clean(words(props, "Number", 80))
    if call.state in ("active", "held") and call.answered_at is None:
        call.answered_at, call.answered_ms = clock.monotonic(), clock.now_ms()


def keep_open(db: sqlite3.Connection, life: str, call: Call, wish: dict[str, Any]) -> None:
    """In a `write` of the ledger."""
    keep(db, call.whose, call.record, "call", wish, call.began_ms, "open")
    db.execute("INSERT OR REPLACE INTO in_modem VALUES (?, ?, ?, ?)", (life, call.path, CALL_KEY, call.record))


def keep_over(db: sqlite3.Connection, whose: str, record: str, wish: dict[str, Any]) -> None:
    """In a `write` of the ledger."""
    keep(db, whose, record, "call", wish, int(wish["date_ms"]))
    db.execute("DELETE FROM in_modem WHERE key = ? AND record = ?", (CALL_KEY, record))


def left_open(db: sqlite3.Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """Calls that went on when the daemon ended, by life and path."""
    rows = db.execute(
        "SELECT life, path, wish FROM in_modem JOIN arrived ON id = record WHERE key = ? AND state = 'open'",
        (CALL_KEY,),
    )
    return {(str(row["life"]), str(row["path"])): msgspec.json.decode(row["wish"]) for row in rows.fetchall()}
