"""A whole Pileus on free ports with a folder of its own, and a real Chromium in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "build" / "screens"
READY = re.compile(r"https?://\S+:(\d+)")
PASSWORD = "correct horse battery"


@dataclass
class Phone:
    """A running Pileus; `stop_web` and `start` stand for a server that goes away and comes back."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None
    log: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://pileus.localhost:{self.port}"

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def start(self) -> None:
        environment = {
            **os.environ,
            "PILEUS_DATA_DIR": str(self.folder / "data"),
            "PILEUS_RUNTIME_DIR": str(self.folder / "run"),
            "PYTHONUNBUFFERED": "1",
        }
        command = [
            sys.executable,
            "-m",
            "pileus.cli.main",
            "up",
            "--port",
            str(self.port),
            "--data",
            str(self.folder / "data"),
        ]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)
            if READY.search(line):
                return
        raise AssertionError("Pileus did not start:\n" + "".join(self.log))

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        finally:
            self.process = None

    def sign_up(self, name: str = "mei") -> str:
        """Make the first account over HTTP; gives a bearer token."""
        body = {"name": name, "password": PASSWORD, "device_name": "test"}
        answer = httpx.post(f"{self.api}/accounts", json=body, headers=self.headers())
        answer.raise_for_status()
        return str(answer.json()["token"])

    def headers(self, token: str | None = None) -> dict[str, str]:
        host = {"Host": f"pileus.localhost:{self.port}"}
        return host if token is None else {**host, "Authorization": f"Bearer {token}"}


def free_ports() -> int:
    """The first of two neighbouring free ports (web and surfaces)."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two neighbouring ports are free")


@contextmanager
def running_phone() -> Iterator[Phone]:
    folder = Path(tempfile.mkdtemp(prefix="pileus-"))
    phone = Phone(folder=folder, port=free_ports())
    try:
        phone.start()
        yield phone
    finally:
        phone.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def phone() -> Iterator[Phone]:
    with running_phone() as started:
        yield started


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """A module's own: while it is open, no other event loop can run in this thread."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not here: install it (Debian: apt-get install chromium).")
    arguments = [
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    started = playwright.chromium.launch(executable_path=found, args=arguments)
    yield started
    started.close()


@pytest.fixture
def device(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes devices: each a browser context of its own (own storage), phone-sized unless told."""
    contexts: list[BrowserContext] = []

    def make(width: int = 390, height: int = 844, locale: str = "en-GB", touch: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, has_touch=touch, is_mobile=touch
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Keeps a picture of a screen in build/screens."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    return lambda page, name: (page.screenshot(path=str(SCREENS / f"{name}.png")), None)[1]
