"""Calls, messages and the network through the real ModemManager and a modem of the simulated carrier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from pileus.carrier.address import Address
from pileus.carrier.calls import Stage
from pileus.carrier.parts import split
from pileus.carrier.pdu import Deliver
from pileus.carrier.scripted import Manner
from pileus.handset.capabilities.telephony import parts
from tests.cloud.push_service import until
from tests.handset.phones import NUMBER, OTHER, Phone, phone
from tests.handset.shell import Refused

pytestmark = pytest.mark.modem_manager
THIRD = "+8613900000003"
LONG = "到了西湖边，断桥残雪，平湖秋月。" * 12


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(120):
            await story()

    asyncio.run(whole())


async def refusal(asked: Awaitable[Any]) -> str:
    with pytest.raises(Refused) as refused:
        await asked
    return refused.value.code


async def rows(one: Phone, query: str) -> list[tuple[Any, ...]]:
    ledger = one.daemon.capability("telephony")._ledger  # type: ignore[attr-defined]
    found: list[tuple[Any, ...]] = await ledger.read(lambda db: [tuple(row) for row in db.execute(query)])
    return found


async def kinds(one: Phone) -> list[str]:
    """Of the calls that the account is owed, the first one first."""
    return [
        kind for (kind,) in await rows(one, "SELECT json_extract(wish, '$.kind') FROM arrived ORDER BY made_ms")
    ]


def test_messages_are_kept_and_leave_the_modem(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:
            one.carrier.text(OTHER, NUMBER, LONG)
            one.carrier.text(OTHER, NUMBER, "see you 😀")
            await one.shell.until(lambda: len(one.shell.told("message")) == 2)
            told = {data["body"]: data for data in one.shell.told("message")}
            assert set(told) == {LONG, "see you 😀"}
            first = told[LONG]
            assert (first["address"], first["sim"]) == (OTHER, one.handset.card.iccid)
            assert abs(first["date_ms"] - first["sent_ms"]) < 60_000
            await one.shell.until(lambda: one.telephony["owed"] == 2)

            await asyncio.to_thread(until, lambda: not one.handset.card.messages)
            assert await rows(one, "SELECT kind, state FROM arrived") == [("message", "owed")] * 2

    run(story)


def test_a_part_that_is_late_leaves_a_gap_until_it_comes(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with phone(short) as one:
            telephony: Any = one.daemon.capability("telephony")
            first, second, third = split(LONG, 7)
            for body in (first, third):
                one.carrier.put(OTHER, NUMBER, Deliver(Address.of(OTHER), one.carrier.now(), body).encode())
            [modem] = telephony._modems.all
            await asyncio.to_thread(until, lambda: len(one.handset.card.messages) == 2 and modem.coming)
            assert one.shell.told("message") == []
            monkeypatch.setattr(parts, "SHOWN_AFTER", 0)
            telephony._modems.look_at_all()
            await one.shell.until(lambda: one.shell.told("message"), "the gap")
            one.carrier.put(OTHER, NUMBER, Deliver(Address.of(OTHER), one.carrier.now(), second).encode())
            await one.shell.until(lambda: len(one.shell.told("message")) == 2, "the whole")
            assert [told["body"] for told in one.shell.told("message")] == [parts.GAP, LONG]
            await asyncio.to_thread(until, lambda: not one.handset.card.messages)

    run(story)


def test_calls_come_are_taken_held_and_ended_by_either_side(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:
            one.carrier.script(OTHER, Manner.ANSWERS)
            call = one.carrier.call(OTHER, NUMBER)
            ringing = await one.until_call("ringing-in")
            assert (ringing["number"], ringing["incoming"], ringing["answered_ms"]) == (OTHER, True, 0)
            await one.ask("answer", call=ringing["id"])
            taken = await one.until_call("active")
            assert taken["answered_ms"] > 0
            await one.ask("tones", call=ringing["id"], keys="1*#")
            call.end()
            await one.until_call("")
            assert await refusal(one.ask("answer", call=ringing["id"])) == "call-unknown"

            one.carrier.call(OTHER, NUMBER)
            await one.ask("hang-up", call=(await one.until_call("ringing-in"))["id"])
            await one.until_call("")

            missed = one.carrier.call(OTHER, NUMBER)
            await one.until_call("ringing-in")
            missed.end()
            await one.until_call("")
            await one.shell.until(lambda: one.shell.told("missed"))

            out = await one.ask("dial", number="139 0000 0002")
            assert (await one.until_call("active"))["id"] == out["call"]
            await one.ask("hang-up", call=out["call"])
            await one.until_call("")
            await one.shell.until(lambda: one.telephony["owed"] == 4)
            assert await kinds(one) == ["in", "rejected", "missed", "out"]

    run(story)


def test_a_second_call_waits_is_taken_swapped_and_ended(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:

            async def until_calls(*wanted: tuple[str, str]) -> dict[str, str]:
                """Number and state of all that there are; their ids by number."""

                def now() -> list[tuple[str, str]]:
                    return sorted((call["number"], call["state"]) for call in one.telephony["calls"])

                await one.shell.until(lambda: now() == sorted(wanted), f"calls that are {wanted}")
                return {call["number"]: call["id"] for call in one.telephony["calls"]}

            other = one.carrier.handset(OTHER)
            first = (await one.ask("dial", number=OTHER))["call"]
            await until_calls((OTHER, "ringing-out"))
            other.modem.voice.answer()
            await until_calls((OTHER, "active"))
            await one.ask("tones", call=first, keys="1*#")
            assert other.modem.heard == ["1", "*", "#"]

            second = one.carrier.call(THIRD, NUMBER)
            waits = (await until_calls((OTHER, "active"), (THIRD, "waiting")))[THIRD]
            await one.ask("answer", call=waits)
            await until_calls((OTHER, "held"), (THIRD, "active"))
            await one.ask("swap", call=first)
            await until_calls((OTHER, "active"), (THIRD, "held"))
            await one.ask("hang-up", call=first)
            await until_calls((THIRD, "held"))
            await one.ask("swap", call=waits)
            await until_calls((THIRD, "active"))
            assert second.stage is Stage.ACTIVE

            declined = one.carrier.call(OTHER, NUMBER)
            await one.ask("hang-up", call=(await until_calls((THIRD, "active"), (OTHER, "waiting")))[OTHER])
            await until_calls((THIRD, "active"))
            assert (declined.stage, second.stage) == (Stage.RINGING, Stage.ACTIVE)
            assert await refusal(one.ask("swap", call=waits)) == "modem-busy"
            await one.ask("hang-up", call=waits)
            await asyncio.to_thread(until, lambda: declined.stage is Stage.ENDED)
            await one.until_call("")
            await one.shell.until(lambda: one.telephony["owed"] >= 3)
            assert (await kinds(one))[:3] == ["out", "in", "rejected"]

    run(story)


def test_the_network_is_asked_by_codes(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:
            balance = await one.ask("ussd", code="*100#")
            assert balance == {"text": "余额 Balance: ¥42.00", "asks": False}
            menu = await one.ask("ussd", code="*101#")
            assert menu["asks"]
            assert await one.ask("ussd", code="2") == {"text": "100 GB", "asks": False}
            assert (await one.ask("ussd", code="*101#"))["asks"]
            await one.ask("ussd-cancel")
            assert await one.ask("ussd", code="*100#") == balance

    run(story)


def test_without_a_card_there_are_emergency_calls(short: Path) -> None:
    async def story() -> None:
        async with phone(short, card=False, ready=False) as one:
            await one.until_modem(state="failed", failure="sim-missing", card="", calls=True)
            assert await refusal(one.ask("dial", number=OTHER)) == "modem-not-ready"
            assert await refusal(one.ask("unlock", modem=one.modem["id"], pin="1234")) == "sim-missing"
            out = await one.ask("dial", number="110")
            await one.until_call("active")
            await one.ask("hang-up", call=out["call"])
            await one.until_call("")

    run(story)


def test_a_card_is_opened_and_emergency_calls_go_before_that(short: Path) -> None:
    async def story() -> None:
        async with phone(short, pin="1234", ready=False, emergency=("110", "555")) as one:
            await one.until_modem(state="locked", lock="sim-pin")
            assert one.modem["tries"]["sim-pin"] == 3
            assert await refusal(one.ask("dial", number=OTHER)) == "modem-not-ready"
            out = await one.ask("dial", number="110")
            await one.until_call("active")
            await one.ask("hang-up", call=out["call"])
            await one.until_call("")
            where = one.modem["id"]
            assert await refusal(one.ask("unlock", modem=where, pin="0000")) == "sim-wrong-pin"
            await one.shell.until(lambda: one.modem["tries"]["sim-pin"] == 2)
            assert await refusal(one.ask("unlock", modem=where, pin="12")) == "method-params"
            assert await refusal(one.ask("unlock", modem="/none", pin="1234")) == "modem-unknown"
            assert await refusal(one.ask("unlock", modem=where, pin="1234\n")) == "method-params"
            await one.ask("unlock", modem=where, pin="1234")
            await one.until_modem(state="registered", lock="", operator="Pileus")
            await one.shell.until(lambda: "555" in one.telephony["emergency"], "the card's own number")
            assert {"112", "110"} < set(one.telephony["emergency"])

    run(story)


def test_after_three_wrong_pins_the_puk_opens_the_card(short: Path) -> None:
    """ModemManager takes the modem away then, and brings another one."""

    async def story() -> None:
        async with phone(short, pin="1234", ready=False) as one:
            await one.until_modem(state="locked", lock="sim-pin")
            first = one.modem["id"]
            for _ in range(3):
                assert await refusal(one.ask("unlock", modem=first, pin="0000")) == "sim-wrong-pin"
            await one.shell.until(lambda: one.modem.get("id", first) != first, "another modem")
            await one.until_modem(state="locked", lock="sim-puk")
            where = one.modem["id"]
            assert await refusal(one.ask("unlock", modem=where, pin="4321")) == "method-params"
            assert await refusal(one.ask("unlock", modem=where, pin="4321", puk="00000000")) == "sim-wrong-pin"
            await one.ask("unlock", modem=where, pin="4321", puk="12345678")
            await one.until_modem(state="registered", lock="")
            assert one.handset.card.code == "4321"

    run(story)


def test_the_radio_the_signal_and_the_network_are_shown_and_switched(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:
            await one.until_modem(
                operator="Pileus", registration="home", signal=80, technology="4g", roaming=False
            )
            one.handset.signal(None)
            await one.until_modem(state="searching")
            one.handset.signal(31)
            await one.until_modem(state="registered")
            await one.ask("airplane", on=True)
            await one.until_modem(state="disabled")
            assert one.telephony["airplane"]
            assert await refusal(one.ask("dial", number=OTHER)) == "modem-not-ready"
            out = await one.ask("dial", number="110")
            await one.until_call("active")
            await one.ask("hang-up", call=out["call"])
            await one.until_call("")
            await one.ask("airplane", on=False)
            await one.until_modem(state="registered")

    run(story)


def test_a_modem_manager_that_is_killed_costs_the_call_alone(short: Path) -> None:
    async def story() -> None:
        async with phone(short) as one:
            one.carrier.script(OTHER, Manner.ANSWERS)
            await one.ask("dial", number=OTHER)
            await one.until_call("active")
            await one.kill_manager()
            await one.shell.until(lambda: one.telephony["present"] is False, "no telephony")
            assert one.telephony["why"] == "no-service"
            assert await refusal(one.ask("dial", number=OTHER)) == "modem-not-ready"
            one.carrier.text(OTHER, NUMBER, "where are you?")
            async with one.manager_again():
                await one.until_modem(state="registered", messages=True, calls=True)
                await one.shell.until(lambda: one.shell.told("message"))
                await one.shell.until(lambda: one.telephony["owed"] == 2)
                assert await kinds(one) == ["out", None]

    run(story)


def test_a_message_stays_one_when_modem_manager_or_daemon_begins_anew(short: Path) -> None:
    """The modem's copy is not deleted while the disk is full, so that both find it again."""

    async def story() -> None:
        async with phone(short) as one:
            post: Any = one.daemon.capability("telephony")._post  # type: ignore[attr-defined]

            async def refuses(modem: Any, path: str) -> None:
                pass

            post._forget = refuses
            one.carrier.text(OTHER, NUMBER, "once")
            await one.shell.until(lambda: one.telephony["owed"] == 1)
            await one.kill_manager()
            async with one.manager_again():
                await one.until_modem(state="registered", messages=True)
                one.carrier.text(OTHER, NUMBER, "twice")
                await one.shell.until(lambda: one.telephony["owed"] == 2)
                await one.restart_daemon()
                await one.shell.until(lambda: one.telephony["owed"] == 2)
                one.carrier.text(OTHER, NUMBER, "thrice")
                await one.shell.until(lambda: one.telephony["owed"] == 3)
                assert [told["body"] for told in one.shell.told("message")] == ["thrice"]

                await asyncio.to_thread(until, lambda: not one.handset.card.messages)

    run(story)
