"""What becomes of a call, step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.calls import rules
from pileus.cloud.services.calls.rules import Call
from pileus.cloud.services.messages import rules as messages
from pileus.core.errors import PileusError

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CALL = Call("c", "anna", "mei", "phone", OFFER, 1000, caller_heard_ms=1000)


def code(act: object, *given: object) -> str:
    with pytest.raises(PileusError) as found:
        act(*given)  # type: ignore[operator]
    return found.value.code


def test_it_rings_as_soon_as_a_device_of_the_other_account_heard_of_it() -> None:
    assert rules.heard(CALL, "caller", 2000) is CALL, "a word a moment after the first is not written down"
    assert rules.heard(CALL, "caller", 9000).state == "calling"
    ringing = rules.heard(CALL, "callee", 2000)
    assert (ringing.state, ringing.callee_heard_ms) == ("ringing", 2000)


def test_its_caller_hears_the_same_whether_a_device_heard_of_it_or_not() -> None:
    ringing = rules.heard(CALL, "callee", 2000)
    assert rules.told(CALL, "caller") == rules.told(ringing, "caller") == "ringing"
    assert rules.told(CALL, "callee") == "calling"
    assert rules.told(rules.answered(ringing, "tablet", 3000), "caller") == "active"


def test_the_first_device_that_answers_has_it() -> None:
    taken = rules.answered(rules.heard(CALL, "callee", 2000), "tablet", 3000)
    assert (taken.state, taken.callee_device, taken.answered_ms) == ("active", "tablet", 3000)
    assert rules.side_of(taken, "mei", "tablet") == "callee"
    assert code(rules.side_of, taken, "mei", "watch") == "call-elsewhere"
    assert rules.answered(taken, "tablet", 4000) is taken
    assert code(rules.answered, rules.ended(taken, "caller", "hung-up", 4000), "tablet", 5000) == "call-over"


def test_only_the_two_accounts_and_the_callers_own_device_have_a_side() -> None:
    assert rules.side_of(CALL, "anna", "phone") == "caller"
    assert rules.side_of(CALL, "mei", "anything") == "callee"
    assert code(rules.side_of, CALL, "anna", "laptop") == "call-elsewhere"
    assert code(rules.side_of, CALL, "tom", "phone") == "no-call"


@pytest.mark.parametrize(
    ("side", "wish", "answered", "reason", "kinds"),
    [
        ("caller", "hung-up", False, "cancelled", ("out", "missed")),
        ("callee", "hung-up", False, "declined", ("out", "rejected")),
        ("callee", "failed", False, "failed", ("out", "missed")),
        ("caller", "hung-up", True, "hung-up", ("out", "in")),
        ("callee", "lost", True, "lost", ("out", "in")),
    ],
)
def test_how_it_ends_is_told_to_both(
    side: rules.Side, wish: rules.Reason, answered: bool, reason: str, kinds: tuple[str, str]
) -> None:
    call = rules.answered(CALL, "tablet", 3000) if answered else CALL
    over = rules.ended(call, side, wish, 65_500)
    assert (over.state, over.reason) == ("ended", reason)
    assert rules.ended(over, "caller", "lost", 70_000) is over
    mine, theirs = rules.logs(over)
    assert (mine.account, mine.other, theirs.account, theirs.other) == ("anna", "mei", "mei", "anna")
    assert (mine.kind, theirs.kind) == kinds
    assert mine.duration_s == theirs.duration_s == (62 if answered else 0)


def test_it_ends_by_itself_when_nobody_answers_or_a_device_is_gone() -> None:
    kept = replace(CALL, caller_heard_ms=40_000)
    assert rules.expired(kept, 1000 + rules.RING_MS - 1) is kept
    assert rules.expired(kept, 1000 + rules.RING_MS).reason == "no-answer"
    assert rules.expired(CALL, 1000 + rules.LOST_MS).reason == "cancelled"
    taken = replace(rules.answered(CALL, "tablet", 3000), caller_heard_ms=90_000, callee_heard_ms=60_000)
    assert rules.expired(taken, 99_999) is taken
    assert rules.expired(taken, 100_000).reason == "lost"
    assert rules.forgotten(taken).ended_ms == 3000


@given(
    st.lists(
        st.tuples(st.sampled_from(["hear", "answer", "end", "wait"]), st.sampled_from(["caller", "callee"])),
        max_size=30,
    )
)
def test_whatever_comes_it_ends_once_and_in_time(steps: list[tuple[str, rules.Side]]) -> None:
    call, now, ends = CALL, 1000, 0
    for act, side in steps:
        now += 7000
        before = call
        if act == "hear":
            call = rules.heard(call, side, now)
        elif act == "answer" and call.state != "ended":
            call = rules.answered(call, "tablet", now)
        elif act == "end":
            call = rules.ended(call, side, "hung-up", now)
        call = rules.expired(call, now)
        ends += before.state != "ended" and call.state == "ended"
        assert before.state != "ended" or call is before
        assert call.state == "ended" or now < rules.due_ms(call)
        assert call.state in ("active", "ended") or now < 1000 + rules.RING_MS
    assert ends == (call.state == "ended")


def test_conversations_have_the_names_that_messages_give_them() -> None:
    for name in ("anna", "Anna", "ＡＮＮＡ", "李 梅", "straße"):
        assert rules.thread_of(name) == messages.thread_of(("@" + name,))


def test_what_is_no_description_and_what_is_too_much_is_refused() -> None:
    rules.check_signal("offer", OFFER)
    rules.check_signal("candidate", "")
    rules.check_signal("candidate", '{"candidate": "candidate:1 1 UDP 1 127.0.0.1 9 typ host", "sdpMid": "0"}')
    rules.check_signal("hold", "on")
    assert code(rules.check_signal, "answer", "<html>") == "call-description"
    assert code(rules.check_signal, "offer", "v=0\n" + "a" * rules.DESCRIPTION_LONGEST) == "call-description"
    assert code(rules.check_signal, "candidate", "a" * (rules.CANDIDATE_LONGEST + 1)) == "call-signal"
    assert code(rules.check_signal, "hold", "maybe") == "call-signal"
    for body in ("{", "no", '"text"', "[]", "null", " ", "[" * 1000):
        assert code(rules.check_signal, "candidate", body) == "call-signal", body


def test_ids_are_of_one_account() -> None:
    assert rules.id_of("anna", "x") == rules.id_of("anna", "x") != rules.id_of("mei", "x")
