"""ApiDemos' own demonstrations of activities: results, saved state, the order of the stack."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

DOWN, ENTER = 0x51, 0x28
SAVED, UNSAVED = (200, 153), (200, 214)
"""The two fields of "Save & Restore State"."""
Make = Callable[[], Any]
Story = Callable[[Make], Awaitable[None]]


@pytest.fixture(scope="module")
def demos(phone: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Story], None]]:
    """Plays a story on phones with ApiDemos, which keep what the app keeps."""
    with asyncio.Runner() as runner:
        settings = phone.settings(tmp_path_factory.mktemp("demos"))
        meta, place = runner.run(phone.package(settings))

        async def whole(story: Story) -> None:
            data = tmp_path_factory.mktemp("demo") / "app"
            made: list[Any] = []

            def make() -> Any:
                made.append(phone.Phone(settings, meta, place, data, Display(480, 800, 160)))
                return made[-1]

            try:
                await story(make)
            finally:
                for one in made:
                    await one.close()

        yield lambda story: runner.run(whole(story))


def test_receive_result(phone: ModuleType, demos: Callable[[Story], None]) -> None:
    async def story(make: Make) -> None:
        demo = make()
        await demo.start(phone.activity("App/Activity/Receive Result"))
        empty = await demo.still()
        await press_first(demo)  # "Get result"
        await demo.shows(lambda now: not (now == empty).all())
        chooses = await demo.still()
        await press_first(demo)  # "Corky"
        await demo.shows(lambda now: not (now == chooses).all())
        shown = await demo.still()
        # Back where it began, with the answer in the green field, which was empty.
        assert (shown[:100] == empty[:100]).all()
        field = slice(112, 140)
        assert not (shown[field] == empty[field]).all()
        demo.save("receive-result")

    demos(story)


def test_reorder_activities(phone: ModuleType, demos: Callable[[Story], None]) -> None:
    async def story(make: Make) -> None:
        demo = make()
        await demo.start(phone.activity("App/Activity/Reorder Activities"))
        pages = [await demo.still()]
        for _ in range(3):
            await press_first(demo)
            await demo.shows(lambda now: not (now[80:] == pages[-1][80:]).all())
            pages.append(await demo.still())
        one, two, three, four = (page[80:200] for page in pages)
        await press_first(demo)  # "Go to the second", which comes to the front
        for page in (two, four, three, one):
            await demo.shows(lambda now, page=page: (now[80:200] == page).all())
            await demo.still()
            demo.send(wire.Nav(demo.next_input(), 0))
        await demo.message(wire.State, lambda m: m.state == 3)

    demos(story)


def test_save_and_restore_state(phone: ModuleType, demos: Callable[[Story], None]) -> None:
    async def story(make: Make) -> None:
        demo = make()
        await demo.start(phone.activity("App/Activity/Save & Restore State"))
        for field in (SAVED, UNSAVED):
            await write(demo, field, "西湖")
        demo.send(wire.Stop(1))
        kept = await demo.message(wire.State, lambda m: m.state == 2)
        assert 0 < kept.info["bytes"] < 16 << 10
        await demo.host.wait()
        again = make()
        await again.start(phone.activity("App/Activity/Save & Restore State"), restore=True)
        await again.title("App/Activity/Save & Restore State")
        await touch(again, SAVED)
        await again.wait(lambda: "西湖" in again.editor.text_around)
        await touch(again, UNSAVED)
        await again.wait(lambda: again.editor.text_around == "Initial text.")

    demos(story)


async def press_first(demo: Any) -> None:
    """The first button, by the keyboard."""
    if demo.touching:
        await demo.key(DOWN)
        demo.touching = False
    await demo.key(ENTER)


async def touch(demo: Any, place: tuple[int, int]) -> None:
    await demo.tap(*place)
    await demo.message(wire.Ime, lambda m: m.active == 1)


async def write(demo: Any, place: tuple[int, int], text: str) -> None:
    await touch(demo, place)
    await demo.text(0, text)
    await demo.wait(lambda: text in demo.editor.text_around)
