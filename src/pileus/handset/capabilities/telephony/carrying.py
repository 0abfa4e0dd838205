"""Between the ledger and the account: what came goes up, what is to be sent comes down, what became of it goes up.

Asked for at the doorbell, when the modem got something, and every minute. Every request may be repeated; what a
kill cuts off is taken up again from the ledger. What one step of a turn cannot do holds up no other one.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec

from pileus.core.clock import Clock
from pileus.core.errors import PileusError, Unavailable
from pileus.handset.capabilities.telephony import letters, outgoing
from pileus.handset.capabilities.telephony.handing import Hand
from pileus.handset.capabilities.telephony.outgoing import Letter
from pileus.handset.ledger import Ledger, owed

AT_ONCE = 50
MOST_BYTES = 256 << 10
"""Of one request, but for a single message that has more: well below what the cloud takes."""
EVERY = 60.0
AGAIN = 5.0
"""Seconds before a cloud that does not answer is asked again."""
PASSING = frozenset({"quota-exceeded", "internal", "storage-full", "storage-read-only", "too-many-requests"})
NOT_OURS = frozenset({"lease-lost", "report-late", "not-found", "message-unknown", "nothing-to-send"})
"""What the cloud says of a message that another one took over, or that is gone."""
START_AGAIN, START_WITHIN = 1.0, 20.0
"""Seconds: a start whose answer was lost is asked for again for so long."""
RESUME_WITHIN = 20.0
"""Seconds that a message may be this handset's and still go on after the daemon began anew."""
HAND_OVER_LEFT = 5.0
"""Seconds before the end of its time in which nothing more is handed over."""

log = logging.getLogger("pileus.handset.telephony")


class Cloud(Protocol):
    whose: str

    async def ask(self, method: str, path: str, wish: Any = None) -> Any: ...


class _Odd(PileusError):
    """The cloud answers in a way that this handset does not understand."""

    code = "no-pileus"


class Carrying:
    def __init__(
        self,
        ledger: Ledger,
        cloud: Cloud,
        hand: Hand,
        clock: Clock,
        brought: Callable[[], Awaitable[None]],
        busy: Callable[[], str] = lambda: "",
    ) -> None:
        """`brought` is called when the account has something that it had not; `busy` names the letter of the
        shell's that a modem is asked to send."""
        self._brought, self._busy = brought, busy
        self._ledger, self._cloud, self._hand, self._clock = ledger, cloud, hand, clock
        self._sender = hand.sender
        self._rung = asyncio.Event()
        self._announced: list[dict[str, str]] | None = None

    def ring(self) -> None:
        """There may be something to do."""
        self._rung.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self._rung.clear()
            pause = EVERY if await self.turn() else AGAIN
            try:
                async with asyncio.timeout(pause):
                    await self._rung.wait()
            except TimeoutError:
                pass

    async def turn(self) -> bool:
        """Everything that there is to do now; whether the cloud was reached for it."""
        reached = True
        for step in (self.bring, self._adopt, self.tell, self._announce, self._resume, self.fetch):
            try:
                await step()
            except Unavailable as error:
                log.info("the cloud is not reached: %s", error.detail)
                reached = False
            except PileusError as error:
                log.warning("the account does not take part: %s (%s)", error.detail, error.code)
                reached = False
            except Exception:
                log.exception("a part of what is between ledger and account failed")
                reached = False
        return reached

    async def bring(self) -> None:
        """What came goes to the account."""
        behind: set[str] = set()
        while rows := await self._ledger.read(partial(owed, whose=self._cloud.whose, most=AT_ONCE + len(behind))):
            fresh = _fitting([row for row in rows if row["id"] not in behind])
            if not fresh:
                return
            try:
                behind |= await self._bring(fresh)
            except Unavailable:
                raise
            except PileusError as error:
                if error.code in PASSING or error.status in (401, 403, 408, 425, 429) or error.status >= 500:
                    raise
                # As a whole it is refused: one of them is to blame, which is found by asking of each.
                for row in fresh:
                    behind |= await self._bring_one(row)

    async def _bring_one(self, row: sqlite3.Row) -> set[str]:
        try:
            return await self._bring([row])
        except Unavailable:
            raise
        except PileusError as error:
            log.warning("the account does not take %s: %s", row["id"], error.code)
            await self._ledger.write(partial(_refuse, refused={row["id"]: error.code}))
            return {row["id"]}

    async def _bring(self, rows: Sequence[sqlite3.Row]) -> set[str]:
        """Hands these over; those that are still owed after that."""
        wish = {
            name: [msgspec.json.decode(row["wish"]) for row in rows if row["kind"] == kind]
            for name, kind in (("messages", "message"), ("calls", "call"))
        }
        told = _as(_Told, await self._cloud.ask("POST", "/messages/arrivals", wish))
        ids = {str(row["id"]) for row in rows}
        for record, code in told.refused.items():
            log.warning("the account does not take %s: %s", record, code)
        lasting = {record: code for record, code in told.refused.items() if code not in PASSING}

        def write(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM arrived WHERE id = ?", [(one,) for one in told.kept])
            _refuse(db, lasting)

        await self._ledger.write(write)
        await self._brought()
        return ids - set(told.kept) - lasting.keys()

    async def _adopt(self) -> None:
        """What was sent without the cloud goes to the account, once it is known what became of it."""
        find = partial(letters.settled, whose=self._cloud.whose, most=1)
        refused: set[str] = set()
        while found := await self._ledger.read(lambda db: find(db, busy=self._busy(), but=refused)):
            [one] = found
            told = _as(_Told, await self._cloud.ask("POST", "/messages/arrivals", {"sent": [one.wish]}))
            code = told.refused.get(one.record, "")
            if one.record not in told.kept and (code in PASSING or not code):
                refused.add(one.record)
                continue
            if code:
                log.warning("the account does not take %s: %s", one.record, code)
            await self._ledger.write(
                lambda db, one=one: letters.brought(db, one.record, one.outcome, self._now)  # type: ignore[misc]
            )
            await self._brought()

    async def tell(self) -> None:
        """What became of messages that were to be sent."""
        for one in await self._ledger.read(partial(outgoing.untold, whose=self._cloud.whose)):
            record, outcome = one["record"], one["outcome"]
            wish = {"token": one["token"], "outcome": outcome, "error": one["error"]}
            try:
                await self._cloud.ask("POST", f"/messages/outgoing/{record}/report", wish)
            except PileusError as error:
                if error.code not in NOT_OURS:
                    raise
                log.info("%s is not this handset's any more: %s", record, error.code)
                outcome = "unknown" if outcome == "sent" else outcome
            await self._ledger.write(partial(outgoing.told, record=record, outcome=outcome))
        await self._ledger.write(partial(outgoing.forget, now_ms=self._now))

    async def fetch(self) -> None:
        """Takes what waits and sends it, until nothing does."""
        while self._sender.cards():
            given = _as(_Leases, await self._cloud.ask("POST", "/messages/outgoing/lease", {})).messages
            for one in given:
                letter = Letter(
                    self._cloud.whose, one.message, one.token, one.sim, one.body, tuple(dict.fromkeys(one.people))
                )
                if one.parts:
                    await self._refuse(letter, "no-pictures")
                else:
                    await self._ledger.write(
                        partial(outgoing.add, letter=letter, phase="leased", now_ms=self._now)
                    )
                    await self._start(letter)
            await self.tell()
            if not given:
                return

    @property
    def _now(self) -> int:
        return self._clock.now_ms()

    async def _resume(self) -> None:
        """What the daemon's end cut off before the modem got it goes on, if the cloud still says so. Where its
        time is over, it is said not to have left."""
        for one in await self._ledger.read(partial(outgoing.cut_off, whose=self._cloud.whose)):
            age = (self._now - one.made_ms) / 1000
            if not 0 <= age < RESUME_WITHIN:
                await self._refuse(one.letter, "interrupted")
            elif self._sender.cards():
                await self._start(one.letter, age)

    async def _start(self, letter: Letter, age: float = 0.0) -> None:
        """`age`: for so many seconds the handset has it."""
        async with self._hand.turn:  # before its time begins
            await self._start_now(letter, age)

    async def _start_now(self, letter: Letter, age: float) -> None:
        record, asked = letter.record, self._clock.monotonic() - age
        while True:
            try:  # the same start, however often it is asked for: its time counts from the first one on
                told = await self._cloud.ask("POST", f"/messages/outgoing/{record}/start", {"token": letter.token})
                break
            except Unavailable:
                if self._clock.monotonic() - asked > START_WITHIN:
                    raise
                await asyncio.sleep(START_AGAIN)
            except PileusError as error:
                if error.code in NOT_OURS:
                    await self._ledger.write(partial(outgoing.drop, record=record))
                    return
                raise
        until = asked + _as(_Started, told).hand_over_ms / 1000 - HAND_OVER_LEFT
        await self._ledger.write(partial(outgoing.begin, record=record))
        for person in letter.people:
            if self._clock.monotonic() > until:
                await self._hand.step(letter, person, "failed", "too-late")
            else:
                await self._hand.over(letter, person)

    async def _refuse(self, letter: Letter, why: str) -> None:
        def write(db: sqlite3.Connection) -> None:
            if not outgoing.known(db, letter.record):
                outgoing.add(db, letter, "failed", self._now)
            for person in letter.people:
                outgoing.step(db, letter.record, person, "failed", why)

        await self._ledger.write(write)

    async def _announce(self) -> None:
        cards = self._sender.cards()
        if cards != self._announced and (cards or self._announced):
            await self._cloud.ask("PUT", "/messages/sims", {"sims": cards})
            self._announced = cards


class _Told(msgspec.Struct):
    kept: list[str]
    refused: dict[str, str]


class _Lease(msgspec.Struct):
    message: str
    token: str
    people: list[str]
    body: str
    sim: str
    parts: list[Any] = []


class _Leases(msgspec.Struct):
    messages: list[_Lease]


class _Started(msgspec.Struct):
    hand_over_ms: int


def _as(kind: type[Any], answer: Any) -> Any:
    """What the cloud answered; raises `_Odd`."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise _Odd(detail=f"The cloud's answer is not as expected: {error}") from None


def _fitting(rows: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
    """As many as go together, at least one."""
    found: list[sqlite3.Row] = []
    size = 0
    for row in rows[:AT_ONCE]:
        size += len(str(row["wish"]).encode("utf-8", "surrogatepass"))
        if found and size > MOST_BYTES:
            break
        found.append(row)
    return found


def _refuse(db: sqlite3.Connection, refused: dict[str, str]) -> None:
    db.executemany(
        "UPDATE arrived SET state = 'refused', code = ? WHERE id = ?",
        [(code, record) for record, code in refused.items()],
    )
