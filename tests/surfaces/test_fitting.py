"""What an app draws on when another device looks."""

from __future__ import annotations

from typing import Any

import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display
from pileus.surfaces.fitting import adopted


def same(width: int, height: int) -> tuple[int, int]:
    return width, height


def test_a_device_of_the_same_kind_changes_nothing() -> None:
    hello = {"width": 480, "height": 800, "dpi": 160, "locale": "en", "reduced_motion": False}
    assert adopted(Display(), hello, same) == (Display(), [])


def test_the_owners_taste_comes_with_the_device() -> None:
    taste = {"locale": "zh-CN", "theme": "dark", "time_zone": "Asia/Shanghai", "reduced_motion": True}
    display, told = adopted(Display(), taste, same)
    assert display == Display(locale="zh-CN", theme="dark", time_zone="Asia/Shanghai", reduced_motion=True)
    assert told == [wire.Config(taste)]


@pytest.mark.parametrize("hello", [{"locale": 1}, {"reduced_motion": "yes"}, {"theme": None}, {"width": "480"}])
def test_what_is_of_another_kind_is_left_out(hello: dict[str, Any]) -> None:
    assert adopted(Display(), hello, same) == (Display(), [])
