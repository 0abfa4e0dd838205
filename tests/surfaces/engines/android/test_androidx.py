"""An app with AndroidX, as most are: a list of rows that scrolls and shrinks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

ROWS = slice(120, 780), slice(0, 440)
"""Below the bar, without the scroll bar."""


def test_rows_scroll_and_go(phone: ModuleType, samples: ModuleType, androidx: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        settings = phone.settings(tmp_path)
        meta, place = await phone.package(settings, androidx.build(samples, "rows", False))
        one = phone.Phone(settings, meta, place, tmp_path / "app", Display(480, 800, 160))
        await one.start()
        try:
            await use(one)
        finally:
            one.save("rows")
            await one.close()

    asyncio.run(story())


async def use(phone: Any) -> None:
    async def changes(doing: Any, seen: Any) -> Any:
        await doing
        return await phone.shows(lambda now: not np.array_equal(now[ROWS], seen))

    await phone.shows(lambda now: now[ROWS].std() > 5)
    first = (await phone.still())[ROWS]
    await changes(phone.tap(200, 300), first)  # a row goes, those below it move up
    fewer = (await phone.still())[ROWS]
    assert not np.array_equal(fewer, first)
    await changes(phone.fling((240, 700), (240, 300)), fewer)
    further = (await phone.still())[ROWS]
    assert not np.array_equal(further, fewer)
