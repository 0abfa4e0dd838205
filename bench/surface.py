"""Tap to pixel in Chromium with the fake engine, scrolling, memory of an idle session.

Loopback, and 80 ms with 1 % loss through a shaping proxy: it delays each direction by 40 ms, and a lost
segment (1 in 100 of at most 1448 bytes) stalls its direction by a retransmission (one round trip, 80 ms).
netem is not used: it needs a kernel module and root. The tap is timed from its PointerEvent in the page to the
frame that names it being drawn on the canvas. `phone` measures the same with a real app.
"""

from __future__ import annotations

import asyncio
import http.server
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import clouds
from figure import Figure
from page import Browser, bundle, percentiles, proxy, scroll, taps

from pileus.core.settings import Settings
from pileus.surfaces.client import SupervisorClient
from pileus.surfaces.engine import AppSpec, Display

TAPS = 120


def measure() -> list[Figure]:
    """Every figure of this bench."""
    with tempfile.TemporaryDirectory() as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Figure]:
    bundle(folder, "index.html")
    with _site(folder) as port, _supervisor(folder, port) as settings:
        bench = _Bench(settings, folder)
        await bench.ready()
        figures = await bench.direct()
        shaped = await proxy(settings.surface_port)
        async with shaped, bench.browser(shaped.sockets[0].getsockname()[1]) as page:
            found = await taps(page, 60, _somewhere)
        return figures + percentiles("surface", "tap to pixel, 80 ms and 1 % loss (shaping proxy)", found)


class _Bench:
    """A supervisor with one session of the fake app."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._client = SupervisorClient(settings)

    async def ready(self) -> None:
        for _ in range(100):
            try:
                await self._client.ping()
                return
            except Exception:
                await asyncio.sleep(0.1)
        raise RuntimeError("the supervisor does not answer")

    def browser(self, port: int) -> Browser:
        async def place() -> dict[str, str]:
            spec = AppSpec("bench", "fake", "fake", "Fake", self._folder, self._folder)
            session = await self._client.open(spec, Display())
            ticket = await self._client.ticket(session.session_id, "bench", "browser", "Browser")
            return {"url": f"ws://127.0.0.1:{port}/surface", "ticket": ticket.value}

        return Browser(f"http://127.0.0.1:{self._settings.port}/", place)

    async def direct(self) -> list[Figure]:
        async with self.browser(self._settings.surface_port) as page:
            figures = percentiles("surface", "tap to pixel, loopback", await taps(page, TAPS, _somewhere))
        sessions = (await self._client.ping())["sessions"]
        private = sum(clouds.memory(sessions[0][part], "Private_") for part in ("host", "encoder")) / 1e6
        metric = "memory of an idle session, fake app and encoder"
        figures.append(Figure(bench="surface", metric=metric, value=private, unit="MB"))
        async with self.browser(self._settings.surface_port) as page:
            return figures + await scroll(page, 4, "surface", "fake app, 480×800")


def _somewhere(number: int) -> tuple[int, int]:
    return 60 + number * 37 % 360, 200 + number * 53 % 500


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
    surface_port = clouds.free_ports()
    settings = Settings(folder / "data", folder / "run", folder / "cache", port=port, surface_port=surface_port)
    command = [sys.executable, "-m", "pileus.surfaces.supervisor"]
    process = subprocess.Popen(command, env=os.environ | settings.as_env())
    try:
        yield settings
    finally:
        process.terminate()
        process.wait(15)
