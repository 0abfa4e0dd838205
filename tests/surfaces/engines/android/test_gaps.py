"""What a phone has and Pileus has not yet is said where it would be, or is there and empty."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
PAPER = (0x2E, 0x31, 0x36)
"""A panel's ground; its sentence is lighter."""
SURFACE, TEXTURE, OPENGL, WEB, VIDEO, NOTHING = range(6)
"""The strips of the sample, from the top."""
TAB = 0x2B


def play(
    phone: ModuleType, samples: ModuleType, folder: Path, use: Callable[[Any], Awaitable[None]], name: str
) -> None:
    async def story() -> None:
        settings = phone.settings(folder)
        meta, place = await phone.package(settings, samples.build("gaps"))
        one = phone.Phone(settings, meta, place, folder / "app", Display(480, 600, 160))
        await one.start(f"org.example.gaps.{name}")
        try:
            await use(one)
        finally:
            one.save(f"gaps-{name.lower()}")
            await one.close()

    asyncio.run(story())


def strip(picture: np.ndarray[Any, Any], number: int) -> np.ndarray[Any, Any]:
    """One strip without its edges."""
    return picture[100 * number + 10 : 100 * number + 90, 4:-4]


def filled(picture: np.ndarray[Any, Any], colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all())


def panel(picture: np.ndarray[Any, Any]) -> bool:
    """A sentence on a panel."""
    return bool((picture == PAPER).all(axis=2).mean() > 0.8 and picture.max() > 200)


def test_threads_draw_and_panels_say_what_is_lacking(
    phone: ModuleType, samples: ModuleType, tmp_path: Path
) -> None:
    async def story(one: Any) -> None:
        await one.shows(lambda now: filled(strip(now, SURFACE), RED) and filled(strip(now, TEXTURE), GREEN))
        for number in (OPENGL, WEB, VIDEO, NOTHING):
            await one.shows(lambda now, number=number: panel(strip(now, number)))
        english = one.shots[-1].pixels
        assert (english[200:230, :60] == (255, 255, 0)).all(axis=2).any()  # a word above the panel is seen
        sentences = {strip(english, number).tobytes() for number in (WEB, VIDEO, NOTHING)}
        assert len(sentences) == 3
        # The thread goes on: its bar grows.
        bar = int((english[0] == 255).all(axis=1).sum())
        await one.shows(lambda now: int((now[0] == 255).all(axis=1).sum()) != bar)
        # With the keyboard's focus it draws its own highlight too.
        await one.key(TAB)
        await one.shows(lambda now: not np.array_equal(strip(now, OPENGL), strip(english, OPENGL)))
        # In the app's language.
        one.send(wire.Config({"locale": "zh-CN"}))
        await one.shows(
            lambda now: panel(strip(now, WEB)) and not np.array_equal(strip(now, WEB), strip(english, WEB))
        )
        # Turned, the activity begins anew, with surfaces of the new size.
        one.send(wire.Resize(600, 480, 160, 1))
        await one.shows(lambda now: now.shape[:2] == (480, 600) and filled(now[10:70, 4:-4], RED))

    play(phone, samples, tmp_path, story, "Main")


def test_a_window_whose_surface_is_taken_shows_what_is_drawn(
    phone: ModuleType, samples: ModuleType, tmp_path: Path
) -> None:
    async def story(one: Any) -> None:
        await one.shows(lambda now: filled(now[10:], BLUE))
        bar = int((one.shots[-1].pixels[0] == 255).all(axis=1).sum())
        await one.shows(lambda now: int((now[0] == 255).all(axis=1).sum()) != bar)

    play(phone, samples, tmp_path, story, "Taken")


def test_the_phones_own_data_are_empty_and_sound_is_said_to_be_lacking(
    phone: ModuleType, samples: ModuleType, tmp_path: Path
) -> None:
    async def story(one: Any) -> None:
        await one.wait(lambda: bool(one.editor and one.editor.text_around))
        assert json.loads(one.editor.text_around) == {
            "contacts": "0 of display_name",
            "calls": "0 of number",
            "calendars": "refused",  # what the manifest does not ask for is not given
            "images": "0 of _id",
            "unknown": False,
            "plays": True,
            "bands": "60:0 230:0 910:1500 3600:0 14000:0",
            "capture": 1024,
        }
        await one.shows(lambda now: now[440:].std() > 5)  # a toast below the empty page

    play(phone, samples, tmp_path, story, "Data")
