"""Android: translation, icon to first frame (cold, warm), processor and memory of idle sessions, alone and as ten.

Seconds depend on what else the machine does; `…-cpu` is processor time, which hardly does. Memory is what no other
process shares (Private_Clean and Private_Dirty of /proc/PID/smaps_rollup), some seconds after the last frame.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from figure import Figure

from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, link_root
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.packages import Meta, PackageStore
from pileus.surfaces.engines.android.probe import Watcher
from pileus.surfaces.engines.android.shown import Shown

APK = Path(__file__).parent.parent / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
DISPLAY = Display(480, 800, 240)
MANY = 10
REST = 8.0
"""Seconds after which a session has given back what it does not need."""


def measure() -> list[Figure]:
    """The figures; the framework's jars and the built host have to be there."""
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as folder:
        found = asyncio.run(_measure(Path(folder)))
    return [
        Figure(bench="android", metric=metric, value=round(value, 3), unit=unit) for metric, value, unit in found
    ]


async def _measure(folder: Path) -> list[tuple[str, float, str]]:
    settings = Settings.from_env().changed(data_dir=folder)
    store = PackageStore(settings)
    began = time.monotonic()
    digest, checked = packages.check(APK)
    found = [("check", time.monotonic() - began, "s")]
    began = time.monotonic()
    meta = await store.add(APK, digest, checked, java.runtime(settings), _quiet)
    found.append(("translate", time.monotonic() - began, "s"))
    engine = AndroidEngine(settings, keep_spare=False)
    sessions: list[Session] = []
    try:
        for kind in ("cold", "warm"):
            if kind == "warm":
                began = time.monotonic()
                await engine.warm()
                found.append(("spare-ready", time.monotonic() - began, "s"))
                await sessions.pop().close()
            session = await _open(engine, settings, store, meta, "first")
            sessions.append(session)
            found += [(f"{kind}-first-frame", session.seconds, "s"), (f"{kind}-settled-cpu", session.cpu, "s")]
        await asyncio.sleep(REST)
        before, rested = _used(sessions[0].pid), time.monotonic()
        await asyncio.sleep(REST)
        busy = (_used(sessions[0].pid) - before) / (time.monotonic() - rested)
        found += [("idle-session-processor", 100 * busy, "% of a core")]
        found += [("idle-session-unshared", _unshared(sessions[0].pid), "MB")]
        while len(sessions) < MANY:
            sessions.append(await _open(engine, settings, store, meta, f"account-{len(sessions)}"))
        await asyncio.sleep(REST)
        each = sum(_unshared(session.pid) for session in sessions) / MANY
        found += [(f"idle-session-unshared-of-{MANY}", each, "MB")]
    finally:
        for session in sessions:
            await session.close()
        await engine.close()
    return found


@dataclass
class Session:
    """A running app whose picture has settled; `cpu` is the processor time until then, without that of a spare."""

    host: Shown
    watcher: Watcher
    folder: Path
    seconds: float
    cpu: float

    @property
    def pid(self) -> int:
        return _java(self.host.inside)

    async def close(self) -> None:
        await self.host.kill()
        self.watcher.close()
        shutil.rmtree(self.folder, ignore_errors=True)


async def _open(
    engine: AndroidEngine, settings: Settings, store: PackageStore, meta: Meta, account: str
) -> Session:
    links = link_root(settings)
    links.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=links))
    watcher = Watcher(folder, DISPLAY)
    options = {"package": meta.package, "activity": meta.activity, "target_sdk": str(meta.target_sdk)}
    place = store.place(meta.sha256)
    data = settings.data_dir / "apps" / folder.name
    spec = AppSpec(account, meta.package, "android", meta.label, place, data, options)
    await watcher.listen()
    spare = engine.spare
    used = 0.0 if spare is None else _used(_java(spare.inside))
    began = time.monotonic()
    host = await engine.start(spec, DISPLAY, watcher.place)
    try:
        finding = await watcher.look(host, meta.activity, None)
        if watcher.first_frame_at is None:
            raise RuntimeError(f"no frame: {finding}")
    except BaseException:
        await host.kill()
        raise
    return Session(host, watcher, folder, watcher.first_frame_at - began, _used(_java(host.inside)) - used)


def _java(root: int) -> int:
    """The JVM among a sandbox's processes: the one that holds the most."""
    family, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        family.append(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return max(family, key=lambda pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]))


def _used(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _unshared(pid: int) -> float:
    """Megabytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


async def _quiet(_phase: str, _fraction: float) -> None:
    """Nobody watches."""
