"""What the modem has is known again, whoever began anew meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pileus.core.clock import ManualClock
from pileus.handset.capabilities.telephony import inbox
from pileus.handset.ledger import Ledger, count_owed, owed

SMS = {"Number": "+8613800138000", "Text": "西湖见", "Timestamp": "2023-11-14T22:13:20+00"}
CLOCK = ManualClock()
T = TypeVar("T")


def within(path: Path, *steps: Callable[[sqlite3.Connection], T]) -> list[T]:
    """Each step in a life of its own of the daemon, as after a kill."""

    async def one(step: Callable[[sqlite3.Connection], T]) -> T:
        async with Ledger(path) as ledger:
            return await ledger.write(step)

    return [asyncio.run(one(step)) for step in steps]


def took(life: str, path: str, **more: Any) -> Callable[[sqlite3.Connection], inbox.Came]:
    return lambda db: inbox.take(db, life, path, "8986", {**SMS, **more}, CLOCK, "mei")


def test_a_message_is_kept_once_whoever_begins_anew(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    first, again, anew = within(ledger, took("a", "/sms/1"), took("a", "/sms/1"), took("b", "/sms/7"))
    assert first.new
    assert not again.new
    assert not anew.new
    assert first.record == again.record == anew.record
    assert first.wish["body"] == "西湖见"
    assert within(ledger, count_owed) == [1]


def test_the_same_words_twice_are_two_messages(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    one, two = within(ledger, took("a", "/sms/1"), took("a", "/sms/2"))
    assert one.new
    assert two.new
    again = within(ledger, took("b", "/sms/5"), took("b", "/sms/6"))
    assert {came.record for came in again} == {one.record, two.record}
    assert not any(came.new for came in again)
    assert within(ledger, count_owed) == [2]


def test_what_the_modem_has_no_more_is_another_one_when_it_comes_again(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    within(ledger, took("a", "/sms/1"), lambda db: inbox.deleted(db, "a", "/sms/1"))
    [later] = within(ledger, took("b", "/sms/1", Timestamp="2023-11-14T22:14:20+00"))
    assert later.new
    assert within(ledger, lambda db: db.execute("SELECT count(*) FROM in_modem").fetchone()[0]) == [1]


def test_a_report_is_taken_once_in_a_life(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    seen = [lambda db, life=life: inbox.is_new(db, life, "/sms/4") for life in (":1.5/m", ":1.5/m", ":1.9/m")]
    assert within(ledger, *seen) == [True, False, True]
    within(ledger, lambda db: inbox.forget_lives(db, ":1.9"))
    assert within(ledger, lambda db: db.execute("SELECT life FROM in_modem").fetchone()[0]) == [":1.9/m"]


def test_what_came_for_one_account_is_no_other_ones(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    within(ledger, took("a", "/sms/1"))
    [mei, lin] = within(ledger, lambda db: owed(db, "mei", 9), lambda db: owed(db, "lin", 9))
    assert (len(mei), len(lin)) == (1, 0)
