"""Windows come and go as a device moves them: the frames between two pictures, over the host's link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

DISPLAY = Display(480, 800, 160)
Story = Callable[[Any], Awaitable[None]]
Teller = Callable[..., None]
DIALOGS, OPEN_DIALOG = "App/Alert Dialogs", (200, 95)
WAYS, FADE, MODERN_FADE = "App/Activity/Animation", (240, 133), (240, 229)
FIRST_ROW = (100, 95)
FURTHEST = 48
"""Columns by which the styles of the framework move an activity: a tenth of the width."""


@pytest.fixture(scope="module")
def on(phone: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    """Plays a story on a phone that shows a demo, or ApiDemos' first list, at rest."""
    with asyncio.Runner() as runner:
        settings = phone.settings(tmp_path_factory.mktemp("transitions"))
        meta, place = runner.run(phone.package(settings))

        async def whole(demo: str | None, story: Story, display: Display) -> None:
            one = phone.Phone(settings, meta, place, tmp_path_factory.mktemp("story") / "app", display)
            await one.start(phone.activity(demo) if demo else None)
            try:
                await one.still()
                await story(one)
            finally:
                await one.close()

        def tell(demo: str | None, story: Story, display: Display = DISPLAY) -> None:
            for _ in range(2):
                with contextlib.suppress(TooFew):
                    return runner.run(whole(demo, story, display))
            return runner.run(whole(demo, story, display))

        yield tell


class TooFew(AssertionError):
    """So few pictures of a movement that they tell nothing: the machine was busy, or nothing moves at all."""


def enough(pictures: Collection[Any]) -> None:
    if len(pictures) < 3:
        raise TooFew


async def between(phone: Any, doing: Awaitable[Any]) -> tuple[Any, list[Any], Any]:
    """The picture before something is done, those on the way from it, and the last."""
    before, count = phone.shots[-1].pixels, len(phone.shots)
    await doing
    after = await phone.still()
    way = [shot.pixels for shot in phone.shots[count:]]
    return before, [one for one in way if not (np.array_equal(one, before) or np.array_equal(one, after))], after


def moved(picture: Any, whole: Any, columns: int) -> float:
    """How much a picture differs from another that lies so many columns further right, in the mean."""
    left, right = max(0, columns), min(0, columns)
    seen = picture[:, left : right or None].astype(int)
    of = whole[:, -right : -left or None].astype(int)
    return float(np.abs(seen - of).mean())


def places(way: list[Any], whole: Any, columns: range) -> list[int]:
    """Where a picture lies in those of a way that show it alone."""
    found = [min(columns, key=lambda at, one=one: moved(one, whole, at)) for one in way]
    return [at for one, at in zip(way, found, strict=True) if moved(one, whole, at) < 1]


def test_an_activity_slides_in_and_out_again(on: Teller) -> None:
    """By the framework's own style: from the right, further and further to its place, and back."""

    async def story(phone: Any) -> None:
        first, way, second = await between(phone, phone.tap(*FIRST_ROW))
        assert not np.array_equal(first, second)
        came = places(way, second, range(FURTHEST))
        enough(came)
        assert came == sorted(came, reverse=True)
        _, back, last = await between(phone, phone.back())
        assert np.array_equal(last, first)
        gone = places(back, first, range(-FURTHEST, 1))
        enough(gone)
        assert gone == sorted(gone)

    on(None, story)


def test_a_dialog_and_its_dimming_fade(on: Teller) -> None:
    async def story(phone: Any) -> None:
        def lights(way: list[Any]) -> list[float]:
            return [float(one[700:].mean()) for one in way]

        before, way, dialog = await between(phone, phone.tap(*OPEN_DIALOG))
        assert dialog[700:].mean() < before[700:].mean() / 2, "it is not dimmed"
        # The finger's own mark on the button fades on its way too, above these rows.
        enough(set(lights(way)))
        assert lights(way) == sorted(lights(way), reverse=True)
        _, way, after = await between(phone, phone.back())
        assert np.array_equal(after[700:], before[700:])
        enough(set(lights(way)))
        assert lights(way) == sorted(lights(way))

    on(DIALOGS, story)


@pytest.mark.parametrize("place", [FADE, MODERN_FADE])
def test_what_an_app_asks_for_takes_the_place_of_its_style(place: tuple[int, int], on: Teller) -> None:
    """By overridePendingTransition, and by the options of a start: nothing slides."""

    async def story(phone: Any) -> None:
        before, way, after = await between(phone, phone.tap(*place))
        mixed = [one for one in way if np.abs(one.astype(int) - after).mean() > 1][3:]
        enough(mixed)
        for one in mixed:
            low, high = np.minimum(before, after).astype(int), np.maximum(before, after).astype(int)
            # Each pixel lies between both pictures at its place, but for the finger's mark, which fades.
            outside = (one < low - 3) | (one > high + 3)
            assert outside[300:].mean() < 0.01

    on(WAYS, story)


def test_who_wants_no_movement_gets_none(on: Teller) -> None:
    async def story(phone: Any) -> None:
        _, way, after = await between(phone, phone.tap(*FIRST_ROW))
        assert places(way, after, range(1, FURTHEST)) == []
        _, way, after = await between(phone, phone.back())
        assert places(way, after, range(-FURTHEST, 0)) == []
        phone.send(wire.Config({"reduced_motion": False}))
        _, way, after = await between(phone, phone.tap(*FIRST_ROW))
        enough(places(way, after, range(1, FURTHEST)))

    on(None, story, replace(DISPLAY, reduced_motion=True))


def test_what_was_asked_for_once_is_not_kept_for_later(on: Teller) -> None:
    """Nothing moved when the app asked for a way; the next that does has its style's."""

    async def story(phone: Any) -> None:
        before, _, _ = await between(phone, phone.tap(*FADE))
        phone.send(wire.Config({"reduced_motion": False}))
        await phone.still()
        _, way, after = await between(phone, phone.back())
        assert np.array_equal(after[300:], before[300:])
        enough(places(way, after, range(-FURTHEST, 0)))

    on(WAYS, story, replace(DISPLAY, reduced_motion=True))


def test_a_turned_phone_shows_its_new_picture_at_once(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.tap(*FIRST_ROW)  # and turned while it slides
        count = len(phone.shots)
        phone.send(wire.Resize(800, 480, 160, 1))
        after = await phone.still()
        turned = [shot.pixels for shot in phone.shots[count:] if shot.pixels.shape == after.shape]
        assert places(turned, after, range(1, FURTHEST)) == []

    on(None, story)
