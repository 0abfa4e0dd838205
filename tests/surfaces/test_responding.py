"""When an app is told not to respond, and when no longer."""

from __future__ import annotations

from pileus.surfaces.responding import INPUT_WITHIN, START_WITHIN, Responding


def test_one_question_at_a_time_and_a_timely_answer_says_nothing() -> None:
    host = Responding()
    nonce = host.given(0.0)
    assert nonce is not None
    assert host.given(1.0) is None
    assert not host.late(INPUT_WITHIN - 0.1)
    assert not host.answered(nonce)
    assert not host.late(100.0)
    assert host.given(101.0) not in (None, nonce)


def test_silence_is_told_once_and_again_only_after_more_input() -> None:
    host = Responding()
    nonce = host.given(0.0)
    assert nonce is not None
    assert host.late(INPUT_WITHIN)
    assert not host.late(60.0)
    assert host.given(61.0) is None
    assert not host.late(61.0 + INPUT_WITHIN - 0.1)
    assert host.late(61.0 + INPUT_WITHIN)
    assert host.answered(nonce), "what was told is taken back"
    assert not host.answered(nonce)


def test_a_start_may_take_longer_and_an_old_answer_counts_for_nothing() -> None:
    host = Responding()
    first = host.given(0.0, START_WITHIN)
    assert first is not None
    assert not host.late(START_WITHIN - 0.1)
    host.answered(first)
    second = host.given(30.0)
    host.answered(first)
    assert host.late(30.0 + INPUT_WITHIN)
    assert second is not None
    assert host.answered(second)


def test_an_answer_does_not_stand_for_input_that_came_after_its_question() -> None:
    host = Responding()
    first = host.given(0.0, START_WITHIN)
    assert first is not None
    assert host.given(1.0) is None
    host.answered(first)
    assert host.behind
    assert host.given(1.1) not in (None, first)
    assert not host.behind
    assert host.late(1.1 + INPUT_WITHIN)
