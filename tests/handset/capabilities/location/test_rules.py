"""Rules of `location`."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pileus.handset.capabilities.location.rules import fix

NOW = 1_700_000_000_000
HERE = {"Latitude": 1.0, "Longitude": 2.0, "Accuracy": 3.0}


@pytest.mark.parametrize(
    "odd",
    [
        {"Latitude": 91.0},
        {"Latitude": math.nan},
        {"Longitude": -math.inf},
        {"Longitude": "2"},
        {"Accuracy": -1.0},
        {"Accuracy": 1e12},
    ],
)
def test_what_is_no_place_is_none(odd: dict[str, Any]) -> None:
    assert fix({**HERE, **odd}, NOW) is None
    assert fix({}, NOW) is None


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ((NOW // 1000 - 5, 250_000), NOW - 5000 + 250),
        ((NOW // 1000 + 60, 0), NOW),
        ((0, 0), NOW),
        ((True, "x"), NOW),
        (None, NOW),
    ],
)
def test_a_moment(stamp: Any, at: int) -> None:
    found = fix({**HERE, "Timestamp": stamp}, NOW)
    assert found
    assert found.at == at


def test_what_is_not_known_is_none() -> None:
    found = fix({**HERE, "Speed": -1.0, "Heading": 361.0, "Altitude": 12.5}, NOW)
    assert found
    assert (found.speed, found.heading, found.altitude) == (None, None, 12.5)
