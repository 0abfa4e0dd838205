"""PostgreSQL for tests: Debian's server in a folder of its own, on a Unix socket, as a user that is not root.

It flushes what it commits, as SQLite does there: `fsync` is on, and only what `initdb` writes is not waited for.
The one that many tests share lies in memory where there is room: what a killed process wrote is there all the
same, and power cuts are tried elsewhere.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pileus.cloud.app import build
from tests.conftest import temporary_settings

USER = "pileus"
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For a test of SQLite's file itself, where `settings` has both databases."""


@dataclass
class PostgresServer:
    """A running server; its databases are empty until a cloud is built on one."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _pattern: str = ""

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def make(self) -> str:
        """The name of a new database as Pileus needs one."""
        name = f"d{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        return name

    def copy(self) -> str:
        """The name of a new database that has all tables: made once, and copied in a tenth of the time."""
        if not self._pattern:
            self._pattern = self.make()
            with tempfile.TemporaryDirectory() as folder, temporary_settings(Path(folder)) as settings:
                build(settings.changed(database=self.url(self._pattern))).close()
        name = f"d{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {self._pattern}")
        return name

    def drop(self, name: str) -> None:
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def ask(self, statement: str, database: str = "postgres") -> list[Any]:
        with psycopg.connect(self.url(database), autocommit=True) as conn:
            found = conn.execute(statement)
            return found.fetchall() if found.description else []

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "shared_buffers": "32MB"}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program("postgres"), "-D", str(self.folder / "data"), *words],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_user(),
            )
        end = time.monotonic() + 60
        while True:
            try:
                self.ask("SELECT 1")
                return
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < end
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL to all its processes at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        for child in _group(self.process.pid):
            _wait_gone(child)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            self.process.wait(60)


def program(name: str) -> str:
    """One of the server's programs: Debian keeps them out of PATH."""
    found = shutil.which(name) or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    assert found is not None, "PostgreSQL's server is missing (Debian: apt-get install postgresql)"
    return found


@contextlib.contextmanager
def postgres(above: Path | None = None) -> Iterator[PostgresServer]:
    """A server until the block ends; its folder goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=above))
    server = PostgresServer(folder)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        command = [
            program("initdb"),
            "-D",
            str(folder / "data"),
            "--auth=trust",
            f"--username={USER}",
            "--no-sync",
        ]
        subprocess.run(
            [*command, "--encoding=UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL, **_user()
        )
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def roomy(folder: Path) -> bool:
    """A container's /dev/shm may have 64 MiB only."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


@pytest.fixture
def on_sqlite() -> str:
    """`database = on_sqlite` in a module whose tests are of SQLite's file itself."""
    return ""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of a process."""
    with postgres(MEMORY if roomy(MEMORY) else None) as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """`Settings.database` for a test that runs on both."""
    with _chosen(request) as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The same for all tests of a module."""
    with _chosen(request) as url:
        yield url


@contextlib.contextmanager
def _chosen(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.copy()
    try:
        yield server.url(name)
    finally:
        server.drop(name)


def _user() -> dict[str, Any]:
    """The server refuses to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _group(leader: int) -> list[int]:
    """Processes of a session that still are there."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rsplit(")", 1)[1].split()
            if int(words[3]) == leader and words[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def _wait_gone(number: int) -> None:
    end = time.monotonic() + 20
    while Path(f"/proc/{number}").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
