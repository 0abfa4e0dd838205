"""What an app may do and few do: long texts, activities that threads start and end, exceptions on any thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

AROUND = 8192
"""Characters (UTF-16) on each side of the caret that are told of a long text."""
REST = 3.0
"""Seconds without a new picture."""
Story = Callable[[Any], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def told(tmp_path: Path) -> Callable[[], list[str]]:
    """What the app has written down."""
    path = tmp_path / "app" / "told"
    return lambda: path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def play(phone: ModuleType, samples: ModuleType, tmp_path: Path) -> Play:
    """Plays a story before one of the activities."""

    def whole(activity: str, use: Story, rest: bool = False, **extras: Any) -> None:
        async def story() -> None:
            settings = phone.settings(tmp_path)
            meta, place = await phone.package(settings, samples.build("edges"))
            one = phone.Phone(settings, meta, place, tmp_path / "app", Display(480, 600, 160))
            await one.start(f"org.example.edges.Edges${activity}", extras=extras)
            if rest:  # the timers of its start have run out, so that nothing wakes its main thread by chance
                await one.still(quiet=REST)
            if activity != "Text":
                one.touch(0, (100, 300))  # it does what it does
            try:
                await use(one)
            finally:
                await one.close()

        asyncio.run(story())

    return whole


def units(text: str) -> int:
    """Its length as Android counts it."""
    return len(text.encode("utf-16-le")) // 2


async def state(one: Any, number: int) -> dict[str, Any]:
    return dict((await one.message(wire.State, lambda m: m.state == number)).info)


@pytest.mark.parametrize(
    ("text", "times", "caret"),
    [("西", 60_000, 30_000), ("é😀", 5_600, 8_400), ("é😀", 5_600, 8_401), ("é", 40_000, 5)],
)
def test_of_a_long_text_the_part_around_the_caret_is_told(play: Play, text: str, times: int, caret: int) -> None:
    async def story(one: Any) -> None:
        await one.wait(lambda: one.editor is not None and one.editor.text_around != "")
        said = one.editor
        before = min(caret, AROUND)
        assert set(said.text_around) == set(text)  # no half of a pair
        assert before + AROUND - 1 <= units(said.text_around) <= before + AROUND + 1
        assert said.selection_start == said.selection_end
        assert before <= said.selection_end <= before + 1
        # What a keyboard does goes to the same place.
        await one.text(0, "a")
        await one.wait(lambda: "a" in one.editor.text_around)
        said = one.editor
        at = said.text_around.encode("utf-16-le")[: 2 * said.selection_end].decode("utf-16-le", "replace")
        assert at.endswith("a")
        # A selection counts in what was told.
        start = said.selection_end - 1
        await one.text(4, a=start, b=start + 1)
        await one.wait(lambda: one.editor.selection_start != one.editor.selection_end)
        await one.text(0, "b")
        await one.wait(lambda: "b" in one.editor.text_around)
        assert "a" not in one.editor.text_around
        assert not one.host.ended

    play("Text", story, text=text, times=times, caret=caret)


def test_a_short_text_is_told_whole(play: Play) -> None:
    async def story(one: Any) -> None:
        await one.wait(lambda: one.editor is not None and one.editor.text_around != "")
        assert one.editor.text_around == "西" * (2 * AROUND)
        assert (one.editor.selection_start, one.editor.selection_end) == (3, 3)

    play("Text", story, text="西", times=2 * AROUND, caret=3)


def test_of_a_long_title_the_beginning_is_told(play: Play) -> None:
    async def story(one: Any) -> None:
        await one.title("x" + "😀" * 99)
        assert not one.host.ended

    play("Titled", story)


def test_a_thread_opens_an_activity_and_finishes_its_own(play: Play, told: Callable[[], list[str]]) -> None:
    async def story(one: Any) -> None:
        await one.title("Next")  # nobody touched anything since
        await one.still()
        assert told() == ["nothing answers", "destroyed"]
        one.send(wire.Nav(one.next_input(), 0))
        assert (await state(one, 3))["code"] == "finished"

    play("Splash", story, rest=True)


def test_the_last_activity_is_finished_by_a_thread(play: Play) -> None:
    async def story(one: Any) -> None:
        assert (await state(one, 3))["code"] == "finished"

    play("Brief", story, rest=True)


def test_a_thread_asks_for_permissions_and_the_main_thread_hears(play: Play) -> None:
    async def story(one: Any) -> None:
        await one.title("answered 7 -1 true")

    play("Asks", story, rest=True)


@pytest.mark.parametrize("on", ["main", "thread", "looper"])
def test_what_nobody_catches_ends_the_app_on_any_thread(play: Play, on: str) -> None:
    async def story(one: Any) -> None:
        said = await state(one, 4)
        assert said == {"code": "crash", "message": "java.lang.IllegalStateException: as asked"}
        assert (await one.host.wait()).status == 70

    play("Throws", story, on=on, words="as asked")


@pytest.mark.parametrize("on", ["main", "thread"])
def test_an_apps_own_handler_comes_first(play: Play, told: Callable[[], list[str]], on: str) -> None:
    async def story(one: Any) -> None:
        assert (await state(one, 4))["code"] == "crash"
        await one.host.wait()
        assert told() == [f"{'worker' if on == 'thread' else on} as asked"]

    play("Throws", story, on=on, words="as asked", handler="tells")


def test_a_thread_may_end_alone_and_the_main_thread_may_not(play: Play, told: Callable[[], list[str]]) -> None:
    async def lives(one: Any) -> None:
        await one.title("lives")
        assert not one.host.ended

    async def ends(one: Any) -> None:
        assert (await state(one, 4))["code"] == "crash"
        await one.host.wait()

    play("Throws", lives, on="thread", words="as asked", handler="swallows")
    play("Throws", ends, on="main", words="as asked", handler="swallows")
    assert told() == ["worker as asked", "main as asked"]


def test_of_an_exceptions_words_the_beginning_is_told(play: Play) -> None:
    async def story(one: Any) -> None:
        said = await state(one, 4)
        assert said["code"] == "crash"
        assert len(said["message"]) == 2000

    play("Throws", story, on="thread", words="long " * 100, times=10_000)
