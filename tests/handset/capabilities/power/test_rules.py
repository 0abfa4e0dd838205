"""Rules of `power`."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pileus.handset.capabilities.power.rules import battery, best, to_percent, to_raw
from pileus.handset.capabilities.power.shape import Battery


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, None),
        ({"IsPresent": False, "Percentage": 50.0}, None),
        ({"IsPresent": True}, Battery(0)),
        ({"IsPresent": True, "Percentage": math.nan, "State": "full"}, Battery(0)),
        ({"IsPresent": True, "Percentage": 1e9, "State": 4}, Battery(100, "full")),
        ({"IsPresent": True, "Percentage": 8.0, "State": 1, "TimeToFull": 60}, Battery(8, "charging", 60)),
        ({"IsPresent": True, "Percentage": 8.0, "State": 2, "TimeToEmpty": -4}, Battery(8, "discharging")),
        ({"IsPresent": True, "Percentage": 8.0, "State": 2, "TimeToEmpty": 2**62}, Battery(8, "discharging")),
        ({"IsPresent": True, "Percentage": 2.0, "WarningLevel": 5}, Battery(2, warning="critical")),
    ],
)
def test_a_battery(said: dict[str, Any], shown: Battery | None) -> None:
    assert battery(said) == shown


def test_a_screen_is_never_dark_and_comes_back_as_it_was_set() -> None:
    assert (to_raw(0, 255), to_raw(100, 255), to_raw(0, 7)) == (3, 255, 1)
    assert all(to_percent(to_raw(percent, 1000), 1000) == percent for percent in range(1, 101))
    assert to_percent(5, 0) == 0


def test_the_best_backlight() -> None:
    assert best({"a": "raw", "b": "platform"}) == "b"
    assert best({"z": "raw", "y": "raw", "x": "made up"}) == "y"
    assert best({}) == ""
