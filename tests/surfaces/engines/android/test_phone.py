"""ApiDemos used with fingers, keys and words, over the host's link: exact pixels, a host for each story."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android import watch

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

Story = Callable[[Any], Awaitable[None]]
Teller = Callable[[str | None, Story], None]
CONTROLS = "Views/Controls/1. Light Theme"
FIELD, BOX, SPINNER = (200, 95), (20, 157), (240, 480)


@pytest.fixture(scope="module")
def on(phone: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    """Plays a story on a phone that shows a demo, or ApiDemos' first list."""
    with asyncio.Runner() as runner:
        settings = phone.settings(tmp_path_factory.mktemp("phone"))
        meta, place = runner.run(phone.package(settings))

        async def whole(demo: str | None, story: Story) -> None:
            data = tmp_path_factory.mktemp("story")
            one = phone.Phone(settings, meta, place, data / "app", Display(480, 800, 160))
            try:
                await one.start(phone.activity(demo) if demo else None)
                await story(one)
            except BaseException:
                if one.shots:
                    one.save("failed")
                raise
            finally:
                await one.close()

        yield lambda demo, story: runner.run(whole(demo, story))


def differs(a: Any, b: Any, top: int, bottom: int) -> bool:
    """Of the rows from top to bottom, without the right edge, where a scroll bar shows and fades."""
    return not np.array_equal(a[top:bottom, :440], b[top:bottom, :440])


def test_a_picture_at_rest_sends_nothing(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.still(quiet=1.5, within=30)
        assert time.monotonic() - phone.shots[-1].at >= 1.5

    on(None, story)


@pytest.mark.parametrize("kind", [0, 1])
def test_an_app_at_rest_ends_when_it_is_told(on: Teller, kind: int) -> None:
    """Nothing else wakes it: neither a timer nor a finger."""

    async def story(phone: Any) -> None:
        await phone.still()
        phone.send(wire.Visibility(0))
        await phone.still(quiet=6.0, within=30)
        phone.send(wire.Stop(kind))
        assert (await asyncio.wait_for(phone.host.wait(), 15)).status == 0

    on(None, story)


def test_frames_say_what_changed(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.still()
        left = len(phone.shots)
        await phone.tap(*BOX)
        await phone.still()
        for before, after in itertools.pairwise(phone.shots[left - 1 :]):
            outside = np.ones(after.pixels.shape[:2], bool)
            for rect in after.said.rects or [wire.Rect(0, 0, after.said.width, after.said.height)]:
                outside[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w] = False
            assert np.array_equal(before.pixels[outside], after.pixels[outside])
        drawn = [shot for shot in phone.shots[left:] if shot.said.rects]
        assert drawn
        assert all(sum(rect.w * rect.h for rect in shot.said.rects) < 480 * 800 // 8 for shot in drawn)

    on(CONTROLS, story)


def states(root: int) -> set[str]:
    """Of all tasks of an app, as proc(5) has them."""
    found = set()
    for process, _ in watch._family(root):
        for task in Path(f"/proc/{process}/task").iterdir():
            found.add((task / "stat").read_text().rpartition(")")[2].split()[0])
    return found


def test_an_app_stands_still_while_it_is_held(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.still()
        (host,) = phone._engine._running.hosts_of("a", "io.appium.android.apis")
        async with phone._engine.hold("a", "io.appium.android.apis", end=False):
            while states(host.inside) != {"T"}:  # noqa: ASYNC110 -- each task stops by itself
                await asyncio.sleep(0.01)
            shown = len(phone.shots)
            phone.touch(0, BOX)
            phone.touch(2, BOX)
            await asyncio.sleep(0.3)
            assert len(phone.shots) == shown
        await phone.wait(lambda: len(phone.shots) > shown)
        assert "T" not in states(host.inside)

    on(CONTROLS, story)


def test_an_input_that_changes_nothing_is_answered_by_a_pixel(on: Teller) -> None:
    async def story(phone: Any) -> None:
        for _ in range(4):
            before = await phone.still(quiet=1.0)
            shot = await phone.tap(470, 790)
            if shot.said.rects == (wire.Rect(0, 0, 1, 1),):
                break
            # The list's scroll bar went meanwhile: late, on a busy machine.
        assert shot.said.rects == (wire.Rect(0, 0, 1, 1),)
        assert np.array_equal(shot.pixels, before)

    on(CONTROLS, story)


def test_a_new_window_begins_in_the_touch_mode_that_there_is(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.still()
        await phone.key(0x51)  # an arrow: from here on the keyboard's choice is shown
        await phone.still()
        await phone.key(0x28)  # opens the first list
        listed = await phone.still()
        await phone.key(0x51)
        # The first row was chosen without a key in this window, so that the arrow chooses the second.
        await phone.shows(lambda now: differs(now, listed, 136, 168))
        # A finger begins touch mode again, also for the window below.
        await phone.drag((240, 500), (240, 420))
        await phone.back()
        again = await phone.still()
        await phone.key(0x51)
        await phone.shows(lambda now: differs(now, again, 80, 128))

    on(None, story)


def test_words_a_tick_and_a_spinner(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.tap(*FIELD)
        await phone.message(wire.Ime, lambda m: m.active == 1)
        await phone.text(1, "xihu")
        await phone.wait(lambda: phone.editor.text_around == "xihu")
        await phone.text(0, "西湖")
        await phone.wait(lambda: phone.editor.text_around == "西湖")
        await phone.key(0x2A)  # backspace
        await phone.key(0x04, ord("a"))
        await phone.wait(lambda: phone.editor.text_around == "西a")
        before = phone.shots[-1].pixels
        await phone.tap(*BOX)
        await phone.shows(lambda now: differs(now, before, 140, 175))
        before = await phone.still()
        await phone.tap(*SPINNER)
        # This theme's spinner asks in a dialog, which covers and dims what is below and above it.
        await phone.shows(lambda now: differs(now, before, 520, 800) and differs(now, before, 0, 60))
        await phone.still()
        phone.save("spinner")
        await phone.back()
        await phone.shows(lambda now: not differs(now, before, 520, 800))
        phone.save("controls")

    on(CONTROLS, story)


def test_a_dialog_is_centred_and_dims_what_is_behind(on: Teller) -> None:
    async def story(phone: Any) -> None:
        before = await phone.still()
        await phone.tap(240, 80)
        await phone.shows(lambda now: now[20, 20].sum() < before[20, 20].sum())
        shown = await phone.still()
        phone.save("dialog")
        rows = np.flatnonzero((shown[:, 240].astype(int) > before[:, 240] * 0.8).all(axis=1))
        bright = rows[rows > 100]
        assert abs((bright[0] + bright[-1]) / 2 - 400) < 30
        assert (shown[780, 240] < before[780, 240]).all()
        await phone.back()
        await phone.shows(lambda now: not differs(now, before, 0, 50))

    on("App/Alert Dialogs", story)


ESCAPE = 0x29


def test_escape_closes_a_dialog_and_nothing_below_it(on: Teller) -> None:
    async def story(phone: Any) -> None:
        before = await phone.still()
        await phone.tap(240, 80)
        await phone.shows(lambda now: now[20, 20].sum() < before[20, 20].sum())
        await phone.still()
        await phone.seen(phone.half_press(ESCAPE, 0))
        await phone.still()  # a finger holds a key longer than it takes to draw
        await phone.seen(phone.half_press(ESCAPE, 1))
        await phone.shows(lambda now: not differs(now, before, 0, 50))
        await phone.still(quiet=1.0)
        assert not differs(phone.shots[-1].pixels, before, 0, 50)
        assert phone.host.ended is False

    on("App/Alert Dialogs", story)


def test_a_fling_goes_on_after_the_finger_left(on: Teller) -> None:
    async def story(phone: Any) -> None:
        left = await phone.fling((240, 650), (240, 250))
        first = await phone.shows(lambda now: differs(now, left.pixels, 100, 700))
        await phone.shows(lambda now: differs(now, first, 100, 700))
        await phone.still()
        phone.save("list")

    on("Views/Lists/01. Array", story)


def test_a_finger_that_rests_before_it_leaves_does_not_fling(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.still()
        await phone.drag((240, 650), (240, 450))
        left = phone.shots[-1].pixels
        stands = await phone.still()
        assert not differs(stands, left, 100, 700)

    on("Views/Lists/01. Array", story)


def test_a_wheel_scrolls_by_its_pixels(on: Teller) -> None:
    async def story(phone: Any) -> None:
        before = await phone.still()
        for dy, moved in ((120.0, 120), (-120.0, 0)):
            number = phone.next_input()
            phone.send(wire.Scroll(number, 240.0, 400.0, 0.0, dy))
            await phone.seen(number)
            after = await phone.still()
            assert not np.array_equal(after, before) or not moved
            assert np.array_equal(after[100:600, :440], before[100 + moved : 600 + moved, :440])

    on("Views/Lists/01. Array", story)


def test_a_long_press_opens_a_context_menu(on: Teller) -> None:
    async def story(phone: Any) -> None:
        before = await phone.still()
        await phone.hold(240, 134)
        await phone.shows(lambda now: differs(now, before, 60, 700))
        await phone.still()
        phone.save("context-menu")
        await phone.back()
        await phone.shows(lambda now: not differs(now, before, 200, 700))

    on("App/Fragment/Context Menu", story)


def test_a_popup_menu_and_a_toast(on: Teller) -> None:
    async def story(phone: Any) -> None:
        before = await phone.still()
        await phone.tap(240, 80)
        await phone.shows(lambda now: differs(now, before, 110, 400))
        await phone.still()
        phone.save("popup-menu")
        await phone.tap(240, 130)
        # What was chosen is said at the bottom, and goes away by itself.
        await phone.shows(lambda now: differs(now, before, 650, 790))
        phone.save("toast")
        await phone.shows(lambda now: not differs(now, before, 650, 790))

    on("Views/Popup Menu", story)


def test_tabs_show_their_content(on: Teller) -> None:
    async def story(phone: Any) -> None:
        first = await phone.still()
        await phone.tap(240, 80)
        await phone.shows(lambda now: differs(now, first, 120, 780))
        await phone.still()
        phone.save("tabs")

    on("Views/Tabs/1. Content By Id", story)


@pytest.mark.parametrize("demo", ["Views/System UI Visibility/System UI Modes", "Views/Search View/Action Bar"])
def test_share_menus_and_searches_open(on: Teller, demo: str) -> None:
    async def story(phone: Any) -> None:
        await phone.title(demo)
        await phone.still()
        await phone.tap(240, 500)
        assert not any(isinstance(m, wire.State) and m.state == 4 for m in phone.messages)

    on(demo, story)


def test_spinners_spin(on: Teller) -> None:
    async def story(phone: Any) -> None:
        first = await phone.shows(lambda now: now[100:].std() > 1)
        await phone.shows(lambda now: differs(now, first, 100, 800))
        phone.save("spinners")

    on("Views/Progress Bar/2. Smooth", story)


def test_tabs_hold_activities(on: Teller) -> None:
    async def story(phone: Any) -> None:
        first = await phone.shows(lambda now: now[200:].std() > 1)
        await phone.tap(240, 84)
        await phone.shows(lambda now: differs(now, first, 160, 600))
        phone.save("tabs-activities")

    on("Views/Tabs/3. Content By Intent", story)


def test_keys_and_text_take_effect_in_the_order_in_which_they_come(on: Teller, phone: ModuleType) -> None:
    """However many of them wait for the app: text does not overtake keys, nor keys text."""

    async def story(one: Any) -> None:
        await one.tap(*FIELD)
        await one.message(wire.Ime, lambda m: m.active == 1)
        expected = ""
        for _ in range(5):
            for letter in "abcdef":
                one.write(letter)
            for _ in range(3):
                one.press(phone.BACKSPACE)
            one.write("X")
            one.write("Y")
            one.press(phone.LEFT)
            one.press(0x1D, ord("z"))
            one.press(phone.END)
            await one.seen(one.write(" "))
            expected += "abcXzY "
            await one.wait(lambda wanted=expected: one.editor.text_around == wanted)
            assert one.editor.selection_start == one.editor.selection_end == len(expected)

    on(CONTROLS, story)


def test_the_clipboard_goes_both_ways(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.tap(*FIELD)
        await phone.message(wire.Ime, lambda m: m.active == 1)
        phone.send(wire.Clipboard("text/plain", "贴".encode()))
        await phone.key(0x19, 0, 2)  # Ctrl V
        await phone.wait(lambda: phone.editor.text_around.endswith("贴"))
        await phone.text(0, "上")
        await phone.key(0x04, 0, 2)  # Ctrl A, Ctrl C
        await phone.key(0x06, 0, 2)
        await phone.wait(lambda: phone.copied[-1:] == [phone.editor.text_around])

    on(CONTROLS, story)


def test_another_size_and_taste_keep_what_was_typed(on: Teller) -> None:
    async def story(phone: Any) -> None:
        await phone.tap(*FIELD)
        await phone.message(wire.Ime, lambda m: m.active == 1)
        await phone.text(0, "keep")
        await phone.wait(lambda: phone.editor.text_around == "keep")
        phone.send(wire.Resize(800, 480, 160, 1))
        await phone.message(wire.Configured, lambda m: (m.width, m.height) == (800, 480))
        await phone.shows(lambda now: now.shape[:2] == (480, 800))
        phone.send(wire.Config({"locale": "zh-CN", "theme": "dark"}))
        await phone.wait(lambda: phone.editor.active == 1 and phone.editor.text_around == "keep")
        phone.send(wire.Resize(480, 800, 160, 0))
        phone.send(wire.Config({"locale": "en", "theme": "light"}))
        await phone.shows(lambda now: now.shape[:2] == (800, 480))
        await phone.wait(lambda: phone.editor.text_around == "keep")

    on(CONTROLS, story)
