"""Who hears whom."""

from __future__ import annotations

from pileus.carrier.events import Happening
from pileus.carrier.sound import heard
from tests.carrier.test_calls import pair
from tests.carrier.world import BANK, ONE, TWO

ECHO = "95599"
BOTH = {(ONE, TWO), (TWO, ONE)}


def test_both_hear_each_other_while_nobody_holds_the_call() -> None:
    world, one, two = pair()
    one.said(f"ATD{TWO};")
    world.pass_()
    assert heard(world.carrier.calls) == set()
    two.said("ATA")
    assert heard(world.carrier.calls) == BOTH
    for _ in range(2):
        two.said("AT+CHLD=2")
        assert heard(world.carrier.calls) == set()
        two.said("AT+CHLD=2")
        assert heard(world.carrier.calls) == BOTH
    told = [(event.kind, event.who, event.other) for event in world.events if event.kind is Happening.HELD]
    assert told == [(Happening.HELD, TWO, ONE)] * 2
    assert world.kinds().count(Happening.RESUMED) == 2
    one.said("ATH")
    assert heard(world.carrier.calls) == set()


def test_a_number_with_a_script_says_nothing_but_what_it_is_told() -> None:
    world, one, _ = pair()
    world.carrier.script(ECHO, echo=True)
    world.carrier.script(BANK)
    for number, hears in ((BANK, set()), (ECHO, {(ONE, ONE)})):
        one.said(f"ATD{number};")
        world.pass_(2)
        assert [call.stage.value for call in world.carrier.calls] == ["active"]
        assert heard(world.carrier.calls) == hears
        one.said("ATH")
    call = world.carrier.call(ECHO, ONE)
    world.pass_()
    one.said("ATA")
    assert heard(world.carrier.calls) == {(ONE, ONE)}
    call.end()
    assert heard(world.carrier.calls) == set()
