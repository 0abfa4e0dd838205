"""ApiDemos, at "Views/Controls/1. Light Theme", on the Android engine."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.packages import Meta, PackageStore

HERE = Path(__file__).resolve().parent
APK = HERE.parents[2] / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
MARKS = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

_lock = threading.Lock()


def android_spec(account: str, folder: Path, **options: str) -> AppSpec:
    """The translated package (kept in the cache folder between runs) with data in the test's folder."""
    store, meta = _translated()
    activity = {"activity": "io.appium.android.apis.view.Controls1", "package": meta.package}
    return AppSpec(
        account,
        meta.package,
        "android",
        meta.label,
        store.place(meta.sha256),
        folder / "android-data",
        {**activity, "target_sdk": str(meta.target_sdk), **options},
    )


def _translated() -> tuple[PackageStore, Meta]:
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    settings = Settings(data_dir=cache / "probe", runtime_dir=cache, cache_dir=cache)
    store = PackageStore(settings)
    found: list[Any] = []

    async def add() -> Meta:
        digest, checked = packages.check(APK)
        return await store.add(APK, digest, checked, java.runtime(settings), _quiet)

    def work() -> None:
        try:
            found.append(asyncio.run(add()))
        except BaseException as error:
            found.append(error)

    with _lock:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return store, found[0]


async def _quiet(_phase: str, _fraction: float) -> None:
    """Nobody watches."""


SUBJECT = sys.modules["engine_conformance_world"].Subject(  # conftest loads it before the subjects
    "android", android_spec, button=(20, 157), field=(200, 95), patience=60.0
)
