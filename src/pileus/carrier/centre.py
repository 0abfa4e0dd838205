"""The message centre: keeps each message until its phone takes it or its time is over (3GPP TS 23.040 §3.2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pileus.carrier.address import Address
from pileus.carrier.pdu import DELIVERED, EXPIRED, StatusReport
from pileus.carrier.timer import Timer

LONGEST = timedelta(days=3)
"""How long a message is kept that says nothing itself."""


@dataclass(eq=False)
class Letter:
    """A message on its way. `reference` is what its sender's modem said; None where no report is wanted."""

    sender: str
    recipient: str
    tpdu: bytes
    sent_at: datetime
    reference: int | None = None
    expires_at: datetime | None = None


class Centre:
    """Boxes of letters and of reports by number, first in first out.

    `report_after` is how many seconds a delivery report takes; None is never.
    """

    def __init__(self, timer: Timer, now: Callable[[], datetime]) -> None:
        self.report_after: float | None = 0
        self._timer, self._now = timer, now
        self._letters: dict[str, deque[Letter]] = {}
        self._reports: dict[str, deque[bytes]] = {}

    def put(self, letter: Letter, validity: timedelta | datetime | None, over: Callable[[], None]) -> None:
        """`over` is called when its time is over: then `hand_over` gives it back."""
        end = validity if isinstance(validity, datetime) else letter.sent_at + (validity or LONGEST)
        letter.expires_at = end
        self._timer.later(max(0.0, (end - self._now()).total_seconds()), over)
        self._letters.setdefault(letter.recipient, deque()).append(letter)

    def waiting(self, number: str) -> int:
        """How many letters a phone has not taken yet."""
        return len(self._letters.get(number, ()))

    def hand_over(self, number: str, take: Callable[[bytes], bool]) -> Iterator[tuple[Letter, int]]:
        """The letters that `take` takes, in their order, and those whose time is over, with their TP-Status; both
        are the centre's no more."""
        box = self._letters.get(number, deque())
        for letter in [one for one in box if one.expires_at is not None and one.expires_at <= self._now()]:
            box.remove(letter)
            yield letter, EXPIRED
        while box:
            letter = box.popleft()  # before it is taken: taking one may have the next ones asked for
            if not take(letter.tpdu):
                box.appendleft(letter)
                return
            yield letter, DELIVERED

    def report(self, letter: Letter, status: int, then: Callable[[], None]) -> None:
        """Files a report for the sender, where wanted; `then` is called when it may be fetched."""
        if letter.reference is None or self.report_after is None:
            return
        recipient = Address.of(letter.recipient)
        made = StatusReport(letter.reference, recipient, letter.sent_at, self._now(), status)

        def file() -> None:
            self._reports.setdefault(letter.sender, deque()).append(made.encode())
            then()

        self._timer.later(self.report_after, file)

    def hand_reports(self, number: str, take: Callable[[bytes], bool]) -> int:
        """How many reports `take` took."""
        box, count = self._reports.get(number, deque()), 0
        while box:
            report = box.popleft()
            if not take(report):
                box.appendleft(report)
                break
            count += 1
        return count
