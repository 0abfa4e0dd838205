"""The real ModemManager understands the simulated carrier's modem."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.carrier.scripted import Manner
from tests.handset import modem_manager as mm
from tests.handset.modems import ACTIVE, HELD, RINGING_OUT, TERMINATED, WAITING, World, world

ONE, TWO, THIRD = "+8613900000001", "+8613900000002", "+8613900000003"

pytestmark = [pytest.mark.modem_manager, pytest.mark.slow, pytest.mark.xdist_group("modem-manager")]


class Pair:
    """Two phones that are switched on and registered, by their objects' paths."""

    def __init__(self, here: World) -> None:
        self.here, self.manager, self.carrier = here, here.manager, here.carrier
        self.phones = [self.carrier.handset(number) for number in (ONE, TWO)]
        self.one = self.two = ""

    async def start(self) -> None:
        self.one, self.two = [await self.here.plug(phone) for phone in self.phones]
        for path in (self.one, self.two):
            await self.manager.enable(path)


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="mm-"))
    with world(folder) as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def pair(here: World) -> Pair:
    made = Pair(here)
    here.run(made.start)
    return made


def test_who_it_is(pair: Pair) -> None:
    async def story() -> None:
        modem = await pair.manager.get_all(pair.one, mm.MODEM)
        assert modem["OwnNumbers"] == [ONE]
        assert modem["UnlockRetries"][2] == 3
        network = await pair.manager.get_all(pair.one, mm.GPP)
        assert (network["OperatorName"], network["OperatorCode"]) == ("Pileus", "46099")
        sim = await pair.manager.get_all(modem["Sim"], mm.SIM)
        assert (sim["Imsi"], sim["OperatorIdentifier"]) == ("460990000000001", "46099")
        assert {"110", "112", "119"} <= set(sim["EmergencyNumbers"])

    pair.here.run(story)


@pytest.mark.parametrize(
    "text", ["hello [€]", "你好，世界", "😀" * 5, "Ä" * 400, "长短信😀" * 60], ids=lambda text: str(len(text))
)
def test_messages_both_ways(pair: Pair, text: str) -> None:
    async def story() -> None:
        pair.carrier.text("Pileus", ONE, text)
        assert await pair.here.next_text(pair.one) == text
        await pair.here.send(pair.one, TWO, text)
        assert await pair.here.next_text(pair.two) == text

    pair.here.run(story)


def test_a_delivery_report_names_its_message(pair: Pair) -> None:
    async def story() -> None:
        sent = await pair.here.send(pair.one, TWO, "到了吗", report=True)
        reference = await pair.manager.get(sent, mm.SMS, "MessageReference")
        await pair.here.next_text(pair.two)

        async def reported() -> list[dict[str, object]]:
            found = [
                await pair.manager.get_all(path, mm.SMS)
                for path in await pair.manager.call(pair.one, mm.MESSAGING, "List")
            ]
            return [sms for sms in found if sms["PduType"] == 3]

        (report,) = await pair.manager.until("a report", reported)
        assert (report["MessageReference"], report["DeliveryState"], report["Number"]) == (reference, 0, TWO)

    pair.here.run(story)


def test_a_call_between_both_with_tones_and_hold(pair: Pair) -> None:
    async def story() -> None:
        call = await pair.here.dial(pair.one, TWO)
        other = await pair.here.incoming(pair.two)
        assert await pair.manager.get(other, mm.CALL, "Number") == ONE
        await pair.here.state(call, RINGING_OUT)
        await pair.manager.call(other, mm.CALL, "Accept")
        await pair.here.state(call, ACTIVE)
        for digit in "1#":
            await pair.manager.call(call, mm.CALL, "SendDtmf", "s", digit)
        assert pair.phones[1].modem.heard == ["1", "#"]
        await pair.manager.call(pair.one, mm.VOICE, "HoldAndAccept")
        assert await pair.manager.get(call, mm.CALL, "State") == HELD
        assert len(pair.carrier.calls[0].held_by) == 1
        await pair.manager.call(pair.one, mm.VOICE, "HoldAndAccept")
        await pair.here.state(call, ACTIVE)
        await pair.manager.call(other, mm.CALL, "Hangup")
        await pair.here.state(call, TERMINATED)

    pair.here.run(story)


def test_a_call_comes_in_and_a_second_one_waits(pair: Pair) -> None:
    async def story() -> None:
        first = pair.carrier.call(THIRD, ONE)
        call = await pair.here.incoming(pair.one)
        await pair.manager.call(call, mm.CALL, "Accept")
        second = pair.carrier.call("+8613900000004", ONE)
        waiting = await pair.here.incoming(pair.one, WAITING)
        await pair.manager.call(pair.one, mm.VOICE, "HoldAndAccept")
        await pair.here.state(waiting, ACTIVE)
        assert await pair.manager.get(call, mm.CALL, "State") == HELD
        await pair.manager.call(pair.one, mm.VOICE, "HangupAll")
        for ended in (first, second):
            if ended.why is None:
                ended.end()
        for path in (call, waiting):
            await pair.here.state(path, TERMINATED)

    pair.here.run(story)


def test_a_call_that_nobody_answered_in_time(pair: Pair) -> None:
    async def story() -> None:
        call = pair.carrier.call(THIRD, ONE)
        path = await pair.here.incoming(pair.one)
        call.end(by=call.caller)
        await pair.here.state(path, TERMINATED)

    pair.here.run(story)


def test_a_call_is_refused(pair: Pair) -> None:
    async def story() -> None:
        call = pair.carrier.call(THIRD, ONE)
        path = await pair.here.incoming(pair.one)
        await pair.manager.call(path, mm.CALL, "Hangup")
        assert call.why is not None
        assert call.why.value == "busy"

    pair.here.run(story)


@pytest.mark.parametrize("manner", [Manner.BUSY, Manner.SILENT, Manner.REFUSES, None])
def test_a_call_comes_to_nothing(pair: Pair, manner: Manner | None) -> None:
    async def story() -> None:
        pair.carrier.no_answer_after = 1
        if manner is None:
            pair.carrier.scripted.pop("10010", None)
        else:
            pair.carrier.script("10010", manner)
        await pair.here.state(await pair.here.dial(pair.one, "10010"), TERMINATED)
        pair.carrier.no_answer_after = 45

    pair.here.run(story)


def test_ussd(pair: Pair) -> None:
    async def story() -> None:
        ask = pair.manager.call
        assert await ask(pair.one, mm.USSD, "Initiate", "s", "*100#") == "余额 Balance: ¥42.00"
        assert "流量" in await ask(pair.one, mm.USSD, "Initiate", "s", "*101#")
        assert await ask(pair.one, mm.USSD, "Respond", "s", "2") == "100 GB"

    pair.here.run(story)
