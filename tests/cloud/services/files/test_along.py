"""Uploads that are stored while they come: the object, and each way in which that fails and loses nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from blake3 import blake3

from pileus.cloud.kernel.objects.blobs import LocalBlobs
from pileus.cloud.kernel.service import ObjectRef
from pileus.cloud.services.files import along as module
from pileus.cloud.services.files import uploads
from pileus.cloud.services.files.along import HELD, Along
from pileus.core.errors import StoreUnavailable
from tests.cloud.kernel.objects.shelf import packed
from tests.cloud.processes import wait
from tests.conftest import RunningServer

from .test_files import begin
from .test_tus import VERSION, create, place, sha1
from .test_tus import patch as send_piece

NOISE = random.Random("along").randbytes(40 << 20)
PIECE = 1 << 20


def alone(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


class Put:
    """What an object is made of; it may wait, or fail, after its first piece."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.fails: Exception | None = None
        self.taken = b""
        self.over = 0

    async def __call__(self, data: AsyncIterator[bytes]) -> ObjectRef:
        async for piece in data:
            self.taken += piece
            if self.fails is not None:
                raise self.fails
            await self.go.wait()
        return ObjectRef("one", len(self.taken), "")

    def ends(self) -> None:
        self.over += 1


async def give(along: Along, *pieces: bytes) -> None:
    for piece in pieces:
        await along.give(along.given, piece)


@alone
async def test_all_of_it_is_an_object() -> None:
    put = Put()
    along = Along(put, 3, put.ends)
    await give(along, b"a", b"", b"bc")
    made = await along.end()
    assert made is not None
    assert (made.size, put.taken, put.over) == (3, b"abc", 1)


@alone
async def test_it_waits_for_what_is_stored() -> None:
    put = Put()
    put.go.clear()
    along = Along(put, HELD + 2, put.ends)
    await give(along, *[b"a"] * HELD)
    await asyncio.sleep(0)
    await give(along, b"a")  # the one that is being stored is not among them
    more = asyncio.ensure_future(give(along, b"a"))
    await asyncio.sleep(0)
    assert not more.done()
    put.go.set()
    await more
    assert await along.end() is not None


@alone
async def test_it_does_not_hold_up_who_sends() -> None:
    put = Put()
    put.go.clear()
    along = Along(put, 100 * HELD, put.ends)
    with patch.object(module, "STILL_SECONDS", 0):
        await give(along, *[b"a"] * (3 * HELD))
    assert await along.end() is None


@alone
async def test_after_a_failure_nothing_waits() -> None:
    put = Put()
    put.fails = StoreUnavailable()
    along = Along(put, 3 * HELD, put.ends)
    await give(along, *[b"a"] * (3 * HELD))
    assert await along.end() is None
    assert put.over == 1


@alone
async def test_what_lacks_a_byte_is_no_object() -> None:
    put = Put()
    along = Along(put, 3, put.ends)
    await give(along, b"ab")
    assert await along.end() is None


@pytest.mark.parametrize("place", [1, 3])
def test_what_comes_twice_or_leaves_a_gap_ends_it(place: int) -> None:
    async def go() -> None:
        put = Put()
        along = Along(put, 4, put.ends)
        await give(along, b"ab")
        await along.give(place, b"cd")
        await along.give(2, b"cd")
        assert await along.end() is None

    asyncio.run(go())


@alone
async def test_whoever_is_given_up_while_it_waits_has_lost_a_piece() -> None:
    put = Put()
    put.go.clear()
    along = Along(put, HELD + 2, put.ends)
    await give(along, *[b"a"] * HELD)
    await asyncio.sleep(0)
    await give(along, b"a")
    giving = asyncio.ensure_future(give(along, b"b"))
    await asyncio.sleep(0)
    giving.cancel()
    await asyncio.wait([giving])
    put.go.set()
    assert along.given == HELD + 2
    assert await along.end() is None


@alone
async def test_it_gives_up_where_nothing_comes() -> None:
    over = asyncio.Event()
    with patch.object(module, "STILL_SECONDS", 0):
        along = Along(Put(), 1, over.set)
        await over.wait()
    await give(along, b"a")
    assert await along.end() is None


@alone
async def test_whole_it_waits_for_its_end() -> None:
    """As while a large file's hash is looked at."""
    put = Put()
    along = Along(put, 2, put.ends)
    await give(along, b"a")
    with patch.object(module, "STILL_SECONDS", 0.0):
        await give(along, b"b")
        for _ in range(20):  # turns of the loop, in which it would give up
            await asyncio.sleep(0)
    assert (put.taken, put.over) == (b"ab", 0)
    assert await along.end() is not None


class Body:
    """A body whose last quarter comes when it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(NOISE), PIECE):
            if start == len(NOISE) // 4 * 3:
                assert self.go.wait(60)
            yield NOISE[start : start + PIECE]


@pytest.fixture
def phone(server: RunningServer) -> Iterator[httpx.Client]:
    with server.client(server.account("anna")["token"]) as one:
        yield one


@pytest.fixture
def alone_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """No object is made of an upload's file."""

    def never(path: object) -> None:
        raise AssertionError("it is stored from its file")

    monkeypatch.setattr(uploads, "read_file", never)
    monkeypatch.setattr(module, "STILL_SECONDS", 60)


def packs_of(server: RunningServer) -> list[Any]:
    return list(packed(server.cloud).blobs.list("packs"))


def content(phone: httpx.Client, file: str) -> bytes:
    return phone.get(f"/files/{file}/content").content


@pytest.mark.usefixtures("alone_stored")
def test_it_is_stored_while_it_comes(server: RunningServer, phone: httpx.Client) -> None:
    body, answers = Body(), list[httpx.Response]()
    path = f"/files/uploads/{begin(phone, NOISE)['upload']}"
    headers = {"Upload-Offset": "0", "Content-Length": str(len(NOISE))}
    sending = threading.Thread(
        target=lambda: answers.append(phone.patch(path, content=iter(body), headers=headers))
    )
    assert not packs_of(server)
    sending.start()
    wait(lambda: bool(packs_of(server)))
    body.go.set()
    sending.join()
    assert answers[0].status_code == 200, answers[0].text
    assert content(phone, answers[0].json()["file"]) == NOISE


@pytest.mark.usefixtures("alone_stored")
def test_pieces_of_several_requests_are_one_object(server: RunningServer, phone: httpx.Client) -> None:
    path, eighth = place(phone, create(phone, len(NOISE))), len(NOISE) // 8
    for start in range(0, len(NOISE), eighth):
        if start == 7 * eighth:
            wait(lambda: bool(packs_of(server)))
        answer = send_piece(phone, path, start, NOISE[start : start + eighth])
        assert answer.status_code == 204, answer.text
    assert content(phone, answer.headers["pileus-file"]) == NOISE


@pytest.mark.usefixtures("alone_stored")
def test_a_place_that_is_kept_meanwhile_leaves_no_gap(
    phone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SYNC", 0)
    monkeypatch.setattr(uploads, "SYNC_SECONDS", 0)
    path = place(phone, create(phone, len(NOISE)))
    answer = send_piece(phone, path, 0, NOISE)
    assert answer.status_code == 204, answer.text
    assert content(phone, answer.headers["pileus-file"]) == NOISE


def test_what_could_not_be_written_comes_again(phone: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was to be stored of it came from a request that failed: the next one's bytes are those that count."""
    monkeypatch.setattr(module, "STILL_SECONDS", 60)
    path, writes = place(phone, create(phone, len(NOISE))), list[int]()
    write = uploads.Coming._write

    def full_once(coming: uploads.Coming, held: bytes) -> None:
        writes.append(len(held))
        if len(writes) == 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(coming, held)

    monkeypatch.setattr(uploads.Coming, "_write", full_once)
    other = NOISE[: 11 << 20] + NOISE[::-1]
    answer = send_piece(phone, path, 0, other[: len(NOISE)])
    assert answer.status_code == 507
    start = int(phone.head(path, headers=VERSION).headers["upload-offset"])
    assert start <= 11 << 20
    answer = send_piece(phone, path, start, NOISE[start:])
    assert answer.status_code == 204, answer.text
    assert content(phone, answer.headers["pileus-file"]) == NOISE


def test_what_failed_its_checksum_comes_again(phone: httpx.Client) -> None:
    path, half = place(phone, create(phone, len(NOISE))), len(NOISE) // 2
    for start in (0, half):
        right = NOISE[start : start + half]
        wrong = {"Upload-Checksum": sha1(right)}
        assert send_piece(phone, path, start, right[::-1], **wrong).status_code == 460
        answer = send_piece(phone, path, start, right, **wrong)
        assert answer.status_code == 204, answer.text
    assert content(phone, answer.headers["pileus-file"]) == NOISE


def test_a_store_that_fails_meanwhile_changes_nothing(
    phone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = list[str]()
    put = LocalBlobs.put

    def fails_once(store: LocalBlobs, name: str, data: bytes) -> None:
        if not failed:
            failed.append(name)
            raise StoreUnavailable()
        put(store, name, data)

    monkeypatch.setattr(LocalBlobs, "put", fails_once)
    path = place(phone, create(phone, len(NOISE)))
    answer = send_piece(phone, path, 0, NOISE)
    assert answer.status_code == 204, answer.text
    assert failed
    assert content(phone, answer.headers["pileus-file"]) == NOISE


def test_what_came_otherwise_than_announced_is_no_object(server: RunningServer, phone: httpx.Client) -> None:
    begun = begin(phone, NOISE, blake3=blake3(NOISE[::-1]).hexdigest())
    answer = phone.patch(f"/files/uploads/{begun['upload']}", content=NOISE, headers={"Upload-Offset": "0"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "hash-mismatch"
    query = "SELECT count(*) FROM object"
    assert server.cloud.db.read(lambda conn: conn.exec_driver_sql(query).scalar_one()) == 0


@alone
async def test_no_thread_writes_when_the_file_is_closed() -> None:
    """Whoever is given up amid a write: the descriptor's number may be another file's a moment later."""
    go, wrote = threading.Event(), list[int]()
    with tempfile.NamedTemporaryFile() as file:
        coming = uploads.Coming(Path(file.name), 0)

        def slowly(_coming: uploads.Coming, held: bytes) -> None:
            go.wait(60)
            wrote.append(os.write(coming._file, held))

        with patch.object(uploads.Coming, "_write", slowly):
            coming.add(b"hello")
            syncing = asyncio.ensure_future(coming.sync())
            await asyncio.sleep(0)
            syncing.cancel()
            await asyncio.wait([syncing])
            closing = asyncio.ensure_future(coming.close())
            await asyncio.sleep(0)
            assert not closing.done()
            go.set()
            await closing
        assert wrote == [5]
