"""Values of another type than promised are none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pileus.handset.values import flag, number, of_type, real, texts, within, words


@pytest.mark.parametrize("value", [None, "x", True, [], {}, math.nan, math.inf, b"x"])
def test_what_is_no_number_is_the_default(value: Any) -> None:
    assert real({"a": value}, "a", 7.0) == 7.0
    assert value == "x" or words({"a": value}, "a") == ""
    assert isinstance(value, float) or number({"a": value}, "a", 3) == 3


def test_values_as_promised_are_taken() -> None:
    held = {"n": 4, "r": 1.5, "s": "灯" * 600, "f": True, "l": ["a", 1, "b"]}
    assert (number(held, "n"), real(held, "r"), real(held, "n"), flag(held, "f")) == (4, 1.5, 4.0, True)
    assert words(held, "s") == "灯" * 500
    assert texts(held, "l") == ["a", "b"]
    assert texts(held, "s") == []
    assert of_type(True, int, 5) == 5
    assert within(120, 0, 100) == 100
