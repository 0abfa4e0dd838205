"""The cloud is killed at every boundary of making and forgetting snapshots."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from blake3 import blake3
from sqlalchemy import text

from pileus.cloud.app import Cloud
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.services.backups.store import AREA
from pileus.core.clock import ManualClock, SystemClock
from tests.boundaries import all_listed, killer
from tests.cloud.services.backups.killed import CHUNKS, FIRST, OTHER, SAME, opened


def test_killed_at_every_boundary(tmp_path: Path) -> None:
    """What was acknowledged is there and reads back, a snapshot is whole or not there, and no orphan stays."""
    boundary, whole_runs, now = 0, 0, SystemClock().now_ms()
    cloud = opened(tmp_path / "made", ManualClock(now))
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    cloud.close()
    with killer("tests.cloud.services.backups.killed", "snapshots") as run:
        while whole_runs < 3:  # one is shorter where two packs' names begin alike and share a folder
            here = tmp_path / f"{boundary}.{whole_runs}"
            shutil.copytree(tmp_path / "made", here)
            ended = run.run(str(here), now, left=boundary)
            looked_at(here, account, ended.told, now)
            if ended.killed:
                boundary += 1
            else:
                whole_runs += 1
    all_listed("snapshots", run.places)


def looked_at(here: Path, account: str, told: list[str], now: int) -> None:
    clock = ManualClock(now)
    cloud = opened(here, clock)
    objects = cloud.context.objects
    assert isinstance(objects, PackedObjects)
    there = snapshots(cloud)
    forgetting = "other" in told  # from then on each of the first two may be gone
    for word, snapshot in (("first", FIRST), ("same", SAME), ("other", OTHER)):
        assert snapshot in there or word not in told or (forgetting and snapshot != OTHER)
    assert not there & {one for one in (FIRST, SAME) if f"forgot {one}" in told}
    if "brought" in told:
        assert read(cloud, account, 0, 1) == CHUNKS[:2]
    whole(cloud, there, account)
    for part in here.rglob("*#*"):
        os.utime(part, (0, 0))  # the days pass for it as well
    for _ in range(2):
        clock.advance(8 * DAY_MS / 1000)
        sweep(objects)
    whole(cloud, there, account)
    for days in (31, 8):
        clock.advance(days * DAY_MS / 1000)
        sweep(objects)
    whole(cloud, there, account)
    assert check(objects).problems == []
    packs = [path for path in (here / "data" / "objects" / "packs").rglob("*") if path.is_file()]
    assert len(packs) <= (2 if there & {FIRST, SAME} else 0) + (2 if OTHER in there else 0)
    objects.close()
    cloud.close()


def whole(cloud: Cloud, there: set[str], account: str) -> None:
    """All chunks of each snapshot read back, and count once in the quota."""
    held = set()
    for snapshot in there:
        held |= {0, 3} if snapshot == OTHER else {0, 1, 2}
    assert used(cloud) == sum(len(CHUNKS[number]) for number in held)
    if FIRST in there or SAME in there:
        assert read(cloud, account, 0, 1, 2) == CHUNKS[:3]
    if OTHER in there:
        assert read(cloud, account, 0, 3) == [CHUNKS[0], CHUNKS[3]]


def read(cloud: Cloud, account: str, *numbers: int) -> list[bytes]:
    async def go() -> list[bytes]:
        objects = cloud.context.objects
        key = await objects.naming_key(account, AREA)
        names = [bytes(blake3(CHUNKS[number], key=key).digest()) for number in numbers]
        return [bytes(one.data or b"") async for group in objects.bodies(account, AREA, names) for one in group]

    return asyncio.run(go())


def snapshots(cloud: Cloud) -> set[str]:
    query = text("SELECT id FROM backups_snapshot")
    return cloud.db.read(lambda conn: set(conn.execute(query).scalars()))


def used(cloud: Cloud) -> int:
    query = text("SELECT COALESCE(SUM(bytes), 0) FROM quota_use WHERE area = :area")
    return int(cloud.db.read(lambda conn: conn.execute(query, {"area": AREA}).scalar_one()))
