"""Sweep, check and rebuild on real files and a real SQLite, with a clock of the test's own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.store import Writer, pack_blob
from pileus.cloud.kernel.objects.upkeep import DAY_MS, check, rebuild, sweep
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings

NOISE = random.Random(5).randbytes(5 << 20)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now_ms())


@pytest.fixture
def cloud(settings: Settings, clock: ManualClock) -> Iterator[Cloud]:
    made = build(settings, clock, services=[])
    made.accounts.create_blocking("anna", "correct horse")
    yield made
    made.close()


@pytest.fixture
def objects(cloud: Cloud) -> PackedObjects:
    assert isinstance(cloud.context.objects, PackedObjects)
    return cloud.context.objects


@pytest.fixture
def account(cloud: Cloud) -> str:
    return str(cloud.db.read(lambda conn: conn.execute(text("SELECT id FROM account")).scalar_one()))


async def _stream(data: bytes) -> AsyncIterator[bytes]:
    yield data


def put(objects: PackedObjects, account: str, data: bytes) -> str:
    return asyncio.run(objects.put(account, "files", _stream(data))).id


def read(objects: PackedObjects, account: str, name: str) -> bytes:
    async def go() -> bytes:
        return b"".join([piece async for piece in objects.get(account, "files", name)])

    return asyncio.run(go())


def packs(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()]


def test_sweeps_after_the_grace_period_only(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    kept, lost = put(objects, account, b"kept"), put(objects, account, NOISE)
    asyncio.run(objects.delete(account, "files", lost))
    clock.advance(6 * DAY_MS / 1000)
    assert sweep(objects).packs == 0
    assert asyncio.run(objects.restore(account, "files", lost))
    assert read(objects, account, lost) == NOISE
    asyncio.run(objects.delete(account, "files", lost))
    clock.advance(8 * DAY_MS / 1000)
    swept = sweep(objects)
    assert (swept.objects, swept.packs) == (1, 1)
    assert swept.size > len(NOISE)
    assert len(packs(settings)) == 1
    assert read(objects, account, kept) == b"kept"
    assert not asyncio.run(objects.restore(account, "files", lost))
    assert check(objects).problems == []


def test_a_writer_that_counts_on_old_chunks_keeps_them(
    objects: PackedObjects, account: str, clock: ManualClock
) -> None:
    old = put(objects, account, NOISE)
    asyncio.run(objects.delete(account, "files", old))
    clock.advance(8 * DAY_MS / 1000)
    writer = Writer(objects, account, "files", "again")
    writer.feed(NOISE)
    sweep(objects)
    assert writer.finish(b"").size == len(NOISE)
    assert read(objects, account, "again") == NOISE
    assert check(objects).problems == []


def test_what_a_dead_writer_left_is_swept(objects: PackedObjects, settings: Settings, clock: ManualClock) -> None:
    objects.blobs.put(pack_blob("ab" * 16), b"half")
    assert sweep(objects).packs == 0
    clock.advance(8 * DAY_MS / 1000)
    assert sweep(objects).packs == 1
    assert packs(settings) == []


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_check_names_a_harmed_pack(objects: PackedObjects, account: str, settings: Settings, harm: str) -> None:
    put(objects, account, NOISE)
    put(objects, account, b"well")
    assert check(objects).problems == []
    path = max(packs(settings), key=lambda one: one.stat().st_size)
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[1234] ^= 1
        path.write_bytes(data)
    elif harm == "cut":
        path.write_bytes(data[:-1])
    else:
        path.unlink()
    report = check(objects)
    assert report.packs == 1
    assert len(report.problems) == 1
    assert path.name in report.problems[0]


def test_the_index_comes_back_from_the_packs(cloud: Cloud, objects: PackedObjects, account: str) -> None:
    first, second = put(objects, account, NOISE), put(objects, account, NOISE[: 2 << 20] + b"tail")
    cloud.db.write(
        lambda conn: [
            conn.execute(text(f"DELETE FROM {table}"))
            for table in ("object_part", "object", "object_chunk", "object_pack", "object_key", "quota_use")
        ]
    )
    objects.keys._known.clear()
    told = rebuild(objects)
    assert (told.packs, told.objects, told.problems) == (2, 2, [])
    assert read(objects, account, first) == NOISE
    assert read(objects, account, second) == NOISE[: 2 << 20] + b"tail"
    assert check(objects).problems == []
    assert asyncio.run(cloud.context.quota.used(account)) == len(NOISE) + (2 << 20) + 4
    assert rebuild(objects).objects == 0
