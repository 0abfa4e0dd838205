"""Access points, contexts, and a line that carries packets."""

from __future__ import annotations

import pytest

from tests.carrier.world import BANK, ONE, World


def test_a_context_is_defined_activated_and_forgotten() -> None:
    phone = World().phone().ready()
    assert phone.said('AT+CGDCONT=1,"IP","internet";+CGDCONT=2,"IPV4V6"') == ["OK"]
    assert phone.said("AT+CGDCONT?") == [
        '+CGDCONT: 1,"IP","internet","",0,0',
        '+CGDCONT: 2,"IPV4V6","","",0,0',
        "OK",
    ]
    assert phone.said("AT+CGACT=1,1;+CGACT?") == ["+CGACT: 1,1", "+CGACT: 2,0", "OK"]
    assert phone.said('AT+CGDCONT=1,"IP","other"') == ["+CME ERROR: 3"]
    assert phone.said("AT+CGACT=0;+CGACT?") == ["+CGACT: 1,0", "+CGACT: 2,0", "OK"]
    assert phone.said("AT+CGDCONT=1;+CGPADDR") == ["+CGPADDR: 2", "OK"]
    assert phone.said("AT+CGACT=1,1") == phone.said("AT+CGPADDR=1") == ["+CME ERROR: 50"]


@pytest.mark.parametrize(
    "wrong", ['9,"IP","a"', '0,"IP","a"', '1,"X25","a"', '1,"IP","a b"', f'1,"IP","{"a" * 101}"']
)
def test_what_is_no_context_is_refused(wrong: str) -> None:
    phone = World().phone().ready()
    assert phone.said(f"AT+CGDCONT={wrong}") == ["+CME ERROR: 50"]
    assert phone.said("AT+CGDCONT?") == ["OK"]


def test_why_the_network_lets_no_packets_through_is_told() -> None:
    world = World()
    phone = world.phone().ready()
    phone.said('AT+CGDCONT=1,"IP","nowhere"')
    assert phone.said("AT+CGACT=1,1") == ["+CME ERROR: 133"]
    assert phone.said("ATD*99***1#") == ["NO CARRIER"]
    assert phone.said("AT+CEER") == ["+CEER: requested service option not subscribed", "OK"]
    world.carrier.access_points.clear()
    assert phone.said("AT+CGACT=1,1") == ["+CME ERROR: 132"]
    phone.phone.signal(None)
    assert phone.said("AT+CGACT=1,1") == ["+CME ERROR: 30"]
    assert phone.said("ATD*98#") == phone.said("ATD*99***7#") == ["NO CARRIER"]
    assert phone.said("ATD*99***1#;") == ["ERROR"]


def test_a_line_that_carries_packets_tells_nothing_until_it_is_taken_back() -> None:
    world = World()
    phone = world.phone().ready()
    phone.said('AT+CGDCONT=1,"IP","internet"')
    assert phone.said("ATDT*99#") == ["CONNECT"]
    frame = b"\x7e\xff\x7d\x23\xc0\x21AT\r\nAT+CFUN=4\x7e"
    phone.modem.terminal.feed(frame + b"x\r")
    world.carrier.text(BANK, ONE, "123456")
    assert phone.read() == []
    assert phone.modem.packets.contexts[1].active
    assert phone.said("AT+CGACT?") == ["+CGACT: 1,0", "OK", '+CMTI: "SM",1']


def test_a_network_that_is_lost_takes_the_line_back() -> None:
    phone = World().phone().ready()
    phone.said('AT+CGDCONT=1,"IP",""')
    assert phone.said("ATD*99***1#") == ["CONNECT"]
    phone.phone.signal(None)
    assert phone.read() == ["NO CARRIER", "+CREG: 2"]
    assert phone.said("AT+CGACT?") == ["+CGACT: 1,0", "OK"]
    phone.phone.switch_off()
    phone.phone.switch_on()
    phone.said("ATE0")
    assert phone.said("AT+CGDCONT?") == ["OK"]
