"""Messages to be sent, in the ledger: one row a person of each message.

`leased` → `started` → `handed` (the modem may have got it) → `sent` → `delivered`, or `failed`, or `cancelled` by
its owner. Each step is on the disk before the next is taken. What the shell handed over (`letters.py`) is here
from `started` on. All functions run in a `read` or `write` of the ledger.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from pileus.handset.capabilities.telephony import rules

REPORTS_MS = 7 * 24 * 3600 * 1000
"""For so long a delivery report is waited for; networks give up after some days (TP-VP, TS 23.040 §9.2.3.12)."""
EARLY_MS = 10 * 60 * 1000
"""A report that no message is found for is another program's after so long."""
ENDED = ("failed", "delivered", "unknown", "unsent")
NOT_ALONE = "record NOT IN (SELECT record FROM letter WHERE brought = 0)"
"""Those that the account knows of."""


@dataclass(frozen=True)
class Letter:
    whose: str
    record: str
    token: str
    card: str
    body: str
    people: tuple[str, ...]


def add(db: sqlite3.Connection, letter: Letter, phase: str, now_ms: int) -> None:
    """A new lease of a message takes the place of one before."""
    db.execute("DELETE FROM outgoing WHERE record = ?", (letter.record,))
    for person in dict.fromkeys(letter.people):
        db.execute(
            "INSERT INTO outgoing (whose, record, person, token, card, body, phase, made_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (letter.whose, letter.record, person, letter.token, letter.card, letter.body, phase, now_ms),
        )


def drop(db: sqlite3.Connection, record: str) -> None:
    db.execute("DELETE FROM outgoing WHERE record = ?", (record,))


def step(db: sqlite3.Connection, record: str, person: str, phase: str, error: str = "") -> None:
    db.execute(
        "UPDATE outgoing SET phase = ?, error = ? WHERE record = ? AND person = ?", (phase, error, record, person)
    )


def hand(db: sqlite3.Connection, record: str, person: str) -> bool:
    """The modem may have it from now on; False where this step was taken before, so that nobody takes it twice."""
    changed = db.execute(
        "UPDATE outgoing SET phase = 'handed' WHERE record = ? AND person = ? AND phase = 'started'",
        (record, person),
    )
    return changed.rowcount == 1


def begin(db: sqlite3.Connection, record: str) -> None:
    db.execute("UPDATE outgoing SET phase = 'started' WHERE record = ? AND phase = 'leased'", (record,))


def known(db: sqlite3.Connection, record: str) -> bool:
    return db.execute("SELECT 1 FROM outgoing WHERE record = ?", (record,)).fetchone() is not None


@dataclass(frozen=True)
class CutOff:
    """A message whose people in this phase the modem has surely not got."""

    letter: Letter
    phase: str
    made_ms: int


def cut_off(db: sqlite3.Connection, whose: str) -> list[CutOff]:
    """What was begun, the oldest first; between two turns there is none but of an earlier life of the daemon."""
    return begun(db, whose, NOT_ALONE)


def begun(db: sqlite3.Connection, whose: str, which: str) -> list[CutOff]:
    """What was begun of some, by a condition of this module's."""
    rows = db.execute(
        "SELECT record, token, card, body, person, phase, made_ms FROM outgoing"  # noqa: S608 - a constant
        f" WHERE whose = ? AND phase IN ('leased', 'started') AND {which} ORDER BY made_ms, record, person",
        (whose,),
    ).fetchall()
    people: dict[str, list[str]] = {}
    for row in rows:
        people.setdefault(row["record"], []).append(str(row["person"]))
    return [
        CutOff(
            Letter(whose, record, row["token"], row["card"], row["body"], tuple(names)),
            row["phase"],
            row["made_ms"],
        )
        for record, names in people.items()
        for row in [next(one for one in rows if one["record"] == record)]
    ]


@dataclass(frozen=True)
class Report:
    """A delivery report: of a card's message to a number; `good` where it was delivered. `at_ms`: when it came."""

    card: str
    person: str
    reference: int
    good: bool
    at_ms: int


def sent(db: sqlite3.Connection, record: str, person: str, card: str, reference: int) -> None:
    """The modem has it. Its report may have been here first."""
    db.execute(
        "UPDATE outgoing SET phase = 'sent', card = ?, reference = ? WHERE record = ? AND person = ?",
        (card, reference, record, person),
    )
    begun = db.execute("SELECT made_ms FROM outgoing WHERE record = ? AND person = ?", (record, person)).fetchone()
    early = db.execute(
        "SELECT rowid, person, good FROM report WHERE card = ? AND reference = ? AND at_ms >= ?",
        (card, reference, begun["made_ms"] if begun else 0),
    ).fetchall()
    for row in early:
        if same_number(row["person"], person):
            db.execute("DELETE FROM report WHERE rowid = ?", (row["rowid"],))
            _settle(db, record, person, bool(row["good"]))


def reported(db: sqlite3.Connection, report: Report) -> None:
    """Takes a delivery report: of the newest message of that card to that number with that reference. Of none it
    waits for one that is just being sent."""
    db.execute("DELETE FROM report WHERE at_ms < ?", (report.at_ms - EARLY_MS,))
    rows = db.execute(
        "SELECT record, person FROM outgoing WHERE card = ? AND reference = ? AND phase = 'sent'"
        " ORDER BY made_ms DESC",
        (report.card, report.reference),
    ).fetchall()
    for row in rows:
        if same_number(str(row["person"]), report.person):
            _settle(db, row["record"], row["person"], report.good)
            return
    db.execute(
        "INSERT INTO report VALUES (?, ?, ?, ?, ?)",
        (report.card, report.reference, report.person, int(report.good), report.at_ms),
    )


def _settle(db: sqlite3.Connection, record: str, person: str, good: bool) -> None:
    step(db, record, person, "delivered" if good else "failed", "" if good else "not-delivered")


def same_number(one: str, other: str) -> bool:
    """Whether two spellings may be one number: a network may put its country before it."""
    first, second = rules.dialled(one).lstrip("+0"), rules.dialled(other).lstrip("+0")
    return bool(first and second) and (first.endswith(second[-7:]) and second.endswith(first[-7:]))


def untold(db: sqlite3.Connection, whose: str) -> list[dict[str, Any]]:
    """What this account's cloud was not told yet: {record, token, outcome, error}."""
    rows = db.execute(
        "SELECT record, person, token, phase, error, told FROM outgoing"  # noqa: S608 - a constant
        f" WHERE whose = ? AND {NOT_ALONE} ORDER BY made_ms",
        (whose,),
    ).fetchall()
    phases: dict[str, dict[str, str]] = {}
    about: dict[str, dict[str, Any]] = {}
    for row in rows:
        phases.setdefault(row["record"], {})[row["person"]] = row["phase"]
        one = about.setdefault(row["record"], {"record": row["record"], "token": row["token"], "error": ""})
        one["told"], one["error"] = row["told"], one["error"] or row["error"]
    found = []
    for record, one in about.items():
        outcome = rules.outcome_of(phases[record])
        if outcome and outcome != one.pop("told"):
            found.append({**one, "outcome": outcome})
    return found


def told(db: sqlite3.Connection, record: str, outcome: str) -> None:
    """The cloud knows; what cannot become anything else leaves the ledger."""
    db.execute("UPDATE outgoing SET told = ? WHERE record = ?", (outcome, record))
    if outcome in ENDED:
        drop(db, record)


def forget(db: sqlite3.Connection, now_ms: int) -> None:
    """Those whose report does not come any more."""
    db.execute("DELETE FROM outgoing WHERE told = 'sent' AND made_ms < ?", (now_ms - REPORTS_MS,))
