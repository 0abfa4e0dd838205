"""Letters: messages that the shell handed over to be sent by this handset's own card while its cloud is away.

A letter and its people's rows in `outgoing` are one transaction. It is this handset's alone until the account has
it (`brought`), with the token by which its later news are reported; after that its id alone is kept, so that a
shell that asks again, its answer lost, has nothing sent twice. All functions run in a `read` or `write` of the
ledger.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from pileus.core.errors import Conflict, PileusError
from pileus.core.ids import RECORD_ID
from pileus.handset.capabilities.telephony import outgoing, rules
from pileus.handset.capabilities.telephony.outgoing import CutOff, Letter

MOST = 500
"""That the account does not have yet."""
KNOWN_MS = 180 * 24 * 3600 * 1000
"""An id is known for so long after it was brought: as long as the account's own tombstones."""
OF_SHELL = "record IN (SELECT record FROM letter WHERE brought = 0)"
UNSETTLED = ("handed", "failed")
"""Phases of people that their owner may decide about."""
_Person = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
_Id = Annotated[str, msgspec.Meta(pattern=rf"^(?:{RECORD_ID.pattern})\Z")]


class Send(msgspec.Struct):
    """A letter as the shell hands it over. `account`: whose it is. `made_ms`: when it was written. `repeated`: it
    was asked before, and the answer was lost."""

    id: _Id
    account: str
    people: Annotated[list[_Person], msgspec.Meta(min_length=1, max_length=100)]
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=rules.MOST_BODY)]
    card: str = ""
    contact: Annotated[str, msgspec.Meta(max_length=120)] = ""
    region: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{2})?\Z")] = ""
    made_ms: int = 0
    repeated: bool = False


@dataclass(frozen=True)
class Standing:
    """What is known of a letter: `sending`, an outcome, or `kept` by the account."""

    record: str
    state: str
    error: str = ""


def standing(db: sqlite3.Connection, record: str) -> Standing | None:
    row = db.execute("SELECT brought FROM letter WHERE record = ?", (record,)).fetchone()
    if row is None:
        return None
    return Standing(record, "kept") if row["brought"] else _standing(db, record)


def _standing(db: sqlite3.Connection, record: str) -> Standing:
    rows = db.execute("SELECT person, phase, error FROM outgoing WHERE record = ?", (record,)).fetchall()
    outcome = rules.outcome_of({row["person"]: row["phase"] for row in rows})
    return Standing(record, outcome or "sending", next((row["error"] for row in rows if row["error"]), ""))


def take(db: sqlite3.Connection, whose: str, wish: Send, now_ms: int, refused: str = "") -> None:
    """Writes a letter down that is not known. `refused`: why it does not leave."""
    if db.execute("SELECT count(*) FROM letter WHERE brought = 0").fetchone()[0] >= MOST:
        raise PileusError("too-many-requests", "Too many messages wait for the cloud on this handset.", status=429)
    token = secrets.token_urlsafe(16)
    fields = {
        "people": list(dict.fromkeys(wish.people)),
        "body": wish.body,
        "date_ms": wish.made_ms if 0 < wish.made_ms <= now_ms else now_ms,
        "contact": wish.contact,
        "region": wish.region,
    }
    db.execute(
        "INSERT INTO letter (record, whose, token, wish, made_ms) VALUES (?, ?, ?, ?, ?)",
        (wish.id, whose, token, msgspec.json.encode(fields).decode(), now_ms),
    )
    letter = Letter(whose, wish.id, token, wish.card, wish.body, tuple(wish.people))
    outgoing.add(db, letter, "failed" if refused else "started", now_ms)
    if refused:
        for person in dict.fromkeys(wish.people):
            outgoing.step(db, wish.id, person, "failed", refused)


def begun(db: sqlite3.Connection, whose: str) -> list[CutOff]:
    """Those with people that no modem has got, the oldest first."""
    return outgoing.begun(db, whose, OF_SHELL)


def left(db: sqlite3.Connection, record: str, now_ms: int) -> None:
    """A modem took it for somebody."""
    db.execute("UPDATE letter SET left_ms = ? WHERE record = ? AND left_ms = 0", (now_ms, record))


def all_of(db: sqlite3.Connection, whose: str) -> list[Standing]:
    """Those that the account does not have, the oldest first."""
    rows = db.execute(
        "SELECT record FROM letter WHERE brought = 0 AND whose = ? ORDER BY made_ms, record", (whose,)
    ).fetchall()
    return [_standing(db, row["record"]) for row in rows]


def count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM letter WHERE brought = 0").fetchone()[0])


@dataclass(frozen=True)
class Settled:
    """A letter of which is known what became of it; `wish` as `messages/arrivals` takes it."""

    record: str
    outcome: str
    wish: dict[str, Any]


def settled(
    db: sqlite3.Connection, whose: str, most: int, busy: str = "", but: Collection[str] = ()
) -> list[Settled]:
    """What the account may have now; `busy` is with a modem, `but` are left out."""
    found: list[Settled] = []
    for one in all_of(db, whose):
        if one.state == "sending" or one.record == busy or one.record in but:
            continue
        row = db.execute("SELECT token, wish, left_ms FROM letter WHERE record = ?", (one.record,)).fetchone()
        card = db.execute("SELECT max(card) FROM outgoing WHERE record = ?", (one.record,)).fetchone()[0]
        fields = msgspec.json.decode(row["wish"])
        about = {"id": one.record, "token": row["token"], "state": one.state, "sim": card, "error": one.error}
        found.append(Settled(one.record, one.state, {**fields, **about, "sent_ms": row["left_ms"]}))
        if len(found) == most:
            break
    return found


def brought(db: sqlite3.Connection, record: str, outcome: str, now_ms: int) -> None:
    """The account has it with this outcome, or never will: what it was is forgotten, and that it was is not. One
    that its owner had sent anew meanwhile is brought again."""
    if _standing(db, record).state != outcome:
        return
    db.execute("UPDATE letter SET brought = 1, wish = '', token = '' WHERE record = ?", (record,))
    db.execute("DELETE FROM letter WHERE brought = 1 AND made_ms < ?", (now_ms - KNOWN_MS,))
    outgoing.told(db, record, outcome)


def decide(db: sqlite3.Connection, record: str, decision: str, now_ms: int) -> None:
    """Its owner's word: `again`, `sent`, or `cancel`. Raises `Conflict` where there is nothing to decide."""
    found = standing(db, record)
    decidable = ("unknown",) if decision == "sent" else ("unknown", "failed")
    if found is None or found.state not in decidable:
        raise Conflict("nothing-to-decide", "There is nothing to decide about this message now.")
    phase = {"again": "started", "sent": "sent", "cancel": "cancelled"}[decision]
    which = f"record = ? AND phase IN {UNSETTLED}"
    db.execute(f"UPDATE outgoing SET phase = ?, error = '', made_ms = ? WHERE {which}", (phase, now_ms, record))  # noqa: S608 - constants
