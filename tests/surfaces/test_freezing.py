"""Sessions that nobody looks at: when they are frozen, and what becomes of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.core.errors import PileusError
from pileus.surfaces import freezing, memory, session, wire
from pileus.surfaces.client import SessionInfo
from pileus.surfaces.device import Device
from pileus.surfaces.engine import AppSpec, Display, Exit
from pileus.surfaces.engines.fake.engine import STATE
from pileus.surfaces.freezing import Unseen, due
from pileus.surfaces.frozen import About, FrozenShelf, Picture
from pileus.surfaces.texts import sentence


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    asyncio.run(whole())


OLD, NEW = Unseen("old", 100.0), Unseen("new", 200.0)


def test_what_was_unseen_long_enough_is_due_oldest_first() -> None:
    assert due([NEW, OLD], 699.0, 600, scarce=False) == []
    assert due([NEW, OLD], 700.0, 600, scarce=False) == ["old"]
    assert due([NEW, OLD], 900.0, 600, scarce=False) == ["old", "new"]


def test_without_a_time_nothing_is_due_while_there_is_memory() -> None:
    assert due([NEW, OLD], 1e9, 0, scarce=False) == []


def test_the_oldest_alone_is_due_while_memory_is_scarce() -> None:
    assert due([NEW, OLD], 210.0, 600, scarce=True) == ["old"]
    assert due([NEW], 200.0 + freezing.GRACE - 0.1, 0, scarce=True) == []
    assert due([NEW], 200.0 + freezing.GRACE, 0, scarce=True) == ["new"]


def test_one_that_could_not_be_frozen_is_left_alone_for_a_while() -> None:
    busy = Unseen("busy", 0.0, not_before=760.0)
    assert due([busy, NEW], 700.0, 100, scarce=True) == ["new"]
    assert due([busy], 760.0, 600, scarce=False) == ["busy"]


def test_memory_is_the_less_of_the_machines_and_the_groups(tmp_path: Path) -> None:
    meminfo, group = tmp_path / "meminfo", tmp_path / "group"
    meminfo.write_text("MemTotal: 2000 kB\nMemAvailable:    1000 kB\n")
    assert memory.available(meminfo, group) == 1000 << 10
    group.mkdir()
    (group / "memory.max").write_text("max\n")
    assert memory.available(meminfo, group) == 1000 << 10
    (group / "memory.max").write_text("500000\n")
    (group / "memory.current").write_text("450000\n")
    (group / "memory.stat").write_text("anon 1\ninactive_file 50000\n")
    assert memory.available(meminfo, group) == 100_000
    assert memory.available(tmp_path / "none", tmp_path / "none") is None


def about(folder: Path, key: str = "s1") -> About:
    spec = AppSpec("a", "org.example", "fake", "App", folder, folder, {"x": "1"})
    return About(session=key, spec=spec, display=Display(width=100, height=200), title="T", colour=5)


def test_the_shelf_gives_back_what_was_kept(tmp_path: Path) -> None:
    shelf = FrozenShelf(tmp_path / "frozen")
    assert list(shelf.all()) == []
    shelf.keep(about(tmp_path), Picture("jpeg", 100, 200, b"pixels"))
    shelf.keep(about(tmp_path, "s2"), None)
    assert [(one.session, one.spec, one.title) for one in shelf.all()] == [
        ("s1", about(tmp_path).spec, "T"),
        ("s2", about(tmp_path).spec, "T"),
    ]
    assert shelf.picture("s1") == Picture("jpeg", 100, 200, b"pixels")
    assert shelf.picture("s2") is None
    assert shelf.picture_path("s2") is None
    shelf.forget("s1")
    assert shelf.picture("s1") is None
    assert [one.session for one in shelf.all()] == ["s2"]


def test_what_cannot_be_read_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "frozen"
    shelf = FrozenShelf(folder)
    shelf.keep(about(tmp_path), None)
    (folder / "broken").mkdir()
    (folder / "broken" / "about.json").write_text("{")
    (folder / "s1").rename(folder / ".s1")
    assert list(shelf.all()) == []
    assert list(folder.iterdir()) == []


def test_an_app_that_nobody_looks_at_is_frozen_in_time(world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        with world.supervisor(tmp_path, {"PILEUS_FREEZE_SECONDS": "1"}) as here:
            await here.ready()
            opened = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
            async with await here.device(opened) as device:
                await device.frame()
                (seen,) = await here.client.sessions("a")
                assert seen.state == "running"
            await paused(here, "org.example.fake")
            assert (await here.client.picture(opened.session_id, "a")).stat().st_size, "it is there at once"
            async with await here.device(opened) as device:
                await device.message(wire.State, lambda m: m.state == 1)

    run(story)


def test_memory_that_is_scarce_freezes_the_oldest_first(world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        scarce = {"PILEUS_FREEZE_SECONDS": "0", "PILEUS_MEMORY_RESERVE_MB": str(2**31)}
        with world.supervisor(tmp_path, scarce) as here:
            await here.ready()
            for name in ("one", "two", "seen"):
                spec = AppSpec("a", name, "fake", name, tmp_path / name, tmp_path / name)
                opened = await here.client.open(spec, world.DISPLAY)
                if name != "seen":
                    async with await here.device(opened) as device:
                        await device.frame()
            async with await here.device(opened) as device:
                await device.frame()
                states = await paused(here, "one")
                assert states["two"] == "running"
                states = await paused(here, "two")
                assert states["seen"] == "running"

    run(story)


async def paused(here: Any, app: str) -> dict[str, str]:
    """Waits until an app is frozen; the states of all at that time."""
    async with asyncio.timeout(30):
        while True:
            states = {one.app_id: one.state for one in await here.client.sessions("a")}
            if states[app] == "paused":
                return states
            await asyncio.sleep(0.02)


def test_an_app_that_falls_over_what_it_kept_starts_anew(world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        with world.supervisor(tmp_path, {"PILEUS_FREEZE_SECONDS": "1"}) as here:
            await here.ready()
            spec = world.fake_spec("a", tmp_path)
            opened = await here.client.open(spec, world.DISPLAY)
            async with await here.device(opened) as device:
                await device.frame()
            await paused(here, "org.example.fake")
            (spec.data_dir / STATE).write_text("no state")
            async with await here.device(opened) as device:
                await device.message(wire.State, lambda m: m.state == 1)
                states = [m for m in device.messages if isinstance(m, wire.State)]
                assert [m.state for m in states] == [2, 0, 1]
                assert states[1].info == {
                    "code": "state-dropped",
                    "message": sentence("state-dropped", "en", label=spec.label),
                }

    run(story)


def test_a_device_that_shows_something_else_does_not_hold_an_app(
    here: Any, world: ModuleType, tmp_path: Path
) -> None:
    async def story() -> None:
        await here.ready()
        opened = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        async with await here.device(opened) as device:
            await device.frame()
            await device.tap(50, 300)
            await device.send(wire.Visibility(0))
            await device.send(wire.Ping(1))
            await device.message(wire.Pong)
            assert await here.client.freeze(opened.session_id, "a")
            await device.message(wire.State, lambda m: m.state == 2)
            (listed,) = (await here.client.ping())["sessions"]
            assert (listed["host"], listed["encoder"]) == (None, None)
            seen = len(device.media)
            await device.send(wire.Visibility(1))
            await device.wait(lambda: any(isinstance(m, wire.Video) for m in device.media[seen:]))

    run(story)


def test_an_app_that_cannot_keep_its_state_goes_on(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        spec = world.fake_spec("a", tmp_path)
        opened = await here.client.open(spec, world.DISPLAY)
        async with await here.device(opened) as device:
            await device.frame()
            await types(device, "keep", "keep")
            await device.send(wire.Visibility(0))
            await device.send(wire.Ping(1))
            await device.message(wire.Pong)
            way = spec.data_dir / STATE
            way.mkdir(parents=True)
            assert not await here.client.freeze(opened.session_id, "a")
            (listed,) = await here.client.sessions("a")
            assert listed.state == "running"
            await device.send(wire.Visibility(1))
            await types(device, "!", "keep!")
            # Between host and session: a device has nothing to make of it.
            assert not [
                m for m in device.messages if isinstance(m, wire.State) and m.info.get("code") == "not-kept"
            ]

    run(story)


async def types(device: Device, text: str, whole: str) -> None:
    """Commits a text; returns once the app says that it has the whole of it."""
    await device.send(wire.TextInput(device.next_input(), 0, 1, 0, text))
    await device.message(wire.Ime, lambda m: m.text_around == whole)


async def laid_down(here: Any, opened: SessionInfo) -> SessionInfo:
    """The session as another supervisor finds it: frozen."""
    await here.ready()
    (again,) = await here.client.sessions("a")
    assert (again.session_id, again.state) == (opened.session_id, "paused")
    found: SessionInfo = again
    return found


def test_frozen_apps_outlive_the_supervisor(world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        with world.supervisor(tmp_path) as here:
            await here.ready()
            opened = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
            async with await here.device(opened) as device:
                await device.frame()
                await types(device, "keep", "keep")
                await device.send(wire.Visibility(0))
                await device.send(wire.Ping(1))
                await device.message(wire.Pong)
                assert await here.client.freeze(opened.session_id, "a")
        with world.supervisor(tmp_path) as here:
            async with await here.device(await laid_down(here, opened)) as device:
                await device.message(wire.Title, lambda m: m.title == "Fake")
                await device.message(wire.State, lambda m: m.state == 1)
                assert isinstance(device.media[0], wire.Image)
                await types(device, "!", "keep!")

    run(story)


def test_a_server_that_stops_lays_apps_down_as_they_are(world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        with world.supervisor(tmp_path) as here:
            await here.ready()
            opened = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
            async with await here.device(opened) as device:
                await device.frame()
                await types(device, "keep", "keep")
                here.process.terminate()
                told = await device.message(wire.Detached)
                assert (told.reason, told.info["code"]) == (2, "server-stopping")
        with world.supervisor(tmp_path) as here:
            async with await here.device(await laid_down(here, opened)) as device:
                await device.frame()
                await device.message(wire.State, lambda m: m.state == 1)
                await types(device, "!", "keep!")

    run(story)


def test_a_frozen_app_that_is_closed_leaves_nothing(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        opened = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        async with await here.device(opened) as device:
            await device.frame()
            await device.send(wire.Visibility(0))
            await device.send(wire.Ping(1))
            await device.message(wire.Pong)
            assert await here.client.freeze(opened.session_id, "a")
        picture = await here.client.picture(opened.session_id, "a")
        assert picture.exists()
        with pytest.raises(PileusError):
            await here.client.picture(opened.session_id, "b")
        with pytest.raises(PileusError):
            await here.client.freeze(opened.session_id, "b")
        await here.client.close(opened.session_id, "a")
        assert list(picture.parent.parent.iterdir()) == []
        assert await here.client.sessions("a") == []

    run(story)


def test_a_new_start_knows_nothing_of_what_was_kept(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        opened = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        async with await here.device(opened) as device:
            await device.frame()
            await device.send(wire.TextInput(device.next_input(), 0, 1, 0, "old"))
            await device.message(wire.Ime, lambda m: m.text_around == "old")
            await device.send(wire.Visibility(0))
            await device.send(wire.Ping(1))
            await device.message(wire.Pong)
            assert await here.client.freeze(opened.session_id, "a")
        await here.client.close(opened.session_id, "a")
        fresh = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        async with await here.device(fresh) as device:
            await device.frame()
            await device.send(wire.TextInput(device.next_input(), 0, 1, 0, "new"))
            assert (await device.message(wire.Ime)).text_around == "new"

    run(story)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            if holds():
                return
            await asyncio.sleep(0.001)


class Host:
    """A host process whose side of the link the test speaks."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.start: dict[str, Any] = {}
        self.free = True
        self.over: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def may_freeze(self) -> bool:
        return self.free

    async def wait(self) -> Any:
        return await asyncio.shield(self.over)

    async def kill(self) -> None:
        if not self.over.done():
            self.over.set_result(Exit(-9))


class Speaking:
    """A session with such a host, which has drawn and offers to freeze."""

    async def __aenter__(self) -> Speaking:
        folder = self._folder
        spec = AppSpec("a", "org.example", "test", "Test", folder, folder)
        self.session = session.Session("s", spec, Display(), folder / "link", FrozenShelf(folder / "frozen"))
        self.host = Host()
        place: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def start(_spec: AppSpec, _display: Display, link: Any) -> Any:
            place.set_result(link)
            return self.host

        self.start = start
        self.session.start(lambda: self)  # type: ignore[arg-type,return-value]
        self.reader, self.writer = await asyncio.open_unix_connection(str((await place).socket_path))
        self.say(wire.Ready({"offers": ["freeze"]}))
        self.say(wire.Frame(0, 1, 0, 0, 480, 800, 1920, 0, ()))
        await until(lambda: self.session.unseen is not None)
        return self

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def say(self, message: wire.Message) -> None:
        data = wire.encode(message)
        self.writer.write(len(data).to_bytes(4, "little") + data)

    async def hear(self, kind: type[wire.Message]) -> wire.Message:
        while True:
            size = int.from_bytes(await self.reader.readexactly(4), "little")
            message = wire.decode(await self.reader.readexactly(size))
            if isinstance(message, kind):
                return message

    async def __aexit__(self, *_error: object) -> None:
        self.writer.close()
        await self.session.close()


def test_a_process_that_is_needed_is_not_asked(tmp_path: Path) -> None:
    async def story() -> None:
        async with Speaking(tmp_path) as it:
            it.host.free = False
            assert not await it.session.freeze()
            assert it.session.state == "running"
            unseen = it.session.unseen
            assert unseen is not None
            assert unseen.not_before > asyncio.get_running_loop().time()

    run(story)


def test_a_host_that_does_not_answer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "FREEZE_WITHIN", 0.05)

    async def story() -> None:
        async with Speaking(tmp_path) as it:
            assert not await it.session.freeze()
            assert await it.hear(wire.Stop) == wire.Stop(1)
            assert it.session.state == "running"

    run(story)


def test_a_host_that_has_kept_its_state_and_stays_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "FREEZE_WITHIN", 0.2)

    async def story() -> None:
        async with Speaking(tmp_path) as it:
            frozen = asyncio.create_task(it.session.freeze())
            assert await it.hear(wire.Stop) == wire.Stop(1)
            it.say(wire.State(2, {}))
            assert await frozen
            assert it.host.over.done()

    run(story)


def test_a_server_that_stops_lets_a_freeze_that_has_begun_end(tmp_path: Path) -> None:
    async def story() -> None:
        async with Speaking(tmp_path) as it:
            freezing = asyncio.create_task(it.session.freeze())
            assert await it.hear(wire.Stop) == wire.Stop(1)
            laid = asyncio.create_task(it.session.lay_down())
            await asyncio.sleep(0)  # it has seen that the app is being frozen
            it.say(wire.State(2, {}))
            await until(lambda: it.session.state == "paused")
            it.host.over.set_result(Exit(0))
            assert await freezing
            await laid
            assert it.session.frozen
            assert it.session.ending is None

    run(story)


def test_a_server_that_stops_freezes_what_is_needed_too(tmp_path: Path) -> None:
    """What needs its process ends with the server in any case."""

    async def story() -> None:
        async with Speaking(tmp_path) as it:
            it.host.free = False
            laid = asyncio.create_task(it.session.lay_down())
            assert await it.hear(wire.Stop) == wire.Stop(1)
            it.say(wire.State(2, {}))
            await until(lambda: it.session.state == "paused")
            it.host.over.set_result(Exit(0))
            await laid
            assert it.session.frozen

    run(story)


def test_a_freeze_that_does_not_end_holds_no_server_that_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LAID_DOWN_WITHIN", 0.05)
    monkeypatch.setattr(session, "FAREWELL", 0.05)

    async def story() -> None:
        async with Speaking(tmp_path) as it:
            freezing = asyncio.create_task(it.session.freeze())
            assert await it.hear(wire.Stop) == wire.Stop(1)
            await it.session.lay_down()
            assert it.session.ending is not None
            assert not await freezing

    run(story)


def test_a_host_that_nobody_asked_is_not_believed(tmp_path: Path) -> None:
    async def story() -> None:
        async with Speaking(tmp_path) as it:
            it.say(wire.State(2, {}))
            it.say(wire.Title("after", 0))
            await until(lambda: wire.Title.TYPE in it.session._last)
            assert it.session.state == "running"
            it.host.over.set_result(Exit(1))
            await it.session._ended.wait()
            assert it.session.state == "crashed"

    run(story)
