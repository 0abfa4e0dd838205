"""Messages of a modem that refuses, with a bus of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pileus.core.clock import ManualClock
from pileus.core.errors import PileusError, StorageFull, Unavailable
from pileus.handset.bus import BusError
from pileus.handset.capabilities.telephony import parts
from pileus.handset.capabilities.telephony.asking import ERRORS, Asking
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.post import Post
from pileus.handset.capabilities.telephony.words import MESSAGING, MODEM
from pileus.handset.ledger import Ledger, count_owed

CAME = {"PduType": 1, "State": 3, "Number": "+86138", "Text": "hi", "Timestamp": "2023-11-14T22:13:20+00"}


class Modems:
    """Answers by member: a value, or what is raised."""

    owner = ":1.5"

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {"Create": "/sms/9", "Send": None, "Delete": None, **answers}
        self.asked: list[str] = []
        self.looked = 0
        self.said: dict[str, Any] = {}
        self.told: list[str] = []
        self.all = [Modem("/m", {MODEM: {"State": 8}, MESSAGING: {}}, ":1.5/m")]
        self.all[0].sim = {"SimIdentifier": "8986"}

    async def ask(self, _path: str, _face: str, member: str, *_more: Any, **_patience: Any) -> Any:
        self.asked.append(member)
        if isinstance(answer := self.answers[member], Exception):
            raise answer
        return answer

    async def sms(self, path: str) -> dict[str, Any]:
        return {**CAME, "Text": path, "MessageReference": 7, **self.said}

    def look_again(self, _modem: Modem) -> None:
        self.looked += 1


def run(
    tmp_path: Path,
    modems: Modems,
    story: Callable[[Post, Ledger], Awaitable[None]],
    clock: ManualClock | None = None,
) -> None:
    async def news(came: Mapping[str, Any]) -> None:
        modems.told.append(str(came["body"]))

    async def whole() -> None:
        async with asyncio.timeout(30), Ledger(tmp_path / "ledger.db") as ledger:
            asking = Asking(modems)  # type: ignore[arg-type]
            post = Post(asking, ledger, clock or ManualClock(), lambda: "mei", news, lambda: None, lambda _: False)
            await story(post, ledger)
            await post.stop()

    asyncio.run(whole())


def refusal(name: str) -> BusError:
    return BusError(name, "no")


def test_a_copy_that_the_modem_does_not_let_go_of_is_looked_for_again_once(tmp_path: Path) -> None:
    modems = Modems(Delete=refusal(f"{ERRORS}Core.Failed"))

    async def story(post: Post, ledger: Ledger) -> None:
        for path in ("/sms/1", "/sms/2", "/sms/1"):
            await post.message(modems.all[0], path)
        assert await ledger.read(count_owed) == 2
        assert len(post._looking) == 1
        modems.answers["Delete"] = None
        await post.message(modems.all[0], "/sms/1")
        rows = await ledger.read(lambda db: db.execute("SELECT path FROM in_modem").fetchall())
        assert [row["path"] for row in rows] == ["/sms/2"]
        assert await ledger.read(count_owed) == 2

    run(tmp_path, modems, story)


def test_a_full_disk_is_tried_again_once_a_modem(tmp_path: Path) -> None:
    modems = Modems()

    async def story(post: Post, ledger: Ledger) -> None:
        async def full(_work: Any) -> Any:
            raise StorageFull

        write, ledger.write = ledger.write, full  # type: ignore[method-assign]
        for path in ("/sms/1", "/sms/2", "/sms/3"):
            with pytest.raises(StorageFull):
                await post.message(modems.all[0], path)
        assert (post.full, len(post._looking), modems.asked) == (True, 1, [])
        ledger.write = write  # type: ignore[method-assign]
        await post.message(modems.all[0], "/sms/1")
        assert not post.full

    run(tmp_path, modems, story)


@pytest.mark.parametrize(
    ("member", "said", "kind"),
    [
        ("Send", refusal(f"{ERRORS}Message.SmscAddressUnknown"), PileusError),
        ("Send", refusal(f"{ERRORS}Core.WrongState"), PileusError),
        ("Send", refusal(f"{ERRORS}Core.Failed"), Unavailable),
        ("Send", refusal(f"{ERRORS}Serial.ResponseTimeout"), Unavailable),
        ("Send", refusal(f"{ERRORS}Message.NetworkTimeout"), Unavailable),
        ("Send", Unavailable("service-silent", "gone"), Unavailable),
        ("Create", Unavailable("service-silent", "gone"), PileusError),
    ],
)
def test_only_what_surely_did_not_leave_is_said_to_have_failed(
    tmp_path: Path, member: str, said: Exception, kind: type[Exception]
) -> None:
    modems = Modems(**{member: said})

    async def story(post: Post, _ledger: Ledger) -> None:
        with pytest.raises(PileusError) as refused:
            await post.send("", "+86138", "hi")
        assert isinstance(refused.value, Unavailable) == (kind is Unavailable)

    run(tmp_path, modems, story)


def test_what_left_is_told_with_its_card_and_reference(tmp_path: Path) -> None:
    async def story(post: Post, _ledger: Ledger) -> None:
        sent = await post.send("8986", "+86 138", "hi")
        assert (sent.card, sent.reference) == ("8986", 7)

    run(tmp_path, Modems(Delete=refusal("x.y")), story)


HALF = {"State": 2, "Text": ""}
HOUR = 3600


@pytest.mark.parametrize("sent", ["2023-11-14T22:13:20+00", "", "2031-01-01T00:00:00+00"])
def test_a_message_whose_last_part_is_late_is_shown_with_a_gap_and_comes_whole_in_the_end(
    tmp_path: Path, sent: str
) -> None:
    """Whatever the network's clock says, or the phone's."""
    modems, clock = Modems(), ManualClock()
    modems.said = {**HALF, "Timestamp": sent}

    async def story(post: Post, ledger: Ledger) -> None:
        for _look in range(3):
            await post.message(modems.all[0], "/sms/1")
            assert (modems.told, modems.asked) == ([], [])
            clock.advance(2 * HOUR - 1)
        clock.advance(3)
        for _look in range(3):
            await post.message(modems.all[0], "/sms/1")
        assert (modems.told, modems.asked) == ([parts.GAP], []), "once, and the modem keeps what it has"
        assert "/sms/1" in modems.all[0].coming
        # ModemManager begins anew, and finds the parts on the card
        again = modems.all[0] = Modem("/m", {MODEM: {"State": 8}, MESSAGING: {}}, ":1.6/m")
        again.sim = {"SimIdentifier": "8986"}
        clock.advance(7 * HOUR)
        await post.message(again, "/sms/0")
        clock.advance(7 * HOUR)
        await post.message(again, "/sms/0")
        assert modems.told == [parts.GAP]
        modems.said = {"Text": "the whole", "Timestamp": sent}
        await post.message(again, "/sms/0")
        assert (modems.told, modems.asked) == ([parts.GAP, "the whole"], ["Delete"])
        assert await ledger.read(count_owed) == 2
        assert not await ledger.read(
            lambda db: db.execute("SELECT 1 FROM in_modem WHERE life = ':1.6/m'").fetchall()
        )

    run(tmp_path, modems, story, clock)


def test_a_message_that_never_comes_whole_is_let_go_and_its_gap_stays(tmp_path: Path) -> None:
    modems, clock = Modems(), ManualClock()
    modems.said = dict(HALF)

    async def story(post: Post, ledger: Ledger) -> None:
        await post.message(modems.all[0], "/sms/1")
        clock.advance(parts.LET_GO_AFTER - 1)
        await post.message(modems.all[0], "/sms/1")
        assert modems.asked == []
        clock.advance(1)
        await post.message(modems.all[0], "/sms/1")
        assert (modems.told, modems.asked) == ([parts.GAP], ["Delete"])
        assert await ledger.read(count_owed) == 1

    run(tmp_path, modems, story, clock)


def test_what_is_waited_for_is_looked_at_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modems = Modems()
    modems.said = dict(HALF)
    looked = asyncio.Event()
    monkeypatch.setattr(parts, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(modems, "look_again", lambda _modem: looked.set())

    async def story(post: Post, _ledger: Ledger) -> None:
        await post.message(modems.all[0], "/sms/1")
        await looked.wait()
        modems.said = {}
        await post.message(modems.all[0], "/sms/1")
        assert post._watching
        await post._watching  # ends, since nothing is waited for

    run(tmp_path, modems, story)
