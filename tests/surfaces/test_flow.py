"""The window keeps a fast pipe full, does not queue on a slow one, and knows a dead one."""

from __future__ import annotations

from pileus.surfaces.flow import LEAST, STALL, START, Window


def test_the_window_closes_when_it_is_full_and_opens_by_what_is_confirmed() -> None:
    window = Window(1000)
    window.send(600, 0.0)
    assert window.open
    window.send(600, 0.0)
    assert not window.open
    assert window.confirm(600, 0.01)
    assert window.open


def test_more_than_was_sent_cannot_be_confirmed() -> None:
    window = Window()
    window.send(10, 0.0)
    assert not window.confirm(11, 0.1)


def test_a_steady_pipe_widens_it() -> None:
    window = Window()
    for n in range(20):
        window.send(50_000, n * 0.1)
        window.confirm(window.sent, n * 0.1 + 0.08)
    assert window.size > START


def test_a_queue_narrows_it_and_never_below_the_least() -> None:
    window = Window()
    window.send(1000, 0.0)
    window.confirm(1000, 0.02)
    now = 1.0
    for _ in range(30):
        window.send(10_000, now)
        now += 1.0
        window.confirm(window.sent, now)
    assert window.size == LEAST


def test_silence_is_a_stall_only_while_something_is_in_flight() -> None:
    window = Window()
    assert not window.stalled(100.0)
    window.send(10, 100.0)
    assert not window.stalled(100.0 + STALL)
    assert window.stalled(100.1 + STALL)
    window.confirm(10, 111.0)
    assert not window.stalled(200.0)
