"""Apps that take too much of the phone itself: windows, notices, lines, their start. Through whole sessions, as a
device has them: each is bounded or ended, the device is told why, and another account's app goes on drawing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.device import Device
from pileus.surfaces.engine import AppSpec, Display
from pileus.surfaces.engines.android.packages import PackageStore
from pileus.surfaces.engines.android.probe import Probe
from pileus.surfaces.engines.android.system.notices import MAX_NOTICES
from pileus.surfaces.texts import sentence

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

PATIENCE = 90.0
DISPLAY = Display(480, 800, 160)
LINES = 3000
"""Bytes that the sample writes in one round."""
FRAMES = 10
"""That the calm app draws while the other one does what it does."""


class Floods:
    """A supervisor with the calm app of one account, and the sample's activities for another."""

    def __init__(self, here: Any, package: Path, folder: Path) -> None:
        self._here, self._package, self._folder = here, package, folder
        self._account = ""

    def spec(self, account: str, activity: str, amount: int = 1000) -> AppSpec:
        data = self._folder / account / activity  # each account's own, as what its system keeps lies beside it
        data.mkdir(parents=True, exist_ok=True)
        (data / "amount").write_text(str(amount))
        options = {"package": "org.example.flood", "target_sdk": "32"}
        options["activity"] = f"org.example.flood.Floods${activity}"
        return AppSpec(account, "flood", "android", "Flood", self._package, data, options)

    def did(self, activity: str) -> int:
        """How far it says that it came."""
        path = self._folder / self._account / activity / "did"
        return int((path.read_text() if path.exists() else "") or 0)

    @property
    def memory(self) -> int:
        """Of the supervisor, in bytes."""
        pages = int(Path(f"/proc/{self._here.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @asynccontextmanager
    async def wild(self, activity: str, amount: int = 1000, locale: str = "en") -> AsyncIterator[Device]:
        """A device before one of the activities. The calm app has drawn on after all that was done with it."""
        await self._here.ready()
        calm = await self._here.client.open(self.spec("calm", "Calm"), DISPLAY)
        async with await self._here.device(calm, "calm") as neighbour:
            await neighbour.frame(timeout=PATIENCE)
            self._account = account = f"wild-{locale}-{amount}"
            session = await self._here.client.open(self.spec(account, activity, amount), DISPLAY)
            try:
                async with await self._here.device(session, account, locale=locale) as device:
                    yield device
                    seen = len(neighbour.media)
                    await neighbour.wait(lambda: len(neighbour.media) >= seen + FRAMES, PATIENCE)
            finally:
                if await self._here.client.sessions(account):
                    await self._here.client.close(session.session_id, account)
            assert [one.state for one in await self._here.client.sessions("calm")] == ["running"]


@pytest.fixture(scope="module")
def floods(world: ModuleType, samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floods]:
    folder = tmp_path_factory.mktemp("floods")
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    settings = Settings(data_dir=folder, runtime_dir=folder / "probe", cache_dir=cache)

    async def prepared() -> Path:
        meta, _ = await Probe(settings, DISPLAY).prepare(samples.build("flood"), lambda _phase, _part: None)
        return PackageStore(settings.changed(data_dir=cache / "probe")).place(meta.sha256)

    place = asyncio.run(prepared())
    with world.supervisor(folder) as here:
        yield Floods(here, place, folder / "apps")


async def ending(device: Device) -> wire.State:
    """What the device is told when an app was ended: the last of its states."""
    await device.wait(lambda: device.closed is not None, PATIENCE)
    states = [message for message in device.messages if isinstance(message, wire.State)]
    assert states[-1].state == 4
    return states[-1]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what an app has done lies in a file
            await asyncio.sleep(0.1)


def noticed(device: Device) -> set[str]:
    return {m.info["key"] for m in device.messages if isinstance(m, wire.Notify)}


async def draws(device: Device) -> None:
    """Returns when the app has drawn on."""
    seen = len(device.media)
    await device.wait(lambda: len(device.media) > seen, PATIENCE)


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_windows_without_end_end_the_app(floods: Floods, locale: str) -> None:
    async def story() -> None:
        async with floods.wild("Windows", locale=locale) as device:
            told = await ending(device)
            assert told.info["code"] == "app-windows"
            assert told.info["message"] == sentence("app-windows", locale, label="Flood")
            assert floods.did("Windows") == 99  # and the activity's own

    asyncio.run(story())


def test_as_many_windows_as_an_app_may_have_open(floods: Floods) -> None:
    """The control: the same act, below the bound."""

    async def story() -> None:
        async with floods.wild("Windows", 60) as device:
            await until(lambda: floods.did("Windows") == 60)
            await draws(device)

    asyncio.run(story())


def test_one_that_minds_no_refusal_goes_on_with_the_windows_that_it_has(floods: Floods) -> None:
    async def story() -> None:
        async with floods.wild("Caught") as device:
            await until(lambda: floods.did("Caught") == 99)
            await draws(device)
            assert floods.did("Caught") == 99

    asyncio.run(story())


def test_notices_without_end_are_left_out(floods: Floods) -> None:
    async def story() -> None:
        async with floods.wild("Notices", 3000) as device:
            await until(lambda: floods.did("Notices") == 3000)  # so all were asked for
            await draws(device)
            assert len(noticed(device)) == MAX_NOTICES
            assert sum(isinstance(m, wire.Notify) for m in device.messages) < 500

    asyncio.run(story())


def test_a_few_notices_are_all_shown(floods: Floods) -> None:
    """The control."""

    async def story() -> None:
        async with floods.wild("Notices", 40) as device:
            await device.wait(lambda: len(noticed(device)) == 40, PATIENCE)
            await until(lambda: floods.did("Notices") == 40)

    asyncio.run(story())


def test_lines_without_end_wait_in_the_app(floods: Floods) -> None:
    async def story() -> None:
        async with floods.wild("Lines", 1_000_000) as device:
            await device.frame(timeout=PATIENCE)
            await until(lambda: floods.did("Lines") > 0)
            before, start = floods.memory, floods.did("Lines")
            seen = len(device.media)
            # It writes on and draws on, and nothing of that stays in the supervisor: half of it would be seen.
            await until(lambda: floods.did("Lines") > start + 5000)
            await device.wait(lambda: len(device.media) > seen + FRAMES, PATIENCE)
            assert floods.memory - before < 5000 * LINES // 2

    asyncio.run(story())


def test_a_few_lines_are_all_written(floods: Floods) -> None:
    """The control: one that has written them waits no more."""

    async def story() -> None:
        async with floods.wild("Lines", 50) as device:
            await until(lambda: floods.did("Lines") == 50)
            await draws(device)

    asyncio.run(story())


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_one_that_falls_over_at_its_start_is_told(floods: Floods, locale: str) -> None:
    async def story() -> None:
        async with floods.wild("Throws", locale=locale) as device:
            told = await ending(device)
            assert told.info["code"] == "app-crashed"
            assert told.info["message"] == sentence("app-crashed", locale, label="Flood")
            assert "not today" in told.info["details"].splitlines()[0]

    asyncio.run(story())


def test_one_that_does_not_fall_over_at_its_start_goes_on(floods: Floods) -> None:
    """The control."""

    async def story() -> None:
        async with floods.wild("Throws", 0) as device:
            await device.frame(timeout=PATIENCE)
            await draws(device)
            assert not [m for m in device.messages if isinstance(m, wire.State) and "code" in m.info]

    asyncio.run(story())


def test_one_that_returns_from_its_start_responds(floods: Floods) -> None:
    """The control."""

    async def story() -> None:
        async with floods.wild("Never", 1_000_000) as device:
            await device.frame(timeout=PATIENCE)
            await draws(device)
            assert not [m for m in device.messages if isinstance(m, wire.State) and "code" in m.info]

    asyncio.run(story())


def test_one_that_never_returns_from_its_start_is_not_responding(floods: Floods) -> None:
    async def story() -> None:
        async with floods.wild("Never", -1, locale="zh") as device:
            told = await device.message(wire.State, lambda m: m.info.get("code") == "app-not-responding", PATIENCE)
            assert told.info["message"] == sentence("app-not-responding", "zh", label="Flood")
            assert not device.media

    asyncio.run(story())
