"""Sends letters of the shell by this handset's own card, its cloud there or not.

One worker takes them from the ledger in the order in which they were written down: what a kill cuts off is found
there again, and what a modem may have got is not sent a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial

from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Forbidden, PileusError
from pileus.handset.capabilities.telephony import letters
from pileus.handset.capabilities.telephony.handing import Hand
from pileus.handset.capabilities.telephony.letters import Send, Standing
from pileus.handset.capabilities.telephony.outgoing import CutOff
from pileus.handset.ledger import Ledger

WITHIN = 600.0
"""Seconds after which a letter that no modem could take is not sent by itself any more."""
AGAIN = 5.0
"""Seconds before a modem that was not ready is looked for again."""

log = logging.getLogger("pileus.handset.telephony")


class Alone:
    """`whose()` is the account; `changed` is told of every step."""

    def __init__(
        self,
        ledger: Ledger,
        hand: Hand,
        clock: Clock,
        whose: Callable[[], str],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._ledger, self._hand, self._clock, self._whose, self._changed = ledger, hand, clock, whose, changed
        self._rung = asyncio.Event()
        self._taking = asyncio.Lock()
        self._tasks: set[asyncio.Task[Standing]] = set()
        self.busy = ""
        """The letter that a modem is asked to send."""

    def ring(self) -> None:
        """There may be something to do."""
        self._rung.set()

    async def take(self, wish: Send, refusal: Callable[[], PileusError | None]) -> Standing:
        """Writes a letter down, and sends it from then on; one that is known is told about. `refusal` says why it
        cannot leave now: it is refused then, unless it was asked for before without an answer. To its end, also
        where the page that asked is closed meanwhile: what is refused is not taken by an older question later."""
        task = asyncio.create_task(self._take(wish, refusal))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _take(self, wish: Send, refusal: Callable[[], PileusError | None]) -> Standing:
        async with self._taking:
            if known := await self._ledger.read(partial(letters.standing, record=wish.id)):
                return self._shown(known)
            whose = self._whose()
            if whose.rsplit(" ", 1)[0] != wish.account or not wish.account:
                raise Forbidden("handset-account", "This handset is not signed in to this account.")
            refused = refusal()
            if refused is not None and not wish.repeated:
                raise refused
            why = refused.code if refused is not None else ""
            await self._ledger.write(lambda db: letters.take(db, whose, wish, self._clock.now_ms(), why))
        self.ring()
        await self._changed()
        return Standing(wish.id, "failed" if why else "sending", why)

    async def decide(self, record: str, decision: str) -> None:
        """The owner's word about a letter. Raises `Conflict`."""

        def write(db: sqlite3.Connection) -> None:
            if record == self.busy:
                raise Conflict("nothing-to-decide", "There is nothing to decide about this message now.")
            letters.decide(db, record, decision, self._clock.now_ms())

        await self._ledger.write(write)
        self.ring()
        await self._changed()

    async def shown(self) -> list[Standing]:
        """What the account does not have yet of these."""
        found = await self._ledger.read(partial(letters.all_of, whose=self._whose()))
        return [self._shown(one) for one in found]

    def _shown(self, one: Standing) -> Standing:
        return Standing(one.record, "sending") if one.record == self.busy else one

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self._rung.clear()
            try:
                waits = await self._turn()
            except Exception:
                log.exception("a letter could not be sent")
                waits = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN if waits else None):
                    await self._rung.wait()

    async def _turn(self) -> bool:
        """Whether some letter waits for a modem."""
        waits = False
        for one in await self._ledger.read(partial(letters.begun, whose=self._whose())):
            age = (self._clock.now_ms() - one.made_ms) / 1000
            if not 0 <= age < WITHIN:
                for person in one.letter.people:
                    await self._hand.step(one.letter, person, "failed", "interrupted")
            elif self._can(one):
                await self._send(one)
            else:
                waits = True
                continue
            await self._changed()
        return waits

    def _can(self, one: CutOff) -> bool:
        cards = [card["id"] for card in self._hand.sender.cards()]
        return one.letter.card in cards if one.letter.card else bool(cards)

    async def _send(self, one: CutOff) -> None:
        record = one.letter.record
        self.busy = record
        try:
            for person in one.letter.people:
                async with self._hand.turn:
                    await self._hand.over(one.letter, person)
                await self._ledger.write(lambda db: letters.left(db, record, self._clock.now_ms()))
        finally:
            self.busy = ""
