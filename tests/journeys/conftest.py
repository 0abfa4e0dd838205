"""A whole Pileus on free ports with a folder of its own, and a real Chromium in front of it."""

from __future__ import annotations

import importlib.util
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, Playwright, expect, sync_playwright

from pileus.cloud import children
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "build" / "screens"
ADDRESS = re.compile(r"https?://[^\s:]+:(\d+)\S*")
PASSWORD = "correct horse battery"
KEEPER = "keeper"
OFF = (
    # The address bar's popup is a page of the browser's own. Without a head nobody sees it, but each new context
    # loads it, which costs more than the page under test does.
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    # Of several such lists Chromium takes the last one alone: Playwright's own, again.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
"""What the tests' Chromium does without."""


@dataclass
class Phone:
    """A running Pileus; `stop` and `start` stand for a cloud that goes away and comes back."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None
    log: list[str] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    """Settings of its own, as variables of the environment."""
    words: tuple[str, ...] = ()
    """More words for `pileus up`."""
    shown: str = ""
    """The address that it printed when it was ready."""
    _keeper: str = ""

    @property
    def url(self) -> str:
        return f"http://pileus.localhost:{self.port}"

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    @property
    def environment(self) -> dict[str, str]:
        """Of every program of this Pileus: its own folders, and no sign-in of whoever runs the tests."""
        return {
            **os.environ,
            "PILEUS_DATA_DIR": str(self.folder / "data"),
            "PILEUS_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C.UTF-8",
            **self.more,
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command("up", "--port", str(self.port), "--data", str(self.folder / "data"), *self.words),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        told: queue.SimpleQueue[bool] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(self.process.stdout, told), daemon=True).start()
        if not told.get():
            raise AssertionError("Pileus did not start:\n" + "".join(self.log))

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None

    def _read(self, lines: IO[str], told: queue.SimpleQueue[bool]) -> None:
        """What it prints is told with the test that fails meanwhile, and never waits in a full pipe."""
        for line in lines:
            self.log.append(line)
            print(line, end="")
            for found in ADDRESS.finditer(line):
                self.shown = found[0]
                if found[1] == str(self.port):
                    told.put(True)
        lines.close()
        told.put(False)

    def kill(self, name: str) -> None:
        """Kills the `web` or the `supervisor` process as a crash would."""
        os.kill(self.pid(name), signal.SIGKILL)

    def wait(self) -> None:
        """Until the web process answers (again)."""
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=transport) as client:
            client.get(f"{self.api}/server", headers=self.headers()).raise_for_status()

    def pid(self, name: str) -> int:
        """Of the `web` or the `supervisor` process."""
        found = children.find(name, self.folder / "run")
        assert found is not None, f"{name} does not run"
        child, _ = found
        os.close(child.pidfd)
        return child.pid

    def account(self, name: str) -> str:
        """Makes an account and signs a device in; gives its bearer token. The first one made is the keeper's."""
        if not self._keeper:
            self._keeper = self.post("/accounts", None, _credentials(KEEPER))["token"]
        return str(self.post("/accounts", self._keeper, _credentials(name))["token"])

    def post(self, path: str, token: str | None, body: object) -> Any:
        answer = httpx.post(f"{self.api}{path}", json=body, headers=self.headers(token), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def get(self, path: str, token: str) -> Any:
        answer = httpx.get(f"{self.api}{path}", headers=self.headers(token), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def delete(self, path: str, token: str) -> None:
        httpx.delete(f"{self.api}{path}", headers=self.headers(token), timeout=30).raise_for_status()

    def raw(self, path: str) -> bytes:
        """What lies at a path that needs no token."""
        answer = httpx.get(f"{self.api}{path.removeprefix('/api/v1')}", headers=self.headers(), timeout=60)
        return bytes(answer.raise_for_status().content)

    def headers(self, token: str | None = None) -> dict[str, str]:
        host = {"Host": f"pileus.localhost:{self.port}"}
        return host if token is None else {**host, "Authorization": f"Bearer {token}"}

    def cli(self, *words: str, enter: str = "") -> str:
        """What `pileus …` prints; it must succeed."""
        done = subprocess.run(
            self._command(*words),
            cwd=self.folder,
            env=self.environment,
            input=enter,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "pileus.cli.main", *words]


def _credentials(name: str) -> dict[str, str]:
    return {"name": name, "password": PASSWORD, "device_name": "test"}


@contextmanager
def running_phone(*words: str, **more: str) -> Iterator[Phone]:
    """A Pileus started by `pileus up` with those words more, under those variables of the environment."""
    folder = Path(tempfile.mkdtemp(prefix="pileus-"))
    phone = Phone(folder=folder, port=free_port(), words=words, more=more)
    try:
        phone.start()
        yield phone
    finally:
        phone.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    """One Pileus for the tests of a module: each makes an account of its own."""
    with running_phone() as started:
        yield started


@pytest.fixture
def new_phone() -> Iterator[Phone]:
    """A Pileus that nobody has an account on."""
    with running_phone() as started:
        yield started


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """What builds the sample apps of the tests of Android."""
    path = ROOT / "tests/surfaces/engines/android/build_apk.py"
    found = importlib.util.spec_from_file_location("build_apk", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """A module's own: while it is open, no other event loop can run in this thread."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = chromium(playwright.chromium)
    yield started
    started.close()


def chromium(kind: BrowserType, zone: str = "", *more: str) -> Browser:
    """The system's own, in a time zone (`Europe/Berlin`) or in the machine's, with more words for it."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not here: install it (Debian: apt-get install chromium).")
    arguments = [
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--disable-features={','.join(OFF)}",
        *more,
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    environment: dict[str, str | float | bool] = {**os.environ, **({"TZ": zone} if zone else {})}
    return kind.launch(executable_path=found, args=arguments, env=environment)


PATIENCE_MS = 20_000
"""How long a condition may take: machines that test are busy."""
expect.set_options(timeout=PATIENCE_MS)
Device = Callable[..., Page]
Keep = Callable[[Page, str], None]


@contextmanager
def devices(browser: Browser) -> Iterator[Device]:
    """
    Makes devices: each a browser context of its own (own storage), phone-sized unless told. One in a time zone of
    its own has a browser of its own: Chromium's emulation of a zone belongs to one frame of a process, and is over
    for all others with it, an app's among them.
    """
    contexts: list[BrowserContext] = []
    abroad: dict[str, Browser] = {}

    def make(
        width: int = 390, height: int = 844, locale: str = "en-GB", touch: bool = True, zone: str = "", **more: Any
    ) -> Page:
        if zone and zone not in abroad:
            abroad[zone] = chromium(browser.browser_type, zone)
        context = (abroad[zone] if zone else browser).new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            has_touch=touch,
            is_mobile=touch,
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    for other in abroad.values():
        other.close()


@pytest.fixture
def device(browser: Browser) -> Iterator[Device]:
    """`devices` that end with the test."""
    with devices(browser) as make:
        yield make


@pytest.fixture
def keep() -> Keep:
    """Keeps a picture of a screen in build/screens, when nothing moves on it any more."""
    SCREENS.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.evaluate(AT_REST)
        page.screenshot(path=str(SCREENS / f"{name}.png"))

    return take


# A document does not list the animations in shadow trees.
AT_REST = """async () => {
  const roots = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll('*')) if (element.shadowRoot) roots.push(element.shadowRoot);
  const running = roots.flatMap(root => root.getAnimations())
    .filter(one => one.effect.getTiming().iterations !== Infinity);
  await Promise.allSettled(running.map(one => one.finished));
}"""
