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
from pileus.handset.capabilities.telephony.asking import ERRORS, Asking
from pileus.handset.capabilities.telephony.modems import Modem
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
        self.all = [Modem("/m", {MODEM: {"State": 8}, MESSAGING: {}}, ":1.5/m")]
        self.all[0].sim = {"SimIdentifier": "8986"}

    async def ask(self, _path: str, _face: str, member: str, *_more: Any, **_patience: Any) -> Any:
        self.asked.append(member)
        if isinstance(answer := self.answers[member], Exception):
            raise answer
        return answer

    async def sms(self, path: str) -> dict[str, Any]:
        return {**CAME, "Text": path, "MessageReference": 7}

    def look_again(self, _modem: Modem) -> None:
        self.looked += 1


def run(tmp_path: Path, modems: Modems, story: Callable[[Post, Ledger], Awaitable[None]]) -> None:
    async def news(_came: Mapping[str, Any]) -> None: ...

    async def whole() -> None:
        async with asyncio.timeout(30), Ledger(tmp_path / "ledger.db") as ledger:
            asking = Asking(modems)  # type: ignore[arg-type]
            post = Post(asking, ledger, ManualClock(), lambda: "mei", news, lambda: None, lambda _: False)
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
