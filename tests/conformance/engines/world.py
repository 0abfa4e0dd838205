"""What the conformance suite needs: a supervisor of its own, and one entry for each engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.client import SessionInfo, SupervisorClient
from pileus.surfaces.device import Device
from pileus.surfaces.engine import AppSpec, Display, link_root
from tests.conftest import free_port

DISPLAY = Display(480, 800, 160)


@dataclass(frozen=True)
class Subject:
    """An engine under test, with an app that it can run and where that app reacts.

    `field` is a point in a text field, `button` one whose touch changes the picture. `freezes`: whether its
    hosts offer to keep an app's state.
    `spec` makes the app's spec for an account in a folder of the test.
    """

    engine: str
    spec: Callable[[str, Path], AppSpec]
    button: tuple[int, int]
    field: tuple[int, int]
    patience: float = 10.0
    freezes: bool = True
    env: dict[str, str] = field(default_factory=dict)


def fake_spec(account: str, folder: Path, **options: str) -> AppSpec:
    return AppSpec(account, "org.example.fake", "fake", "Fake", folder, folder, options)


FAKE = Subject("fake", fake_spec, button=(240, 400), field=(100, 50))


class World:
    """A running supervisor."""

    def __init__(self, settings: Settings, process: subprocess.Popen[bytes]) -> None:
        self.settings = settings
        self.process = process
        self.client = SupervisorClient(settings)
        self.url = f"ws://127.0.0.1:{settings.surface_port}/surface"

    async def ready(self) -> None:
        """Returns when the supervisor answers."""
        end = time.monotonic() + 20
        while True:
            try:
                await self.client.ping()
                return
            except Unavailable:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise

    async def device(
        self, session: SessionInfo, account: str = "a", name: str = "Phone", **more: object
    ) -> Device:
        """A device with a fresh ticket, not yet connected."""
        ticket = await self.client.ticket(session.session_id, account, f"id-{name}", name)
        return Device(self.url, ticket.value, **more)  # type: ignore[arg-type]


@contextmanager
def supervisor(folder: Path, env: dict[str, str] | None = None) -> Iterator[World]:
    """A supervisor with folders and ports of its own; ended by its id."""
    port = free_port()
    settings = Settings(
        data_dir=folder / "data",
        runtime_dir=folder / "run",
        cache_dir=Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus"),
        port=port,
        surface_port=free_port(),
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pileus.surfaces.supervisor"],
        env=os.environ | settings.as_env() | (env or {}),
        umask=0o077,  # as under `pileus up`
    )
    try:
        yield World(settings, process)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(link_root(settings), ignore_errors=True)  # what a killed supervisor leaves
