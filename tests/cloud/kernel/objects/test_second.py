"""The second copy: restored alone on an empty machine, it brings accounts, records and files."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects, open_blobs
from pileus.cloud.kernel.objects.blobs import LocalBlobs
from pileus.cloud.kernel.objects.check import check, known_problems
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.copy_check import unreadable_there
from pileus.cloud.kernel.objects.daily import check_copy, copy_away
from pileus.cloud.kernel.objects.keys import KeyLost
from pileus.cloud.kernel.objects.pack import Corrupt, pack_blob
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.second import Copied, NotEmpty, SecondCopy, open_copy, restore_copy
from pileus.cloud.kernel.objects.snapshot import complete
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.errors import Conflict, Invalid, NotFound, PileusError, StoreUnavailable
from pileus.core.settings import Settings
from tests.postgres import on_sqlite
from tests.s3 import KEYS, Line, S3Server, moto

from .shelf import delete, packed, packs, put, read

database = on_sqlite

NOISE = random.Random(14).randbytes(6 << 20)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.changed(copy_to=str(tmp_path / "copy"))


def copy_of(objects: PackedObjects) -> SecondCopy:
    assert objects.copy is not None
    return objects.copy


def run(copy: SecondCopy) -> Copied:
    return list(copy.steps())[-1]


def elsewhere(settings: Settings, name: str) -> Settings:
    """An empty machine, with no second copy of its own."""
    made = settings.changed(data_dir=settings.data_dir.parent / name, copy_to="", objects="")
    made.make_dirs()
    return made


def bring(settings: Settings, place: str, key: bytes, stamp: str | None = None) -> None:
    for _ in restore_copy(open_copy(place), key, settings.data_dir, open_blobs(settings), stamp):
        pass


def key_of(settings: Settings) -> bytes:
    return (settings.data_dir / "keys" / "server.key").read_bytes()


def test_everything_comes_back_on_an_empty_machine(settings: Settings, serve: Any) -> None:
    """Accounts, passwords, records and files through their own doors, with the first machine gone."""
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        wish = {"id": "m1", "base": 0, "collection": "shell.setting", "record": "r", "op": "put"}
        client.post("/journal/mutations", json={"mutations": [{**wish, "fields": {"v": "dark"}}]})
        begun = client.post("/files/uploads", json={"name": "西湖.bin", "size": len(NOISE)}).json()
        headers = {"Upload-Offset": "0"}
        file = client.patch(f"/files/uploads/{begun['upload']}", content=NOISE, headers=headers).json()["file"]
        changes = client.get("/journal/changes?since=0").json()["changes"]
        objects = packed(server.cloud)
        assert len(changes) == 2
        assert asyncio.run(copy_away(objects)) is not None
        client.post("/files/uploads", json={"name": "after the copy", "size": 0})
    key = key_of(settings)
    shutil.rmtree(settings.data_dir)

    there = elsewhere(settings, "there")
    bring(there, settings.copy_to, key)
    with serve(there) as server:
        token = server.sign_in("anna", "tablet")["token"]
        with server.client(token) as client:
            assert client.get("/journal/changes?since=0").json()["changes"][: len(changes)] == changes
            assert client.get(f"/files/{file}/content").content == NOISE
        assert check(packed(server.cloud)).problems == []
    assert (there.data_dir / "keys" / "server.key").stat().st_mode & 0o777 == 0o600


def test_only_what_is_new_is_copied(objects: PackedObjects, account: str, clock: ManualClock) -> None:
    put(objects, account, NOISE)
    first = run(copy_of(objects))
    assert (first.packs, first.done) == (1, 2), "a pack and its key"
    put(objects, account, b"more")
    clock.advance(1)
    second = run(copy_of(objects))
    assert (second.packs, second.done) == (2, 1)
    assert complete(copy_of(objects).store) == [first.stamp, second.stamp]


def test_an_older_snapshot_can_be_chosen(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    name = put(objects, account, NOISE)
    first = run(copy_of(objects)).stamp
    delete(objects, account, name)
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    run(copy_of(objects))
    with pytest.raises(NotFound):
        bring(elsewhere(settings, "c"), settings.copy_to, key_of(settings), "19990101t000000000z")
    there = elsewhere(settings, "there")
    bring(there, settings.copy_to, key_of(settings), first)
    again = build(there, clock, services=[])
    assert read(packed(again), account, name) == NOISE
    packed(again).close()
    again.close()


def test_a_pack_that_is_compacted_meanwhile(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    gone, kept = put(objects, account, NOISE), put(objects, account, NOISE[: 3 << 20])
    delete(objects, account, gone)
    clock.advance(8 * DAY_MS / 1000)
    steps = copy_of(objects).steps()
    next(steps)
    sweep(objects)
    assert compact(objects).written == 1
    for _ in steps:
        pass
    there = elsewhere(settings, "there")
    bring(there, settings.copy_to, key_of(settings))
    again = build(there, clock, services=[])
    assert read(packed(again), account, kept) == NOISE[: 3 << 20]
    assert check(packed(again)).problems == []
    packed(again).close()
    again.close()


def test_a_run_that_was_cut_off_counts_for_nothing_and_is_gone_on_with(
    objects: PackedObjects, account: str, settings: Settings
) -> None:
    put(objects, account, NOISE)
    steps = copy_of(objects).steps()
    next(steps)
    with pytest.raises(Conflict, match="copy-runs"):
        next(copy_of(objects).steps())
    steps.close()
    assert complete(copy_of(objects).store) == []
    with pytest.raises(NotFound):
        bring(elsewhere(settings, "there"), settings.copy_to, key_of(settings))
    assert run(copy_of(objects)).done == 1
    assert list((settings.data_dir / "copying").iterdir()) == []


def test_a_restore_that_was_cut_off_is_begun_again(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    name = put(objects, account, NOISE)
    run(copy_of(objects))
    there, copy = elsewhere(settings, "there"), open_copy(settings.copy_to)
    steps = restore_copy(copy, key_of(settings), there.data_dir, open_blobs(there))
    next(steps)
    steps.close()
    assert not (there.data_dir / "pileus.db").exists()
    bring(there, settings.copy_to, key_of(settings))
    again = build(there, clock, services=[])
    assert read(packed(again), account, name) == NOISE
    packed(again).close()
    again.close()
    with pytest.raises(NotEmpty):
        bring(there, settings.copy_to, key_of(settings))


@pytest.mark.parametrize("harm", ["flipped", "cut", "gone"])
def test_a_pack_that_cannot_be_read_stops_no_copy(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock, harm: str
) -> None:
    """It is told, the others are copied and restored; what is damaged does not take the good bytes' name."""
    lost = put(objects, account, NOISE)
    [path] = packs(settings)
    kept, whole = put(objects, account, b"another pack"), path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:99] + bytes([whole[99] ^ 1]) + whole[100:] if harm == "flipped" else whole[:999])
    first = asyncio.run(copy_away(objects))
    assert first is not None
    assert list(first.left) == [path.name]
    assert (first.packs, first.of, first.done) == (2, 3, 2)
    assert objects.db.read(known_problems).keys() == {path.name}, "repair knows of it"
    there = elsewhere(settings, "there")
    steps = restore_copy(open_copy(settings.copy_to), key_of(settings), there.data_dir, open_blobs(there))
    assert list(list(steps)[-1].left) == [path.name]
    again = build(there, clock, services=[])
    assert read(packed(again), account, kept) == b"another pack"
    with pytest.raises(PileusError):
        read(packed(again), account, lost)
    packed(again).close()
    again.close()

    path.write_bytes(whole)
    clock.advance(1)
    second = run(copy_of(objects))
    assert (second.left, second.done) == ({}, 1)
    healed = elsewhere(settings, "healed")
    bring(healed, settings.copy_to, key_of(settings), first.stamp)
    again = build(healed, clock, services=[])
    assert read(packed(again), account, lost) == NOISE
    packed(again).close()
    again.close()


def test_a_lost_key_blob_is_made_of_the_database(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    name = put(objects, account, NOISE)
    [key] = (settings.data_dir / "objects" / "keys").iterdir()
    key.unlink()
    assert run(copy_of(objects)).left == {}
    there = elsewhere(settings, "there")
    bring(there, settings.copy_to, key_of(settings))
    again = build(there, clock, services=[])
    assert read(packed(again), account, name) == NOISE
    packed(again).close()
    again.close()


def test_what_is_wrong_with_a_copy_is_told(objects: PackedObjects, account: str, settings: Settings) -> None:
    put(objects, account, NOISE)
    stamp = run(copy_of(objects)).stamp
    with pytest.raises(KeyLost):
        bring(elsewhere(settings, "a"), settings.copy_to, bytes(32))
    with pytest.raises(KeyLost):
        bring(elsewhere(settings, "b"), settings.copy_to, b"short")
    part = Path(settings.copy_to) / "snapshots" / stamp / "000000"
    data = part.read_bytes()
    assert b"anna" not in data
    part.write_bytes(data[:-1])
    with pytest.raises(KeyLost):
        bring(elsewhere(settings, "c"), settings.copy_to, key_of(settings))
    part.unlink()
    with pytest.raises(Corrupt):
        bring(elsewhere(settings, "d"), settings.copy_to, key_of(settings))


@pytest.fixture(scope="module")
def store() -> Iterator[S3Server]:
    with moto() as server:
        yield server


NO_DELETING = """{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
  "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"], "Resource": "arn:aws:s3:::%s/*"}]}"""
VERSIONS = """<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>
</VersioningConfiguration>"""


@dataclass
class Away:
    """A second copy in a bucket, with keys of its own."""

    cloud: Cloud
    settings: Settings
    patch: pytest.MonkeyPatch

    def open(self, url: str, bucket: str) -> SecondCopy:
        for key, value in {**KEYS, "AWS_ENDPOINT_URL": url}.items():
            self.patch.setenv(f"PILEUS_COPY_{key}", value)
        objects, settings = packed(self.cloud), self.settings
        blobs = open_copy(f"s3://{bucket}/second")
        return SecondCopy(objects.db, objects.blobs, blobs, key_of(settings), objects.clock, settings)


@pytest.fixture
def away(cloud: Cloud, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Away:
    return Away(cloud, settings, monkeypatch)


def test_in_a_bucket_whose_policy_refuses_to_delete(
    objects: PackedObjects, account: str, settings: Settings, store: S3Server, away: Away, clock: ManualClock
) -> None:
    """The store refuses by its own policy; it still lets a blob be overwritten, and that is told."""
    name = store.bucket()
    store.change(name, "policy", NO_DELETING % name)
    kept = put(objects, account, NOISE)
    copy = away.open(store.url, name)
    assert run(copy).exposures == ("overwrite",)
    for blob in list(copy.store.list("packs")):
        with pytest.raises(StoreUnavailable):
            copy.store.delete(blob.name)
        with pytest.raises(Conflict):
            copy.store.put(blob.name, b"another")
    clock.advance(1)
    assert run(copy).exposures == ("overwrite",), "what the last run left there changes nothing"
    there = elsewhere(settings, "there")
    bring(there, f"s3://{name}/second", key_of(settings))
    again = build(there, clock, services=[])
    assert read(packed(again), account, kept) == NOISE
    packed(again).close()
    again.close()


def test_in_a_bucket_that_refuses_what_is_not_new(
    objects: PackedObjects, account: str, store: S3Server, away: Away
) -> None:
    """moto knows no policy that demands If-None-Match: a PUT without it is refused on its way, by a line."""
    name = store.bucket()
    store.change(name, "policy", NO_DELETING % name)

    def demand(data: bytes) -> bytes:
        return data.replace(b"PUT /", b"PXT /", 1) if b"if-none-match" not in data.lower() else data

    line = Line(store.url, demand)
    put(objects, account, NOISE)
    assert run(away.open(line.url, name)).exposures == ()
    line.cut()


def test_in_a_bucket_that_keeps_versions(
    objects: PackedObjects, account: str, store: S3Server, away: Away, clock: ManualClock
) -> None:
    """A thief hides what is there, and cannot take it away."""
    name = store.bucket()
    store.change(name, "versioning", VERSIONS)
    put(objects, account, NOISE)
    copy = away.open(store.url, name)
    assert run(copy).exposures == ("versions",)
    clock.advance(1)
    assert run(copy).exposures == ("versions",)


def test_in_a_bucket_that_lets_everything_be_done(
    objects: PackedObjects, account: str, store: S3Server, away: Away
) -> None:
    put(objects, account, NOISE)
    assert run(away.open(store.url, store.bucket())).exposures == ("overwrite", "delete")


def test_a_copy_in_the_first_store_is_refused(settings: Settings) -> None:
    with pytest.raises(Invalid):
        build(settings.changed(copy_to=str(settings.data_dir / "objects")), services=[])


def test_a_folder_is_never_immutable(objects: PackedObjects, account: str, settings: Settings) -> None:
    put(objects, account, NOISE)
    assert run(copy_of(objects)).exposures == ("folder",), "it has no keys that could be forbidden anything"
    [pack] = [blob.name for blob in LocalBlobs(Path(settings.copy_to)).list("packs")]
    assert pack == pack_blob(pack.rpartition("/")[2])


def test_it_is_read_back_within_thirty_days(
    objects: PackedObjects, account: str, settings: Settings, clock: ManualClock
) -> None:
    for number in range(40):
        put(objects, account, b"%d" % number)
    assert asyncio.run(copy_away(objects)) is not None
    copied = {path.name: path for path in (Path(settings.copy_to) / "packs").rglob("*") if path.is_file()}
    harmed, gone = sorted(copied)[:2]
    whole = copied[harmed].read_bytes()
    copied[harmed].write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
    copied[gone].unlink()
    read, problems = 0, set[str]()
    for _ in range(20):
        clock.advance(DAY_MS / 1000)
        told = asyncio.run(check_copy(objects))
        assert told is not None
        assert told.done <= 3, "two a day, and again what could not be read"
        read += told.done
        problems |= {problem.split()[1] for problem in told.problems}
    assert read >= 40
    assert problems == {harmed}, "what is not there is copied again"
    assert objects.db.read(unreadable_there) == 1
    copied[harmed].unlink()
    assert run(copy_of(objects)).done == 2
    told = asyncio.run(check_copy(objects))
    assert told is not None
    assert told.problems == []
    assert objects.db.read(unreadable_there) == 0
    assert copied[harmed].read_bytes() == whole
