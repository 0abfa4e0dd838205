"""An app that nobody touches for some seconds gives back what it does not need."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import ModuleType

import pytest

from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

UNSHARED = 250 << 20
"""Bytes that nobody else maps, as docs/design/android-speed.md bounds them."""
ARCHIVE = 0.5
"""Of the read-only half of the archive of classes: its pages were mapped whole when the app started."""
WITHIN = 60.0


def test_an_app_at_rest_holds_little(phone: ModuleType, heap: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        settings = phone.settings(tmp_path)
        meta, place = await phone.package(settings)
        one = phone.Phone(settings, meta, place, tmp_path / "app", Display(480, 800, 240))
        try:
            await one.start()
            pid = heap.java(one.host.inside)
            began = archive(pid)
            assert began > ARCHIVE
            async with asyncio.timeout(WITHIN):
                while archive(pid) > ARCHIVE:  # noqa: ASYNC110 - the kernel has no event
                    await asyncio.sleep(0.5)
            assert unshared(pid) < UNSHARED
            # What was given back comes again when it is needed.
            await one.tap(240, 134)
            await one.still()
            assert not one.host.ended
        finally:
            await one.close()

    asyncio.run(story())


def archive(pid: int) -> float:
    """The part that is mapped of the pages that are only read."""
    size = held = 0
    wanted = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-", line):
            wanted = " r--p " in line and line.endswith("host.aot")
        elif wanted and line.startswith(("Size:", "Rss:")):
            amount = int(line.split()[1])
            size, held = (size + amount, held) if line.startswith("Size:") else (size, held + amount)
    assert size > 0
    return held / size


def unshared(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_"))
