"""Tickets are good once, for 30 s, for one device."""

from __future__ import annotations

import pytest

from pileus.core.clock import ManualClock
from pileus.core.errors import Unauthorized
from pileus.surfaces.tickets import Grant, TicketBook

GRANT = Grant("session", "account", "device", "Phone")


def refused(book: TicketBook, value: str, device: str | None = None) -> str:
    with pytest.raises(Unauthorized) as caught:
        book.redeem(value, device)
    return caught.value.code


def test_a_ticket_is_good_once() -> None:
    book = TicketBook(ManualClock())
    value, _ = book.issue(GRANT)
    assert book.redeem(value, "device") == GRANT
    assert refused(book, value) == "ticket-used"
    assert refused(book, "made up") == "ticket-unknown"


def test_a_ticket_expires() -> None:
    clock = ManualClock()
    book = TicketBook(clock)
    value, expires = book.issue(GRANT)
    assert expires == clock.now_ms() + 30_000
    clock.advance(30)
    assert refused(book, value) == "ticket-expired"


def test_a_ticket_of_another_device_is_spent_by_the_try() -> None:
    book = TicketBook(ManualClock())
    value, _ = book.issue(GRANT)
    assert refused(book, value, "other") == "ticket-wrong-device"
    assert refused(book, value, "device") == "ticket-used"


def test_old_tickets_are_forgotten() -> None:
    clock = ManualClock()
    book = TicketBook(clock)
    value, _ = book.issue(GRANT)
    clock.advance(600)
    book.issue(GRANT)
    assert refused(book, value) == "ticket-unknown"
