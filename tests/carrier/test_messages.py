"""Messages that wait, expire and are reported."""

from __future__ import annotations

from datetime import timedelta

from pileus.carrier.address import Address
from pileus.carrier.body import Body, Coding
from pileus.carrier.events import Happening
from pileus.carrier.modem import READ_WITHIN, SETTLE
from pileus.carrier.parts import join
from pileus.carrier.pdu import EXPIRED, Submit, read_deliver, read_report, without_centre
from tests.carrier.world import BANK, ONE, TWO, Terminal, World


def inbox(phone: Terminal) -> list[str]:
    lines = phone.said("AT+CMGL=4")
    return [read_deliver(without_centre(bytes.fromhex(line))[1]).body.text for line in lines[1:-1:2]]


def test_a_phone_that_is_away_gets_its_messages_later_in_their_order() -> None:
    world = World()
    phone = world.phone().ready()
    phone.phone.signal(None)
    for text in ("一", "二", "三"):
        world.carrier.text(BANK, ONE, text)
    assert world.carrier.messages.waiting(ONE) == 3
    phone.phone.signal()
    world.pass_(5 * READ_WITHIN)
    assert inbox(phone) == ["一", "二", "三"]


def test_a_full_card_makes_messages_wait() -> None:
    world = World()
    phone = world.phone(slots=2).ready()
    assert phone.phone.fill() == 2
    world.carrier.text(BANK, ONE, "123456")
    assert phone.read() == []
    assert phone.said("AT+CPMS?") == ['+CPMS: "SM",2,2,"SM",2,2,"SM",2,2', "OK"]
    assert phone.said("AT+CMGD=2") == ["OK"]
    world.pass_(SETTLE + 0.1)
    assert phone.read() == ['+CMTI: "SM",2']
    phone.said("AT+CMGW=14")
    phone.modem.terminal.feed(b"00010005A10180F600000141" + b"\x1a")
    assert " ERROR: " in phone.read()[0]
    message = Submit(Address.of(TWO), Body(Coding.GSM7, b"A")).encode()
    phone.said(f"AT+CMGW={len(message)}")
    phone.modem.terminal.feed(b"00" + message.hex().encode() + b"\x1a")
    assert phone.read() == ["+CMS ERROR: 322"]


def test_the_next_message_comes_when_the_last_one_was_read() -> None:
    world = World()
    phone = world.phone().ready()
    text = "长" * 150
    world.carrier.text(BANK, ONE, text)
    parts = []
    for index in (1, 2, 3):
        assert phone.read() == [f'+CMTI: "SM",{index}']
        line = phone.said(f"AT+CMGR={index}")[1]
        parts.append(read_deliver(without_centre(bytes.fromhex(line))[1]).body)
        assert phone.read() == []
        world.pass_(SETTLE + 0.1)
    assert join(reversed(parts)) == text


def test_a_message_expires_and_that_is_reported() -> None:
    world = World()
    one, two = world.phone(ONE).ready(), world.phone(TWO).ready()
    two.phone.switch_off()
    end = timedelta(minutes=5)
    message = Submit(Address.of(TWO), Body(Coding.GSM7, b"A"), wants_report=True, validity=end)
    one.send(message.encode())
    world.pass_(301)
    (_, pdu) = one.read()
    report = read_report(without_centre(bytes.fromhex(pdu))[1])
    assert report.status == EXPIRED
    two.phone.switch_on()
    assert inbox(two) == []
    assert Happening.EXPIRED in world.kinds()


def test_reports_come_late_or_never_and_wait_for_their_phone() -> None:
    world = World()
    one, two = world.phone(ONE).ready(), world.phone(TWO).ready()
    message = Submit(Address.of(TWO), Body(Coding.GSM7, b"A"), wants_report=True).encode()
    world.carrier.messages.report_after = 60
    one.send(message)
    world.pass_(59)
    assert one.read() == []
    one.phone.signal(None)
    one.read()
    world.pass_(60)
    assert one.read() == []
    one.phone.signal()
    assert one.read()[-2].startswith("+CDS: ")
    world.carrier.messages.report_after = None
    one.send(message)
    world.pass_(10_000)
    assert one.read() == []
    assert len(two.phone.card.messages) == 2


def test_an_echo_answers_a_message_of_several_parts_with_one() -> None:
    world = World()
    world.carrier.script("10000", echo=True)
    phone = world.phone().ready()
    from pileus.carrier.parts import split

    for body in split("回" * 100, 7):
        assert phone.send(Submit(Address.of("10000"), body).encode())[-1] == "OK"
    world.pass_(10)
    assert "".join(inbox(phone)) == "回" * 100


def test_nobody_has_that_number() -> None:
    phone = World().phone().ready()
    message = Submit(Address.of("+8617099999999"), Body(Coding.GSM7, b"A")).encode()
    assert phone.send(message) == ["+CMS ERROR: 1"]


def test_a_message_without_coverage_is_not_taken() -> None:
    phone = World().phone().ready()
    phone.phone.signal(None)
    message = Submit(Address.of(TWO), Body(Coding.GSM7, b"A")).encode()
    phone.read()
    assert phone.send(message) == ["+CMS ERROR: 331"]
