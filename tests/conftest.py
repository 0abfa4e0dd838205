"""A world for tests: settings in a temporary folder, a real server on a free port, clients with accounts."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.accounts import passwords
from pileus.cloud.kernel.db import FILE
from pileus.cloud.kernel.manifest import Service
from pileus.cloud.web import listen, serve_until
from pileus.core.clock import Clock
from pileus.core.settings import Settings
from pileus.surfaces.client import SessionInfo, SupervisorClient
from pileus.surfaces.engine import AppSpec, Display, link_root
from tests import lacking
from tests.kills import (
    pytest_addoption,
    pytest_runtest_logreport,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

__all__ = [
    "pytest_addoption",
    "pytest_runtest_logreport",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
]

# How long anything takes says nothing where a machine has other work.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

# Hashing one is slow on purpose, and nearly each test makes an account; processes of their own keep the true cost.
passwords.ROUNDS, passwords.MEMORY_KIB = 1, 64

PASSWORD = "correct horse"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(lacking)


PORTS = range(12_000, 32_000)
"""Below those that a system gives to whoever connects: such a connection may last, and take a port in between."""
BESIDE = (0, 1, 2, 10, 11)
"""What a cloud may listen on, from its port on."""


def free_port() -> int:
    """A port that was free a moment ago, with those beside it that a cloud may take."""
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for more in BESIDE:
                held.enter_context(socket.socket()).bind(("127.0.0.1", port + more))
            return port


@dataclass
class RunningServer:
    """A cloud that is served from a thread of this process."""

    cloud: Cloud
    url: str

    def client(self, token: str | None = None) -> httpx.Client:
        """A client below /api/v1, with a token where one is given. Close it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.plain(headers=headers)

    def plain(self, **more: Any) -> httpx.Client:
        """`client` with other words of httpx'. Certificates, which each would read anew, are of no use here."""
        return httpx.Client(base_url=f"{self.url}/api/v1", timeout=30, trust_env=False, verify=False, **more)

    def account(self, name: str, device: str = "phone") -> Any:
        """A new account (made blocking, as the command line does), signed in: the session's JSON."""
        self.cloud.accounts.create_blocking(name, PASSWORD)
        return self.sign_in(name, device)

    def sign_in(self, name: str, device: str = "phone", password: str = PASSWORD) -> Any:
        with self.client() as client:
            wish = {"name": name, "password": password, "device_name": device}
            answer = client.post("/sign-in", json=wish)
            assert answer.status_code == 200, answer.text
            return answer.json()


@functools.cache
def _tables() -> Path:
    """A database with all tables and nothing in them: copied in less time than it is made."""
    folder = Path(tempfile.mkdtemp(prefix="pt-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with temporary_settings(folder) as settings:
        build(settings).close()
        return settings.data_dir / FILE


@contextlib.contextmanager
def running(
    settings: Settings,
    services: list[Service] | None = None,
    clock: Clock | None = None,
    sessions: Any = None,
) -> Iterator[RunningServer]:
    """Serves a cloud on `settings.port` until the block ends."""
    sockets = listen(settings.host, [settings.port])
    if services is None and not settings.database and not settings.data_dir.exists():
        settings.make_dirs()
        shutil.copy(_tables(), settings.data_dir)
    cloud = build(settings, clock, services, sessions)
    started, loops = threading.Event(), []

    async def life() -> None:
        stop = asyncio.Event()
        loops.append((asyncio.get_running_loop(), stop))
        await serve_until(cloud, sockets, stop, started.set)

    thread = threading.Thread(target=asyncio.run, args=(life(),))
    thread.start()
    assert started.wait(30)
    try:
        yield RunningServer(cloud, f"http://127.0.0.1:{settings.port}")
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        cloud.close()
    assert not thread.is_alive()


class Supervised(RunningServer):
    """A cloud with a supervisor process of its own."""

    def run_app(self, account_id: str) -> SessionInfo:
        """A session of the fake engine: the apps service itself starts installed packages only."""
        folder = self.cloud.settings.data_dir
        spec = AppSpec(account_id, "org.example.fake", "fake", "Fake", folder, folder)
        return asyncio.run(SupervisorClient(self.cloud.settings).open(spec, Display(480, 800, 160)))


@contextlib.contextmanager
def supervised(settings: Settings) -> Iterator[Supervised]:
    """A served cloud and its supervisor, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pileus.surfaces.supervisor"], env=os.environ | settings.as_env()
    )
    sessions = SupervisorClient(settings)
    try:
        end = time.monotonic() + 20
        while not settings.supervisor_socket.exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.02)
        with running(settings, sessions=sessions) as one:
            yield Supervised(one.cloud, one.url)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(link_root(settings), ignore_errors=True)


@contextlib.contextmanager
def temporary_settings(folder: Path) -> Iterator[Settings]:
    """Settings of a cloud of its own; the runtime folder is short and removed afterwards."""
    runtime = Path(tempfile.mkdtemp(prefix="pt-"))
    try:
        yield Settings(
            data_dir=folder / "data",
            runtime_dir=runtime,
            cache_dir=folder / "cache",
            port=free_port(),
            surface_port=free_port(),
        )
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a cloud of its own."""
    with temporary_settings(tmp_path) as one:
        yield one


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One running server for all tests of a module, with all services and no supervisor."""
    folder = tmp_path_factory.mktemp("shared")
    with temporary_settings(folder) as settings, running(settings) as one:
        yield one


@pytest.fixture
def server(settings: Settings) -> Iterator[RunningServer]:
    """A running server with all services and no supervisor."""
    with running(settings) as one:
        yield one


@pytest.fixture
def supervised_server(settings: Settings) -> Iterator[Supervised]:
    """A running server with all services and a supervisor."""
    with supervised(settings) as one:
        yield one


@pytest.fixture(scope="module")
def shared_supervised_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """One running server with a supervisor for all tests of a module."""
    folder = tmp_path_factory.mktemp("shared")
    with temporary_settings(folder) as settings, supervised(settings) as one:
        yield one


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """A client that is signed in to an account of its own."""
    with server.client(server.account("anna")["token"]) as one:
        yield one


@pytest.fixture
def serve() -> Callable[..., contextlib.AbstractContextManager[RunningServer]]:
    """`running`, for tests that choose services, clock or settings."""
    return running
