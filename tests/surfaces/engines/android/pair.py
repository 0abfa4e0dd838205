"""Two sample apps of one account (`steps` and `guest`), each with the screen that a test gives it.

Both are made of the same activities, which write down what happens to them and do what their `Hand` is told.
"""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.accounts import write_packages
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.packages import Meta, PackageStore
from pileus.surfaces.engines.android.running import Running
from pileus.surfaces.engines.android.system.packages import Installed

STEPS, GUEST = "dev.pileus.steps", "dev.pileus.guest"
PATIENCE = 60.0


class Pair:
    """An engine with one account that has both apps."""

    def __init__(self, phone: ModuleType, samples: ModuleType, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self.engine = AndroidEngine(settings, keep_spare=False)
        self.account: Running
        self._phone, self._samples, self._settings = phone, samples, settings
        self._metas: dict[str, tuple[Meta, Path]] = {}
        self._open: dict[str, Any] = {}
        self._read: dict[str, int] = {}

    async def install(self) -> None:
        """Translates both, and gives them to the account."""
        store = PackageStore(self._settings.changed(data_dir=self._settings.cache_dir / "samples"))
        installed = []
        for name, file in (
            (STEPS, self._samples.build("steps")),
            (GUEST, self._samples.build("guest", code="steps")),
        ):
            digest, checked = packages.check(file)
            meta = await store.add(file, digest, checked, java.runtime(self._settings), _quiet)
            self._metas[name] = meta, store.place(digest)
            place = str(store.place(digest))
            installed.append(Installed(name, name, place, meta.label, meta.activity, meta.target_sdk))
        write_packages(self.folder, installed)
        self.account = await self.engine.account("a", self.folder)

    async def open(self, name: str, restore: bool = False) -> Any:
        """Gives an app its screen, as the shell does when the app is opened; `restore`: it was frozen."""
        meta, place = self._metas[name]
        data = self.folder / name
        phone = self._phone.Phone(self._settings, meta, place, data, Display(480, 800, 160), self.engine)
        await phone.start(restore=restore)
        self._open[name] = phone
        return phone

    async def close(self) -> None:
        for phone in self._open.values():
            await phone.close()
        await self.engine.close()

    async def end(self, name: str, kind: int) -> int | None:
        """Ends an app's session, and with it its process; the size of what is kept, where it says one."""
        for _ in range(600):
            if "/dev.pileus.steps.Hand" not in await self.account.account.ask("dump"):
                break
            await asyncio.sleep(0.05)
        phone = self._open.pop(name)
        phone.send(wire.Stop(kind))
        await phone.host.wait()
        await phone.close()
        sizes = [m.info.get("bytes") for m in phone.messages if isinstance(m, wire.State) and m.state == 2]
        return sizes[-1] if sizes else None

    async def kill(self, name: str) -> None:
        """Its process ends as by `kill -9`."""
        await self._open.pop(name).close()

    async def do(self, name: str, words: str) -> None:
        """Lets the activity in front do something."""
        line = f"start-service {name}/dev.pileus.steps.Hand {shlex.quote(words)}"
        assert await self.account.account.ask(line) == "started"

    def written(self, name: str) -> Path:
        """The file that an app has written."""
        return next((self.folder / name).rglob("told.txt"))

    def told(self, name: str) -> list[str]:
        """What an app has written."""
        return [line for path in (self.folder / name).rglob("told.txt") for line in path.read_text().splitlines()]

    async def tells(self, name: str, *wanted: str) -> list[str]:
        """What it writes from where the last call ended, up to the last of what is wanted, all of it in order."""
        start = self._read.get(name, 0)

        def found() -> int | None:
            at = start
            for line in wanted:
                told = self.told(name)
                if line not in told[at:]:
                    return None
                at = told.index(line, at) + 1
            return at

        await self.until(lambda: found() is not None, lambda: f"{wanted} in {self.told(name)[start:]}")
        self._read[name] = found() or 0
        return self.told(name)[start : self._read[name]]

    async def until(self, true: Callable[[], object], otherwise: Callable[[], str]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                logs = [host.log[-3000:] for host in self.account.hosts()]
                raise AssertionError(f"{otherwise()}\n{await self.account.account.ask('dump')}\n{logs}")
            await asyncio.sleep(0.05)

    async def dumps(self, text: str, count: int) -> None:
        """Waits until the system dumps a text so often: an app tells it later than it tells the test."""
        end = time.monotonic() + PATIENCE
        while (dump := await self.account.account.ask("dump")).count(text) != count:
            assert time.monotonic() < end, f"{text} not {count} times in {dump}"
            await asyncio.sleep(0.05)

    async def shown(self, phone: Any, since: int = 0) -> dict[str, Any]:
        """What the phone is to show next."""
        message = await phone.message(wire.Show, since=since)
        return dict(message.info)


async def _quiet(_phase: str, _fraction: float) -> None:
    """Nobody watches."""
