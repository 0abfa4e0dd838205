"""A message to one person, from the ledger to a modem: at most once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from pileus.core.errors import PileusError, Unavailable
from pileus.handset.capabilities.telephony import outgoing
from pileus.handset.capabilities.telephony.outgoing import Letter
from pileus.handset.ledger import Ledger

log = logging.getLogger("pileus.handset.telephony")


@dataclass(frozen=True)
class Sent:
    """By which card, and the reference that its delivery report will have (TS 23.040 §9.2.3.6), -1 for none."""

    card: str
    reference: int


class Sender(Protocol):
    """The modem's half."""

    def cards(self) -> list[dict[str, str]]:
        """{id, label, number} of each card that can send."""

    async def send(self, card: str, person: str, text: str) -> Sent:
        """Raises `PileusError` where it surely did not leave; `Unavailable` where that is not known."""


class Hand:
    """`turn` is held by whoever sends: what the account wants sent has a time limit and waits before that."""

    def __init__(self, ledger: Ledger, sender: Sender) -> None:
        self._ledger, self.sender = ledger, sender
        self.turn = asyncio.Lock()

    async def over(self, letter: Letter, person: str) -> None:
        """Of one that is `started`; before the modem is asked it is on the disk that it may have it."""
        if not await self._ledger.write(partial(outgoing.hand, record=letter.record, person=person)):
            return  # somebody has taken this step already
        try:
            sent = await self.sender.send(letter.card, person, letter.body)
        except Unavailable as error:
            log.warning("whether %s left is not known: %s", letter.record, error.detail)
        except PileusError as error:
            await self.step(letter, person, "failed", error.code)
        else:
            await self._ledger.write(
                lambda db: outgoing.sent(db, letter.record, person, sent.card, sent.reference)
            )

    async def step(self, letter: Letter, person: str, phase: str, error: str = "") -> None:
        await self._ledger.write(lambda db: outgoing.step(db, letter.record, person, phase, error))
