"""Apps with AndroidX and Compose, as most are: made by D8 as they are developed, by R8 as they are published."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

ROWS = slice(120, 780), slice(0, 440)
"""Below the bar, without the scroll bar."""
COUNT, SWITCH, FIELD = (100, 108), (420, 108), (240, 250)
ENTRIES = slice(320, 790)
"""Compose's page: its button, its switch, its field and the list below."""
ENTRY = 240, 370
CHIP, NAME, SAY, ADD, SECOND_PLACE = (44, 213), (240, 162), (68, 365), (436, 676), (324, 756)
"""Material's page."""
NIGHTLY = "PILEUS_NIGHTLY" in os.environ
BUTTON = slice(84, 132), slice(0, 240)
"""Says how often it was pressed."""


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


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not NIGHTLY, reason="built for minutes: a night's test")
@pytest.mark.parametrize("by", ["d8", "r8"])
def test_material_widgets_after_a_start_screen(
    phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path, by: str
) -> None:
    play(phone, androidx.build(samples, "widgets", by == "r8"), tmp_path, use_widgets, f"widgets-{by}")


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not NIGHTLY, reason="built for minutes: a night's test")
@pytest.mark.parametrize("by", ["d8", "r8"])
def test_work_manager_has_its_work_done(
    phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path, by: str
) -> None:
    async def works(one: Any) -> None:
        await one.title("done 12")

    play(phone, androidx.build(samples, "chores", by == "r8"), tmp_path, works, f"chores-{by}")


@pytest.mark.timeout(1500)
def test_compose_comes_back_as_it_was_after_its_process_was_killed(
    phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path
) -> None:
    """Its state holds classes of its own, which R8 has renamed."""

    async def story() -> None:
        settings = phone.settings(tmp_path)
        meta, place = await phone.package(settings, androidx.build(samples, "compose", True))
        data = tmp_path / "app"
        one = phone.Phone(settings, meta, place, data, Display(480, 800, 160))
        await one.start()
        await one.shows(lambda now: now[ENTRIES].std() > 5)
        fresh = await one.still()
        await other(one, one.tap(*COUNT), BUTTON, fresh[BUTTON])
        await one.tap(*SWITCH)
        left = await one.shows(lambda now: now.mean() < fresh.mean() / 2)
        left = await one.still()
        one.send(wire.Visibility(0))
        async with asyncio.timeout(phone.PATIENCE):
            while not (data / ".activities").exists():  # noqa: ASYNC110 - a file of the app's tells that it is kept
                await asyncio.sleep(0.05)
        await one.close()  # killed

        again = phone.Phone(settings, meta, place, data, Display(480, 800, 160))
        await again.start()
        try:
            await again.shows(lambda now: now.mean() < fresh.mean() / 2)
            assert np.array_equal((await again.still())[BUTTON], left[BUTTON])
        finally:
            again.save("compose-again")
            await again.close()

    asyncio.run(story())


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
    counted = await other(phone, phone.tap(*COUNT), BUTTON, first[BUTTON])
    await other(phone, phone.tap(*COUNT), BUTTON, counted)
    entries = (await phone.still())[ENTRIES]
    opened = await other(phone, phone.tap(*ENTRY), ENTRIES, entries)
    await other(phone, phone.fling((240, 700), (240, 400)), ENTRIES, opened)
    bright = phone.shots[-1].pixels.mean()
    await phone.tap(*SWITCH)
    await phone.shows(lambda now: now.mean() < bright / 2)


async def use_widgets(phone: Any) -> None:
    await phone.shows(lambda now: now[ENTRIES].std() > 5)
    still = await phone.still()
    chip = slice(196, 230), slice(16, 74)
    await other(phone, phone.tap(*CHIP), chip, still[chip])
    await phone.tap(*SECOND_PLACE)
    await phone.title("西湖")
    await phone.tap(*NAME)
    await phone.text(0, "Mei")
    await phone.tap(*SAY)
    await phone.title("said Mei")
    await phone.shows(lambda now: now.mean() < 0.8 * still.mean())  # a dialog, and the page dimmed below it
    await phone.back()
    await phone.tap(*ADD)
    await phone.title("added")


async def other(phone: Any, doing: Awaitable[Any], place: Any, seen: Any) -> Any:
    """What a place shows in the end, which is another picture than what was seen there."""
    await doing
    await phone.shows(lambda now: not np.array_equal(now[place], seen))
    shown = (await phone.still())[place]
    assert not np.array_equal(shown, seen)
    return shown
