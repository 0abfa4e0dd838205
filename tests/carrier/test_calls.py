"""Calls between terminals."""

from __future__ import annotations

import pytest

from pileus.carrier.events import Happening
from pileus.carrier.scripted import Manner
from tests.carrier.world import ONE, TWO, Terminal, World


def states(phone: Terminal) -> list[str]:
    """Direction and state of each call."""
    return [",".join(line.split(",")[1:3]) for line in phone.said("AT+CLCC") if line.startswith("+CLCC")]


def pair() -> tuple[World, Terminal, Terminal]:
    world = World()
    return world, world.phone(ONE).ready(), world.phone(TWO).ready()


def test_a_call_is_answered_and_ended_by_the_other_end() -> None:
    world, one, two = pair()
    assert one.said("ATD13900000002;") == ["OK"]
    assert states(one) == ["0,2"]
    world.pass_()
    assert two.read() == ["+CRING: VOICE", f'+CLIP: "{ONE}",145']
    assert (states(one), states(two)) == (["0,3"], ["1,4"])
    world.pass_(5)
    assert two.read() == ["+CRING: VOICE", f'+CLIP: "{ONE}",145']
    assert two.said("ATA") == ["OK"]
    assert (states(one), states(two)) == (["0,0"], ["1,0"])
    assert one.said("AT+VTS=5;+VTS=#") == ["OK"]
    assert two.modem.heard == ["5", "#"]
    assert two.said("AT+CHUP") == ["OK"]
    assert one.read() == ["NO CARRIER"]
    assert (states(one), states(two)) == ([], [])
    world.pass_(60)
    assert two.read() == []
    assert world.kinds() == [Happening.DIALLED, Happening.RINGS, Happening.ANSWERED, Happening.ENDED]


def test_the_caller_gives_up() -> None:
    world, one, two = pair()
    one.said(f"ATD{TWO};")
    world.pass_()
    one.said("ATH")
    assert states(two) == []
    two.read()
    world.pass_(10)
    assert two.read() == []
    assert two.said("ATA") == ["ERROR"]


@pytest.mark.parametrize(
    ("manner", "said", "why"),
    [
        (Manner.BUSY, "BUSY", "busy"),
        (Manner.SILENT, "NO ANSWER", "no-answer"),
        (Manner.REFUSES, "BUSY", "busy"),
        (None, "NO CARRIER", "unreachable"),
    ],
)
def test_a_call_comes_to_nothing(manner: Manner | None, said: str, why: str) -> None:
    world = World()
    one = world.phone().ready()
    if manner:
        world.carrier.script("10086", manner)
    assert one.said("ATD10086;") == ["OK"]
    world.pass_(60)
    assert one.read() == [said]
    assert world.events[-1].detail == why


def test_a_refused_call_is_busy_to_its_caller() -> None:
    world, one, two = pair()
    one.said(f"ATD{TWO};")
    world.pass_()
    two.said("AT+CHUP")
    assert one.read() == ["BUSY"]


def test_a_second_call_waits_and_the_first_is_held() -> None:
    world, one, two = pair()
    one.said(f"ATD{TWO};")
    world.pass_()
    two.said("ATA")
    third = world.carrier.call("+8613900000003", TWO)
    world.pass_()
    assert two.read() == ['+CCWA: "+8613900000003",145,1']
    assert states(two) == ["1,0", "1,5"]
    assert two.said("AT+CHLD=2") == ["OK"]
    assert states(two) == ["1,1", "1,0"]
    assert two.said("AT+CHLD=2") == ["OK"]
    assert states(two) == ["1,0", "1,1"]
    assert two.said("AT+CHLD=12") == ["OK"]
    assert third.why is not None
    assert two.said("AT+CHLD=13") == ["+CME ERROR: 21"]
    assert states(two) == ["1,0"]


def test_a_busy_phone_without_call_waiting() -> None:
    world, one, two = pair()
    two.said("AT+CCWA=1,0")
    one.said(f"ATD{TWO};")
    world.pass_()
    call = world.carrier.call("+8613900000003", TWO)
    world.pass_()
    assert call.why is not None
    assert call.why.value == "busy"


@pytest.mark.parametrize("away", ["off", "reach", "airplane"])
def test_a_phone_that_goes_away_ends_its_call(away: str) -> None:
    world, one, two = pair()
    one.said(f"ATD{TWO};")
    world.pass_()
    two.said("ATA")
    if away == "off":
        two.phone.switch_off()
    elif away == "reach":
        two.phone.signal(None)
    else:
        two.said("AT+CFUN=4")
        world.pass_()
    assert one.read() == ["NO CARRIER"]
    one.said(f"ATD{TWO};")
    world.pass_()
    assert one.read() == ["NO CARRIER"]


def test_a_withheld_number() -> None:
    world = World()
    one = world.phone().ready()
    world.carrier.call("", ONE)
    world.pass_()
    assert one.read() == ["+CRING: VOICE", '+CLIP: "",128,,,,1']


def test_an_emergency_call_without_a_network_of_ones_own() -> None:
    world = World()
    one = world.phone(pin="1234").ready()
    assert one.said("ATD112;") == ["OK"]
    world.pass_(3)
    assert states(one) == ["0,0"]
    one.phone.signal(None)
    assert one.said("ATD112;")[-1] == "+CME ERROR: 30"
