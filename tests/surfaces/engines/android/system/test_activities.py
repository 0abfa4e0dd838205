"""Activities of two apps in processes of their own: results, choices, launch modes, kill and return."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from pileus.surfaces import wire

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android"), pytest.mark.timeout(600)]

STEPS, GUEST = "dev.pileus.steps", "dev.pileus.guest"
NEW_TASK, CLEAR_TOP, SINGLE_TOP, CLEAR_TASK, REORDER, NO_HISTORY = (
    0x10000000,
    0x04000000,
    0x20000000,
    0x00008000,
    0x00020000,
    0x40000000,
)
Story = Callable[[Any], Awaitable[None]]
Play = Callable[[Story], None]


@pytest.fixture
def play(phone: ModuleType, pair: ModuleType, samples: ModuleType, tmp_path_factory: Any) -> Iterator[Play]:
    """Plays a story with both apps installed and none running."""
    with asyncio.Runner() as runner:

        async def whole(story: Story) -> None:
            folder = tmp_path_factory.mktemp("pair")
            settings = phone.settings(folder)
            apps = pair.Pair(phone, samples, settings, folder / "data" / "android" / "accounts" / "a")
            await apps.install()
            try:
                await story(apps)
            finally:
                await apps.close()

        yield lambda story: runner.run(whole(story))


def test_a_result_comes_back_from_an_activity_of_another_app(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"go {GUEST}/Pick 0 7")
        shown = await apps.shown(steps)
        assert shown["app"] == GUEST
        guest = await apps.open(GUEST)
        # Named by the app that waits; the app's own first activity is not below it.
        assert await apps.tells(GUEST, "Pick resumed") == ["Pick created for .Steps$Main", "Pick resumed"]
        await apps.do(GUEST, "answer -1 西湖")
        told = await apps.tells(STEPS, "Main result 7 -1 西湖", "Main resumed")
        assert "Main destroyed" not in told
        back = await apps.shown(guest)
        assert (back["app"], back["leave"], back["over"]) == (STEPS, GUEST, True)
        await guest.message(wire.State, lambda m: m.state == 3)

    play(story)


def test_extras_that_cannot_be_read_do_not_fall_on_the_app_that_is_opened(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"broken {GUEST}/Pick")
        assert (await apps.shown(steps))["app"] == GUEST
        await apps.open(GUEST)
        await apps.tells(GUEST, "Pick resumed")
        await apps.do(GUEST, "answer -1 back")
        await apps.tells(STEPS, "Main result 7 -1 back")

    play(story)


def test_an_app_whose_state_cannot_be_kept_is_not_frozen(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, "count")
        # Where the state would be written, nothing can be: as on a disk without room.
        way = apps.folder / STEPS / ".activities.part" / "full"
        way.mkdir(parents=True)
        steps.send(wire.Stop(1))
        said = await steps.message(wire.State, lambda m: m.info.get("code") in ("kept", "not-kept"))
        assert (said.state, said.info) == (1, {"code": "not-kept"})
        await apps.tells(STEPS, "Main stopped", "Main resumed")  # the test looks at it
        assert not steps.host.ended
        way.rmdir()
        way.parent.rmdir()
        assert (await apps.end(STEPS, 1) or 0) > 0
        await apps.open(STEPS, restore=True)
        await apps.tells(STEPS, "Main restored 1")

    play(story)


def test_back_from_a_visit_leaves_the_apps_own_task_as_it_was(play: Play) -> None:
    async def story(apps: Any) -> None:
        guest = await apps.open(GUEST)
        await apps.tells(GUEST, "Main resumed")
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, "view pick:x")
        await apps.shown(steps)
        await apps.tells(GUEST, "Pick resumed", "Main stopped")
        await guest.title("Pick")
        await guest.still()
        assert f"visit of {STEPS}" in await apps.account.account.ask("dump")
        await guest.back()
        await apps.tells(STEPS, "Main result 9 0 null")
        await apps.tells(GUEST, "Main resumed", "Pick destroyed")
        back = await apps.shown(guest)
        assert (back["app"], back["leave"], "over" in back) == (STEPS, GUEST, False)

    play(story)


def test_the_owner_chooses_where_several_apps_can_and_the_browser_takes_pages(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, "send choose")
        asked = (await apps.shown(steps))["choose"]
        assert asked["title"] == "Share it"
        assert {one["app"]: one["label"] for one in asked["choices"]} == {GUEST: "Guest", STEPS: "Share here"}
        # None of them: the result is cancelled.
        await apps.engine.choose("a", apps.folder, asked["number"], None)
        await apps.tells(STEPS, "Main result 8 0 null")
        # The app's own.
        before = len(steps.messages)
        await apps.do(STEPS, "send plain")
        asked = (await apps.shown(steps, before))["choose"]
        own = next(one["component"] for one in asked["choices"] if one["app"] == STEPS)
        await apps.engine.choose("a", apps.folder, asked["number"], own)
        await apps.tells(STEPS, "Share created for .Steps$Main", "Share resumed")
        await apps.do(STEPS, "answer 3")
        await apps.tells(STEPS, "Main result 8 3 西湖")
        # Another app's, which reads what was sent.
        before = len(steps.messages)
        await apps.do(STEPS, "send plain")
        asked = (await apps.shown(steps, before))["choose"]
        other = next(one["component"] for one in asked["choices"] if one["app"] == GUEST)
        before = len(steps.messages)
        await apps.engine.choose("a", apps.folder, asked["number"], other)
        assert (await apps.shown(steps, before))["app"] == GUEST
        await apps.open(GUEST)
        await apps.tells(GUEST, "Share resumed")
        await apps.do(GUEST, "answer 4")
        await apps.tells(STEPS, "Main result 8 4 西湖")
        # Pages that no app takes, and what nobody takes.
        before = len(steps.messages)
        await apps.do(STEPS, "view https://nobody.example/a?b=c")
        assert (await apps.shown(steps, before))["link"] == "https://nobody.example/a?b=c"
        await apps.do(STEPS, "view nothing:x")
        await apps.tells(STEPS, "Main nothing answers")
        await apps.do(STEPS, f"go {GUEST}/Second 0 1")
        await apps.tells(STEPS, "Main refused")

    play(story)


def test_a_result_waits_for_a_caller_whose_process_has_ended(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"go {GUEST}/Pick 0 7")
        await apps.shown(steps)
        await apps.open(GUEST)
        await apps.tells(GUEST, "Pick resumed")
        await apps.end(STEPS, 1)
        await apps.do(GUEST, "answer 5 later")
        await apps.tells(GUEST, "Pick destroyed")
        await apps.open(STEPS, restore=True)
        await apps.tells(STEPS, "Main restored 0", "Main result 7 5 later", "Main resumed")

    play(story)


def test_a_sender_opens_an_activity_whose_result_comes_back(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        # Its own, in the same task, with what whoever sends it adds.
        await apps.do(STEPS, "sender Second 5")
        await apps.tells(STEPS, "Second created for .Steps$Main", "Second resumed")
        await apps.dumps("dev.pileus.steps #", 1)
        await apps.do(STEPS, "answer -1")
        await apps.tells(STEPS, "Main result 5 -1 filled", "Main resumed")
        # Another app's.
        await apps.do(STEPS, f"sender {GUEST}/Pick 6")
        assert (await apps.shown(steps))["app"] == GUEST
        guest = await apps.open(GUEST)
        await apps.tells(GUEST, "Pick created for .Steps$Main", "Pick resumed")
        await apps.do(GUEST, "answer 3")
        await apps.tells(STEPS, "Main result 6 3 filled", "Main resumed")
        assert (await apps.shown(guest))["app"] == STEPS
        # From no activity, in a task of its own; what its maker may not open; used up; a result given away.
        await apps.do(STEPS, "sender Other -1")
        await apps.tells(STEPS, "Other created", "Other resumed")
        await apps.dumps("dev.pileus.steps #", 2)
        await apps.do(STEPS, f"sender {GUEST}/Second 7")
        await apps.do(STEPS, "sender used 7")
        await apps.do(STEPS, "give 9")
        told = await apps.tells(STEPS, "Other no sender", "Other result 9 4 given")
        assert not [line for line in told if " 7 " in line]

    play(story)


def test_a_later_title_is_told(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await steps.title("Main")
        await apps.do(STEPS, "title 西湖")
        await steps.title("西湖")

    play(story)


@pytest.mark.parametrize("moment", ["pausing", "destroying"])
def test_a_visit_is_made_anew_while_the_earlier_one_ends(play: Play, moment: str) -> None:
    """Its main thread is held before its result is told, or after its task is."""

    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"go {GUEST}/Pick 0 7")
        await apps.shown(steps)
        guest = await apps.open(GUEST)
        await apps.tells(GUEST, "Pick resumed")
        held = apps.written(GUEST).with_name(moment)
        held.touch()
        await apps.do(GUEST, "answer 1 first")
        await apps.tells(GUEST, f"Pick {moment}")
        before = len(steps.messages)
        await apps.do(STEPS, f"go {GUEST}/Pick 0 8")
        assert (await apps.shown(steps, before))["app"] == GUEST
        held.unlink()
        await guest.message(wire.State, lambda m: m.state == 3)
        await apps.tells(STEPS, "Main result 7 1 first")
        before = len(steps.messages)
        await apps.end(GUEST, 0)
        if moment == "pausing":  # its old screen had it: it is shown once more
            assert (await apps.shown(steps, before))["app"] == GUEST
        await apps.open(GUEST)
        told = await apps.tells(GUEST, "Pick created for .Steps$Main", "Pick resumed")
        assert not [line for line in told if line.startswith("Main")]  # the app's own task is not below it
        await apps.do(GUEST, "answer 2 second")
        await apps.tells(STEPS, "Main result 8 2 second")

    play(story)


@pytest.mark.parametrize("end", ["closed", "killed", "fell"])
def test_a_visit_that_ends_with_its_process_has_no_result(play: Play, end: str) -> None:
    async def story(apps: Any) -> None:
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"go {GUEST}/Pick 0 7")
        guest = await apps.open(GUEST)
        await apps.tells(GUEST, "Pick resumed")
        await apps.dumps(f"visit of {STEPS}", 1)
        if end == "closed":
            await apps.end(GUEST, 0)
        elif end == "killed":
            await apps.kill(GUEST)
        else:
            await apps.do(GUEST, "title")  # none is given: it falls over
            await guest.message(wire.State, lambda m: m.state == 4)
        await apps.tells(STEPS, "Main result 7 0 null")
        assert "start " not in await apps.account.account.ask("dump")

    play(story)


def test_a_visit_that_was_kept_answers_from_its_next_process(play: Play) -> None:
    async def story(apps: Any) -> None:
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"go {GUEST}/Pick 0 7")
        await apps.open(GUEST)
        await apps.tells(GUEST, "Pick resumed")
        await apps.end(GUEST, 1)
        await apps.open(GUEST, restore=True)
        await apps.tells(GUEST, "Pick resumed")
        await apps.do(GUEST, "answer -1 later")
        await apps.tells(STEPS, "Main result 7 -1 later")

    play(story)


def test_a_result_that_nobody_has_seen_is_kept(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"go {GUEST}/Pick 0 7")
        await apps.shown(steps)
        guest = await apps.open(GUEST)
        await apps.tells(GUEST, "Pick resumed")
        steps.send(wire.Visibility(0))
        await apps.tells(STEPS, "Main stopped")
        await apps.do(GUEST, "answer 5 later")
        await apps.shown(guest)
        await apps.end(STEPS, 1)
        await apps.open(STEPS, restore=True)
        await apps.tells(STEPS, "Main restored 0", "Main result 7 5 later", "Main resumed")

    play(story)


def test_an_activity_that_took_its_surface_is_collected(play: Play, heap: ModuleType) -> None:
    async def story(apps: Any) -> None:
        async def living() -> int:
            _, counts = await asyncio.to_thread(heap.live, heap.java(steps.host.inside))
            return counts.get("dev.pileus.steps.Steps$Taker", 0)

        steps = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        for _ in range(3):
            await apps.do(STEPS, "go Taker 0 -1")
            await apps.tells(STEPS, "Taker resumed")
            await steps.shows(lambda now: bool((now[-1, -1] == (255, 0, 0)).all()))
            assert await living() > 0
            await apps.do(STEPS, "finish")
            await apps.tells(STEPS, "Main resumed", "Taker destroyed")
        async with asyncio.timeout(60):
            while await living():  # noqa: ASYNC110 - a window's last timers hold it for seconds
                await asyncio.sleep(0.5)

    play(story)


def test_launch_modes_flags_and_affinities(play: Play) -> None:
    async def story(apps: Any) -> None:
        steps = await apps.open(STEPS)

        async def go(name: str, flags: int = 0) -> None:
            await apps.do(STEPS, f"go {name} {flags} -1")

        async def stack() -> list[list[str]]:
            """Tasks, the front one first, each from its top."""
            tasks: list[list[str]] = []
            for line in (
                (await apps.account.account.ask("dump")).split("SERVICES")[1].split("TASKS")[1].splitlines()[1:]
            ):
                if line.startswith("  dev.pileus.steps #"):
                    tasks.append([])
                elif line.startswith("    ") and tasks:
                    tasks[-1].append(line.split("$")[1].split()[0])
                else:
                    break
            return tasks

        async def becomes(*wanted: list[str]) -> None:
            found: list[list[str]] = []
            for _ in range(600):
                found = await stack()
                if found == list(wanted):
                    return
                await asyncio.sleep(0.05)
            raise AssertionError(f"{wanted} is {found}")

        await apps.tells(STEPS, "Main resumed")
        await go("Second")
        await go("Second")
        await becomes(["Second", "Second", "Main"])  # standard: one more each time
        await go("Top")
        await becomes(["Top", "Second", "Second", "Main"])
        await go("Top")
        await apps.tells(STEPS, "Top new", "Top resumed")  # on top already
        await go("Third")
        await go("Top")
        await becomes(["Top", "Third", "Top", "Second", "Second", "Main"])  # not on top: another
        await go("Third", REORDER)
        await becomes(["Third", "Top", "Top", "Second", "Second", "Main"])
        await apps.tells(STEPS, "Third new", "Third resumed")
        await go("Main", CLEAR_TOP | SINGLE_TOP)
        await apps.tells(STEPS, "Main new", "Main resumed")
        await becomes(["Main"])
        await go("Second")
        await apps.tells(STEPS, "Second resumed")
        await go("Main", CLEAR_TOP)
        await apps.tells(STEPS, "Main created", "Main resumed")  # standard, without SINGLE_TOP: made anew
        await becomes(["Main"])
        await go("Task")
        await go("Second")
        await becomes(["Second", "Task", "Main"])  # its affinity is the task's
        await go("Task")
        await apps.tells(STEPS, "Task new", "Task resumed")
        await becomes(["Task", "Main"])
        await go("Other", NEW_TASK)
        await becomes(["Other"], ["Task", "Main"])  # another affinity, another task
        await go("Second", NEW_TASK)
        await becomes(["Second", "Task", "Main"], ["Other"])  # back to the task of its affinity
        await go("Alone")
        await apps.tells(STEPS, "Alone resumed")
        await go("Third")  # nothing else comes into its task
        await becomes(["Third", "Second", "Task", "Main"], ["Alone"], ["Other"])
        await go("Alone")
        await apps.tells(STEPS, "Alone new", "Alone resumed")
        await becomes(["Alone"], ["Third", "Second", "Task", "Main"], ["Other"])
        await apps.do(STEPS, "finish")
        await becomes(["Third", "Second", "Task", "Main"], ["Other"])
        await go("Second", NEW_TASK | CLEAR_TASK)
        await becomes(["Second"], ["Other"])
        await go("Brief")
        await apps.tells(STEPS, "Brief resumed")
        await go("Third")
        await becomes(["Third", "Second"], ["Other"])  # no history
        await go("Top", NO_HISTORY)
        await becomes(["Top", "Third", "Second"], ["Other"])
        await go("Second")
        await becomes(["Second", "Third", "Second"], ["Other"])
        await apps.do(STEPS, "affinity")
        await becomes(["Other"])
        before = len(steps.messages)
        await apps.do(STEPS, "behind")
        await apps.tells(STEPS, "Other behind true")
        assert (await apps.shown(steps, before))["app"] == ""  # home

    play(story)


def test_a_stack_comes_back_with_its_states_after_its_process_has_ended(play: Play) -> None:
    async def story(apps: Any) -> None:
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, "count")
        await apps.do(STEPS, "go Second 0 6")
        await apps.tells(STEPS, "Second created for .Steps$Main", "Second resumed")
        await apps.do(STEPS, "go Third 0 -1")
        await apps.tells(STEPS, "Third resumed")
        await apps.do(STEPS, "count")
        await apps.do(STEPS, "count")
        size = await apps.end(STEPS, 1)
        assert size is not None
        assert size == (apps.folder / STEPS / ".activities").stat().st_size
        phone = await apps.open(STEPS, restore=True)
        told = await apps.tells(STEPS, "Third restored 2", "Third resumed")
        await phone.still()
        assert not [
            line for line in told if line.startswith(("Main restored", "Second restored"))
        ]  # when seen again
        await phone.back()
        await apps.tells(STEPS, "Second restored 0 for .Steps$Main", "Second resumed")
        await apps.do(STEPS, "answer 2 kept")
        await apps.tells(STEPS, "Main restored 1", "Main result 6 2 kept", "Main resumed")
        # What the owner closes does not come back, running or frozen.
        await apps.end(STEPS, 0)
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main created", "Main resumed")
        await apps.do(STEPS, "count")
        await apps.end(STEPS, 1)
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main created", "Main resumed")

    play(story)


def test_the_states_of_a_stack_are_bounded_together(play: Play) -> None:
    """Each would be kept alone: 900,000 bytes are within a transaction, five of them are more than 3 MB."""

    async def story(apps: Any) -> None:
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        for _ in range(4):
            await apps.do(STEPS, "load 900000")
            await apps.do(STEPS, "go Second 0 -1")
            await apps.tells(STEPS, "Second resumed")
        await apps.do(STEPS, "load 900000")
        size = await apps.end(STEPS, 1)
        assert 3 * 900_000 < size < 3_000_000 + 20_000
        assert size == (apps.folder / STEPS / ".activities").stat().st_size
        # The activities are all there; those beyond the bound, which are the lowest, begin without their state.
        phone = await apps.open(STEPS, restore=True)
        await apps.tells(STEPS, "Second restored 0", "Second resumed")
        for _ in range(2):
            await phone.still()
            await phone.back()
            await apps.tells(STEPS, "Second restored 0", "Second resumed")
        await phone.still()
        await phone.back()
        await apps.tells(STEPS, "Second created", "Second resumed")
        await phone.still()
        await phone.back()
        await apps.tells(STEPS, "Main created", "Main resumed")

    play(story)


def test_what_nobody_looks_at_stops_and_outlives_a_killed_process(play: Play) -> None:
    async def story(apps: Any) -> None:
        phone = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, "go Second 0 -1")
        await apps.tells(STEPS, "Second resumed")
        await apps.do(STEPS, "count")
        phone.send(wire.Visibility(0))
        await apps.tells(STEPS, "Second stopped")
        phone.send(wire.Visibility(1))
        await apps.tells(STEPS, "Second resumed")
        phone.send(wire.Visibility(0))
        await apps.tells(STEPS, "Second stopped")
        kept = apps.folder / STEPS / ".activities"
        await apps.until(kept.exists, lambda: "nothing is kept")
        await phone.host.kill()
        await apps.open(STEPS)
        await apps.tells(STEPS, "Second restored 1", "Second resumed")

    play(story)


def test_a_notice_is_pressed_and_dismissed_when_nothing_runs(play: Play) -> None:
    async def story(apps: Any) -> None:
        phone = await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, "notify")
        notice = (await phone.message(wire.Notify)).info
        assert notice["channel_name"] == "Talk"
        assert (notice["group"], notice["quiet"], notice["progress"]) == ("all", True, 0.25)
        assert notice["actions"] == ["Press"]
        await apps.end(STEPS, 1)
        await apps.engine.close()
        apps.engine = type(apps.engine)(apps.engine.settings, keep_spare=False)
        assert await apps.engine.ask("a", apps.folder, "ps") is None  # nothing of the account runs
        assert await apps.engine.press("a", apps.folder, notice["key"], 0) == ""
        apps.account = await apps.engine.account("a", apps.folder)
        await apps.tells(STEPS, "Hand pressed")
        assert await apps.engine.press("a", apps.folder, notice["key"], -1) == STEPS
        phone = await apps.open(STEPS)
        await apps.tells(STEPS, "Second created", "Second resumed")
        assert notice["key"] not in await apps.account.account.ask("dump")  # it cancels itself
        await apps.do(STEPS, "notify")
        again = (await phone.message(wire.Notify)).info
        await apps.engine.dismiss("a", apps.folder, again["key"])
        await apps.tells(STEPS, "Hand dismissed")

    play(story)


def test_an_app_sees_the_packages_that_it_asks_for(play: Play) -> None:
    async def story(apps: Any) -> None:
        await apps.open(STEPS)
        await apps.tells(STEPS, "Main resumed")
        await apps.do(STEPS, f"look {GUEST}")
        assert (await apps.tells(STEPS, "Main pick dev.pileus.guest Pick one"))[-4:] == [
            f"Main sees {GUEST}",
            f"Main launch {GUEST}/dev.pileus.steps.Steps$Main",
            "Main share 2",
            "Main pick dev.pileus.guest Pick one",
        ]
        await apps.open(GUEST)
        await apps.tells(GUEST, "Main resumed")
        await apps.do(GUEST, f"look {STEPS}")
        assert (await apps.tells(GUEST, "Main pick dev.pileus.guest Pick one"))[-4:-1] == [
            "Main sees not",
            "Main launch null",
            "Main share 1",
        ]

    play(story)
