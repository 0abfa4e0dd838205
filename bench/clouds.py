"""A whole cloud for a bench, as `pileus up` starts it: parent, web process, supervisor."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from pileus.core.settings import Settings

PATIENCE = 60.0


@dataclass(frozen=True)
class Cloud:
    """A running cloud; `start_seconds` is from the command to its "ready"."""

    settings: Settings
    process: subprocess.Popen[str]
    start_seconds: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def account(self, name: str = "bench", password: str = "") -> Any:
        """A new account's session {token, account, device}; with any password where none is given."""
        wish = {"name": name, "password": password or uuid.uuid4().hex, "device_name": "bench"}
        answer = httpx.post(f"{self.url}/api/v1/accounts", json=wish, trust_env=False)
        return answer.raise_for_status().json()

    def client(self, token: str) -> httpx.Client:
        """A client below /api/v1. Close it."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=600, trust_env=False)

    def pids(self) -> list[int]:
        """The parent and every process below it."""
        return below(self.process.pid)


@contextmanager
def running(folder: Path, **values: Any) -> Iterator[Cloud]:
    """A cloud with folders of its own below `folder`, on free ports; raises where it does not come up."""
    port = free_ports()
    settings = Settings.from_env().changed(
        data_dir=folder / "data", runtime_dir=folder / "run", port=port, surface_port=port + 1, **values
    )
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pileus.cloud.parent"],
        env=os.environ | settings.as_env() | {"LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        heard, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if heard else ""
        if "ready" not in line:
            raise RuntimeError(f"the cloud did not come up: {line.strip()}")
        yield Cloud(settings, process, time.monotonic() - began)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def below(top: int) -> list[int]:
    """A process and all that came from it."""
    found = [top]
    for pid in found:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def free_ports() -> int:
    """The first of two neighbouring free ports."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two neighbouring ports are free")


def memory(pid: int, kind: str) -> int:
    """Bytes of a process by smaps_rollup: `Rss` counts shared pages whole, `Pss` by share, `Private_` alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    names = (kind,) if kind.endswith("_") else (f"{kind}:",)
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))
