"""Start hosts of the fake engine. Needs no sandbox: the host is our own code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from typing import Any

from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, Exit, HostProcess, LinkPlace

STATE = "fake-state.json"
"""What a frozen app kept, among its data."""


class FakeHost:
    """A running fake host."""

    def __init__(self, process: asyncio.subprocess.Process, start: Mapping[str, Any]) -> None:
        self._process = process
        self.start = start

    @property
    def pid(self) -> int:
        return self._process.pid

    async def may_freeze(self) -> bool:
        return True

    async def wait(self) -> Exit:
        return Exit(await self._process.wait())

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class FakeEngine:
    """`options` of the app: `animate` draws sixty frames a second, `noise` what no codec makes small ("1": on)."""

    name = "fake"

    async def warm(self) -> None:
        """There is nothing to warm."""

    async def start(self, spec: AppSpec, display: Display, link: LinkPlace) -> HostProcess:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pileus.surfaces.engines.fake.host", str(link.socket_path), str(os.getpid())
        )
        return FakeHost(process, {"options": dict(spec.options), "state": str(spec.data_dir / STATE)})

    async def close(self) -> None:
        """There is no spare."""


def make_engine(_settings: Settings) -> FakeEngine:
    """The factory that engine.toml names."""
    return FakeEngine()
