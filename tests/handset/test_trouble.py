"""Trouble as the daemon gets through it with the real ModemManager: a clear word, nothing lost, and it goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pileus.carrier.scripted import Manner
from pileus.core.clock import ManualClock
from pileus.handset.ledger import count_owed
from tests.cloud.push_service import until
from tests.handset import modem_manager as mm
from tests.handset.phones import NUMBER, OTHER, Phone, phone
from tests.handset.shell import Refused

pytestmark = pytest.mark.modem_manager
NOISE = b'\r\n+CMTI: "SM",\r\n\r\nRING\r\n\r\n+CREG: 5\r\n\r\n+CREG: 1\r\n\xff\x00\r\n+CUSD: 0,"\r\n'


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(150):
            await story()

    asyncio.run(whole())


def bodies(one: Phone) -> list[str]:
    return [told["body"] for told in one.shell.told("message")]


@asynccontextmanager
async def never_stops(one: Phone) -> AsyncIterator[None]:
    """A modem that talks on and on, as fast as its line takes it."""

    async def talk() -> None:
        while True:
            one.handset.modem.terminal.say(NOISE)
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    try:
        yield
    finally:
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talking


def test_a_modem_that_vanishes_in_a_call_ends_it_and_comes_back(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:
            one.carrier.script(OTHER, Manner.ANSWERS)
            await one.ask("dial", number=OTHER)
            await one.until_call("active")
            await one.line.vanish()
            await one.manager.remove(one.name)
            await one.shell.until(lambda: one.telephony.get("why") == "no-hardware", "no modem")
            assert one.telephony["calls"] == []
            with pytest.raises(Refused) as refused:
                await one.ask("dial", number=OTHER)
            assert refused.value.code == "modem-not-ready"
            await one.shell.until(lambda: one.telephony["owed"] == 1, "the call in the ledger")
            one.carrier.text(OTHER, NUMBER, "where did you go?")
            one.handset.switch_on()
            await one.line.open()
            device = f"/virtual/{one.name}"
            await one.manager.call(mm.ROOT, mm.SERVICE, "InhibitDevice", "sb", device, False)
            await one.until_modem(state="registered", calls=True)
            await one.shell.until(lambda: bodies(one) == ["where did you go?"], "what came meanwhile")
            await one.ask("dial", number=OTHER)
            await one.until_call("active")

    run(story)


def test_a_modem_that_never_stops_talking_costs_what_it_says_and_nothing_else(short: Path) -> None:
    """ModemManager takes the noise for answers: what came meanwhile stays on the card, until it begins anew."""

    async def story() -> None:
        async with phone(short) as one:
            async with never_stops(one):
                await one.until_call("ringing-in")
                one.carrier.text(OTHER, NUMBER, "in the noise")
                for _ in range(3):
                    with pytest.raises(Refused) as refused:
                        await one.ask("answer", call="none")
                    assert refused.value.code == "call-unknown"
            await one.until_call("")
            assert bodies(one) or one.handset.card.messages
            await one.kill_manager()
            async with one.manager_again():
                await one.shell.until(lambda: bodies(one) == ["in the noise"], "a message in the noise")

    run(story)


def test_a_full_card_and_wrong_clocks_lose_nothing(short: Path) -> None:
    async def story() -> None:
        async with phone(short, slots=2) as one:
            texts = [f"第{number}条" for number in range(5)]
            for text in texts:  # more than the card holds: the network keeps the rest
                one.carrier.text(OTHER, NUMBER, text)
            await one.shell.until(lambda: set(texts) <= set(bodies(one)), "all of them")

            for year in (2003, 2061):
                moment = int(datetime(year, 3, 1, tzinfo=UTC).timestamp() * 1000)
                one.carrier.clock = ManualClock(moment)
                one.carrier.text(OTHER, NUMBER, str(year))
                await one.shell.until(lambda: str(year) in bodies(one), str(year))  # noqa: B023
                [told] = [told for told in one.shell.told("message") if told["body"] == str(year)]
                # a network that is behind is not believed; a phone that is behind the network by years is
                assert (told["sent_ms"], told["date_ms"] == moment) == (moment, year > 2050)
            assert len(bodies(one)) == len(set(bodies(one))) == 7
            ledger = one.daemon.capability("telephony")._ledger  # type: ignore[attr-defined]
            kept = "SELECT count(*) FROM arrived WHERE kind = 'message'"
            assert await ledger.read(lambda db: db.execute(kept).fetchone()[0]) == 7
            assert await ledger.read(count_owed) == 7
            await asyncio.to_thread(until, lambda: not one.handset.card.messages)

    run(story)
