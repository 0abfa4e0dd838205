"""The room on the device, measured by the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from pileus.handset.capabilities.storage.rules import low
from pileus.handset.capabilities.storage.storage import STEP, Storage
from tests.handset.worlds import run, started, world

GB = 10**9


def test_low_room_is_told_once_and_again_after_there_was_some(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            room = [(64 * GB, 10 * GB)]
            storage = Storage(here.surroundings(), lambda _folder: room[0])
            async with started(storage) as call:
                assert storage.state() == {
                    "present": True,
                    "why": "",
                    "total": 64 * GB,
                    "free": 10 * GB,
                    "low": False,
                }
                changes = here.changes
                room[0] = (64 * GB, 10 * GB - STEP + 1)
                await call("look")
                assert here.changes == changes
                for free, events in ((GB // 4, 1), (GB // 5, 1), (3 * GB, 1), (GB // 4, 2)):
                    room[0] = (64 * GB, free)
                    await call("look")
                    assert here.events() == ["low"] * events
                    assert storage.state()["free"] == free

    run(story)


def test_what_it_measures_by_itself_is_the_folders_disk(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            storage = Storage(here.surroundings(), every=0.001)
            async with started(storage):
                assert storage.state()["total"] > 0
                storage._folder = short / "gone"
                await here.until(lambda: storage.state() == {"present": False, "why": "no-hardware"})

    run(story)


@pytest.mark.parametrize(
    ("total", "free", "was", "is_low"),
    [
        (64 * GB, 499_999_999, False, True),
        (64 * GB, 500_000_000, False, False),
        (64 * GB, 999_999_999, True, True),
        (64 * GB, GB, True, False),
        (1 * GB, 50_000_000, False, False),
        (1 * GB, 49_999_999, False, True),
        (0, 0, False, False),
    ],
)
def test_rules(total: int, free: int, was: bool, is_low: bool) -> None:
    assert low(total, free, was) is is_low
