"""The rules of outgoing messages, played through with handsets that crash and answers that are lost."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pileus.cloud.services.messages import sending
from pileus.cloud.services.messages.sending import Sending
from pileus.core.errors import Conflict, Invalid

SIMS = frozenset({"a"})


def under_way(now: int = 0) -> Sending:
    lease = sending.leased(Sending(), "h", SIMS, "t", now)
    assert lease is not None
    return sending.started(lease, "t", now)


def test_a_message_goes_its_way() -> None:
    one = under_way()
    assert (one.state, one.starts) == ("sending", 1)
    assert sending.started(one, "t", 5) == one, "asked again, it is the same start"
    one = sending.reported(one, "t", "sent", 10)
    one = sending.reported(one, "t", "delivered", 20)
    assert sending.reported(one, "t", "sent", 30).state == "delivered"


def test_a_network_that_gives_up_after_it_took_a_message_is_heard() -> None:
    one = sending.reported(sending.reported(under_way(), "t", "sent", 10), "t", "failed", 20)
    assert one.state == "failed"
    assert sending.decided(one, "again", 30).state == "queued"


def test_a_handset_that_asks_again_gets_its_own_lease_anew() -> None:
    lease = sending.leased(Sending(), "h", SIMS, "t", 0)
    assert lease is not None
    assert sending.leased(lease, "other", SIMS, "u", 1) is None
    anew = sending.leased(lease, "h", SIMS, "u", 1)
    assert anew is not None
    assert (anew.token, anew.until_ms) == ("u", 1 + sending.LEASE_MS)
    with pytest.raises(Conflict):
        sending.started(anew, "t", 2)
    assert sending.leased(under_way(), "h", SIMS, "u", 1) is None, "what was started may have left"


def test_a_lease_that_ends_lets_it_wait_again_a_start_does_not() -> None:
    lease = sending.leased(Sending(), "h", SIMS, "t", 0)
    assert lease is not None
    late = sending.expired(lease, sending.LEASE_MS)
    assert (late.phase, late.token) == ("queued", "")
    with pytest.raises(Conflict):
        sending.started(lease, "t", sending.LEASE_MS)
    one = sending.expired(under_way(), sending.SEND_MS)
    assert one.state == "unknown"
    assert sending.leased(one, "h", SIMS, "t2", sending.SEND_MS) is None
    assert sending.reported(one, "t", "sent", sending.SEND_MS + 5).state == "sent", "late news are welcome"


def test_only_its_owner_lets_an_unknown_one_go_again() -> None:
    one = sending.expired(under_way(), sending.SEND_MS)
    again = sending.decided(one, "again", sending.SEND_MS)
    assert (again.phase, again.token, again.starts) == ("queued", "", 1)
    with pytest.raises(Conflict):
        sending.reported(again, "t", "sent", sending.SEND_MS)
    assert sending.decided(one, "sent", sending.SEND_MS).state == "sent"
    assert sending.decided(Sending(), "cancel", 0).state == "unsent"
    for decision in ("again", "sent", "cancel"):
        with pytest.raises(Conflict):
            sending.decided(under_way(), decision, 1)  # type: ignore[arg-type]


def test_another_token_or_card_gets_nothing() -> None:
    assert sending.leased(Sending(sim="b"), "h", SIMS, "t", 0) is None
    assert sending.leased(Sending(), "h", frozenset(), "t", 0) is None
    for token in ("", "other"):
        with pytest.raises(Conflict):
            sending.started(under_way(), token, 1)
        with pytest.raises(Conflict):
            sending.reported(under_way(), token, "sent", 1)
    with pytest.raises(Conflict):
        sending.reported(under_way(), "t", "released", 1)


@pytest.mark.parametrize("sims", [["a", "a"], [""], ["x" * 101], [str(one) for one in range(9)]])
def test_cards_are_few_and_named(sims: list[str]) -> None:
    with pytest.raises(Invalid):
        sending.check_sims(sims)


class Handset:
    """Does what a handset has to; a crash takes what it knew, but not what its modem did."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.token = ""
        self.asked_ms: int | None = None
        self.granted = False
        self.handed = False
        """What it gave to its modem it does not start again; only an answer that it missed is asked for again."""

    def crash(self) -> None:
        self.token, self.asked_ms, self.granted, self.handed = "", None, False, False


class Play(RuleBasedStateMachine):
    """One message, two handsets, an owner who decides, answers that do not arrive."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.one = Sending()
        self.handsets = [Handset("a"), Handset("b")]
        self.handed_over = self.again = self.tokens = 0

    @rule(milliseconds=st.sampled_from([1, 5_000, 29_999, 30_000, 60_000, 120_000]))
    def time_goes_by(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule(number=st.integers(0, 1), heard=st.booleans())
    def lease(self, number: int, heard: bool) -> None:
        self.tokens += 1
        token = f"t{self.tokens}"
        after = sending.leased(self.one, self.handsets[number].name, SIMS, token, self.now)
        if after is not None:
            self.one = after
            if heard:
                self.handsets[number].crash()
                self.handsets[number].token = token

    @rule(number=st.integers(0, 1), slow=st.sampled_from([0, 0, 20_000, 40_000]), heard=st.booleans())
    def start(self, number: int, slow: int, heard: bool) -> None:
        handset = self.handsets[number]
        if not handset.token or handset.granted or handset.handed:
            return
        handset.asked_ms = self.now
        try:
            self.one = sending.started(self.one, handset.token, self.now)
        except Conflict:
            handset.crash()
            return
        self.now += slow
        handset.granted = heard

    @rule(number=st.integers(0, 1))
    def hand_over(self, number: int) -> None:
        handset = self.handsets[number]
        if not handset.granted or handset.asked_ms is None:
            return
        if self.now - handset.asked_ms < sending.HAND_OVER_MS:
            self.handed_over += 1
            handset.handed = True
        handset.granted = False

    @rule(number=st.integers(0, 1), outcome=st.sampled_from(["sent", "delivered", "unknown", "released"]))
    def report(self, number: int, outcome: sending.Outcome) -> None:
        handset = self.handsets[number]
        if handset.token and not handset.granted:
            try:
                self.one = sending.reported(self.one, handset.token, outcome, self.now)
            except Conflict:
                handset.crash()

    @rule(number=st.integers(0, 1))
    def crash(self, number: int) -> None:
        self.handsets[number].crash()

    @rule(decision=st.sampled_from(["again", "cancel", "sent"]))
    def owner_decides(self, decision: sending.Decision) -> None:
        try:
            after = sending.decided(self.one, decision, self.now)
        except Conflict:
            return
        self.again += decision == "again"
        self.one = after

    @invariant()
    def never_twice_by_itself(self) -> None:
        assert self.handed_over <= 1 + self.again
        assert self.one.starts <= 1 + self.again

    @invariant()
    def what_waits_was_not_handed_over_since(self) -> None:
        if sending.expired(self.one, self.now).phase == "queued":
            assert self.handed_over <= self.again
            asked = [one.asked_ms for one in self.handsets if one.granted and one.asked_ms is not None]
            assert all(self.now - at >= sending.HAND_OVER_MS for at in asked)


Play.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestPlay = Play.TestCase
