"""Checks that go on, what is lost, and what mends it."""

from __future__ import annotations

import asyncio
import errno
import os
import random
from pathlib import Path

import pytest
from sqlalchemy import text

from pileus.cloud.app import Cloud
from pileus.cloud.kernel.objects import PackedObjects, index
from pileus.cloud.kernel.objects.blobs import LocalBlobs
from pileus.cloud.kernel.objects.check import Report, check
from pileus.cloud.kernel.objects.chunks import Cutter
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.pack import CHUNK, Corrupt, PackBuilder, pack_blob
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.repair import repair
from pileus.cloud.kernel.objects.store import PACK
from pileus.cloud.kernel.objects.structure import stock_problems
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.errors import NotFound
from pileus.core.settings import Settings

from .shelf import packs, put, read

NOISE = random.Random(12).randbytes(5 << 20)


class Cut(BaseException):
    """As a kill: nothing catches it."""


def largest(settings: Settings) -> Path:
    return max(packs(settings), key=lambda path: path.stat().st_size)


def harm(path: Path, place: int = 1234) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_check_that_was_cut_off_goes_on(
    objects: PackedObjects, account: str, clock: ManualClock, settings: Settings
) -> None:
    for number in range(6):
        put(objects, account, b"%d" % number)
    clock.advance(60)
    harmed = packs(settings)
    for path in harmed:
        path.write_bytes(path.read_bytes()[:-1])

    def heard(report: Report) -> None:
        clock.advance(1)
        if report.done == 4:
            raise Cut

    with pytest.raises(Cut):
        check(objects, heard)
    report = check(objects)
    assert (report.before, report.of, report.done) == (3, 3, 3), (
        "the first was read in the millisecond of the begin"
    )
    assert {path.name for path in harmed} == {problem.split()[1].rstrip(":") for problem in report.problems}
    clock.advance(60)
    assert check(objects).of == 6, "a check that came to its end is followed by a new one"


def test_the_same_file_stored_again_mends_what_was_lost(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    first = put(objects, account, NOISE)
    harm(largest(settings))
    with pytest.raises(Corrupt):
        read(objects, account, first)
    assert len(check(objects).problems) == 1
    told = repair(objects)
    assert (told.packs, told.chunks, len(told.lost)) == (0, 0, 1)
    assert first in told.lost[0]
    assert "anna" in told.lost[0]
    second = put(objects, account, NOISE)
    assert read(objects, account, second) == NOISE
    assert read(objects, account, first) == NOISE
    assert repair(objects).lost == []
    clock.advance(60)
    assert check(objects).problems == []


def test_a_pack_put_back_in_its_place_is_whole_again(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    name = put(objects, account, NOISE)
    path = largest(settings)
    data = path.read_bytes()
    path.unlink()
    assert len(check(objects).problems) == 1
    assert stock_problems(objects) == {path.name: "it is not in the store."}
    assert len(repair(objects).lost) == 1
    path.write_bytes(data)
    clock.advance(60)
    assert check(objects).problems == []
    assert repair(objects).lost == []
    assert read(objects, account, name) == NOISE


def test_a_chunk_that_lies_in_two_packs_is_found_in_the_other(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock, cloud: Cloud
) -> None:
    """Two writers of the same bytes at once each bring them; the index knows the first place."""
    name = put(objects, account, NOISE)
    path = largest(settings)
    key, cutter = objects.keys.key(account, "files"), Cutter()
    twin = PackBuilder(key)
    for chunk in [*cutter.feed(NOISE), *cutter.finish()]:
        twin.add(CHUNK, key.name(chunk), chunk)
    data = twin.data()
    other = objects.store_pack(data)
    now = clock.now_ms()
    cloud.db.write(lambda conn: index.add_pack(conn, account, "files", other, len(data), twin.entries, now))
    harm(path)
    assert len(check(objects).problems) == 1
    told = repair(objects)
    assert (told.packs, told.chunks, told.lost) == (1, 1, [])
    assert read(objects, account, name) == NOISE
    clock.advance(60)
    assert check(objects).problems == []


def test_a_second_store_mends_a_lost_pack(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock, tmp_path: Path
) -> None:
    name = put(objects, account, NOISE)
    copy = LocalBlobs(tmp_path / "copy")
    for blob in objects.blobs.list("packs"):
        copy.put(blob.name, objects.blobs.get(blob.name))
    largest(settings).unlink()
    assert len(check(objects).problems) == 1
    with pytest.raises(NotFound):
        read(objects, account, name)
    told = repair(objects, copy)
    assert (told.packs, told.lost) == (1, [])
    assert told.chunks > 1
    assert read(objects, account, name) == NOISE
    clock.advance(60)
    assert check(objects).problems == []


def test_a_key_beside_the_packs_is_written_again(objects: PackedObjects, account: str, settings: Settings) -> None:
    put(objects, account, b"x")
    [key] = (settings.data_dir / "objects" / "keys").iterdir()
    kept = key.read_bytes()
    key.unlink()
    assert [key.name in problem for problem in check(objects).problems] == [True]
    assert repair(objects).keys == 1
    assert key.read_bytes() == kept
    assert check(objects).problems == []


def test_structure_tells_an_index_that_contradicts_itself(
    objects: PackedObjects, account: str, cloud: Cloud
) -> None:
    name = put(objects, account, NOISE)
    cloud.db.write(lambda conn: conn.execute(text("DELETE FROM object_part WHERE number = 1")))
    assert [name in problem for problem in check(objects).problems] == [True]
    cloud.db.write(lambda conn: conn.execute(text("UPDATE object_chunk SET start = start + 99999999")))
    assert any("behind its end" in problem for problem in check(objects).problems)


def test_a_bad_sector_stops_neither_check_nor_compaction(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses the file as a whole, and one place in it."""
    gone, kept = put(objects, account, NOISE), put(objects, account, NOISE[: 3 << 20])
    asyncio.run(objects.delete(account, "files", gone))
    bad = pack_blob(largest(settings).name)
    get, get_part = objects.blobs.get, objects.blobs.read

    def whole(name: str) -> bytes:
        if name == bad:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return get(name)

    def part(name: str, start: int, length: int) -> bytes:
        if name == bad and start <= 1234 < start + length:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return get_part(name, start, length)

    monkeypatch.setattr(objects.blobs, "get", whole)
    monkeypatch.setattr(objects.blobs, "read", part)
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    assert ["Input/output error" in problem for problem in check(objects).problems] == [True]
    assert ["Input/output error" in problem for problem in compact(objects).problems] == [True]
    assert [kept in sentence for sentence in repair(objects).lost] == [True]
    put(objects, account, NOISE[: 3 << 20])
    assert read(objects, account, kept) == NOISE[: 3 << 20]


def test_large_objects_lose_only_what_is_damaged(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    """What can be read of a damaged pack moves out of it."""
    lost = put(objects, account, random.Random(13).randbytes(PACK // 2))
    whole = put(objects, account, NOISE)
    path = largest(settings)
    harm(path)
    check(objects)
    told = repair(objects)
    assert [lost in sentence for sentence in told.lost] == [True]
    assert path.exists()
    assert read(objects, account, whole) == NOISE
    clock.advance(8 * DAY_MS / 1000)
    assert len(check(objects).problems) == 1
