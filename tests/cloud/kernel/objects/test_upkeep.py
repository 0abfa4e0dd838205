"""Sweep, check and rebuild on real files and a real SQLite, with a clock of the test's own."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest
from sqlalchemy import text

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.check import Report, check
from pileus.cloud.kernel.objects.daily import check_part
from pileus.cloud.kernel.objects.pack import CHUNK, pack_blob
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.rebuild import rebuild
from pileus.cloud.kernel.objects.store import WORKERS, Writer
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.errors import StoreUnavailable
from pileus.core.settings import Settings
from tests.postgres import sqlite_only

from .shelf import forget_index, packed, packs, put, read, stream

NOISE = random.Random(5).randbytes(5 << 20)


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
    writer = Writer(objects, account, "files")
    writer.begin("again")
    writer.feed(NOISE)
    sweep(objects)
    writer.end(b"")
    assert writer.commit()[0].size == len(NOISE)
    assert read(objects, account, "again") == NOISE
    assert check(objects).problems == []


def test_what_a_dead_writer_left_is_swept(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    writer = Writer(objects, account, "files")
    writer.begin("never told")
    chunk = b"a chunk of an object that never ended"
    writer._pack.add(CHUNK, writer._key.name(chunk), chunk)
    writer._store_pack()
    assert sweep(objects).unknown == 0, "its writer may be about to name it"
    clock.advance(DAY_MS / 1000)
    assert sweep(objects).unknown == 1
    assert len(packs(settings)) == 1
    clock.advance(8 * DAY_MS / 1000)
    assert sweep(objects).packs == 1
    assert packs(settings) == []


def test_an_unknown_pack_that_cannot_be_read_stays(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    lost = put(objects, account, NOISE)
    asyncio.run(objects.delete(account, "files", lost))
    objects.blobs.put(pack_blob("ab" * 16), b"half")
    clock.advance(8 * DAY_MS / 1000)
    swept = sweep(objects)
    assert (swept.packs, swept.unknown) == (1, 1)
    assert [path.name for path in packs(settings)] == ["ab" * 16]


def test_a_sweep_that_was_cut_off_ends_with_the_next_one(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = put(objects, account, NOISE)
    asyncio.run(objects.delete(account, "files", lost))
    clock.advance(8 * DAY_MS / 1000)

    def gone(_name: str) -> None:
        raise OSError("the store does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(objects.blobs, "delete", gone)
        with pytest.raises(OSError, match="does not answer"):
            sweep(objects)
    assert len(packs(settings)) == 1
    swept = sweep(objects)
    assert (swept.packs, swept.unknown) == (1, 0)
    assert packs(settings) == []
    assert not asyncio.run(objects.restore(account, "files", lost))


def test_a_sweep_that_failed_is_tried_again_within_the_hour(
    settings: Settings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def away(_objects: PackedObjects) -> None:
        tries.append(clock.monotonic())
        raise StoreUnavailable

    cloud = build(settings, clock, services=[])
    anna, objects = cloud.accounts.create_blocking("anna", "correct horse").id, packed(cloud)
    monkeypatch.setattr(objects, "tend", away)
    for _ in range(3):
        put(objects, anna, b"x")
        asyncio.run(settled(objects))
        clock.advance(1801)
    objects.close()
    cloud.close()
    assert tries == [0, 3602]
    assert "tried again in an hour" in caplog.text


async def settled(objects: PackedObjects) -> None:
    """All workers have done what was asked of them before: each waits here for the others."""
    together = threading.Barrier(WORKERS)
    await asyncio.gather(*(objects.work(together.wait) for _ in range(WORKERS)))


def test_what_a_writer_left_unnamed_does_not_stay_for_ever(
    objects: PackedObjects, cloud: Cloud, account: str, settings: Settings, clock: ManualClock
) -> None:
    """It stored its last pack and was killed before it named it; nobody comes with that id again."""
    writer = Writer(objects, account, "files")
    writer.begin("never told")
    writer.feed(NOISE)
    writer.end(b"")
    writer._settled()
    writer._store_pack()
    clock.advance(DAY_MS / 1000)
    assert sweep(objects).unknown > 0
    clock.advance(400 * DAY_MS / 1000)
    assert sweep(objects).objects == 0
    clock.advance(400 * DAY_MS / 1000)
    assert sweep(objects).objects == 1
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    assert packs(settings) == []
    assert cloud.db.read(lambda conn: conn.execute(text("SELECT count(*) FROM object")).scalar()) == 0


@sqlite_only
def test_a_copy_of_the_database_put_back_loses_no_pack(settings: Settings, clock: ManualClock) -> None:
    """Ten days pass after the copy; what was stored meanwhile builds on a pack that is dead in the copy."""
    first = build(settings, clock, services=[])
    anna = first.accounts.create_blocking("anna", "correct horse").id
    objects = packed(first)
    old = put(objects, anna, NOISE)
    asyncio.run(objects.delete(anna, "files", old))
    first.close()
    copy = (settings.data_dir / "pileus.db").read_bytes()
    first = build(settings, clock, services=[])
    objects = packed(first)
    clock.advance(DAY_MS / 1000)
    again, new = put(objects, anna, NOISE), put(objects, anna, b"made after the copy")
    first.close()

    (settings.data_dir / "pileus.db").write_bytes(copy)
    clock.advance(9 * DAY_MS / 1000)
    restored = build(settings, clock, services=[])
    objects = packed(restored)
    put(objects, anna, b"the first upload after it")
    objects.close()  # waits for the sweep that the upload began
    restored.close()

    restored = build(settings, clock, services=[])
    objects = packed(restored)
    clock.advance(400 * DAY_MS / 1000)
    sweep(objects)
    used = asyncio.run(restored.context.quota.used(anna))
    told = rebuild(objects)
    assert (told.objects, told.problems) == (2, [])
    assert read(objects, anna, again) == NOISE
    assert read(objects, anna, new) == b"made after the copy"
    assert asyncio.run(restored.context.quota.used(anna)) == used + len(NOISE) + len(b"made after the copy")
    assert check(objects).problems == []
    assert rebuild(objects).objects == 0
    restored.close()


def test_a_writer_takes_up_what_was_found_of_its_object(
    objects: PackedObjects, cloud: Cloud, account: str, clock: ManualClock
) -> None:
    asyncio.run(objects.put(account, "files", stream(NOISE), "upload"))
    forget_index(cloud)
    clock.advance(DAY_MS / 1000)
    assert sweep(objects).unknown == 1
    asyncio.run(objects.put(account, "files", stream(b"not read"), "upload"))
    assert read(objects, account, "upload") == NOISE
    assert asyncio.run(cloud.context.quota.used(account)) == len(NOISE)


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


def test_what_is_kept_longer_can_be_brought_back_longer(
    objects: PackedObjects, account: str, clock: ManualClock
) -> None:
    trash, gone = put(objects, account, NOISE), put(objects, account, b"gone")
    asyncio.run(objects.delete(account, "files", trash, 30 * DAY_MS))
    asyncio.run(objects.delete(account, "files", trash, DAY_MS))
    asyncio.run(objects.delete(account, "files", gone))
    clock.advance(29 * DAY_MS / 1000)
    assert sweep(objects).objects == 1
    assert not asyncio.run(objects.restore(account, "files", gone))
    assert asyncio.run(objects.restore(account, "files", trash))
    assert read(objects, account, trash) == NOISE
    asyncio.run(objects.delete(account, "files", trash))
    clock.advance(31 * DAY_MS / 1000)
    assert sweep(objects).objects == 1


def test_the_index_comes_back_from_the_packs(cloud: Cloud, objects: PackedObjects, account: str) -> None:
    first, second = put(objects, account, NOISE), put(objects, account, NOISE[: 2 << 20] + b"tail")
    forget_index(cloud)
    objects.keys._known.clear()
    told = rebuild(objects)
    assert (told.packs, told.objects, told.problems) == (2, 2, [])
    assert read(objects, account, first) == NOISE
    assert read(objects, account, second) == NOISE[: 2 << 20] + b"tail"
    assert check(objects).problems == []
    assert asyncio.run(cloud.context.quota.used(account)) == len(NOISE) + (2 << 20) + 4
    assert rebuild(objects).objects == 0


def test_each_day_reads_another_part_back(
    objects: PackedObjects, account: str, clock: ManualClock, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(31):
        put(objects, account, b"%d" % number)
    harmed = packs(settings)[7]
    harmed.write_bytes(harmed.read_bytes()[:-1])

    async def month() -> list[Report]:
        reports = []
        for _ in range(16):
            clock.advance(DAY_MS / 1000)
            reports.append(await check_part(objects))
        return reports

    with caplog.at_level("INFO"):
        reports = asyncio.run(month())
    assert [report.of for report in reports] == [2] * 16
    problems = [problem for report in reports for problem in report.problems]
    # The last of the month's 32 reads is a second look at the first one, which may be the harmed one.
    assert {harmed.name in problem for problem in problems} == {True}
    assert "read back 2 of 31 packs" in caplog.text
    assert harmed.name in caplog.text
