"""Objects: put and get on real files with fsync, beside a bare loop of zstd + AES-GCM; memory of a 1 GB put."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from figure import Figure

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects.store import PACK
from pileus.core.settings import Settings

MB = 1_000_000
SIZE = 256 * MB
PIECE = 1 << 20


def text_data(size: int) -> bytes:
    """Words in a random order: compresses about as prose does."""
    dice = random.Random(1)
    words = [bytes(dice.choices(b"abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 9))) for _ in range(20_000)]
    data = b" ".join(dice.choices(words, weights=[1 / (n + 1) for n in range(20_000)], k=size // 5))
    return (data * 2)[:size] if len(data) < size else data[:size]


async def stream(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


async def noise(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // PIECE):
        yield os.urandom(PIECE)


def peer(data: bytes, folder: Path) -> float:
    """Seconds for the least that an encrypted store on this disk must do, one after the other."""
    start, cipher = time.perf_counter(), AESGCM(os.urandom(32))
    compressor, pack = zstandard.ZstdCompressor(level=3), bytearray()
    for at in range(0, len(data), PIECE):
        packed = compressor.compress(data[at : at + PIECE])
        pack += cipher.encrypt(os.urandom(12), packed, b"")
        if len(pack) >= PACK or at + PIECE >= len(data):
            with (folder / str(at)).open("wb") as file:
                file.write(pack)
                file.flush()
                os.fsync(file.fileno())
            pack.clear()
    return time.perf_counter() - start


def peak_kb() -> int:
    """This process's peak of resident memory since it began (getrusage would tell its parent's)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def measure() -> list[Figure]:
    found: list[Figure] = []
    for kind, data in (("text", text_data(SIZE)), ("noise", os.urandom(SIZE))):
        with tempfile.TemporaryDirectory() as folder:
            cloud, account = opened(Path(folder))
            put, get, again = asyncio.run(run(cloud, account, data))
            cloud.close()
            least = SIZE / MB / peer(data, Path(folder))
        found += [
            figure(f"put {kind}", SIZE / MB / put, "zstd + AES-GCM into fsynced files", least),
            figure(f"put {kind} again", SIZE / MB / again),
            figure(f"get {kind}", SIZE / MB / get),
        ]
    grown = subprocess.run(
        [sys.executable, __file__, "grow"], capture_output=True, text=True, check=True, env=os.environ
    )
    value = float(grown.stdout)
    return [*found, Figure(bench="objects", metric="memory grown by a 1 GB put", value=value, unit="MB")]


async def run(cloud: Cloud, account: str, data: bytes) -> tuple[float, float, float]:
    objects, times = cloud.context.objects, [time.perf_counter()]
    kept = await objects.put(account, "bench", stream(data))
    times.append(time.perf_counter())
    size = 0
    async for piece in objects.get(account, "bench", kept.id):
        size += len(piece)
    times.append(time.perf_counter())
    if size != len(data):
        raise RuntimeError("not everything came back")
    await objects.put(account, "bench", stream(data))
    times.append(time.perf_counter())
    return times[1] - times[0], times[2] - times[1], times[3] - times[2]


def opened(folder: Path) -> tuple[Cloud, str]:
    cloud = build(Settings(folder / "d", folder / "r", folder / "c"), services=[])
    return cloud, cloud.accounts.create_blocking("bench", "correct horse").id


def figure(metric: str, value: float, peer_name: str | None = None, peer_value: float | None = None) -> Figure:
    ratio = value / peer_value if peer_value else None
    return Figure(
        bench="objects",
        metric=metric,
        value=value,
        unit="MB/s",
        peer=peer_name,
        peer_value=peer_value,
        ratio=ratio,
    )


def grow() -> None:
    """Prints by how many MB the peak of this process rises while 1 GB is put, after a first small put."""
    with tempfile.TemporaryDirectory() as folder:
        cloud, account = opened(Path(folder))

        async def both() -> float:
            await cloud.context.objects.put(account, "bench", noise(32 << 20))
            before = peak_kb()
            await cloud.context.objects.put(account, "bench", noise(1000 << 20))
            return (peak_kb() - before) * 1024 / MB

        print(asyncio.run(both()))
        cloud.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["grow"]:
        grow()
    else:
        for one in measure():
            print(msgspec.json.encode(one).decode())
