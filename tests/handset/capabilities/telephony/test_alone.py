"""Letters of the shell that this handset sends by itself, with a modem and a cloud of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from pileus.core.clock import ManualClock
from pileus.core.errors import Conflict, PileusError, Unavailable
from pileus.handset.capabilities.telephony import letters
from pileus.handset.capabilities.telephony.alone import WITHIN, Alone
from pileus.handset.capabilities.telephony.carrying import Carrying
from pileus.handset.capabilities.telephony.handing import Hand
from pileus.handset.capabilities.telephony.letters import Send
from pileus.handset.capabilities.telephony.outgoing import Report, reported
from pileus.handset.ledger import Ledger
from tests.handset.capabilities.telephony.test_carrying import CARD, WHOSE, Cloud, Modem

NOT_READY = Conflict("modem-not-ready", "No modem with this card is ready.")


class World:
    """A handset between two lives of its daemon."""

    def __init__(self, ledger: Ledger, *says: PileusError | int) -> None:
        self.ledger, self.clock = ledger, ManualClock()
        self.modem = Modem(self.clock, *says)
        self.whose = WHOSE
        self.refusal: PileusError | None = None
        self.news = asyncio.Event()
        self.begin()

    def begin(self) -> None:
        self.alone = Alone(
            self.ledger, Hand(self.ledger, self.modem), self.clock, lambda: self.whose, self._changed
        )

    async def take(self, record: str = "m", *people: str, **more: Any) -> str:
        wish = Send(record, "mei", list(people or ["+861"]), "在路上", **more)
        return (await self.alone.take(wish, lambda: self.refusal)).state

    async def settle(self) -> None:
        """Runs until nothing is on its way."""
        working = asyncio.create_task(self.alone.run())
        try:
            while any(one.state == "sending" for one in await self.alone.shown()) or self.alone.busy:
                await self.news.wait()
                self.news.clear()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def states(self) -> dict[str, str]:
        return {one.record: one.state for one in await self.alone.shown()}

    async def _changed(self) -> None:
        self.news.set()


def run(tmp_path: Path, story: Callable[[World], Awaitable[None]], *says: PileusError | int) -> None:
    async def whole() -> None:
        async with asyncio.timeout(30), Ledger(tmp_path / "ledger.db") as ledger:
            await story(World(ledger, *says))

    asyncio.run(whole())


def test_a_letter_leaves_once_however_often_it_is_handed_over(tmp_path: Path) -> None:
    async def story(one: World) -> None:
        assert await one.take() == "sending"
        await one.settle()
        assert await one.take(repeated=True) == "sent"
        one.begin()  # another life of the daemon
        await one.alone._turn()
        assert one.modem.sent == [("+861", "在路上")]

    run(tmp_path, story)


def test_what_cannot_leave_is_refused_unless_an_older_question_may_be_on_its_way(tmp_path: Path) -> None:
    async def story(one: World) -> None:
        one.refusal = NOT_READY
        with pytest.raises(PileusError, match="No modem"):
            await one.take()
        assert await one.states() == {}
        assert await one.take(repeated=True) == "failed", "an older question finds it known"
        one.refusal = None
        assert await one.take() == "failed"
        one.whose = "lin http://pileus.localhost"
        with pytest.raises(PileusError) as refused:
            await one.take("other")
        assert refused.value.code == "handset-account"
        assert one.modem.sent == []

    run(tmp_path, story)


def test_a_kill_while_the_modem_has_it_asks_the_owner_and_sends_nothing_again(tmp_path: Path) -> None:
    async def story(one: World) -> None:
        await one.take("m", "+861", "+862")
        letter = (await one.ledger.read(lambda db: letters.begun(db, WHOSE)))[0].letter
        await one.ledger.write(lambda db: db.execute("UPDATE outgoing SET phase = 'handed' WHERE person = '+861'"))
        one.begin()
        await one.settle()
        assert letter.people == ("+861", "+862")
        assert [person for person, _ in one.modem.sent] == ["+862"], "the second surely was not with the modem"
        assert await one.states() == {"m": "unknown"}
        await one.alone.decide("m", "again")
        await one.settle()
        assert [person for person, _ in one.modem.sent] == ["+862", "+861"], "by its owner's word, who has it not"
        assert await one.states() == {"m": "sent"}
        with pytest.raises(PileusError, match="nothing to decide"):
            await one.alone.decide("m", "again")

    run(tmp_path, story)


@pytest.mark.parametrize(
    ("decision", "state", "taken"), [("again", "sent", 2), ("sent", "sent", 1), ("cancel", "unsent", 1)]
)
def test_the_owners_word_counts(tmp_path: Path, decision: str, state: str, taken: int) -> None:
    async def story(one: World) -> None:
        await one.take()
        await one.settle()
        assert await one.states() == {"m": "unknown"}
        await one.alone.decide("m", decision)
        await one.settle()
        assert (await one.states(), len(one.modem.sent)) == ({"m": state}, taken)

    run(tmp_path, story, Unavailable("send-unknown", "?"))


@pytest.mark.parametrize("age", [WITHIN + 1, -60])
def test_what_waited_too_long_for_a_modem_does_not_leave_by_itself(tmp_path: Path, age: float) -> None:
    async def story(one: World) -> None:
        await one.take()
        await one.ledger.write(
            lambda db: db.execute("UPDATE outgoing SET made_ms = made_ms - ?", (int(age * 1000),))
        )
        await one.settle()
        assert (await one.states(), one.modem.sent) == ({"m": "failed"}, [])

    run(tmp_path, story)


def test_the_account_has_it_once_when_the_cloud_is_back_and_hears_of_its_report(tmp_path: Path) -> None:
    async def story(one: World) -> None:
        async def nothing() -> None: ...

        await one.take("m", "+8613800138000", contact="Lin", region="CN", made_ms=1)
        await one.settle()
        away = Unavailable(detail="away")
        cloud = Cloud(arrivals=lambda _wish: (_ for _ in ()).throw(away))
        carrying = Carrying(one.ledger, cloud, Hand(one.ledger, one.modem), one.clock, nothing)
        assert not await carrying.turn()
        assert await one.states() == {"m": "sent"}, "it is here until the account has it"

        cloud.answers.clear()
        cloud.asked.clear()
        assert await carrying.turn()
        [wish] = [asked["sent"] for asked in cloud.told("arrivals")]
        token = wish[0].pop("token")
        assert wish == [
            {
                "id": "m", "people": ["+8613800138000"], "body": "在路上", "date_ms": 1, "contact": "Lin",
                "region": "CN", "state": "sent", "sim": CARD, "error": "", "sent_ms": one.clock.now_ms(),
            }
        ]  # fmt: skip
        assert await one.states() == {}
        assert await one.take(repeated=True) == "kept"
        report = Report(CARD, "+8613800138000", 1, good=True, at_ms=one.clock.now_ms())
        await one.ledger.write(lambda db: reported(db, report))
        assert await carrying.turn()
        assert cloud.told("report") == [{"token": token, "outcome": "delivered", "error": ""}]
        assert len(cloud.told("arrivals")) == 1
        assert len(one.modem.sent) == 1

    run(tmp_path, story)


def test_one_that_the_account_does_not_take_yet_holds_up_no_other(tmp_path: Path) -> None:
    async def story(one: World) -> None:
        async def nothing() -> None: ...

        def full(wish: Any) -> Any:
            ids = [letter["id"] for letter in wish["sent"]]
            refused = {
                name: code for name, code in (("a", "quota-exceeded"), ("b", "message-known")) if name in ids
            }
            return {"kept": [name for name in ids if name not in refused], "refused": refused}

        for name in "abc":
            await one.take(name)
        await one.settle()
        cloud = Cloud(arrivals=full)
        await Carrying(one.ledger, cloud, Hand(one.ledger, one.modem), one.clock, nothing).turn()
        assert await one.states() == {"a": "sent"}

    run(tmp_path, story)
