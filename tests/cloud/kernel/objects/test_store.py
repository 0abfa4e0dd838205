"""Objects on real files and a real SQLite."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blake3 import blake3

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.keys import KeyLost
from pileus.cloud.kernel.objects.pack import Corrupt
from pileus.core.errors import NotFound, QuotaExceeded, StoreUnavailable
from pileus.core.settings import Settings
from tests.cloud.processes import wait

from .shelf import named

NOISE = random.Random(1).randbytes(9 << 20)


@pytest.fixture
def cloud(settings: Settings) -> Iterator[Cloud]:
    made = build(settings, services=[])
    yield made
    made.close()


@pytest.fixture
def account(cloud: Cloud) -> str:
    return cloud.accounts.create_blocking("anna", "correct horse").id


def store(cloud: Cloud) -> PackedObjects:
    assert isinstance(cloud.context.objects, PackedObjects)
    return cloud.context.objects


async def stream(data: bytes, step: int = 1 << 20) -> AsyncIterator[bytes]:
    for start in range(0, len(data), step):
        yield data[start : start + step]


async def read(objects: PackedObjects, account: str, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in objects.get(account, "files", name, start, end)])


def packs(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [b"", b"x", b"text " * 400_000, NOISE], ids=["empty", "byte", "text", "noise"])
def test_there_and_back(cloud: Cloud, account: str, data: bytes) -> None:
    async def go() -> None:
        objects = store(cloud)
        kept = await objects.put(account, "files", stream(data))
        assert (kept.size, kept.blake3) == (len(data), blake3(data).hexdigest())
        assert await read(objects, account, kept.id) == data
        assert await cloud.context.quota.used(account) == len(data)

    asyncio.run(go())


def test_any_range(cloud: Cloud, account: str) -> None:
    async def go() -> None:
        objects, dice = store(cloud), random.Random(7)
        kept = await objects.put(account, "files", stream(NOISE))
        for _ in range(40):
            start = dice.randint(0, len(NOISE))
            end = dice.randint(start, len(NOISE) + 10)
            assert await read(objects, account, kept.id, start, end) == NOISE[start:end]

    asyncio.run(go())


def test_the_same_content_is_stored_once_but_never_across_accounts(
    cloud: Cloud, account: str, settings: Settings
) -> None:
    other = cloud.accounts.create_blocking("ben", "correct horse").id

    async def go() -> None:
        objects = store(cloud)
        await objects.put(account, "files", stream(NOISE))
        first = sum(path.stat().st_size for path in packs(settings))
        again = await objects.put(account, "files", stream(NOISE[:4321] + NOISE))
        second = sum(path.stat().st_size for path in packs(settings))
        assert second - first < 5 << 20
        await objects.put(other, "files", stream(NOISE))
        assert sum(path.stat().st_size for path in packs(settings)) - second > len(NOISE)
        with pytest.raises(NotFound):
            await read(objects, other, again.id)

    asyncio.run(go())


def test_nothing_stored_shows_its_content(cloud: Cloud, account: str, settings: Settings) -> None:
    secret = b"the secret of the lake " * 50
    asyncio.run(_put(cloud, account, secret))
    assert all(b"secret of" not in path.read_bytes() for path in packs(settings))


def test_a_repeated_put_is_the_same_object(cloud: Cloud, account: str) -> None:
    async def go() -> None:
        objects = store(cloud)
        first = await objects.put(account, "files", stream(b"one"), object_id="upload-1")
        assert await objects.put(account, "files", stream(b"other"), object_id="upload-1") == first
        assert await cloud.context.quota.used(account) == 3

    asyncio.run(go())


def test_over_quota_while_streaming(settings: Settings) -> None:
    small = build(settings.changed(quota_bytes=6 << 20), services=[])
    account = small.accounts.create_blocking("anna", "correct horse").id
    read_bytes = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read_bytes
        async for piece in stream(NOISE * 4):
            read_bytes += len(piece)
            yield piece

    try:
        with pytest.raises(QuotaExceeded):
            asyncio.run(_put_stream(small, account, counted()))
        assert read_bytes <= 12 << 20
    finally:
        small.close()


def test_deleted_and_restored(cloud: Cloud, account: str) -> None:
    async def go() -> None:
        objects, quota = store(cloud), cloud.context.quota
        kept = await objects.put(account, "files", stream(b"hello"))
        await objects.delete(account, "files", kept.id)
        await objects.delete(account, "files", kept.id)
        assert await quota.used(account) == 0
        with pytest.raises(NotFound):
            await read(objects, account, kept.id)
        assert await objects.restore(account, "files", kept.id)
        assert await read(objects, account, kept.id) == b"hello"
        assert await quota.used(account) == 5

    asyncio.run(go())


def test_a_damaged_pack_is_named(cloud: Cloud, account: str, settings: Settings) -> None:
    kept = asyncio.run(_put(cloud, account, NOISE))
    for path in packs(settings):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    with pytest.raises(Corrupt):
        asyncio.run(read(store(cloud), account, kept))


def test_survives_a_restart_but_not_a_lost_key(cloud: Cloud, account: str, settings: Settings) -> None:
    kept = asyncio.run(_put(cloud, account, b"kept"))
    again = build(settings, services=[])
    assert asyncio.run(read(store(again), account, kept)) == b"kept"
    again.close()
    key = settings.data_dir / "keys" / "server.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(KeyLost):
        build(settings, services=[])


async def _put(cloud: Cloud, account: str, data: bytes) -> str:
    return (await store(cloud).put(account, "files", stream(data))).id


async def _put_stream(cloud: Cloud, account: str, data: AsyncIterator[bytes]) -> str:
    return (await store(cloud).put(account, "files", data)).id


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_one_of_two_packs_on_their_way_fails(
    cloud: Cloud, account: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    objects, noise = store(cloud), random.Random(3).randbytes(60 << 20)
    stores, asked = objects.store_pack, list[int]()

    def fails_once(data: bytes) -> str:
        asked.append(len(data))
        if len(asked) == which + 1:
            raise StoreUnavailable()
        return stores(data)

    monkeypatch.setattr(objects, "store_pack", fails_once)
    with pytest.raises(StoreUnavailable):
        asyncio.run(objects.put(account, "files", stream(noise), "lake"))
    assert asyncio.run(cloud.context.quota.used(account)) == 0
    wait(lambda: {path.name for path in packs(settings)} == named(cloud))  # what was on its way beside it
    asyncio.run(objects.put(account, "files", stream(noise), "lake"))
    assert asyncio.run(read(objects, account, "lake")) == noise
    assert sum(path.stat().st_size for path in packs(settings)) < len(noise) * 1.01, "chunks are there twice"
