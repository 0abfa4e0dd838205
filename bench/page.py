"""The surface's element alone in a page of Chromium, with what a bench listens to; and shaping on its way."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from figure import Figure
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
SEGMENT = 1448
HTML = """<!doctype html><html lang="en"><body style="margin:0"><pileus-surface
style="width:480px;height:800px"></pileus-surface>
<script type="module" src="/surface.js"></script></body></html>"""
BUNDLE = """import {{ build }} from 'vite';
await build({{ root: {root!r}, configFile: false, logLevel: 'error', publicDir: false, build: {{ outDir: {out!r},
  emptyOutDir: false, lib: {{ entry: {entry!r}, formats: ['es'], fileName: () => 'surface.js' }} }} }});
"""
LISTEN = """() => { document.taps = []; document.frames = [];
const surface = document.querySelector('pileus-surface');
surface.addEventListener('stats', (event) => document.taps.push(event.detail.latencyMs));
surface.addEventListener('frame', (event) => document.frames.push([performance.now(), event.detail.bytes]));
surface.connect = () => window.place(); }"""

Place = Callable[[], Awaitable[dict[str, str]]]


def bundle(folder: Path, name: str) -> None:
    """Writes the page and its script into a folder that something serves."""
    entry = str(ROOT / "web/kit/src/surface/index.ts")
    (folder / name).write_text(HTML, encoding="utf-8")
    text = BUNDLE.format(root=str(ROOT), out=str(folder), entry=entry)
    command = ["node", "--input-type=module", "-e", text]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the page could not be built: {done.stderr[-500:]}")


class Browser:
    """A page of its own at `url`; `place` gives where to connect and the ticket, for each connection."""

    def __init__(self, url: str, place: Place) -> None:
        self._url, self._place = url, place

    async def __aenter__(self) -> Page:
        self._playwright = await async_playwright().start()
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        self._browser = await self._playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await self._browser.new_context(
            viewport={"width": 480, "height": 800}, bypass_csp=True, service_workers="block"
        )
        page = await context.new_page()
        await page.expose_function("place", self._place)
        await page.goto(self._url)
        await page.evaluate(LISTEN)
        await page.wait_for_function("document.frames.length > 0", timeout=60_000)
        return page

    async def __aexit__(self, *_error: object) -> None:
        await self._browser.close()
        await self._playwright.stop()


async def taps(page: Page, count: int, at: Callable[[int], tuple[int, int]]) -> list[float]:
    """Milliseconds from each PointerEvent to the frame that has seen it being on the canvas."""
    await page.wait_for_timeout(1500)
    await page.evaluate("document.taps = []")
    for number in range(count):
        seen: int = await page.evaluate("document.taps.length")
        await page.mouse.move(*at(number))
        await page.mouse.down()
        await page.mouse.up()
        await page.wait_for_function(f"document.taps.length > {seen}", timeout=10_000)
        await page.wait_for_timeout(30 + number % 7 * 5)
    found: list[float] = await page.evaluate("document.taps")
    return found


async def scroll(page: Page, seconds: float, bench: str, what: str) -> list[Figure]:
    """Frame time and bytes of a list that follows the wheel, at some 60 steps a second."""
    await page.wait_for_timeout(1000)
    await page.evaluate("document.frames = []")
    await page.mouse.move(240, 400)
    began = time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        await page.mouse.wheel(0, 30 if spent % 2 < 1 else -30)
        await page.wait_for_timeout(8)
    return await _moved(page, bench, f"while scrolling, {what}")


async def drag(page: Page, seconds: float, bench: str, what: str) -> list[Figure]:
    """The same under a finger that goes up and down, 900 pixels a second."""
    await page.wait_for_timeout(1000)
    await page.mouse.move(240, 700)
    await page.mouse.down()
    await page.evaluate("document.frames = []")
    began = time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        await page.mouse.move(240, 400 - 300 * (1 - abs((spent * 3) % 4 - 2)))
        await page.wait_for_timeout(8)
    await page.mouse.up()
    return await _moved(page, bench, f"while scrolling, {what}")


async def _moved(page: Page, bench: str, what: str) -> list[Figure]:
    frames: list[tuple[float, float]] = await page.evaluate("document.frames")
    gaps = [after[0] - before[0] for before, after in itertools.pairwise(frames)]
    sizes = [size for _, size in frames]
    return [
        *percentiles(bench, f"frame time {what}", gaps),
        Figure(bench=bench, metric=f"bytes a frame {what}", value=sum(sizes) / len(sizes), unit="B"),
    ]


def percentiles(bench: str, metric: str, values: list[float]) -> list[Figure]:
    """p50, p95 and p99 in milliseconds."""
    ordered = sorted(values)
    return [
        Figure(bench=bench, metric=f"{metric}, p{p}", value=ordered[len(ordered) * p // 100], unit="ms")
        for p in (50, 95, 99)
    ]


@dataclass(frozen=True)
class Line:
    """A way to the cloud: seconds each way; the share of segments that are lost (each stalls its direction by a
    round trip); bytes a second each way, of all connections together (0: as fast as the machine)."""

    delay: float
    loss: float = 0.0
    rate: float = 0.0


FAR = Line(0.04, 0.01)
"""80 ms and 1 % loss."""


async def proxy(target: int, line: Line = FAR, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """A shaping proxy before a port of this machine. All connections share the line's rate."""
    ways = _Way(line.rate), _Way(line.rate)

    async def carry(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, forth = await asyncio.open_connection("127.0.0.1", target)
        there = _shape(client, forth, random.Random(1), line, ways[0])
        await asyncio.gather(there, _shape(server, back, random.Random(2), line, ways[1]), return_exceptions=True)

    return await asyncio.start_server(carry, host, port)


class _Way:
    """One direction of a line: what was given to it is through at a time."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._free = 0.0

    def through(self, size: int, now: float) -> float:
        self._free = max(self._free, now) + (size / self._rate if self._rate else 0.0)
        return self._free


async def _shape(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random, line: Line, way: _Way
) -> None:
    """One direction of a connection, in order; what waits is bounded, and whoever sends is held up."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

    async def deliver() -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(due - loop.time())
            if not data:
                writer.close()
                return
            writer.write(data)

    delivery = asyncio.create_task(deliver())
    due = 0.0
    while data := await reader.read(1 << 14 if line.rate else 1 << 16):
        segments = -(-len(data) // SEGMENT)
        lost = any(chance.random() < line.loss for _ in range(segments))
        through = way.through(len(data), loop.time())
        due = max(due, through + line.delay + (2 * line.delay if lost else 0.0))
        await under_way.put((due, data))
    await under_way.put((due, b""))
    await delivery
