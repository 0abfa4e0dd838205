"""Two apps in processes of their own, in their sandboxes, and what passes between them and their system.

The samples `talker` and `teller` (tests/…/android/apps) write down what they saw; nothing here is faked.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import msgspec
import pytest

from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.accounts import FOLDER, write_packages
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.packages import PackageStore
from pileus.surfaces.engines.android.running import Running
from pileus.surfaces.engines.android.system.notices import MAX_NOTICES
from pileus.surfaces.engines.android.system.packages import Installed

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android"), pytest.mark.timeout(600)]

T = TypeVar("T")
PATIENCE = 240.0
HOUR = 3_600_000
"""Milliseconds after which the teller's job is due."""
NAMES = ("talker", "teller")


class World:
    """An engine with one account that has both apps. Its loop runs in a thread."""

    def __init__(self, settings: Settings, installed: list[Installed]) -> None:
        self.folder = settings.data_dir / "android" / "accounts" / "a"
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.installed = installed
        write_packages(self.folder, installed)
        self.engine = self.run(self._engine(settings))
        self.account: Running = self.run(self.engine.account("a", self.folder))
        self._read = 0

    async def _engine(self, settings: Settings) -> AndroidEngine:
        return AndroidEngine(settings, keep_spare=False)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def close(self) -> None:
        self.run(self.engine.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()

    def ask(self, line: str) -> str:
        return self.run(self.account.account.ask(line))

    def told(self) -> list[str]:
        """What the teller has written."""
        return [line for path in self.folder.rglob("told.txt") for line in path.read_text("utf-8").splitlines()]

    def notes(self) -> list[str]:
        """What the talker's service has written."""
        return [line for path in self.folder.rglob("notes.txt") for line in path.read_text().splitlines()]

    def do(self, action: str) -> list[str]:
        """Lets the teller do something; what it told meanwhile."""
        before = len(self.told())
        assert self.ask(f"start-service dev.pileus.teller/.Teller {action}") == "started"
        self.until(lambda: self._over(action, before), f"{action} never ended")
        return self.told()[before:-1]

    def until(self, true: Callable[[], object], otherwise: str) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                logs = [host.log[-2000:] for host in self.account.hosts()]
                pytest.fail(f"{otherwise}\n{self.told()}\n{self.ask('dump')}\n{logs}")
            time.sleep(0.05)

    def _over(self, action: str, before: int) -> bool:
        told = self.told()[before:]
        failed = [line for line in told if line.startswith(f"{action} failed")]
        assert not failed, [*told, *[host.log[-2000:] for host in self.account.hosts()]]
        return told[-1:] == [f"{action} done"]

    def pid(self, package: str) -> int:
        """The number of a package's process, as the account's system has it; 0 for none."""
        rows = [line.split() for line in self.ask("ps").splitlines()[1:]]
        return next((int(row[0]) for row in rows if row[3] == package), 0)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, samples: ModuleType) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("w")
    settings = Settings.from_env()
    settings = settings.changed(data_dir=folder / "data", runtime_dir=folder / "run")
    store = PackageStore(settings.changed(data_dir=settings.cache_dir / "samples"))
    installed = [asyncio.run(_install(store, settings, samples.build(name), name)) for name in NAMES]
    found = World(settings, installed)
    yield found
    found.close()


async def _install(store: PackageStore, settings: Settings, file: Path, name: str) -> Installed:
    async def quiet(_phase: str, _fraction: float) -> None:
        """Nobody watches."""

    digest, checked = packages.check(file)
    meta = await store.add(file, digest, checked, java.runtime(settings), quiet)
    place = str(store.place(digest))
    return Installed(meta.package, name, place, meta.label, meta.activity, meta.target_sdk)


def test_a_service_of_another_app_is_bound_and_one_that_is_not_exported_is_refused(world: World) -> None:
    assert world.do("bind") == [
        "bindService true",
        "connected dev.pileus.talker/.EchoService",
        "nothing there false",
        "secret refused",
    ]
    assert world.pid("dev.pileus.talker") != world.pid("dev.pileus.teller")
    assert world.notes() == ["created", "bound dev.pileus.talker.ECHO"]


def test_transactions_carry_values_objects_exceptions_and_the_callers_identity(world: World) -> None:
    told = world.do("talk")
    assert told[0] == "alive true ping true"
    assert told[1] == "descriptor dev.pileus.talker.IEcho"
    assert told[2].startswith("echo 西湖 \0 😀 from 100")
    assert told[2].endswith("by true on binder")
    assert told[3:] == [
        "heard PSST on talker",  # the callback runs on the thread that waits
        "mine true theirs true",
        "exception as asked",
        "too large",
    ]


def test_one_way_calls_arrive_in_order(world: World) -> None:
    assert world.do("order") == ["in order true"]


def test_one_way_calls_back_do_not_come_to_the_thread_that_waits(world: World) -> None:
    (told,) = world.do("back")
    assert told.startswith("back in order true on [")
    assert "waits" not in told


def test_a_parcel_with_too_much_in_it_is_an_exception(world: World) -> None:
    assert world.do("many") == [
        "1024 objects true",
        "1024 objects back true",
        "1025 objects false",
        "1025 objects back false",
        "64 files true",
        "65 files false",
        "alive true",
    ]


def test_death_is_told_and_a_bound_service_comes_back(world: World) -> None:
    before = world.pid("dev.pileus.talker")
    told = world.do("fall")
    assert sorted(told[:3]) == sorted(
        ["DeadObjectException", "binderDied", "disconnected dev.pileus.talker/.EchoService"]
    )
    assert told[3:] == ["connected dev.pileus.talker/.EchoService", "again true old alive false"]
    assert world.pid("dev.pileus.talker") not in (0, before)


def test_an_error_in_a_one_way_call_ends_the_process_or_does_not_hold_up_the_next(world: World) -> None:
    told = world.do("errors")
    assert sorted(told[:2]) == [
        "connected dev.pileus.talker/.EchoService",
        "disconnected dev.pileus.talker/.EchoService",
    ]
    assert told[2:] == ["goes on 7 "]
    assert world.notes()[-1] == "lives after as asked"


def test_of_a_binding_that_is_over_nothing_is_left(world: World, heap: ModuleType) -> None:
    world.do("unbind")
    world.do("cycle")
    (pid,) = talkers(world)
    _, before = heap.live(heap.java(pid))
    world.do("cycle")
    assert talkers(world) == [pid]
    _, after = heap.live(heap.java(pid))
    assert after["android.content.Intent"] - before["android.content.Intent"] < 10


def test_a_provider_of_another_app_is_queried_and_its_files_are_opened(world: World) -> None:
    assert world.do("provider") == [
        "type vnd.android.cursor.dir/vnd.pileus.note",
        "columns [_id, text, weight, seal] rows 2",
        "1 西湖 1.5 [0, -1, 16]",
        "2 null -2.0 null",
        "many 5000 13502500",  # 5,000 rows and 1 MB: several windows, beside the transactions
        "the file of note 1",
        "size 18",
        "call ask me 42",
        "insert refused",
        "writing refused",
        "no provider null",
    ]


def test_ordered_broadcasts_pass_results_on_and_implicit_ones_stay_away_from_manifests(world: World) -> None:
    assert world.do("broadcast") == [
        "local heard hello ordered true",
        "result 110 start>local null",
        "named 2 start>ear hello",
        "boot refused",
    ]


def test_pending_intents_are_equal_by_their_intent_and_can_be_called_back(world: World) -> None:
    assert world.do("senders") == [
        "equal true by dev.pileus.teller false",
        "none null",
        "cancelled",
        "neither refused",
    ]


def test_jobs_run_and_are_gone(world: World) -> None:
    before = len(world.told())
    world.do("job")
    world.until(lambda: world.told()[before:].count("job done") >= 2, "the job did not run")
    assert {"scheduled 1 pending 1", "job 3 work"} <= set(world.told()[before:])
    world.until(lambda: " id=3 at" not in world.ask("dump"), "the job is still there")


def test_a_notification_reaches_the_shade_and_its_action_comes_back(world: World) -> None:
    shown: list[dict[str, Any]] = []

    def hear(message: bytes) -> None:
        decoded = wire.decode(message)
        if isinstance(decoded, wire.Notify):
            shown.append(dict(decoded.info))

    world.account.deliver = hear  # type: ignore[method-assign] - stands where a device looks
    assert world.do("notify") == ["channel Channel", "active 1"]
    world.until(lambda: shown, "nothing came")
    assert shown[0]["title"] == "Title 西湖"
    assert shown[0]["actions"] == ["Press"]
    before = len(world.told())
    world.run(world.account.act(shown[0]["key"], 0))
    world.until(lambda: "pressed done" in world.told()[before:], "the action did not come back")


def test_notices_that_are_gone_are_no_longer_active(world: World) -> None:
    assert world.do("crowd") == [f"active {MAX_NOTICES}"]
    before = len(world.told())
    world.run(world.account.act("teller//7", -1))
    world.until(lambda: "pressed done" in world.told()[before:], "the press did not come")
    assert world.do("active") == [f"active {MAX_NOTICES - 1}"]


def test_the_clipboard_is_the_accounts(world: World) -> None:
    """And is read by apps that somebody looks at."""
    assert world.do("copy") == ["clip of nobody's"]


def test_an_alarm_wakes_an_app_whose_process_and_system_have_ended(world: World) -> None:
    world.do("alarm")
    world.run(world.engine.close())
    world.engine = world.run(world._engine(world.engine.settings))
    before = len(world.told())
    world.run(world.engine.begin())
    world.account = world.run(world.engine.account("a", world.folder))
    world.until(lambda: "rung done" in world.told()[before:], "the alarm did not ring")
    assert "never done" not in world.told()[before:]


def test_a_job_that_is_due_wakes_an_app_whose_process_and_system_have_ended(world: World) -> None:
    """Nobody looks, and nobody asks for the account: its folder is all there is."""
    assert world.do("later") == ["scheduled 1"]
    pids = [world.account.account.pid, *(host.pid for host in world.account.hosts())]
    assert len(pids) > 1
    world.run(world.engine.close())
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    kept = world.folder / FOLDER / "jobs.json"
    (job,) = msgspec.json.decode(kept.read_bytes())
    assert job["at_ms"] - time.time() * 1000 > HOUR / 2
    job["at_ms"] -= HOUR  # the hour passes
    kept.write_bytes(msgspec.json.encode([job]))
    before = len(world.told())
    world.engine = world.run(world._engine(world.engine.settings))
    world.run(world.engine.begin())
    end = time.monotonic() + PATIENCE
    while world.told()[before:] != ["job 4 later", "job done"]:
        assert time.monotonic() < end, world.told()[before:]
        time.sleep(0.05)
    world.account = world.run(world.engine.account("a", world.folder))
    world.until(lambda: " id=4 at" not in world.ask("dump"), "the job is still there")


def test_a_service_in_the_foreground_keeps_its_process_more_than_a_started_one(world: World) -> None:
    """And its notification is in the shade for as long."""

    def ranks() -> dict[str, str]:
        return {row.split()[3]: row.split()[2] for row in world.ask("ps").splitlines()[1:]}

    serve(world)
    for action, rank in (("steady", "visible"), ("calm", "service")):
        assert world.do(action) == []
        wanted = {"dev.pileus.talker": "service", "dev.pileus.teller": rank}
        world.until(lambda wanted=wanted: ranks() == wanted, f"{action}: not {rank}")  # type: ignore[misc]
        world.until(lambda at=action: ("teller//9" in world.ask("dump")) == (at == "steady"), action)  # type: ignore[misc]


def serve(world: World) -> None:
    """The talker's sticky service runs, without a screen and with nobody who is bound to it."""
    before = len(world.notes())
    assert world.ask("start-service dev.pileus.talker/.EchoService") == "started"
    world.until(lambda: any(line.startswith("start ") for line in world.notes()[before:]), "it does not start")


def talkers(world: World) -> list[int]:
    return [host.pid for host in world.account.hosts() if host.app_id == "talker"]


def test_an_update_ends_a_process_that_a_service_keeps(world: World, tmp_path: Path) -> None:
    serve(world)
    (old,) = talkers(world)
    talker, teller = world.installed
    place = shutil.copytree(talker.folder, tmp_path / "new")
    tmp_path.chmod(0o755)
    updated = msgspec.structs.replace(talker, folder=str(place))
    write_packages(world.folder, [updated, teller])
    world.run(world.engine.end_app("a", "talker"))
    assert not Path(f"/proc/{old}").exists()
    assert talkers(world) == []
    assert "EchoService" not in world.ask("dump"), "it would come back"
    serve(world)
    assert len(talkers(world)) == 1
    spec = world.account.account.spec("dev.pileus.talker")
    assert spec is not None
    assert spec.package_dir == place


def test_a_removal_ends_a_process_that_a_service_keeps(world: World) -> None:
    serve(world)
    (old,) = talkers(world)
    talker, teller = world.installed
    write_packages(world.folder, [teller])
    world.run(world.engine.end_app("a", "talker"))
    assert not Path(f"/proc/{old}").exists()
    assert "EchoService" not in world.ask("dump"), "it would come back"
    assert world.pid("dev.pileus.talker") == 0
    assert world.ask("start-service dev.pileus.talker/.EchoService") != "started"
    write_packages(world.folder, [talker, teller])
    world.run(world.engine.end_app("a", "talker"))  # installed again; there is nothing to end
    serve(world)


def test_a_killed_system_process_is_replaced(world: World) -> None:
    os.kill(world.account.account.pid, signal.SIGKILL)
    world.until(lambda: world.account.account.ended, "the system lives")
    spec = world.account.account.spec("dev.pileus.teller")
    assert isinstance(spec, AppSpec)
    world.account = world.run(world.engine.account("a", world.folder))
    assert not world.account.account.ended
