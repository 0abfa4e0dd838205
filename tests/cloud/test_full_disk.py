"""A disk that is full for a while, filled in the middle of what is done: told as 507 `storage-full`, reads go on,
and when room is back so is service, with nothing lost and nothing left over."""

from __future__ import annotations

import os
import random
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from pileus.cloud.app import build
from pileus.cloud.kernel.db import SqliteDatabase
from pileus.cloud.kernel.db.migrations import revision
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.kernel.room import storage_failure
from pileus.cloud.moving import upgrade
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.errors import StorageFull
from pileus.core.settings import Settings
from tests.conftest import free_port, running
from tests.small_disk import SmallDisk, small_disk

from .kernel.objects.shelf import delete, named, packed, packs, put, read
from .test_upgrade import KEPT, rows_of
from .works import WORKS, clean, services, within

pytestmark = [pytest.mark.slow, pytest.mark.tmpfs]
ROOMS = (0, 40_000, 150_000, 300_000)
"""Bytes that are left when the work begins."""
NOISE = random.Random(8).randbytes(6 << 20)


class Full(Exception):
    """507, told as the disk's."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


def refused(answer: httpx.Response) -> None:
    if answer.status_code == 507:
        answer.read()
        assert answer.json()["code"] == "storage-full"
        raise Full


@pytest.mark.parametrize("work", list(WORKS))
def test_a_work_goes_on_when_there_is_room(work: str, disk: SmallDisk, tmp_path: Path) -> None:
    now, kept, full = SystemClock().now_ms(), os.urandom(50_000), 0
    left: set[tuple[int, int]] = set()
    for room in ROOMS:
        here = disk.folder / "here"
        settings = within(here, free_port())
        with running(settings, services(), ManualClock(now)) as server:
            token = server.account("anna")["token"]
            with server.client(token) as client:
                begun = client.post("/files/uploads", json={"name": "kept", "size": len(kept)}).json()
                file = client.patch(
                    f"/files/uploads/{begun['upload']}", content=kept, headers={"Upload-Offset": "0"}
                ).json()["file"]
                told: list[str] = []
                disk.fill(room)
                try:
                    client.event_hooks["response"] = [refused]
                    WORKS[work].do(client, told.append)
                except Full:
                    full += 1
                finally:
                    client.event_hooks["response"] = []
                assert client.get(f"/files/{file}/content").content == kept, "reads go on"
                disk.empty()
                client.delete(f"/files/{file}")
                assert client.delete(f"/files/trash/{file}").status_code == 204
                WORKS[work].look(client, told)
        left.add(clean(settings, now))
        shutil.rmtree(here)
    assert full > 1
    assert len(left) == 1, "something stays"


def full_of(act: object) -> None:
    """It ends, and because of the disk."""
    with pytest.raises(Exception) as ended:  # noqa: PT011
        act()  # type: ignore[operator]
    assert isinstance(storage_failure(ended.value), StorageFull), ended.value


def test_a_compaction_goes_on_when_there_is_room(disk: SmallDisk) -> None:
    settings, clock = within(disk.folder / "here", free_port()), ManualClock(SystemClock().now_ms())
    with closing(build(settings, clock, services=[])) as cloud:
        objects = packed(cloud)
        objects.tend = None
        account = cloud.accounts.create_blocking("anna", "correct horse").id
        gone, kept = put(objects, account, NOISE), put(objects, account, NOISE[: 3 << 20])
        delete(objects, account, gone)
        clock.advance(8 * DAY_MS / 1000)
        sweep(objects)
        for room in (0, 1 << 20):
            disk.fill(room)
            full_of(lambda: compact(objects))
            assert read(objects, account, kept) == NOISE[: 3 << 20]
            disk.empty()
        assert compact(objects).written == 1
        assert read(objects, account, kept) == NOISE[: 3 << 20]
        assert check(objects).problems == []
        clock.advance(8 * DAY_MS / 1000)
        sweep(objects)
        assert {path.name for path in packs(settings)} == named(cloud)
        objects.close()


def test_a_second_copy_goes_on_when_there_is_room(disk: SmallDisk, tmp_path: Path) -> None:
    settings = within(tmp_path / "here", free_port()).changed(copy_to=str(disk.folder / "copy"))
    with closing(build(settings, ManualClock(SystemClock().now_ms()), services=[])) as cloud:
        objects = packed(cloud)
        account = cloud.accounts.create_blocking("anna", "correct horse").id
        kept = put(objects, account, NOISE)
        assert objects.copy is not None
        for room in (0, 100_000, 2 << 20):
            disk.fill(room)
            full_of(lambda: list(objects.copy.steps()))
            assert read(objects, account, kept) == NOISE
            disk.empty()
        *_, last = objects.copy.steps()
        assert (last.stamp is not None, last.left) == (True, {})
        there = {blob.name.rpartition("/")[2] for blob in objects.copy.store.list("packs")}
        assert there == named(cloud)
        assert list(disk.folder.rglob("*#*")) == []
        objects.close()


def test_an_upgrade_goes_on_when_there_is_room(disk: SmallDisk, tmp_path: Path) -> None:
    for at, room in enumerate((0, 100_000, 400_000)):
        here = disk.folder / f"here {at}"
        (here / "run").mkdir(parents=True)
        with tarfile.open(KEPT) as tar:
            tar.extractall(here, filter="data")
        settings = Settings(here / "data", here / "run", here / "cache")
        whole = tmp_path / f"whole {at}"
        shutil.copytree(here, whole)
        upgrade(other := Settings(whole / "data", whole / "run", whole / "cache"))
        disk.fill(room)
        full_of(lambda settings=settings: upgrade(settings))
        disk.empty()
        upgrade(settings)
        assert rows_of(settings) == rows_of(other)
        forms = []
        for copy in settings.data_dir.glob("before-*.db"):
            with closing(SqliteDatabase(copy)) as db:
                forms.append(revision(db))
        assert len(set(forms)) == len(forms), "tries that changed nothing leave nothing"
        assert not list(settings.data_dir.glob("*.part*"))
