"""Activities that were left are collected: what lives does not grow with their number."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

DEMOS = (
    "Animation/Bouncing Balls",
    "App/Alert Dialogs",
    "Graphics/Arcs",
    "Views/Controls/1. Light Theme",
    "Views/Tabs/1. Content By Id",
    "Views/Expandable Lists/1. Custom Adapter",
)
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
                sizes.append(await asyncio.to_thread(lived, one.host.inside))
            for size, counts in sizes:
                alive = {name: n for name, n in counts.items() if name.endswith("PhoneWindow")}
                assert sum(alive.values()) == 1, (size, alive)
            assert sizes[-1][0] < sizes[1][0] + MARGIN
        finally:
            await one.close()

    def lived(root: int) -> tuple[int, dict[str, int]]:
        pid = heap.java(root)
        heap.live(pid)  # what finalizers held is garbage after the first
        found: tuple[int, dict[str, Any]] = heap.live(pid)
        return found

    asyncio.run(story())
