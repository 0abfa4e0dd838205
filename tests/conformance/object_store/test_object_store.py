"""One suite for every store of blobs. Another: one more line in STORES."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from pileus.cloud.kernel.objects.blobs import BlobStore, LocalBlobs, MemoryBlobs, StoredBlobs
from pileus.cloud.kernel.objects.s3 import S3Blobs
from pileus.core.errors import Conflict, NotFound
from tests.s3 import SERVERS, S3Server, use

STORES: dict[str, Callable[[Path], BlobStore]] = {
    "local": LocalBlobs,
    "memory": lambda _: MemoryBlobs(),
    "obstore": lambda _: StoredBlobs(MemoryStore()),
}
RACING = "moto"
"""Looks whether a name is taken before it takes it, in many threads: of two at once both may win."""


@pytest.fixture(scope="session")
def buckets() -> Iterator[Callable[[str], tuple[str, str]]]:
    """Starts an S3 server at its first use; gives its address and an empty bucket."""
    with ExitStack() as servers:
        running: dict[str, S3Server] = {}

        def bucket(name: str) -> tuple[str, str]:
            if name not in running:
                running[name] = servers.enter_context(SERVERS[name]())
            return running[name].url, running[name].bucket()

        yield bucket


@pytest.fixture(params=[*STORES, *SERVERS])
def blobs(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    buckets: Callable[[str], tuple[str, str]],
) -> BlobStore:
    if request.param in STORES:
        return STORES[request.param](tmp_path / "blobs")
    url, bucket = buckets(request.param)
    use(monkeypatch, url)
    return S3Blobs(f"s3://{bucket}/cloud")


def test_reads_what_was_put(blobs: BlobStore) -> None:
    blobs.put("packs/ab/abcd", b"0123456789")
    assert blobs.get("packs/ab/abcd") == b"0123456789"
    assert blobs.read("packs/ab/abcd", 2, 3) == b"234"
    assert blobs.read("packs/ab/abcd", 8, 9) == b"89"
    assert blobs.read("packs/ab/abcd", 10, 3) == blobs.read("packs/ab/abcd", 99, 3) == b""
    assert blobs.read("packs/ab/abcd", 3, 0) == b""


def test_an_empty_blob_is_one(blobs: BlobStore) -> None:
    blobs.put("packs/empty", b"")
    assert blobs.get("packs/empty") == b""
    assert [one.size for one in blobs.list("packs")] == [0]
    with pytest.raises(Conflict):
        blobs.put("packs/empty", b"")


def test_a_name_is_used_once(blobs: BlobStore) -> None:
    blobs.put("a", b"first")
    with pytest.raises(Conflict):
        blobs.put("a", b"second")
    assert blobs.get("a") == b"first"


@pytest.mark.parametrize("blobs", [name for name in (*STORES, *SERVERS) if name != RACING], indirect=True)
def test_of_many_who_put_one_name_one_wins(blobs: BlobStore) -> None:
    def put(number: int) -> bool:
        try:
            blobs.put("race/one", bytes([number]) * 100_000)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(put, range(8)))
    assert won.count(True) == 1
    assert blobs.get("race/one") == bytes([won.index(True)]) * 100_000


def test_what_is_not_there(blobs: BlobStore) -> None:
    with pytest.raises(NotFound):
        blobs.get("a/b")
    with pytest.raises(NotFound):
        blobs.read("a/b", 0, 1)
    blobs.delete("a/b")
    assert list(blobs.list("a")) == []


def test_lists_a_folder_only(blobs: BlobStore) -> None:
    for name in ("packs/aa/1", "packs/bb/2", "packsother/3", "keys/4"):
        blobs.put(name, name.encode())
    assert {(one.name, one.size) for one in blobs.list("packs")} == {("packs/aa/1", 10), ("packs/bb/2", 10)}


def test_a_deleted_blob_is_gone(blobs: BlobStore) -> None:
    blobs.put("a/b", b"x")
    blobs.delete("a/b")
    with pytest.raises(NotFound):
        blobs.get("a/b")


def test_what_has_a_name_is_never_tidied(blobs: BlobStore) -> None:
    blobs.put("packs/ab/one", b"1")
    blobs.tidy()
    assert blobs.get("packs/ab/one") == b"1"


def test_what_a_killed_put_left_is_tidied(tmp_path: Path) -> None:
    """Not before its time: another process may be writing."""
    left = tmp_path / "packs" / "one#1"
    blobs = LocalBlobs(tmp_path)
    left.parent.mkdir()
    left.write_bytes(b"half")
    blobs.tidy()
    assert left.exists()
    assert list(blobs.list("packs")) == []
    os.utime(left, (0, 0))
    blobs.tidy()
    assert list(tmp_path.rglob("*#*")) == []


@pytest.mark.parametrize("name", ["", "../a", "/a", "a//b", "A", "a/../b", "a/"])
def test_refuses_odd_names(blobs: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a blob's name"):
        blobs.put(name, b"")
