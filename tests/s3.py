"""S3 stores on loopback for tests: moto, versitygw where it could be built, and a line to cut or to bend."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pileus.core.settings import Settings
from tests.conftest import free_port

KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "secret-of-tests", "AWS_REGION": "us-east-1"}


VERSITYGW = Settings.from_env().cache_dir / "versitygw" / "versitygw"
"""The program, as tools/setup.py builds it where Go is."""


@dataclass(frozen=True)
class S3Server:
    url: str
    make: Callable[[str], object]

    def bucket(self) -> str:
        """A new, empty one."""
        name = f"b{time.monotonic_ns()}"
        self.make(name)
        return name

    def change(self, bucket: str, what: str, body: str) -> None:
        """Sets `policy`, `versioning` or the like of a bucket (of moto's, which asks nobody who they are)."""
        httpx.put(f"{self.url}/{bucket}?{what}", content=body, trust_env=False).raise_for_status()


@contextlib.contextmanager
def moto() -> Iterator[S3Server]:
    """moto's server; it forgets everything when it ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with _running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port):
        yield S3Server(
            url, lambda name: httpx.put(f"{url}/{name}", timeout=60, trust_env=False).raise_for_status()
        )


@contextlib.contextmanager
def versitygw() -> Iterator[S3Server]:
    """versitygw on a folder of its own; a bucket is a folder in it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        access = ["--access", KEYS["AWS_ACCESS_KEY_ID"], "--secret", KEYS["AWS_SECRET_ACCESS_KEY"]]
        command = [str(VERSITYGW), "--port", f"127.0.0.1:{port}", *access, "posix", folder]
        with _running(command, port):
            yield S3Server(f"http://127.0.0.1:{port}", lambda name: Path(folder, name).mkdir())


SERVERS = {"moto": moto, **({"versitygw": versitygw} if VERSITYGW.exists() else {})}


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None, f"{command} ended"
            assert time.monotonic() < end
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def use(patch: pytest.MonkeyPatch, url: str) -> None:
    """What is opened from now on speaks to this store."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": url}.items():
        patch.setenv(name, value)


class Line:
    """A TCP line to a server that can be cut (connections are refused) or held (nobody answers), or whose requests
    can be changed. What was sent while it was held arrives when it is mended."""

    def __init__(self, server: str, change: Callable[[bytes], bytes] = lambda data: data) -> None:
        self._to = int(server.rpartition(":")[2])
        self._change = change
        self._port = free_port()
        self._listening: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._flows = threading.Event()
        self.url = f"http://127.0.0.1:{self._port}"
        self.mend()

    def mend(self) -> None:
        self._flows.set()
        if self._listening is not None:
            return
        self._listening = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def hold(self) -> None:
        self._flows.clear()

    def cut(self) -> None:
        self._flows.set()
        if self._listening is not None:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open |= {near, far}
                for source, target, change in ((near, far, self._change), (far, near, bytes)):
                    threading.Thread(target=self._carry, args=(source, target, change), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self._flows.wait()
                target.sendall(change(data))
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            self._open.discard(one)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
