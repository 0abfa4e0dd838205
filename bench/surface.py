"""Tap to pixel in Chromium with the fake engine, bytes a frame while scrolling, memory of an idle session.

Loopback, and 80 ms with 1 % loss through a shaping proxy: it delays each direction by 40 ms, and a lost
segment (1 in 100 of at most 1448 bytes) stalls its direction by a retransmission (one round trip, 80 ms).
netem is not used: it needs a kernel module and root. The tap is timed from its PointerEvent in the page to the
frame that names it being drawn on the canvas.
"""

from __future__ import annotations

import asyncio
import http.server
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from figure import Figure
from playwright.async_api import Page, async_playwright

from pileus.core.settings import Settings
from pileus.surfaces.client import SupervisorClient
from pileus.surfaces.engine import AppSpec, Display

ROOT = Path(__file__).resolve().parent.parent
TAPS = 120
SEGMENT = 1448
PAGE = """<!doctype html><html lang="en"><body style="margin:0"><pileus-surface
style="width:480px;height:800px"></pileus-surface>
<script type="module" src="/surface.js"></script></body></html>"""
BUNDLE = """import {{ build }} from 'vite';
await build({{ root: {root!r}, configFile: false, logLevel: 'error', publicDir: false, build: {{ outDir: {out!r},
  emptyOutDir: false, lib: {{ entry: {entry!r}, formats: ['es'], fileName: () => 'surface.js' }} }} }});
"""


def measure() -> list[Figure]:
    """Every figure of this bench."""
    with tempfile.TemporaryDirectory() as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Figure]:
    _bundle(folder)
    with _site(folder) as port, _supervisor(folder, port) as settings:
        client = SupervisorClient(settings)
        await _ready(client)
        figures = [*await _direct(client, settings, folder)]
        async with await _proxy(settings.surface_port) as proxy:
            shaped = proxy.sockets[0].getsockname()[1]
            taps = await _taps(client, settings, folder, shaped, 60)
        return figures + _percentiles("tap to pixel, 80 ms and 1 % loss (shaping proxy)", taps)


async def _direct(client: SupervisorClient, settings: Settings, folder: Path) -> list[Figure]:
    figures = _percentiles(
        "tap to pixel, loopback", await _taps(client, settings, folder, settings.surface_port, TAPS)
    )
    sessions = (await client.ping())["sessions"]
    private = sum(_private(sessions[0][part]) for part in ("host", "encoder")) / 1e6
    figures.append(
        Figure(bench="surface", metric="memory of an idle session, fake app and encoder", value=private, unit="MB")
    )
    figures += await _scroll(client, settings, folder)
    return figures


def _percentiles(name: str, taps: list[float]) -> list[Figure]:
    ordered = sorted(taps)
    return [
        Figure(
            bench="surface",
            metric=f"{name}, p{p}",
            value=ordered[min(len(ordered) - 1, len(ordered) * p // 100)],
            unit="ms",
        )
        for p in (50, 95, 99)
    ]


async def _taps(client: SupervisorClient, settings: Settings, folder: Path, port: int, count: int) -> list[float]:
    async with _Browser(client, settings, folder, port) as page:
        await page.wait_for_timeout(1500)
        for n in range(count):
            await page.mouse.move(60 + n * 37 % 360, 200 + n * 53 % 500)
            await page.mouse.down()
            await page.mouse.up()
            await page.wait_for_function("document.taps.length >= 2 * " + str(n + 1), timeout=10_000)
            await page.wait_for_timeout(30 + n % 7 * 5)
        taps: list[float] = await page.evaluate("document.taps")
        return taps


async def _scroll(client: SupervisorClient, settings: Settings, folder: Path) -> list[Figure]:
    async with _Browser(client, settings, folder, settings.surface_port) as page:
        await page.wait_for_timeout(1000)
        await page.evaluate("document.frames = []")
        await page.mouse.move(240, 400)
        start = time.monotonic()
        while time.monotonic() - start < 3:
            await page.mouse.wheel(0, 30)
            await page.wait_for_timeout(8)
        sizes: list[float] = await page.evaluate("document.frames")
        seconds = time.monotonic() - start
    return [
        Figure(
            bench="surface",
            metric="bytes a frame while scrolling, 480×800",
            value=sum(sizes) / len(sizes),
            unit="B",
        ),
        Figure(bench="surface", metric="frames a second while scrolling", value=len(sizes) / seconds, unit="1/s"),
    ]


class _Browser:
    """A page with the element, connected through `port`."""

    def __init__(self, client: SupervisorClient, settings: Settings, folder: Path, port: int) -> None:
        self._client, self._settings, self._folder, self._port = client, settings, folder, port

    async def __aenter__(self) -> Page:
        self._playwright = await async_playwright().start()
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        self._browser = await self._playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await self._browser.new_page(viewport={"width": 480, "height": 800})
        await page.expose_function("place", self._place)
        await page.goto(f"http://127.0.0.1:{self._settings.port}/")
        await page.evaluate(
            """() => { document.taps = []; document.frames = [];
            const surface = document.querySelector('pileus-surface');
            surface.addEventListener('stats', (event) => document.taps.push(event.detail.latencyMs));
            surface.addEventListener('frame', (event) => document.frames.push(event.detail.bytes));
            surface.connect = () => window.place(); }"""
        )
        await page.wait_for_function("document.frames.length > 0", timeout=20_000)
        return page

    async def __aexit__(self, *_error: object) -> None:
        await self._browser.close()
        await self._playwright.stop()

    async def _place(self) -> dict[str, str]:
        spec = AppSpec("bench", "fake", "fake", "Fake", self._folder, self._folder)
        session = await self._client.open(spec, Display())
        ticket = await self._client.ticket(session.session_id, "bench", "browser", "Browser")
        return {"url": f"ws://127.0.0.1:{self._port}/surface", "ticket": ticket.value}


async def _proxy(target: int) -> asyncio.Server:
    async def carry(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, forth = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_shape(client, forth, 1), _shape(server, back, 2), return_exceptions=True)

    return await asyncio.start_server(carry, "127.0.0.1", 0)


async def _shape(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seed: int) -> None:
    """One direction: 40 ms later, in order; what is lost arrives a round trip later and holds up the rest."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    due = 0.0
    while data := await reader.read(1 << 16):
        segments = -(-len(data) // SEGMENT)
        lost = any(chance.random() < 0.01 for _ in range(segments))
        due = max(due, loop.time() + 0.04 + (0.08 if lost else 0.0))
        loop.call_at(due, writer.write, data)
    loop.call_at(max(due, loop.time()), writer.close)


def _bundle(folder: Path) -> None:
    entry = str(ROOT / "web/kit/src/surface/index.ts")
    text = BUNDLE.format(root=str(ROOT), out=str(folder), entry=entry)
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    done = subprocess.run(
        ["node", "--input-type=module", "-e", text], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the page could not be built: {done.stderr[-500:]}")


@contextmanager
def _site(folder: Path) -> Iterator[int]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()


@contextmanager
def _supervisor(folder: Path, port: int) -> Iterator[Settings]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        surface_port: int = probe.getsockname()[1]
    settings = Settings(folder / "data", folder / "run", folder / "cache", port=port, surface_port=surface_port)
    process = subprocess.Popen(
        [sys.executable, "-m", "pileus.surfaces.supervisor"], env=os.environ | settings.as_env()
    )
    try:
        yield settings
    finally:
        process.terminate()
        process.wait(15)


async def _ready(client: SupervisorClient) -> None:
    for _ in range(100):
        try:
            await client.ping()
            return
        except Exception:
            await asyncio.sleep(0.1)
    raise RuntimeError("the supervisor does not answer")


def _private(pid: int) -> int:
    """Bytes that a process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
