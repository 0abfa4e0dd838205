"""Idle phones: what a doorbell that stays open costs the web process, 5,000 devices of 100 accounts at once.

Each device signs its WebSocket in as the shell does and then says nothing; pings of the server go on. Memory is
what the process grew by, resident, from 50 open doorbells to all of them. Afterwards one account changes something
and each of its devices must hear of it. `PILEUS_BENCH_PHONES` opens another number.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import tempfile
import time
import uuid
from pathlib import Path

import clouds
from figure import Figure
from websockets.asyncio.client import ClientConnection, connect

from pileus.cloud.app import build
from pileus.core.settings import Settings

PHONES = int(os.environ.get("PILEUS_BENCH_PHONES", "5000"))
ACCOUNTS, WARM, AT_ONCE = 100, 50, 25
REST = 45.0
"""Seconds after the last one opened: two rounds of the server's pings, and what opening took is given back."""
SPARE_FILES = 200
PATIENCE = 120.0


def measure() -> list[Figure]:
    """Raises where the system lets a process have too few files, or a device does not hear."""
    _allow(PHONES + SPARE_FILES)
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        folder = Path(name)
        tokens = _sign_in(folder)
        with clouds.running(folder) as cloud:
            return asyncio.run(_open(cloud, tokens))


def _allow(files: int) -> None:
    """For this process and those that it starts, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        raise RuntimeError(f"a process may have {hard} files here, and {files} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), hard))


def _sign_in(folder: Path) -> list[str]:
    """Tokens of devices, of each account in turn: by the kernel, since passwords take a tenth of a second each."""
    cloud = build(Settings.from_env().changed(data_dir=folder / "data", runtime_dir=folder / "run"), services=[])
    try:
        accounts = [
            cloud.accounts.create_blocking(f"phone{number}", uuid.uuid4().hex) for number in range(ACCOUNTS)
        ]
        return cloud.db.write(
            lambda conn: [
                cloud.accounts.new_device(
                    conn, accounts[number % ACCOUNTS], f"phone {number}", "127.0.0.1", "signed-in"
                ).token
                for number in range(PHONES)
            ]
        )
    finally:
        cloud.close()


async def _open(cloud: clouds.Cloud, tokens: list[str]) -> list[Figure]:
    pid = int(json.loads((cloud.settings.runtime_dir / "web.pid").read_text())["pid"])
    address = f"ws://127.0.0.1:{cloud.settings.port}/api/v1/journal/doorbell"
    turns = asyncio.Semaphore(AT_ONCE)

    async def ring(token: str) -> ClientConnection:
        async with turns:
            socket = await connect(address, proxy=None, open_timeout=PATIENCE, ping_interval=None)
            await socket.send(json.dumps({"token": token}))
            json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))["head"]
            return socket

    sockets = list(await asyncio.gather(*map(ring, tokens[:WARM])))
    await asyncio.sleep(REST)
    before, began = clouds.memory(pid, "Rss"), time.monotonic()
    sockets += await asyncio.gather(*map(ring, tokens[WARM:]))
    opened = time.monotonic() - began
    await asyncio.sleep(REST)
    grown = (clouds.memory(pid, "Rss") - before) / (len(sockets) - WARM) / 1000
    told = await _change(cloud, tokens[0], sockets[::ACCOUNTS])
    for socket in sockets:
        socket.transport.abort()
    what = f"{len(sockets)} idle phones"
    return [
        _figure(f"memory each, {what}", grown, "kB"),
        _figure(f"resident with {what}", (before + grown * 1000 * (len(sockets) - WARM)) / 1e6, "MB"),
        _figure(f"opening and signing in, {what}", opened, "s"),
        _figure(f"a change until all {len(sockets[::ACCOUNTS])} devices of an account heard", told * 1000, "ms"),
    ]


async def _change(cloud: clouds.Cloud, token: str, sockets: list[ClientConnection]) -> float:
    wish = {"id": str(uuid.uuid4()), "base": 0, "collection": "shell.setting", "record": "bench", "op": "put"}
    began = time.monotonic()
    with cloud.client(token) as client:
        body = {"mutations": [{**wish, "fields": {"value": 1}}]}
        answer = await asyncio.to_thread(client.post, "/journal/mutations", json=body)
        (outcome,) = answer.raise_for_status().json()["outcomes"]
        for socket in sockets:
            while json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))["head"] < outcome["seq"]:
                pass
    return time.monotonic() - began


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="idle", metric=metric, value=value, unit=unit)
