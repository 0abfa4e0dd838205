"""Activities that were left are collected: what lives does not grow with their number."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

DEMOS = (
    "Animation/Multiple Properties",
    "App/Alert Dialogs",
    "Graphics/Arcs",
    "Views/Controls/1. Light Theme",
    "Views/Tabs/1. Content By Id",
    "Views/Expandable Lists/1. Custom Adapter",
)
WINDOW = "com.android.internal.policy.PhoneWindow"
WITHIN = 60.0
ROUNDS = 4
MARGIN = 4 << 20
"""Bytes that caches may still take after the first two rounds."""


def test_activities_that_were_left_are_collected(phone: ModuleType, heap: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        settings = phone.settings(tmp_path)
        meta, place = await phone.package(settings)
        one = phone.Phone(settings, meta, place, tmp_path / "app", Display(480, 800, 160))
        try:
            await one.start()
            sizes = []
            for _ in range(ROUNDS):
                for demo in DEMOS:
                    await one.open(demo)
                    await one.home()
                sizes.append(await left_alone(one.host.inside))
            assert sizes[-1] < sizes[1] + MARGIN, sizes
        finally:
            await one.close()

    async def left_alone(root: int) -> int:
        """Bytes that live once only the first list's window does; a window's last timers hold it for seconds."""
        pid = heap.java(root)
        async with asyncio.timeout(WITHIN):
            while True:
                found: tuple[int, dict[str, int]] = await asyncio.to_thread(heap.live, pid)
                if found[1][WINDOW] == 1:
                    return found[0]
                await asyncio.sleep(0.5)

    asyncio.run(story())
