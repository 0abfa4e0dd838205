"""Objects in an S3 bucket: everything as on files, also when the store is away for a while."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.s3 import S3Blobs, StoreUnsafe, s3_place
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.errors import Invalid, StoreUnavailable
from pileus.core.settings import Settings
from tests.s3 import Line, S3Server, use

from .shelf import delete, named, packed, put, read

NOISE = random.Random(11).randbytes(6 << 20)


@pytest.fixture
def settings(settings: Settings, store: S3Server, line: Line) -> Settings:
    return settings.changed(objects=f"s3://{store.bucket()}/cloud")


def test_everything_as_on_files(
    cloud: Cloud, objects: PackedObjects, account: str, clock: ManualClock, settings: Settings
) -> None:
    gone, kept = put(objects, account, NOISE), put(objects, account, NOISE[: 3 << 20])
    assert read(objects, account, gone) == NOISE
    delete(objects, account, gone)
    clock.advance(8 * DAY_MS / 1000)
    sweep(objects)
    assert compact(objects).written == 1
    assert read(objects, account, kept) == NOISE[: 3 << 20]
    assert check(objects).problems == []
    assert {blob.name.rpartition("/")[2] for blob in objects.blobs.list("packs")} == named(cloud)
    assert not (settings.data_dir / "objects").exists()


def test_a_store_that_is_away_is_told_and_comes_back(objects: PackedObjects, account: str, line: Line) -> None:
    kept = put(objects, account, NOISE)
    line.cut()
    with pytest.raises(StoreUnavailable):
        read(objects, account, kept)
    with pytest.raises(StoreUnavailable):
        put(objects, account, b"meanwhile", "meanwhile")
    for look in (sweep, check):
        with pytest.raises(StoreUnavailable):
            look(objects)
    line.mend()
    put(objects, account, b"meanwhile", "meanwhile")
    assert read(objects, account, kept) == NOISE
    assert read(objects, account, "meanwhile") == b"meanwhile"
    assert check(objects).problems == []


def test_a_phone_hears_when_to_try_again(settings: Settings, line: Line, serve: Any) -> None:
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        line.cut()
        begun = client.post("/files/uploads", json={"name": "a.bin", "size": 5}).json()
        path = f"/files/uploads/{begun['upload']}"
        answer = client.patch(path, content=b"hello", headers={"Upload-Offset": "0"})
        assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert client.get(path).json()["offset"] == 5, "what came is safe"
        line.mend()
        done = client.patch(path, content=b"", headers={"Upload-Offset": "5"}).json()
        assert client.get(f"/files/{done['file']}/content").content == b"hello"
        line.cut()
        gone = client.get(f"/files/{done['file']}/content")
        assert (gone.status_code, gone.json()["code"]) == (503, "store-unavailable")
        line.mend()
        assert client.get(f"/files/{done['file']}/content").content == b"hello"


def test_a_cloud_starts_while_its_store_is_away(settings: Settings, line: Line) -> None:
    line.cut()
    cloud = build(settings, services=[])
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    with pytest.raises(StoreUnavailable):
        put(packed(cloud), account, b"x")
    line.mend()
    assert read(packed(cloud), account, put(packed(cloud), account, b"x")) == b"x"
    packed(cloud).close()
    cloud.close()


@pytest.mark.parametrize("store", ["moto"], indirect=True)
def test_a_store_that_ignores_conditions_is_refused(
    store: S3Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real store that asks for no signature, behind a line that takes the condition off each request."""
    bent = Line(store.url, lambda data: data.replace(b"if-none-match", b"x-none-matter"))
    use(monkeypatch, bent.url)
    with pytest.raises(StoreUnsafe):
        S3Blobs(settings.objects).put("a", b"x")
    bent.cut()


def test_a_bucket_that_is_not_there_says_nothing_about_packs(settings: Settings) -> None:
    with pytest.raises(StoreUnavailable):
        list(S3Blobs("s3://no-such-bucket-here").list("packs"))
    with pytest.raises(StoreUnavailable):
        S3Blobs("s3://no-such-bucket-here").put("a", b"x")


@pytest.mark.parametrize("url", ["", "s3://", "http://b/p", "s3://u@b", "s3://b?x=1"])
def test_what_is_no_place(url: str) -> None:
    with pytest.raises(Invalid):
        s3_place(url)


def test_places() -> None:
    assert s3_place("s3://b") == ("b", "")
    assert s3_place("s3://b/one/two/") == ("b", "one/two")
