"""Android: translation, icon to first frame (cold and warm), memory of an idle session."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from figure import Figure

from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, link_root
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.engines.android.packages import Meta, PackageStore
from pileus.surfaces.engines.android.probe import Watcher
from pileus.surfaces.engines.android.watch import measure as measure_sandbox

APK = Path(__file__).parent.parent / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
DISPLAY = Display(480, 800, 240)


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
    try:
        found.append(("cold-first-frame", (await _first_frame(engine, settings, store, meta))[0], "s"))
        began = time.monotonic()
        await engine.warm()
        found.append(("spare-ready", time.monotonic() - began, "s"))
        seconds, memory = await _first_frame(engine, settings, store, meta)
        found += [("warm-first-frame", seconds, "s"), ("idle-session-unshared", memory, "MB")]
    finally:
        await engine.close()
    return found


async def _first_frame(
    engine: AndroidEngine, settings: Settings, store: PackageStore, meta: Meta
) -> tuple[float, float]:
    """Seconds from `start` to the first frame, and the host's unshared memory when its picture has settled."""
    links = link_root(settings)
    links.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=links))
    watcher = Watcher(folder, DISPLAY)
    options = {"package": meta.package, "activity": meta.activity, "target_sdk": str(meta.target_sdk)}
    place = store.place(meta.sha256)
    spec = AppSpec("bench", meta.package, "android", meta.label, place, settings.data_dir / "app", options)
    host: AndroidHost | None = None
    try:
        await watcher.listen()
        began = time.monotonic()
        host = await engine.start(spec, DISPLAY, watcher.place)
        finding = await watcher.look(host, meta.activity, None)
        if watcher.first_frame_at is None:
            raise RuntimeError(f"no frame: {finding}")
        return watcher.first_frame_at - began, measure_sandbox(host.inside).memory / (1 << 20)
    finally:
        if host is not None:
            await host.kill()
        watcher.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _quiet(_phase: str, _fraction: float) -> None:
    """Nobody watches."""
