"""A short message from the modem to another device, and what the handset's daemon costs.

The real ModemManager with a modem of the simulated carrier, the daemon as a process of its own, a cloud beside it,
all on loopback. A message counts as there when another device, woken by its doorbell, has read its record.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import clouds
import msgspec
from figure import Figure
from websockets.asyncio.client import ClientConnection, connect

from pileus.carrier.line import line
from pileus.carrier.network import Carrier
from pileus.handset.cloud import Cloud
from pileus.handset.stage import stage
from pileus.sdk.config import Config, write_config

MESSAGES = 100
NUMBER, OTHER = "+8613900000001", "+8613900000002"
REST = 30.0
"""Seconds over which a daemon at rest is watched."""
TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="pb-", dir="/tmp") as name,
        clouds.running(Path(name) / "cloud") as cloud,
    ):
        return asyncio.run(_measure(Path(name), cloud))


async def _measure(folder: Path, cloud: clouds.Cloud) -> list[Figure]:
    phone = cloud.account("mei")
    write_config(Config(cloud.url, phone["token"], "mei"), folder / "handset" / "account.json")
    carrier = Carrier()
    handset = carrier.handset(NUMBER)
    (folder / "stage").mkdir()
    async with stage(folder / "stage") as one, line(handset.modem, "abstract:bench"):
        await one.add("bench")
        command = [sys.executable, "-m", "pileus.handset", "--folder", str(folder / "handset")]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": one.address}
        daemon = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            device = Cloud(Config(cloud.url, phone["token"]))
            took = [await _arrives(cloud, device, phone["token"], carrier, at) for at in range(MESSAGES + 1)][1:]
            await device.close()
            before, began = _ticks(daemon.pid), time.monotonic()
            await asyncio.sleep(REST)
            share = (_ticks(daemon.pid) - before) / TICKS / (time.monotonic() - began) * 100
            memory = _memory(daemon.pid)
        finally:
            daemon.terminate()
            await daemon.wait()
    took.sort()
    return [
        _figure("message to another device, p50", statistics.median(took) * 1000, "ms"),
        _figure("message to another device, p95", took[int(len(took) * 0.95)] * 1000, "ms"),
        _figure("daemon's memory (RSS)", memory["VmRSS"] / 1000, "MB"),
        _figure("daemon at rest, of a core", share, "%"),
    ]


async def _arrives(cloud: clouds.Cloud, device: Cloud, token: str, carrier: Carrier, number: int) -> float:
    """Seconds until the record of a message is read; the first one waits for the modem, too."""
    text = f"message {number}, 西湖"
    async with connect(f"ws{cloud.url[4:]}/api/v1/journal/doorbell", proxy=None) as bell:
        await bell.send(msgspec.json.encode({"token": token}).decode())
        head = msgspec.json.decode(await bell.recv())["head"]
        began = time.perf_counter()
        carrier.text(OTHER, NUMBER, text)
        while not await _read(bell, device, head, text):
            pass
        return time.perf_counter() - began


async def _read(bell: ClientConnection, device: Cloud, head: int, text: str) -> bool:
    await bell.recv()
    answer: Any = await device.ask("GET", f"/journal/changes?since={head}")
    return any(one["fields"].get("body") == text for one in answer["changes"])


def _ticks(pid: int) -> int:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def _memory(pid: int) -> dict[str, int]:
    """kB by name (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("VmRSS")}


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="handset", metric=metric, value=round(value, 2), unit=unit)
