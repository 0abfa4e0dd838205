"""One suite for every store of blobs. Another: one more line in STORES."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from pileus.cloud.kernel.objects.blobs import BlobStore, LocalBlobs, MemoryBlobs, StoredBlobs
from pileus.core.errors import Conflict, NotFound

STORES: dict[str, Callable[[Path], BlobStore]] = {
    "local": LocalBlobs,
    "memory": lambda _: MemoryBlobs(),
    "obstore": lambda _: StoredBlobs(MemoryStore()),
}


@pytest.fixture(params=STORES)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return STORES[request.param](tmp_path / "blobs")


def test_reads_what_was_put(blobs: BlobStore) -> None:
    blobs.put("packs/ab/abcd", b"0123456789")
    assert blobs.get("packs/ab/abcd") == b"0123456789"
    assert blobs.read("packs/ab/abcd", 2, 3) == b"234"
    assert blobs.read("packs/ab/abcd", 8, 9) == b"89"
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


@pytest.mark.parametrize("name", ["", "../a", "/a", "a//b", "A", "a/../b", "a/"])
def test_refuses_odd_names(blobs: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a blob's name"):
        blobs.put(name, b"")
