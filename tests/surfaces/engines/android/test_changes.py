"""What the framework does otherwise for apps that were made for an older Android."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

from pileus.surfaces.engine import Display

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]


@pytest.mark.parametrize(("app", "said"), [("older", "taken"), ("newer", "refused")])
def test_a_pending_intent_that_says_not_whether_it_is_mutable(
    phone: ModuleType, samples: ModuleType, tmp_path: Path, app: str, said: str
) -> None:
    """From Android 12 on it is refused, to apps that target that or newer."""

    async def story() -> None:
        settings = phone.settings(tmp_path)
        meta, place = await phone.package(settings, samples.build(app, "older"))
        one = phone.Phone(settings, meta, place, tmp_path / "app", Display(480, 800, 160))
        await one.start()
        try:
            await one.title(said)
        finally:
            await one.close()

    asyncio.run(story())
