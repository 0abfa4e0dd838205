"""Upload and download of one file of 256 MB over loopback HTTP, incompressible and text, beside versitygw.

Ours counts an upload until it is a file in the journal. The peer writes to the same disk, but has no encryption,
chunks or resumption. `what the disk takes` tells what fsync costs here, `the receiving end alone` what the web
process's HTTP server reads where nothing is done with it. All are the median of `RUNS`.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clouds
import httpx
import obstore
import uvicorn
from figure import Figure
from objects import text_data
from obstore.store import S3Store

from pileus.core.settings import Settings

MB = 1_000_000
SIZE = int(os.environ.get("PILEUS_BENCH_UPLOAD", str(256 * MB)))
PIECE = 1 << 20
BLOCK = 8 * MB
RUNS = 3
VERSITYGW = Settings.from_env().cache_dir / "versitygw" / "versitygw"
Headers = dict[str, str]


def measure() -> list[Figure]:
    """The peer is left out, and said so, where it was not built."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="pileus-bench-", dir=os.environ.get("PILEUS_BENCH_DIR")) as name:
        folder = Path(name)
        with clouds.running(folder / "cloud") as cloud, peer(folder) as other:
            token = {"Authorization": f"Bearer {cloud.account()['token']}"}
            block = text_data(BLOCK)
            kinds: dict[str, Callable[[], bytes]] = {
                "incompressible": lambda: secrets.token_bytes(SIZE),
                "text": lambda: text_of(block),
            }
            for kind, make in kinds.items():
                up, down, there, back = (list[float]() for _ in range(4))
                for _ in range(RUNS):
                    data = make()
                    took, address = ours(cloud, token, data)
                    up.append(took)
                    down.append(download(address, token, data))
                    if other is not None:
                        put, get = other()
                        there.append(upload(put, {}, data, "PUT"))
                        back.append(download(get, {}, data))
                found += [figure(f"upload, {kind}", up, there), figure(f"download, {kind}", down, back)]
            found.append(figure("the receiving end alone", [sink() for _ in range(RUNS)], []))
            found.append(figure("what the disk takes with an fsync each 16 MB", disk(folder), []))
    return found


def text_of(block: bytes) -> bytes:
    """A text of which nothing was stored before: each block is the same in another alphabet."""
    plain = b"abcdefghijklmnopqrstuvwxyz"
    tables = [bytes.maketrans(plain, bytes(random.sample(plain, len(plain)))) for _ in range(-(-SIZE // BLOCK))]
    return b"".join(block.translate(table) for table in tables)[:SIZE]


def ours(cloud: clouds.Cloud, token: Headers, data: bytes) -> tuple[float, str]:
    """Seconds until the file is there, announcing it included, and where it is read."""
    os.sync()
    began = time.perf_counter()
    wish = {"name": f"{time.time_ns()}.bin", "size": len(data), "type": "application/octet-stream"}
    base = f"{cloud.url}/api/v1/files"
    begun = httpx.post(f"{base}/uploads", json=wish, headers=token, trust_env=False).raise_for_status().json()
    upload(f"{base}/uploads/{begun['upload']}", {**token, "Upload-Offset": "0"}, data, "PATCH")
    took = time.perf_counter() - began
    state = (
        httpx.get(f"{base}/uploads/{begun['upload']}", headers=token, trust_env=False).raise_for_status().json()
    )
    return took, f"{base}/{state['file']}/content"


def upload(url: str, headers: Headers, data: bytes, method: str) -> float:
    with asking(url, method, headers, data) as (_, began):
        return time.perf_counter() - began


def download(url: str, headers: Headers, data: bytes) -> float:
    """Raises where other bytes come back; they are compared after the clock was read."""
    back = bytearray(len(data))
    with asking(url, "GET", headers) as (answer, began):
        view, place = memoryview(back), 0
        while count := answer.readinto(view[place : place + PIECE]):
            place += count
        took = time.perf_counter() - began
    if back != data:
        raise RuntimeError(f"{url} gave other bytes back")
    return took


@contextlib.contextmanager
def asking(
    url: str, method: str, headers: Headers, data: bytes = b""
) -> Iterator[tuple[http.client.HTTPResponse, float]]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
    try:
        began = time.perf_counter()
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, memoryview(data) if data else None, headers)
        answer = connection.getresponse()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {url}: {answer.status} {answer.read()[:300]!r}")
        if method != "GET":
            answer.read()
        yield answer, began
    finally:
        connection.close()


@contextlib.contextmanager
def peer(folder: Path) -> Iterator[Callable[[], tuple[str, str]] | None]:
    """What gives addresses, signed before, where a new object is put and read."""
    if not VERSITYGW.exists():
        print("upload: versitygw is not built (make setup-test does where Go is): no peer", file=sys.stderr)
        yield None
        return
    (folder / "peer" / "bench").mkdir(parents=True)
    port, keys = clouds.free_ports(), ("bench", secrets.token_hex(16))
    command = [str(VERSITYGW), "--port", f"127.0.0.1:{port}", "--access", keys[0], "--secret", keys[1]]
    process = subprocess.Popen(
        [*command, "posix", str(folder / "peer")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        answers(url, process)
        store = S3Store(
            "bench",
            endpoint=url,
            access_key_id=keys[0],
            secret_access_key=keys[1],
            region="us-east-1",
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
        )

        def addresses() -> tuple[str, str]:
            name, hour = f"{time.time_ns()}.bin", timedelta(hours=1)
            return obstore.sign(store, "PUT", name, hour), obstore.sign(store, "GET", name, hour)

        yield addresses
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str, process: subprocess.Popen[Any]) -> None:
    """Waits until it does; raises where it never will."""
    end = time.monotonic() + clouds.PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, trust_env=False)
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not come up")


def sink() -> float:
    """Seconds in which the HTTP server of the web process reads as much for an application that drops it."""
    port = clouds.free_ports()
    process = subprocess.Popen([sys.executable, __file__, "sink", str(port)])
    try:
        url = f"http://127.0.0.1:{port}/"
        answers(url, process)
        return upload(url, {}, bytes(SIZE), "PUT")
    finally:
        process.terminate()
        process.wait(20)


async def dropping(_scope: Any, receive: Any, send: Any) -> None:
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def disk(folder: Path) -> list[float]:
    times = []
    for _ in range(RUNS):
        data = secrets.token_bytes(16 * MB)
        os.sync()
        began = time.perf_counter()
        for number in range(SIZE // len(data)):
            with (folder / f"plain-{number}").open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        times.append(time.perf_counter() - began)
    return times


def figure(metric: str, times: list[float], others: list[float]) -> Figure:
    value = SIZE / MB / statistics.median(times)
    theirs = SIZE / MB / statistics.median(others) if others else None
    return Figure(
        bench="upload",
        metric=f"{SIZE / MB:.0f} MB, {metric}",
        value=value,
        unit="MB/s",
        peer="versitygw" if theirs else None,
        peer_value=theirs,
        ratio=value / theirs if theirs else None,
    )


if __name__ == "__main__":
    from pileus.cloud.connections import Connection

    uvicorn.run(dropping, host="127.0.0.1", port=int(sys.argv[2]), http=Connection, log_level="error")
