"""Apps with AndroidX and Compose, as most are: made by D8 as they are developed, by R8 as they are published."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

ROWS = slice(120, 780), slice(0, 440)
"""Below the bar, without the scroll bar."""
COUNT, SWITCH, FIELD = (100, 108), (420, 108), (240, 250)
ENTRIES = slice(320, 790)
"""Compose's page: its button, its switch, its field and the list below."""
ENTRY = 240, 370


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("by", ["d8", "r8"])
def test_rows_scroll_and_go(
    phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path, by: str
) -> None:
    play(phone, androidx.build(samples, "rows", by == "r8"), tmp_path, use_rows, f"rows-{by}")


@pytest.mark.timeout(1500)
def test_an_activity_hears_of_what_it_asked_by_a_sender(
    phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path
) -> None:
    async def hears(one: Any) -> None:
        await one.title("5 西湖")

    play(phone, androidx.build(samples, "rows", True), tmp_path, hears, "asking-r8", "dev.pileus.rows.Asking")


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("by", ["d8", "r8"])
def test_compose_counts_turns_dark_and_scrolls(
    phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path, by: str
) -> None:
    play(phone, androidx.build(samples, "compose", by == "r8"), tmp_path, use_compose, f"compose-{by}")


def play(
    phone: ModuleType,
    file: Path,
    folder: Path,
    use: Callable[[Any], Awaitable[None]],
    name: str,
    activity: str | None = None,
) -> None:
    async def story() -> None:
        settings = phone.settings(folder)
        meta, place = await phone.package(settings, file)
        one = phone.Phone(settings, meta, place, folder / "app", Display(480, 800, 160))
        await one.start(activity)
        try:
            await use(one)
        finally:
            one.save(name)
            await one.close()

    asyncio.run(story())


async def use_rows(phone: Any) -> None:
    await phone.shows(lambda now: now[ROWS].std() > 5)
    first = (await phone.still())[ROWS]
    fewer = await other(phone, phone.tap(200, 300), ROWS, first)  # a row goes, those below it move up
    await other(phone, phone.fling((240, 700), (240, 300)), ROWS, fewer)


async def use_compose(phone: Any) -> None:
    await phone.shows(lambda now: now[ENTRIES].std() > 5)
    first = await phone.still()
    place = slice(84, 132), slice(0, 240)
    counted = await other(phone, phone.tap(*COUNT), place, first[place])
    await other(phone, phone.tap(*COUNT), place, counted)
    entries = (await phone.still())[ENTRIES]
    opened = await other(phone, phone.tap(*ENTRY), ENTRIES, entries)
    await other(phone, phone.fling((240, 700), (240, 400)), ENTRIES, opened)
    bright = phone.shots[-1].pixels.mean()
    await phone.tap(*SWITCH)
    await phone.shows(lambda now: now.mean() < bright / 2)


async def other(phone: Any, doing: Awaitable[Any], place: Any, seen: Any) -> Any:
    """What a place shows in the end, which is another picture than what was seen there."""
    await doing
    await phone.shows(lambda now: not np.array_equal(now[place], seen))
    shown = (await phone.still())[place]
    assert not np.array_equal(shown, seen)
    return shown
