"""Which of an account's processes are started, and when: real systems, hosts that do nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, Exit, LinkPlace
from pileus.surfaces.engines.android import running
from pileus.surfaces.engines.android.accounts import FOLDER, write_packages
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.engines.android.running import Accounts, Running
from pileus.surfaces.engines.android.system import manifest as record
from pileus.surfaces.engines.android.system.packages import Installed
from tests.surfaces.engines.android.system.rules import component

NAME = "a.app"
BIND = "android.permission.BIND_JOB_SERVICE"
NOWHERE = cast(LinkPlace, None)
"""Hosts that do nothing need no place for it."""


class Host:
    """Lives until it is killed, and takes its time to get its app."""

    def __init__(self, folder: Path) -> None:
        self.system_path = folder / "account.sock"
        folder.mkdir(parents=True)
        self.app_id = ""
        self.breaks = False
        self.needed: Callable[[], Any]
        self.on_clip: Callable[[bytes], None]
        self.on_visible: Callable[[bool], None]
        self.parted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self.ending = False
        self.is_gone = False
        self.still = False

    def stand_still(self) -> None:
        self.still = True

    def go_on(self) -> None:
        self.still = False

    @property
    def ended(self) -> bool:
        return self._over.is_set()

    async def adopt(self, spec: AppSpec) -> None:
        await asyncio.sleep(0.1)
        if self.breaks:
            raise Unavailable("host-failed", "It broke.")
        self.app_id = spec.app_id

    async def run(self, _display: Display) -> None:
        await asyncio.sleep(0.1)

    async def show(self, _link: LinkPlace) -> None:
        """It has no picture."""
        if self.is_gone:
            raise Unavailable("sandbox-unavailable", "It is not there.")

    async def ready(self) -> None:
        """At once."""

    async def wait(self) -> Exit:
        await self._over.wait()
        return Exit(0)

    async def kill(self) -> None:
        self._over.set()

    def deliver(self, _message: bytes) -> None:
        """Nobody looks."""


class Engine(AndroidEngine):
    """Launches such hosts."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        super().__init__(settings, keep_spare=False)
        self.folder = folder
        self.launched: list[Host] = []
        self.breaks = False
        self.takes = 0.0

    async def _launch(self, rehearse: bool) -> AndroidHost:
        await asyncio.sleep(self.takes)
        host = Host(self.folder / str(len(self.launched)))
        host.breaks = self.breaks
        self.launched.append(host)
        return cast(AndroidHost, host)


@pytest.fixture
def spec(tmp_path: Path) -> AppSpec:
    """An app that account `a` has installed."""
    package = tmp_path / "package"
    package.mkdir()
    work = component("service", NAME, "Work", permission=BIND)
    record.keep(package, record.Manifest(package=NAME, format=record.FORMAT, components=(work,)))
    account = tmp_path / "accounts" / "a"
    write_packages(account, [Installed(NAME, "app", str(package))])
    return AppSpec("a", "app", "android", "App", package, account / "app", {"package": NAME})


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 -- a process ends when it does
        await asyncio.sleep(0.01)


def play(tmp_path: Path, story: Callable[[Engine], Any]) -> None:
    async def whole() -> None:
        engine = Engine(Settings.from_env(), tmp_path / "hosts")
        try:
            await asyncio.wait_for(story(engine), 60)
        finally:
            await engine.close()

    asyncio.run(whole())


def test_an_app_that_is_wanted_twice_at_once_has_one_process(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        wanted = (engine.background(spec), engine.start(spec, Display(), NOWHERE), engine.background(spec))
        found = await asyncio.gather(*wanted)
        assert len(engine.launched) == 1
        assert {getattr(one, "host", one) for one in found} == set(engine.launched)
        account = await engine.account("a", spec.data_dir.parent)
        assert [line.split()[2:] for line in (await account.account.ask("ps")).splitlines()[1:]] == [
            ["foreground", NAME]
        ]

    play(tmp_path, story)


def test_an_app_that_is_opened_as_its_process_ends_gets_another(tmp_path: Path, spec: AppSpec) -> None:
    """Its owner went back out of it, and taps its icon."""

    async def story(engine: Engine) -> None:
        await engine.start(spec, Display(), NOWHERE)
        (first,) = engine.launched
        first.ending = True
        opening = asyncio.ensure_future(engine.start(spec, Display(), NOWHERE))
        await asyncio.sleep(0.2)
        assert len(engine.launched) == 1  # two of them would write to one folder
        first._over.set()
        await opening
        assert [host.ended for host in engine.launched] == [True, False]

    play(tmp_path, story)


def test_a_process_that_ends_as_it_is_shown_again_is_replaced(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        await engine.start(spec, Display(), NOWHERE)
        engine.launched[0].is_gone = True
        await engine.start(spec, Display(), NOWHERE)
        assert [host.ended for host in engine.launched] == [True, False]

    play(tmp_path, story)


def test_a_process_that_does_not_start_is_none_for_the_system(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        engine.breaks = True
        with pytest.raises(Unavailable, match="It broke"):
            await engine.background(spec)
        account = await engine.account("a", spec.data_dir.parent)
        assert (await account.account.ask("ps")).splitlines()[1:] == []

    play(tmp_path, story)


def test_a_package_that_the_system_does_not_know_is_refused_at_once(tmp_path: Path, spec: AppSpec) -> None:
    (spec.package_dir / record.MANIFEST).write_bytes(b"no record")

    async def story(engine: Engine) -> None:
        with pytest.raises(Unavailable, match=r"does not know a\.app"):
            await asyncio.wait_for(engine.background(spec), 10)

    play(tmp_path, story)


def test_a_system_does_not_rest_while_an_app_starts(
    tmp_path: Path, spec: AppSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "IDLE", 0.01)

    async def story(engine: Engine) -> None:
        engine.takes = 1.0
        account = await engine.account("a", spec.data_dir.parent)
        host = await engine.background(spec)
        assert await engine.account("a", spec.data_dir.parent) is account
        assert not account.account.ended
        # Once its process is gone it does.
        await host.kill()
        await until(lambda: account.account.ended)
        assert engine._running.find("a", spec.data_dir.parent) is None

    play(tmp_path, story)


def test_one_account_does_not_wait_for_another(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        first = await engine.account("a", spec.data_dir.parent)
        pid = first.account.pid
        closing = asyncio.Event()
        close = first.close

        async def slow() -> None:
            closing.set()
            await asyncio.sleep(30)
            await close()

        first.close = slow  # type: ignore[method-assign]
        os.kill(pid, signal.SIGKILL)
        await until(lambda: first.account.ended)
        waiting = asyncio.create_task(engine.account("a", spec.data_dir.parent))
        await closing.wait()
        other = await asyncio.wait_for(engine.account("b", tmp_path / "accounts" / "b"), 20)
        assert not other.account.ended
        waiting.cancel()
        first.close = close  # type: ignore[method-assign]

    play(tmp_path, story)


def job_in(accounts: Path, milliseconds: int) -> None:
    """Leaves account `a` a job that is due then."""
    at = int(time.time() * 1000) + milliseconds
    job = {"package": NAME, "id": 1, "component": f"{NAME}/{NAME}.Work", "at_ms": at}
    (accounts / "a" / FOLDER / "jobs.json").write_bytes(msgspec.json.encode([job]))


def watch(story: Callable[[Accounts, asyncio.Future[AppSpec]], Any]) -> None:
    """Plays accounts whose first process in the background is told, and does not start."""

    async def whole() -> None:
        wanted: asyncio.Future[AppSpec] = asyncio.get_running_loop().create_future()

        async def background(found: AppSpec) -> AndroidHost:
            wanted.set_result(found)
            raise Unavailable("host-failed", "That is all.")

        all_of_them = Accounts(background)
        try:
            await story(all_of_them, wanted)
        finally:
            await all_of_them.close()

    asyncio.run(whole())


def test_a_job_that_is_due_wakes_its_app_when_nothing_runs(tmp_path: Path, spec: AppSpec) -> None:
    """No device is attached: the folder is all there is. Another account's numbers are beyond all times."""
    accounts = tmp_path / "accounts"
    job_in(accounts, 300)
    evil = accounts / "evil" / FOLDER
    evil.mkdir(parents=True)
    (evil / "alarms.json").write_text(json.dumps([{"at_ms": 10**400}]))

    async def story(all_of_them: Accounts, wanted: asyncio.Future[AppSpec]) -> None:
        all_of_them.plan(accounts)
        assert all_of_them.find("a", accounts / "a") is None
        found = await asyncio.wait_for(wanted, 30)
        assert (found.account_id, found.app_id, found.package_dir) == ("a", "app", spec.package_dir)
        assert all_of_them.find("evil", accounts / "evil") is None

    watch(story)


def test_what_is_due_rings_after_its_system_was_killed(tmp_path: Path, spec: AppSpec) -> None:
    """Nobody opens an app meanwhile, and the app that runs goes on until then."""
    accounts = tmp_path / "accounts"
    job_in(accounts, 3000)

    async def story(all_of_them: Accounts, wanted: asyncio.Future[AppSpec]) -> None:
        first = await all_of_them.at("a", accounts / "a")
        await first.account.ask("ps")
        os.kill(first.account.pid, signal.SIGKILL)
        found = await asyncio.wait_for(wanted, 30)
        assert (found.account_id, found.app_id) == ("a", "app")
        second = all_of_them.find("a", accounts / "a")
        assert second is not None
        assert second.account.pid != first.account.pid

    watch(story)


def test_a_system_that_ends_again_and_again_is_woken_less_and_less_often(tmp_path: Path, spec: AppSpec) -> None:
    async def whole() -> None:
        all_of_them = Accounts(lambda _spec: asyncio.get_running_loop().create_future())
        key = "a", spec.data_dir.parent
        waits = []
        try:
            for _ in range(3):
                await all_of_them.at(*key)
                all_of_them._lost(key)
                waits.append(all_of_them._patience(key))
        finally:
            await all_of_them.close()
        assert waits == [1.0, 2.0, 4.0]

    asyncio.run(whole())


def test_whether_somebody_looks_reaches_the_system(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        await engine.start(spec, Display(), NOWHERE)
        account: Running = await engine.account("a", spec.data_dir.parent)
        (host,) = engine.launched
        for visible, rank in ((False, "cached"), (True, "foreground")):
            host.on_visible(visible)
            assert f" {rank} " in await account.account.ask("ps")

    play(tmp_path, story)


def test_systems_have_bounds_of_their_own(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        account = await engine.account("a", spec.data_dir.parent)
        await account.account.ask("ps")
        limits = await asyncio.to_thread(Path(f"/proc/{account.account.pid}/limits").read_text)
        found = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
        assert int(found["Max data size"]) <= 1 << 30
        assert int(found["Max file size"]) <= 64 << 20

    play(tmp_path, story)


def test_an_app_that_is_held_is_not_started_and_goes_on_afterwards(tmp_path: Path, spec: AppSpec) -> None:
    async def story(engine: Engine) -> None:
        await engine.background(spec)
        (host,) = engine.launched
        async with engine.hold("a", "app", end=False):
            assert host.still
            other = asyncio.ensure_future(engine.start(spec, Display(), NOWHERE))
            await asyncio.sleep(0.2)
            assert not other.done()
        assert not host.still
        await other
        assert engine.launched == [host]
        async with engine.hold("a", "app", end=True):
            assert host.ended
            third = asyncio.ensure_future(engine.background(spec))
            await asyncio.sleep(0.2)
            assert engine.launched == [host]
        await third
        assert len(engine.launched) == 2

    play(tmp_path, story)
