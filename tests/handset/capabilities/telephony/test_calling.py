"""Calls as a modem tells of them that does what real ones seldom do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from pileus.core.clock import ManualClock
from pileus.handset.capabilities.telephony.calling import Calling
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.words import INCOMING
from pileus.handset.ledger import Ledger

FRIEND, UNWANTED = "+8613900000003", "+8613900000002"
ACTIVE, WAITING, TERMINATED = 4, 6, 7
"""`MMCallState`."""


class Asking:
    """Notes what the modem is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def ask(self, path: str, _face: str, word: str, *_more: Any, **_patience: float) -> None:
        self.asked.append((path, word))

    @property
    def modems(self) -> Asking:
        return self


@pytest.mark.parametrize("told", [True, False])
def test_a_blocked_call_that_waits_is_refused_once_the_other_one_is_gone(tmp_path: Path, told: bool) -> None:
    """Also where the modem lets go of that one without a word of its end."""

    async def story() -> None:
        tasks: list[asyncio.Future[None]] = []

        def spawn(one: Awaitable[None]) -> None:
            tasks.append(asyncio.ensure_future(one))

        async def ended(_wish: Any, _why: str) -> None:
            pass

        async with asyncio.timeout(30), Ledger(tmp_path / "ledger.db") as ledger:
            asking, modem = Asking(), Modem("/modem/0", {}, "life")
            calling = Calling(
                asking,  # type: ignore[arg-type]
                ledger,
                ManualClock(),
                lambda: "mei",
                lambda: None,
                ended,
                spawn,
                UNWANTED.__eq__,
            )
            calling.call(modem, "/call/1", {"Number": FRIEND, "Direction": INCOMING, "State": ACTIVE})
            waits = {"Number": UNWANTED, "Direction": INCOMING, "State": WAITING}
            calling.call(modem, "/call/2", waits)
            assert [one["number"] for one in calling.shown()] == [FRIEND]
            await asyncio.gather(*tasks)
            assert asking.asked == [], "the modem may take the word for the call that is spoken in"

            if told:
                calling.call(modem, "/call/1", {"State": TERMINATED})
            calling.gone(modem, "/call/1")
            calling.call(modem, "/call/2", waits)
            await asyncio.gather(*tasks)
            assert [one for one in asking.asked if one[1] == "Hangup"] == [("/call/2", "Hangup")]
            assert calling.shown() == []

    asyncio.run(story())
