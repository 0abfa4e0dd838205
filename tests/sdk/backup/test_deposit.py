"""Bringing chunks: what goes wrong is raised where chunks are put, and nothing waits for ever."""

from __future__ import annotations

import os
from typing import Any

import pytest

from pileus.core.errors import PileusError
from pileus.sdk.backup.deposit import AGAIN_SECONDS, Deposit
from pileus.sdk.backup.wire import MOST_NAMES

from .conftest import Account


class Counting:
    """A link that counts the names it is asked about, and refuses what is sent where it is told to."""

    def __init__(self, refuse: bool = False) -> None:
        self.asked: list[int] = []
        self.refuse = refuse

    def copy(self) -> Counting:
        return self

    def close(self) -> None:
        return

    def ask(self, _method: str, _path: str, body: bytes) -> bytes:
        import msgspec

        names = msgspec.msgpack.decode(body)
        self.asked.append(len(names))
        return bytes(len(names))

    def send(self, _path: str, _parts: Any) -> None:
        if self.refuse:
            raise PileusError("quota-exceeded", "Full.", status=507)


def put(deposit: Deposit, count: int, size: int) -> None:
    for _ in range(count):
        deposit.put(os.urandom(32), os.urandom(size))


def test_a_refusal_is_raised() -> None:
    deposit = Deposit(Counting(refuse=True))  # type: ignore[arg-type]
    with pytest.raises(PileusError, match="quota-exceeded"):
        put(deposit, 100_000, 1 << 20)
    deposit.close()
    deposit.close()


def test_a_backup_that_takes_weeks_keeps_its_first_chunks() -> None:
    now = [0.0]
    link = Counting()
    deposit = Deposit(link, empty=True, clock=lambda: now[0])  # type: ignore[arg-type]
    put(deposit, MOST_NAMES + 10, 150)
    now[0] = AGAIN_SECONDS + 1
    put(deposit, 3, 1 << 20)
    put(deposit, 3, 1 << 20)
    deposit.finish()
    assert sum(link.asked) >= MOST_NAMES + 10
    assert max(link.asked) <= MOST_NAMES


def test_nothing_is_asked_of_an_empty_area() -> None:
    link = Counting()
    deposit = Deposit(link, empty=True)  # type: ignore[arg-type]
    put(deposit, 5, 1000)
    assert len(deposit.finish()) == 5
    assert link.asked == []


def test_one_chunk_is_brought_once(account: Account) -> None:
    deposit = Deposit(account.link)
    data = os.urandom(1000)
    for _ in range(3):
        deposit.put(account.naming().name(data), data)
    assert len(deposit.finish()) == 1
