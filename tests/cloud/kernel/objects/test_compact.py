"""Compaction beside writers, readers, sweeps and other compactions, and killed at every boundary."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import random
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.check import Report, check, check_pack
from pileus.cloud.kernel.objects.compact import MANY, SMALL, Room, Won, compact, groups, rewrite
from pileus.cloud.kernel.objects.daily import win_room
from pileus.cloud.kernel.objects.packs import DAY_MS, PackRow
from pileus.cloud.kernel.objects.rebuild import rebuild
from pileus.cloud.kernel.objects.store import PACK, Writer
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from tests.boundaries import NEVER, Ended, all_listed, killer
from tests.postgres import sqlite_only

from .shelf import delete, named, packed, packs, put, read

NOISE = random.Random(6).randbytes(6 << 20)
KEPT = NOISE[: 3 << 20]
FOLDER_MADE = "after mkdir pileus.cloud.kernel.objects.blobs:LocalBlobs.put"


def half_dead(objects: PackedObjects, account: str, clock: ManualClock) -> tuple[str, str]:
    """One pack of which a part lives: the ids of the object that lives and of the one that is gone."""
    gone = put(objects, account, NOISE)
    kept = put(objects, account, KEPT)
    delete(objects, account, gone)
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    return kept, gone


def room(number: int, size: int, live: int, area: str = "files") -> Room:
    return Room(PackRow(number, f"{number}", "anna", area), size, live)


def test_what_is_worth_rewriting() -> None:
    assert groups([room(1, PACK, PACK - 9), room(2, PACK, PACK * 3 // 4)]) == []
    low, lower = room(1, PACK, PACK // 2), room(2, PACK, PACK // 4)
    assert groups([low, lower]) == [[lower, low]]
    assert groups([low, room(2, PACK, PACK // 2, "other")]) == [[low], [room(2, PACK, PACK // 2, "other")]]
    small = [room(number, SMALL - 1, SMALL - 20) for number in range(MANY)]
    assert groups(small[:-1]) == []
    assert [len(group) for group in groups(small)] == [4] * 4
    assert groups([*small[: MANY - 1], low]) == [[low]]


def test_room_is_won_and_what_lives_stays(
    objects: PackedObjects, account: str, clock: ManualClock, settings: Settings, cloud: Cloud
) -> None:
    kept, _ = half_dead(objects, account, clock)
    before = sum(path.stat().st_size for path in packs(settings))
    won = compact(objects)
    after = sum(path.stat().st_size for path in packs(settings))
    assert (won.read, won.written, won.problems) == (1, 1, [])
    assert won.size == before - after > len(NOISE) // 2
    assert read(objects, account, kept) == KEPT
    assert check(objects).problems == []
    assert {path.name for path in packs(settings)} == named(cloud)
    assert compact(objects).read == 0


def test_many_small_packs_become_one(
    objects: PackedObjects, account: str, clock: ManualClock, settings: Settings
) -> None:
    names = [put(objects, account, b"%d" % number) for number in range(MANY)]
    assert compact(objects).read == 0, "they are an hour old at the least"
    clock.advance(DAY_MS / 1000)
    won = asyncio.run(win_room(objects))
    assert (won.read, won.written) == (MANY, 1)
    assert len(packs(settings)) == 1
    assert [read(objects, account, name) for name in names] == [b"%d" % number for number in range(MANY)]
    assert check(objects).problems == []


def while_copying(
    objects: PackedObjects, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]
) -> Callable[[], object]:
    """A compaction in which something happens after its copy was made and before it is committed."""
    store, begun = objects.blobs.put, list[str]()

    def put_blob(name: str, data: bytes | bytearray) -> None:
        store(name, data)
        if not begun:
            begun.append(name)
            meanwhile()

    def run() -> object:
        with monkeypatch.context() as patch:
            patch.setattr(objects.blobs, "put", put_blob)
            won = compact(objects)
        assert begun
        return won

    return run


def test_a_writer_that_counts_on_a_dead_chunk_meanwhile_keeps_it(
    objects: PackedObjects, account: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_dead(objects, account, clock)
    writer = Writer(objects, account, "files")
    writer.begin("again")
    while_copying(objects, monkeypatch, lambda: writer.feed(NOISE))()
    sweep(objects)
    writer.end(b"")
    writer.commit()
    assert read(objects, account, "again") == NOISE
    assert check(objects).problems == []


def test_a_writer_that_found_a_chunk_before_finds_it_after(
    objects: PackedObjects, account: str, clock: ManualClock
) -> None:
    half_dead(objects, account, clock)
    writer = Writer(objects, account, "files")
    writer.begin("again")
    writer.feed(KEPT)
    compact(objects)
    writer.end(NOISE[len(KEPT) :])
    writer.commit()
    assert read(objects, account, "again") == NOISE


@pytest.mark.parametrize("other", [compact, sweep, rebuild])
def test_beside_another_of_its_kind(
    objects: PackedObjects,
    account: str,
    clock: ManualClock,
    settings: Settings,
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    other: Callable[[PackedObjects], object],
) -> None:
    kept, gone = half_dead(objects, account, clock)
    while_copying(objects, monkeypatch, lambda: other(objects))()
    assert read(objects, account, kept) == KEPT
    assert check(objects).problems == []
    assert not asyncio.run(objects.restore(account, "files", gone))
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    assert {path.name for path in packs(settings)} == named(cloud)
    assert len(packs(settings)) == 2


def test_a_reader_goes_on_in_the_new_pack(objects: PackedObjects, account: str, clock: ManualClock) -> None:
    data = random.Random(7).randbytes(18 << 20)
    gone = put(objects, account, data[: 12 << 20])
    kept = put(objects, account, data[: 8 << 20])
    delete(objects, account, gone)
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)

    async def go() -> bytes:
        pieces: AsyncIterator[bytes] = objects.get(account, "files", kept)
        first = await anext(pieces)
        assert compact(objects).read > 0
        return first + b"".join([piece async for piece in pieces])

    assert asyncio.run(go()) == data[: 8 << 20]


def test_a_damaged_chunk_stays_where_it_is_and_is_told(
    objects: PackedObjects, account: str, clock: ManualClock, settings: Settings
) -> None:
    kept, _ = half_dead(objects, account, clock)
    other = put(objects, account, b"whole")
    path = max(packs(settings), key=lambda one: one.stat().st_size)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    won = compact(objects)
    assert [path.name in problem for problem in won.problems] == [True]
    assert path.exists()
    assert read(objects, account, other) == b"whole"
    data[5000] ^= 1
    path.write_bytes(data)
    assert read(objects, account, kept) == KEPT, "a copy of the pack in its place mends it"


@sqlite_only
def test_a_pack_that_was_dropped_is_not_taken_for_a_new_one(
    objects: PackedObjects, account: str, clock: ManualClock
) -> None:
    """SQLite gives the id of the last pack again when that was dropped."""
    gone = put(objects, account, NOISE)
    [old] = packs_of(objects)
    delete(objects, account, gone)
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    kept = put(objects, account, KEPT)
    [new] = packs_of(objects)
    assert new.id == old.id

    told = Report()
    check_pack(objects, old, told)
    assert told.problems == []
    assert rewrite(objects, [old]).problems == []
    assert objects.db.read(lambda conn: conn.execute(text("SELECT SUM(lost) FROM object_chunk")).scalar()) == 0
    assert check(objects).problems == []
    assert read(objects, account, kept) == KEPT


def packs_of(objects: PackedObjects) -> list[PackRow]:
    query = text("SELECT id, name, account_id, area FROM object_pack")
    return objects.db.read(lambda conn: [PackRow(*row) for row in conn.execute(query)])


@sqlite_only
def test_a_copy_of_the_database_from_before_finds_what_was_moved(settings: Settings, clock: ManualClock) -> None:
    first = build(settings, clock, services=[])
    anna = first.accounts.create_blocking("anna", "correct horse").id
    kept, _ = half_dead(packed(first), anna, clock)
    packed(first).close()
    first.close()
    copy = (settings.data_dir / "pileus.db").read_bytes()
    first = build(settings, clock, services=[])
    assert compact(packed(first)).written == 1
    packed(first).close()
    first.close()

    (settings.data_dir / "pileus.db").write_bytes(copy)
    clock.advance(DAY_MS / 1000)
    restored = build(settings, clock, services=[])
    told = rebuild(packed(restored))
    assert (told.packs, told.problems) == (1, [])
    assert read(packed(restored), anna, kept) == KEPT
    packed(restored).close()
    restored.close()


def reads_back_and_ends_clean(
    settings: Settings, clock: ManualClock, account: str, kept: str, many: dict[str, bytes]
) -> None:
    after = ManualClock(clock.now_ms())
    again = build(settings, after, services=[])
    objects = packed(again)
    assert read(objects, account, kept) == KEPT
    assert {name: read(objects, account, name) for name in many} == many
    assert check(objects).problems == []
    for part in settings.data_dir.rglob("*#*"):
        os.utime(part, (0, 0))  # the days pass for it as well
    for _ in range(2):
        after.advance(8 * DAY_MS / 1000)
        sweep(objects)
        compact(objects)
    assert read(objects, account, kept) == KEPT
    left = {path.name for path in (settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()}
    assert left == named(again)
    assert len(left) == 5
    objects.close()
    again.close()


@sqlite_only
def test_killed_at_every_boundary(settings: Settings, tmp_path: Path, clock: ManualClock) -> None:
    """After each kill everything reads back, and in the end nothing is left over."""
    cloud = build(settings.changed(data_dir=tmp_path / "made" / "data"), clock, services=[])
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    objects = packed(cloud)
    gone, kept = put(objects, account, NOISE), put(objects, account, KEPT)
    delete(objects, account, gone)
    many = {put(objects, account, b"%d" % number): b"%d" % number for number in range(3)}
    objects.close()
    cloud.close()
    clock.advance(8 * DAY_MS / 1000)

    with killer(f"{__package__}.killed", "compaction") as run:

        def ran(folder: Path, left: int = NEVER) -> Ended:
            """One that makes a folder for its pack, which is there already where two names begin alike."""
            while True:
                shutil.copytree(tmp_path / "made", folder)
                ended = run.run(str(folder / "data"), clock.now_ms(), left=left)
                if ended.killed or FOLDER_MADE in ended.crossed:
                    return ended
                shutil.rmtree(folder)

        whole = tmp_path / "whole"
        for boundary in range(len(ran(whole).crossed)):
            here = tmp_path / str(boundary)
            ended = ran(here, boundary)
            reads_back_and_ends_clean(settings.changed(data_dir=here / "data"), clock, account, kept, many)
            assert ended.killed
            shutil.rmtree(here)
        reads_back_and_ends_clean(settings.changed(data_dir=whole / "data"), clock, account, kept, many)
    all_listed("compaction", run.places)


def test_a_writer_that_slept_names_no_pack(
    objects: PackedObjects, account: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pack was taken for a dead writer's and swept: it must be sent again, never be lost."""
    store = objects.blobs.put

    def slept(name: str, data: bytes | bytearray) -> None:
        store(name, data)
        for _ in range(2):
            clock.advance(8 * DAY_MS / 1000)
            sweep(objects)

    long = random.Random(9).randbytes(PACK + (1 << 20))
    with monkeypatch.context() as patch:
        patch.setattr(objects.blobs, "put", slept)
        with pytest.raises(Unavailable, match="object-swept"):
            put(objects, account, long, "long")
        put(objects, account, b"small", "small")  # all of it lies in the pack that the sweep found
    assert read(objects, account, "small") == b"small"
    put(objects, account, long, "long")
    assert read(objects, account, "long") == long
    assert check(objects).problems == []


def test_one_that_slept_leaves_all_as_it_was(
    objects: PackedObjects, account: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pack was taken for a dead writer's and swept."""
    kept, _ = half_dead(objects, account, clock)
    store = objects.store_pack

    def slept(data: bytearray) -> str:
        name = store(data)
        for _ in range(2):
            clock.advance(31 * DAY_MS / 1000)
            sweep(objects)
        return name

    with monkeypatch.context() as patch:
        patch.setattr(objects, "store_pack", slept)
        assert compact(objects) == Won()
    assert read(objects, account, kept) == KEPT
    assert compact(objects).written == 1
    assert check(objects).problems == []


def test_beside_busy_writers(objects: PackedObjects, account: str, clock: ManualClock) -> None:
    """Threads store and delete pieces of the same bytes; the grace period passes again and again."""
    dice = random.Random(8)
    ranges = [sorted(dice.sample(range(0, len(NOISE), 1 << 18), 2)) for _ in range(24)]
    kept: dict[str, bytes] = {}
    done = queue.SimpleQueue[BaseException | None]()

    def store(data: bytes) -> str:
        while True:
            with contextlib.suppress(Unavailable):  # it was overtaken by a week
                return put(objects, account, data)

    def busy(part: int) -> None:
        try:
            for number, (start, end) in enumerate(ranges[part::2]):
                name = store(NOISE[start:end])
                if number % 2:
                    delete(objects, account, name)
                else:
                    kept[name] = NOISE[start:end]
                done.put(None)
        except BaseException as error:
            done.put(error)

    threads = [threading.Thread(target=busy, args=(part,)) for part in range(2)]
    for thread in threads:
        thread.start()
    for _ in ranges:
        if (problem := done.get(timeout=120)) is not None:
            raise problem
        clock.advance(8 * DAY_MS / 1000)
        sweep(objects)
        compact(objects)
    for thread in threads:
        thread.join()
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    compact(objects)
    assert {name: read(objects, account, name) for name in kept} == kept
    assert check(objects).problems == []
