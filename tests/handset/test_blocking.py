"""Whom the account blocked does not ring, and is kept: without its cloud, and after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pileus.carrier.calls import Stage
from tests.cloud.push_service import until
from tests.conftest import free_port
from tests.handset.phones import NUMBER, OTHER, phone
from tests.handset.shell import Refused

pytestmark = pytest.mark.modem_manager
THIRD = "+8613900000003"


def test_a_blocked_number_rings_nowhere_and_its_words_are_kept_as_read(short: Path) -> None:
    away = f"http://pileus.localhost:{free_port()}"

    async def story() -> None:
        async with phone(short) as one:
            await one.ask("block", addresses=[OTHER])  # nobody's
            await one.shell.ask("account", "sign-in", server=away, token="t", account="mei")
            call = one.carrier.call(OTHER, NUMBER)
            assert (await one.until_call("ringing-in"))["number"] == OTHER
            call.end()
            await one.until_call("")
            await one.shell.until(lambda: one.shell.told("missed"))

            with pytest.raises(Refused):
                await one.ask("block", addresses=[""])
            await one.ask("block", addresses=["139 0000 0002", "110"])
            await one.restart_daemon()
            await one.until_modem(state="registered", calls=True, messages=True)
            call = one.carrier.call(OTHER, NUMBER)
            await asyncio.to_thread(until, lambda: call.stage is Stage.ENDED)
            await one.shell.until(lambda: one.telephony["owed"] >= 2)
            assert (one.shell.told("missed"), one.call) == ([], {})

            one.carrier.text(OTHER, NUMBER, "buy now")
            one.carrier.text(THIRD, NUMBER, "到家了吗？")
            await one.shell.until(lambda: len(one.shell.told("message")) == 2)
            told = {data["body"]: data for data in one.shell.told("message")}
            assert (told["buy now"]["blocked"], told["buy now"]["read"]) == (True, True)
            assert "blocked" not in told["到家了吗？"]

            talk = one.carrier.call(THIRD, NUMBER)  # one that waits beside it is not hung up, nor shown
            await one.ask("answer", call=(await one.until_call("ringing-in"))["id"])
            await one.until_call("active")
            waiting = one.carrier.call(OTHER, NUMBER)
            ledger = one.daemon.capability("telephony")._ledger  # type: ignore[attr-defined]
            kinds = "SELECT json_extract(wish, '$.kind') AS kind, state FROM arrived WHERE kind = 'call'"

            async def rows() -> list[tuple[str, str]]:
                return await ledger.read(lambda db: [tuple(row) for row in db.execute(kinds)])  # type: ignore[no-any-return]

            loop = asyncio.get_running_loop()

            def open_blocked() -> bool:
                return ("blocked", "open") in asyncio.run_coroutine_threadsafe(rows(), loop).result(20)

            await asyncio.to_thread(until, open_blocked)
            assert [found["number"] for found in one.telephony["calls"]] == [THIRD]
            with pytest.raises(Refused) as refused:  # a modem that holds would take up who waits
                await one.ask("swap", call=one.call["id"])
            assert (refused.value.code, waiting.stage) == ("modem-busy", Stage.RINGING)
            waiting.end()
            await asyncio.to_thread(until, lambda: not open_blocked())
            assert talk.stage is Stage.ACTIVE

            waiting = one.carrier.call(OTHER, NUMBER)  # and one that waits on after the other one
            await asyncio.to_thread(until, open_blocked)
            await one.ask("hang-up", call=one.call["id"])
            await asyncio.to_thread(until, lambda: waiting.stage is Stage.ENDED)
            await one.until_call("")
            await one.shell.until(lambda: one.telephony["owed"] >= 7)
            # A late answer to +CLCC may bring a refused call a second time (ModemManager 1.20).
            assert set(await rows()) == {("blocked", "owed"), ("in", "owed"), ("missed", "owed")}

            await one.shell.ask("account", "sign-out")
            await one.shell.ask("account", "sign-in", server=away, token="t", account="mei")
            one.carrier.call(OTHER, NUMBER)  # a list is handed over after each sign-in
            await one.until_call("ringing-in")

    asyncio.run(asyncio.wait_for(story(), 120))
