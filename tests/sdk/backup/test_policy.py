"""What `forget` keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pileus.sdk.backup.policy import UNLIMITED, Period, Policy, choose, parse_period
from pileus.sdk.backup.wire import Snapshot

NOW = datetime(2026, 3, 31, 12, 0)


def snapshot(age: timedelta, **members: object) -> Snapshot:
    time = NOW - age
    told = {"host": "h", "user": "u", "paths": ["/a"], "tree": "0", **members}
    return Snapshot(id=time.isoformat(), time_ms=int(time.timestamp() * 1000), **told)  # type: ignore[arg-type]


DAILY = [snapshot(timedelta(days=number)) for number in range(800)]


def kept(policy: Policy, found: list[Snapshot] = DAILY) -> list[int]:
    """Ages in days."""
    (choice,) = choose(found, policy)
    assert len(choice.kept) + len(choice.gone) == len(found)
    return [(NOW - datetime.fromisoformat(one.id)).days for one in choice.kept]


@pytest.mark.parametrize(
    ("counts", "ages"),
    [
        ({"last": 3}, [0, 1, 2]),
        ({"daily": 2}, [0, 1]),
        ({"weekly": 3}, [0, 2, 9]),  # a Tuesday, and the Sundays before
        ({"monthly": 3}, [0, 31, 59]),
        ({"yearly": 2}, [0, 90]),
        ({"yearly": 10}, [0, 90, 455, 799]),  # the oldest, where a rule is not full
        ({"last": 1, "monthly": 2}, [0, 31]),
        ({"hourly": 2}, [0, 1]),
    ],
)
def test_counts(counts: dict[str, int], ages: list[int]) -> None:
    assert kept(Policy(counts)) == ages


def test_all_of_them() -> None:
    assert len(kept(Policy({"daily": UNLIMITED}))) == 800


def test_several_a_day_are_one() -> None:
    found = [snapshot(timedelta(hours=hours)) for hours in range(48)]
    (choice,) = choose(found, Policy({"daily": 2}))
    assert [datetime.fromisoformat(one.id).hour for one in choice.kept] == [12, 23]


def test_within() -> None:
    assert kept(Policy(within=Period(days=3))) == [0, 1, 2]
    assert kept(Policy(within=Period(months=1, hours=1)))[-1] == 28  # 31 February is 3 March
    months = [0, 31, 59, 90, 121, 151, 182, 212, 243, 274, 304, 335]
    assert kept(Policy(within_of={"monthly": Period(years=1)})) == months


def test_tags_and_groups() -> None:
    found = [
        snapshot(timedelta(days=number), tags=["keep"] * (number == 5), host="a" if number % 2 else "b")
        for number in range(10)
    ]
    choices = choose(found, Policy({"last": 1}, tags=[frozenset({"keep"})]))
    assert [[one.id for one in choice.kept] for choice in choices] == [[found[1].id, found[5].id], [found[0].id]]
    assert choices[0].reasons[found[5].id] == ["tag"]


@pytest.mark.parametrize(
    ("text", "period"),
    [("1y5m7d2h", Period(1, 5, 7, 2)), ("7d", Period(days=7)), ("", None), ("7", None), ("2h1d", None)],
)
def test_periods(text: str, period: Period | None) -> None:
    assert parse_period(text) == period
