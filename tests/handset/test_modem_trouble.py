"""What befalls a phone, as the real ModemManager sees it: locks, lost signal, airplane mode, and broken modems."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pileus.carrier import faults
from pileus.carrier.address import Address
from pileus.carrier.body import Body, Coding, Concat
from pileus.carrier.card import Operator
from pileus.carrier.handset import Handset
from pileus.carrier.pdu import Deliver
from tests.handset import modem_manager as mm
from tests.handset.client import BusError
from tests.handset.modems import ACTIVE, World, world

BANK = "95588"
FOREIGN = Operator("00101", "异乡移动")
SEARCHING, ROAMING = 2, 5
"""MMModem3gppRegistrationState."""
SIM_PIN, SIM_PUK = 2, 4
"""MMModemLock."""
NOT_FOR_THE_CARD = "org.freedesktop.ModemManager1.Error.MobileEquipment"

pytestmark = [pytest.mark.modem_manager, pytest.mark.slow, pytest.mark.xdist_group("modem-manager")]


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="mm-"))
    with world(folder) as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


class Phone:
    """A phone of a test's own, switched on and registered: `path` is its modem's object."""

    def __init__(self, here: World, number: str, slots: int = 20) -> None:
        self.here, self.manager = here, here.manager
        self.phone: Handset = here.carrier.handset(number, slots=slots)
        self.name = f"phone-{number.lstrip('+')}"
        self.path = ""

    async def start(self) -> None:
        self.path = await self.here.plug(self.phone)
        await self.manager.enable(self.path)

    def gets(self, text: str) -> None:
        self.here.carrier.text(BANK, self.phone.number, text)

    async def reads(self, text: str) -> None:
        """Waits for a message, maybe behind others, and deletes all."""

        async def arrived() -> bool:
            return text in [sms["Text"] for sms in await self.here.texts(self.path)]

        await self.manager.until(f"the message {text}", arrived)
        for sms in await self.here.texts(self.path):
            await self.manager.call(self.path, mm.MESSAGING, "Delete", "o", sms["Path"])


@pytest.fixture(scope="module")
def phone(here: World) -> Phone:
    made = Phone(here, "+8613900000010", slots=4)
    here.run(made.start)
    return made


def test_a_pin_opens_the_card_and_emergencies_need_none(here: World) -> None:
    async def story() -> None:
        handset = here.carrier.handset("+8613900000011", pin="1234")
        path = await here.plug(handset)
        ask, get = here.manager.call, here.manager.get
        assert await get(path, mm.MODEM, "UnlockRequired") == SIM_PIN
        assert await get(path, mm.VOICE, "EmergencyOnly") is True
        call = await here.dial(path, "112")
        await here.state(call, ACTIVE)
        await ask(call, mm.CALL, "Hangup")
        with pytest.raises(BusError, match="only emergency calls allowed"):
            await here.dial(path, "10086")
        sim = await get(path, mm.MODEM, "Sim")
        with pytest.raises(BusError, match="IncorrectPassword"):
            await ask(sim, mm.SIM, "SendPin", "s", "0000")
        assert (await get(path, mm.MODEM, "UnlockRetries"))[SIM_PIN] == 2
        await ask(sim, mm.SIM, "SendPin", "s", "1234")
        await here.manager.until_is(path, mm.MODEM, "State", mm.DISABLED)
        await here.manager.enable(path)

    here.run(story)


def test_three_wrong_pins_ask_for_the_puk(here: World) -> None:
    async def story() -> None:
        handset = here.carrier.handset("+8613900000012", pin="1234")
        path = await here.plug(handset)
        known = await here.manager.objects()
        sim = await here.manager.get(path, mm.MODEM, "Sim")
        for _ in range(3):
            with pytest.raises(BusError, match=NOT_FOR_THE_CARD):
                await here.manager.call(sim, mm.SIM, "SendPin", "s", "0000")

        # ModemManager throws the modem's object away, and makes a new one.
        async def again() -> str:
            return next(iter(await here.manager.objects() - known), "")

        path = await here.manager.until("the modem anew", again)
        await here.manager.until_is(path, mm.MODEM, "State", mm.LOCKED)
        assert await here.manager.get(path, mm.MODEM, "UnlockRequired") == SIM_PUK
        sim = await here.manager.get(path, mm.MODEM, "Sim")
        await here.manager.call(sim, mm.SIM, "SendPuk", "ss", "12345678", "4321")
        await here.manager.until_is(path, mm.MODEM, "State", mm.DISABLED)
        assert handset.card.code == "4321"

    here.run(story)


def test_without_a_card_there_are_emergency_calls(here: World) -> None:
    async def story() -> None:
        handset = here.carrier.handset("+8613900000013")
        handset.take_card_out()
        path = await here.plug(handset)
        assert await here.manager.get(path, mm.MODEM, "State") == mm.FAILED
        call = await here.dial(path, "110")
        await here.state(call, ACTIVE)
        await here.manager.call(call, mm.CALL, "Hangup")
        assert here.carrier.calls == []

    here.run(story)


def test_out_of_reach_and_abroad(phone: Phone) -> None:
    async def story() -> None:
        until = phone.manager.until_is
        phone.phone.signal(None)
        await until(phone.path, mm.GPP, "RegistrationState", SEARCHING)
        phone.gets("等着")
        phone.phone.roam(FOREIGN)
        phone.phone.signal(31)
        await until(phone.path, mm.GPP, "RegistrationState", ROAMING)
        await until(phone.path, mm.GPP, "OperatorName", FOREIGN.name)
        await phone.reads("等着")
        phone.phone.signal(1)

        async def weak() -> bool:
            return (await phone.manager.get(phone.path, mm.MODEM, "SignalQuality"))[0] <= 20

        await phone.manager.until("one bar", weak)
        phone.phone.signal()
        phone.phone.roam(None)
        await until(phone.path, mm.GPP, "OperatorName", "Pileus")

    phone.here.run(story)


def test_in_airplane_mode_messages_wait(phone: Phone) -> None:
    """ModemManager's generic plugin cannot switch a radio off (Unsupported); a modem's own command can."""

    async def story() -> None:
        await phone.manager.call(phone.path, mm.MODEM, "Enable", "b", False)
        with pytest.raises(BusError, match="not supported"):
            await phone.manager.call(phone.path, mm.MODEM, "SetPowerState", "u", 2)
        await phone.manager.call(phone.path, mm.MODEM, "Command", "su", "+CFUN=4", 5)
        phone.gets("降落后")
        assert phone.here.carrier.messages.waiting(phone.phone.number) == 1
        await phone.manager.enable(phone.path)
        await phone.reads("降落后")

    phone.here.run(story)


def test_a_full_card_takes_the_next_message_when_one_is_deleted(phone: Phone) -> None:
    async def story() -> None:
        for number in range(phone.phone.card.slots + 1):
            phone.gets(f"第{number}条")

        async def full() -> bool:
            return len(await phone.here.texts(phone.path)) == phone.phone.card.slots

        await phone.manager.until("a full card", full)
        assert phone.here.carrier.messages.waiting(phone.phone.number) == 1
        first = (await phone.here.texts(phone.path))[0]
        await phone.manager.call(phone.path, mm.MESSAGING, "Delete", "o", first["Path"])
        await phone.reads(f"第{phone.phone.card.slots}条")

    phone.here.run(story)


def hostile() -> list[bytes]:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    lies = Body(Coding.GSM7, b"x", Concat(9, 0, 5).element())
    cut = Deliver(Address.of(BANK), now, Body(Coding.UCS2, "你好".encode("utf-16-be"))).encode()
    return [b"\x04", cut[:-3], cut[:5], Deliver(Address.of(BANK), now, lies).encode(), b"\xff" * 40, bytes(40)]


def test_broken_messages_stop_nothing(phone: Phone) -> None:
    """ModemManager shows none of those that it cannot read: they stay on the card, and fill it in the end."""

    async def story() -> None:
        for octets in hostile():
            phone.here.carrier.put(BANK, phone.phone.number, octets)
            phone.gets("好")
            await phone.reads("好")
            for index in list(phone.phone.card.messages):
                phone.phone.card.delete(index)
        assert phone.manager.process.returncode is None

    phone.here.run(story)


def test_a_modem_that_is_torn_out_of_a_call_comes_back(phone: Phone) -> None:
    async def story() -> None:
        phone.here.carrier.script("10000")
        call = await phone.here.dial(phone.path, "10000")
        await phone.here.state(call, ACTIVE)
        line = phone.here.lines[phone.phone.number]
        await line.vanish()
        assert phone.here.carrier.calls == []
        await phone.manager.remove(phone.name)
        with pytest.raises(BusError):
            await phone.manager.get(call, mm.CALL, "State")
        phone.gets("回来了")
        phone.phone.switch_on()
        await line.open()
        phone.path = await phone.manager.put_back(phone.name)
        await phone.manager.enable(phone.path)
        await phone.reads("回来了")

    phone.here.run(story)


@pytest.mark.parametrize("octets", [b"\xff", b"\0", b"+CMTI: ", b"\r\n"], ids=["high", "zero", "news", "lines"])
def test_a_modem_that_never_ends_its_line(phone: Phone, octets: bytes) -> None:
    async def story() -> None:
        phone.phone.modem.terminal.say(octets * (8192 // len(octets)))
        phone.phone.modem.terminal.say(b"\r\n")
        phone.gets("还在")
        await phone.reads("还在")

    phone.here.run(story)


@pytest.mark.parametrize(
    "fault",
    [faults.garble(random.Random(6), 0.2), faults.late_by_one(), faults.mute(2)],
    ids=["garbled", "late", "mute"],
)
def test_wrong_answers_end_when_the_modem_is_well_again(phone: Phone, fault: faults.Fault) -> None:
    async def story() -> None:
        async def signal() -> str:
            try:
                return str(await phone.manager.call(phone.path, mm.MODEM, "Command", "su", "+CSQ", 1))
            except BusError as refused:
                return refused.name

        phone.phone.modem.terminal.fault = fault
        assert {await signal() for _ in range(2)} != {"+CSQ: 20,99"}
        phone.phone.modem.terminal.fault = None
        phone.gets("好了")
        await phone.reads("好了")

    phone.here.run(story)
