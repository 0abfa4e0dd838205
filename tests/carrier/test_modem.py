"""What a modem answers, and what it says by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.carrier.address import Address
from pileus.carrier.body import Body, Coding
from pileus.carrier.card import Operator
from pileus.carrier.commands import COMMANDS
from pileus.carrier.pdu import Submit, read_deliver, read_report, without_centre
from tests.carrier.world import ONE, TWO, World

LINES = st.text(st.sampled_from('ATat+-=?,;"0123456789DHVECMGSRLNPUIQKXF*#&\x1a\x1b\b \n'), max_size=60)


def test_several_commands_on_a_line_give_one_ok() -> None:
    phone = World().phone()
    assert phone.said("AT+CMEE=1;+CMEE?;+CSQ") == ["+CMEE: 1", "+CSQ: 20,99", "OK"]
    assert phone.said("ATV1Q0X4&C1E0") == ["OK"]
    assert phone.said("AT+NONSENSE") == phone.said("AT+CMEE=?x") == phone.said('AT+CSCS="') == ["ERROR"]
    assert phone.said("hello") == []
    assert phone.said("AT+CMEE=7") == ["+CME ERROR: 50"]
    assert phone.said("AT+CMEE=2;+CPIN=") == ["+CME ERROR: operation not allowed"]


def test_a_command_in_pieces_with_mistakes() -> None:
    phone = World().phone()
    for piece in (b"A", b"T+CS", b"X\bQ", b"\r"):
        phone.modem.terminal.feed(piece)
    assert phone.read() == ["+CSQ: 20,99", "OK"]
    phone.modem.terminal.feed(b"AT" + b"x" * 100_000)
    assert phone.read() == []
    assert phone.said("") == ["ERROR"]
    assert phone.said("AT") == ["OK"]


@given(st.lists(LINES | st.binary(max_size=40).map(lambda octets: octets.decode("latin-1")), max_size=12))
def test_any_bytes_leave_a_modem_that_answers(lines: list[str]) -> None:
    world = World()
    phone = world.phone(pin="1234").ready()
    for line in lines:
        phone.modem.terminal.feed(line.encode() + b"\r")
        world.pass_(0.5)
    phone.modem.terminal.feed(b"\x1b\rATE0\r")
    phone.read()
    assert phone.said("AT") == ["OK"]


@given(st.sampled_from(sorted(COMMANDS)), st.sampled_from(["", "?", "=?", "="]), LINES)
def test_any_arguments_are_answered_with_one_final_line(name: str, form: str, rest: str) -> None:
    phone = World().phone().ready()
    clean = "".join(char for char in rest if char not in "\x1a\x1b\b\r\n;")
    lines = phone.said(f"AT{name}{form}{clean}")
    finals = [line for line in lines if line in ("OK", "ERROR", "> ", "NO CARRIER") or " ERROR: " in line]
    assert len(finals) == 1


def test_registration_is_told() -> None:
    world = World()
    phone = world.phone().ready()
    assert phone.said("AT+CREG?") == ['+CREG: 2,1,"1A2B","0001F00D",7', "OK"]
    phone.phone.signal(None)
    assert phone.read() == ["+CREG: 2"]
    assert phone.said("AT+CSQ") == ["+CSQ: 99,99", "OK"]
    phone.phone.signal(31)
    phone.phone.roam(Operator("00101", "Elsewhere"))
    assert phone.read() == ['+CREG: 1,"1A2B","0001F00D",7', '+CREG: 5,"1A2B","0001F00D",7']
    assert phone.said("AT+COPS=3,0;+COPS?") == ['+COPS: 0,0,"Elsewhere",7', "OK"]
    phone.said("AT+CFUN=4")
    world.pass_()
    assert phone.said("AT+CREG?;+CFUN?") == ["+CREG: 2,0", "+CFUN: 4", "OK"]
    phone.phone.roam(None)
    phone.phone.deny()
    phone.said("AT+CFUN=1")
    world.pass_()
    assert phone.said("AT+CREG?") == ["+CREG: 2,3", "OK"]


def test_an_operator_in_chinese() -> None:
    phone = World().phone()
    phone.phone.card.home = Operator("46099", "云")
    assert phone.said("AT+COPS?") == ['+COPS: 0,0,"?",7', "OK"]
    assert phone.said('AT+CSCS="UCS2";+COPS?') == ['+COPS: 0,0,"4E91",7', "OK"]


def test_pin_and_puk() -> None:
    world = World()
    phone = world.phone(pin="1234")
    phone.said("AT+CMEE=1")
    assert phone.said("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert phone.said("AT+CIMI") == ["+CME ERROR: 11"]
    assert phone.said('AT+CPIN="0000"') == ["+CME ERROR: 16"]
    assert phone.said('AT+CSIM=10,"0020000100"') == ['+CSIM: 4,"63C2"', "OK"]
    assert phone.said('AT+CPIN="0000"') == ["+CME ERROR: 16"]
    assert phone.said('AT+CPIN="0000"') == ["+CME ERROR: 12"]
    assert phone.said("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert phone.said('AT+CPIN="1234"') == ["+CME ERROR: 12"]
    assert phone.said('AT+CPIN="00000000","4321"') == ["+CME ERROR: 16"]
    assert phone.said('AT+CPIN="12345678","4321"') == ["OK"]
    assert phone.said("AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert phone.said('AT+CLCK="SC",0,"4321";+CLCK="SC",2') == ["+CLCK: 0", "OK"]
    assert phone.said('AT+CPWD="SC","4321","11"') == ["+CME ERROR: 50"]
    phone.phone.switch_off()
    phone.phone.switch_on()
    phone.said("ATE0")
    assert phone.said("AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_a_card_whose_puk_was_wrong_ten_times_is_dead() -> None:
    phone = World().phone(pin="1234")
    phone.said("AT+CMEE=1")
    for _ in range(3):
        phone.said('AT+CPIN="0000"')
    for _ in range(10):
        phone.said('AT+CPIN="00000000","4321"')
    assert phone.said('AT+CPIN="12345678","4321"') == phone.said("AT+CPIN?") == ["+CME ERROR: 13"]


def test_a_phone_without_its_card() -> None:
    phone = World().phone()
    phone.said("AT+CMEE=1")
    phone.phone.take_card_out()
    assert phone.said("AT+CPIN?") == phone.said("AT+CIMI") == ["+CME ERROR: 10"]
    assert phone.said("ATD110;") == phone.said("ATH") == ["OK"]
    assert phone.said("ATD10086;") == ["+CME ERROR: 32"]


def test_a_message_goes_from_one_phone_to_the_other_and_is_reported() -> None:
    world = World()
    one, two = world.phone(ONE).ready(), world.phone(TWO).ready()
    message = Submit(Address.of("13900000002"), Body(Coding.UCS2, "你好".encode("utf-16-be")), wants_report=True)
    assert one.send(message.encode()) == ["+CMGS: 1", "OK"]
    world.pass_()
    assert two.read() == ['+CMTI: "SM",1']
    lines = two.said("AT+CMGR=1")
    got = read_deliver(without_centre(bytes.fromhex(lines[1]))[1])
    assert (lines[0], got.sender.text, got.body.text) == (f"+CMGR: 0,,{len(lines[1]) // 2 - 9}", ONE, "你好")
    assert got.sent_at == world.carrier.now().replace(microsecond=0) or got.sent_at
    length, pdu = one.read()
    report = read_report(without_centre(bytes.fromhex(pdu))[1])
    assert (length, report.reference, report.recipient.text, report.status) == (
        f"+CDS: {len(pdu) // 2 - 9}",
        1,
        TWO,
        0,
    )
    assert two.said("AT+CMGD=1;+CMGR=1") == ["+CMS ERROR: 321"]


@pytest.mark.parametrize("typed", [b"", b"zz", b"00", b"0011", b"0001000B"])
def test_what_is_no_message_is_refused(typed: bytes) -> None:
    phone = World().phone().ready()
    assert phone.said("AT+CMGS=5") == ["> "]
    phone.modem.terminal.feed(typed + b"\x1a")
    (answer,) = phone.read()
    assert " ERROR: " in answer


def test_news_wait_until_a_message_was_typed() -> None:
    world = World()
    phone = world.phone().ready()
    assert phone.said("AT+CMGS=5") == ["> "]
    world.carrier.text("95588", ONE, "123456")
    assert phone.read() == []
    phone.modem.terminal.feed(b"\x1b")
    assert phone.read() == ["OK", '+CMTI: "SM",1']


def test_ussd() -> None:
    world = World()
    phone = world.phone().ready()
    phone.said('AT+CSCS="UCS2"')
    assert phone.said(f'AT+CUSD=1,"{"*100#".encode("utf-16-be").hex()}",15') == ["OK"]
    world.pass_()
    (line,) = phone.read()
    assert bytes.fromhex(line.split('"')[1]).decode("utf-16-be") == "余额 Balance: ¥42.00"
    assert line.startswith("+CUSD: 0,")


def test_a_terminal_that_leaves_in_the_middle_leaves_nothing_begun() -> None:
    """As a ModemManager that is killed between a message's command and its text."""
    phone = World().phone().ready()
    assert phone.said("AT+CMGS=20") == ["> "]
    phone.modem.terminal.left()
    assert phone.said("AT+CSQ") == ["+CSQ: 20,99", "OK"]
    phone.modem.terminal.feed(b"AT+CF")
    phone.modem.terminal.left()
    assert phone.said("AT") == ["OK"]
    phone.said('AT+CGDCONT=1,"IP","internet"')
    assert phone.said("ATD*99***1#") == ["CONNECT"]
    phone.modem.terminal.left()
    assert phone.said("AT+CGACT?") == ["+CGACT: 1,0", "OK"]
