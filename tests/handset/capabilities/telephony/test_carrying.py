"""Between ledger and account, with a cloud and a modem of the test's own that do what real ones seldom do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from pileus.core.clock import ManualClock
from pileus.core.errors import Conflict, PileusError, TooLarge, Unavailable
from pileus.handset.capabilities.telephony import outgoing
from pileus.handset.capabilities.telephony.carrying import Carrying
from pileus.handset.capabilities.telephony.handing import Hand, Sent
from pileus.handset.capabilities.telephony.outgoing import Letter, Report
from pileus.handset.ledger import Ledger, count_owed, keep

WHOSE = "mei http://pileus.localhost"
CARD = "8986"
Answer = Callable[[Any], Any]


class Cloud:
    whose = WHOSE

    def __init__(self, **answers: Answer) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers = answers
        self.leases: list[dict[str, Any]] = []

    async def ask(self, method: str, path: str, wish: Any = None) -> Any:
        name = path.rpartition("/")[2]
        self.asked.append((name, wish))
        if name in self.answers:
            return self.answers[name](wish)
        if name == "arrivals":
            return {"kept": [one["id"] for kind in wish.values() for one in kind], "refused": {}}
        if name == "lease":
            given, self.leases = self.leases, []
            return {"messages": given}
        return {"hand_over_ms": 30_000} if name == "start" else {}

    def told(self, name: str) -> list[Any]:
        return [wish for asked, wish in self.asked if asked == name]


class Modem:
    """`says`: what each sending raises or gives; it lasts `seconds`."""

    def __init__(self, clock: ManualClock, *says: PileusError | int, seconds: float = 0) -> None:
        self.sent: list[tuple[str, str]] = []
        self._clock, self._says, self._seconds = clock, list(says), seconds

    def cards(self) -> list[dict[str, str]]:
        return [{"id": CARD, "label": "Pileus", "number": ""}]

    async def send(self, card: str, person: str, text: str) -> Sent:
        self.sent.append((person, text))
        self._clock.advance(self._seconds)
        said = self._says.pop(0) if self._says else len(self.sent)
        if isinstance(said, PileusError):
            raise said
        return Sent(CARD, said)


def lease(record: str, *people: str) -> dict[str, Any]:
    return {"message": record, "token": "t", "people": list(people), "body": "西湖见", "sim": "", "until_ms": 0}


def arrived(db: sqlite3.Connection, *ids: str, body: str = "hi") -> None:
    for at, one in enumerate(ids):
        keep(db, WHOSE, one, "message", {"id": one, "body": body}, at)


def run(tmp_path: Path, story: Callable[[Ledger], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(30), Ledger(tmp_path / "ledger.db") as ledger:
            await story(ledger)

    asyncio.run(whole())


async def nothing() -> None: ...


def carrying(ledger: Ledger, cloud: Cloud, modem: Modem, clock: ManualClock) -> Carrying:
    return Carrying(ledger, cloud, Hand(ledger, modem), clock, nothing)


async def phases(ledger: Ledger) -> dict[str, str]:
    rows = await ledger.read(lambda db: db.execute("SELECT person, phase FROM outgoing").fetchall())
    return {row["person"]: row["phase"] for row in rows}


@pytest.mark.parametrize("odd", [None, [], {"kept": 7}, {"kept": []}, "words"])
def test_an_answer_that_is_none_holds_up_nothing_else(tmp_path: Path, odd: Any) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()
        cloud, modem = Cloud(arrivals=lambda _wish: odd), Modem(clock)
        await ledger.write(lambda db: arrived(db, "a"))
        cloud.leases = [lease("m", "+86138")]
        assert not await carrying(ledger, cloud, modem, clock).turn()
        assert modem.sent == [("+86138", "西湖见")]
        assert await ledger.read(count_owed) == 1

    run(tmp_path, story)


def test_what_fails_unforeseen_is_not_the_end(tmp_path: Path) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()

        def broken(_wish: Any) -> Any:
            raise RuntimeError("made up")

        cloud = Cloud(lease=broken)
        await ledger.write(lambda db: arrived(db, "a"))
        assert not await carrying(ledger, cloud, Modem(clock), clock).turn()
        assert await ledger.read(count_owed) == 0

    run(tmp_path, story)


def test_one_that_the_account_never_takes_keeps_no_other_one_away(tmp_path: Path) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()

        def picky(wish: Any) -> Any:
            ids = [one["id"] for one in wish["messages"]]
            if "b" in ids:
                raise TooLarge("body-too-large", "too much")
            return {"kept": ids, "refused": {}}

        cloud = Cloud(arrivals=picky)
        await ledger.write(lambda db: arrived(db, "a", "b", "c"))
        await carrying(ledger, cloud, Modem(clock), clock).bring()
        rows = await ledger.read(lambda db: db.execute("SELECT id, state, code FROM arrived").fetchall())
        assert [tuple(row) for row in rows] == [("b", "refused", "body-too-large")]

    run(tmp_path, story)


def test_much_is_handed_over_in_parts(tmp_path: Path) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()
        cloud = Cloud()
        await ledger.write(lambda db: arrived(db, *(f"m{n:02}" for n in range(12)), body="大" * 20_000))
        await carrying(ledger, cloud, Modem(clock), clock).bring()
        assert [len(wish["messages"]) for wish in cloud.told("arrivals")] == [4, 4, 4]
        assert await ledger.read(count_owed) == 0

    run(tmp_path, story)


def test_nothing_leaves_after_the_time_is_over(tmp_path: Path) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()
        cloud, modem = Cloud(), Modem(clock, seconds=15)
        cloud.leases = [lease("m", "+861", "+862", "+863", "+864")]
        await carrying(ledger, cloud, modem, clock).fetch()
        assert [person for person, _ in modem.sent] == ["+861", "+862"]
        [told] = cloud.told("report")
        assert (told["outcome"], told["error"]) == ("unknown", "too-late"), "some got it: its owner is asked"

    run(tmp_path, story)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [(Unavailable("send-unknown", "?"), "unknown"), (Conflict("not-allowed", "no"), "failed"), (7, "sent")],
)
def test_what_the_modem_says_is_told(tmp_path: Path, said: Any, outcome: str) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()
        cloud = Cloud()
        cloud.leases = [lease("m", "+8613800138000")]
        await carrying(ledger, cloud, Modem(clock, said), clock).fetch()
        assert [told["outcome"] for told in cloud.told("report")] == [outcome]

    run(tmp_path, story)


@pytest.mark.parametrize(("age", "leaves"), [(5, True), (60, False), (-60, False)])
def test_what_was_cut_off_goes_on_while_its_time_lasts(tmp_path: Path, age: int, leaves: bool) -> None:
    async def story(ledger: Ledger) -> None:
        clock = ManualClock()
        cloud, modem = Cloud(), Modem(clock)
        letter = Letter(WHOSE, "m", "t", "", "西湖见", ("+861",))
        await ledger.write(lambda db: outgoing.add(db, letter, "started", clock.now_ms() - age * 1000))
        await carrying(ledger, cloud, modem, clock).turn()
        assert bool(modem.sent) == leaves
        assert bool(cloud.told("start")) == leaves, "the cloud is asked whether it still is this handset's"
        if not leaves:
            assert [told["error"] for told in cloud.told("report")] == ["interrupted"]

    run(tmp_path, story)


def test_a_step_is_taken_by_one_alone(tmp_path: Path) -> None:
    async def story(ledger: Ledger) -> None:
        letter = Letter(WHOSE, "m", "t", "", "西湖见", ("+861",))
        await ledger.write(lambda db: outgoing.add(db, letter, "started", 0))
        taken = [await ledger.write(lambda db: outgoing.hand(db, "m", "+861")) for _ in range(2)]
        assert taken == [True, False]

    run(tmp_path, story)


def test_a_report_is_of_its_own_card_and_may_come_first(tmp_path: Path) -> None:
    async def story(ledger: Ledger) -> None:
        def kept(db: sqlite3.Connection) -> None:
            for card in ("a", "b"):
                outgoing.add(
                    db, Letter(WHOSE, f"by-{card}", "t", card, "", (f"+861{card == 'b':d}",)), "started", 100
                )
            outgoing.reported(db, Report("b", "+8611", 4, True, 150))
            outgoing.sent(db, "by-a", "+8610", "a", 4)
            outgoing.sent(db, "by-b", "+8611", "b", 4)
            outgoing.reported(db, Report("a", "+8610", 4, False, 200))

        await ledger.write(kept)
        assert await phases(ledger) == {"+8610": "failed", "+8611": "delivered"}

    run(tmp_path, story)
