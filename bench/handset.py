"""A short message from the modem to another device, and what the handset's daemon costs.

The real ModemManager with a modem of the simulated carrier, the daemon as a process of its own, a cloud beside it,
all on loopback. The clock runs from the moment when the network gave the message to the modem: it leaves time
between two. A message counts as there when another device, woken by its doorbell, has read its record; and on
that device's screen when a Chromium there, signed in with the conversation open, has its text in the page.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import clouds
import msgspec
from figure import Figure
from playwright.async_api import Frame, async_playwright, expect
from websockets.asyncio.client import ClientConnection, connect

from pileus.carrier.events import Happening
from pileus.carrier.line import line
from pileus.carrier.network import Carrier
from pileus.handset.cloud import Cloud
from pileus.handset.stage import stage
from pileus.sdk.config import Config, write_config

MESSAGES = 100
NUMBER, OTHER = "+8613900000001", "+8613900000002"
PASSWORD = "correct horse battery"
SEEN = """text => { document.seen = new Promise(done => {
  const known = new Set();
  const observer = new MutationObserver(() => look());
  const look = () => {
    const roots = [document];
    for (const root of roots) {
      if (!known.has(root)) observer.observe(root, { childList: true, subtree: true, characterData: true });
      known.add(root);
      for (const one of root.querySelectorAll('*')) if (one.shadowRoot) roots.push(one.shadowRoot);
    }
    if (!roots.some(root => (root.body ?? root).textContent.includes(text))) return;
    observer.disconnect();
    done(performance.timeOrigin + performance.now());
  };
  look();
}); }"""
"""When a text is in a page or in what its elements draw, in ms since 1970."""
REST = 30.0
"""Seconds over which a daemon at rest is watched."""
TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="pb-", dir="/tmp") as name,
        clouds.running(Path(name) / "cloud") as cloud,
    ):
        return asyncio.run(_measure(Path(name), cloud))


async def _measure(folder: Path, cloud: clouds.Cloud) -> list[Figure]:
    phone = cloud.account("mei", PASSWORD)
    write_config(Config(cloud.url, phone["token"], "mei"), folder / "handset" / "account.json")
    carrier = Carrier()
    given: list[float] = []
    carrier.watch(lambda event: given.append(time.time()) if event.kind is Happening.DELIVERED else None)
    handset = carrier.handset(NUMBER)
    (folder / "stage").mkdir()
    async with stage(folder / "stage") as one, line(handset.modem, "abstract:bench"):
        await one.add("bench")
        command = [sys.executable, "-m", "pileus.handset", "--folder", str(folder / "handset")]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": one.address}
        daemon = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            device = Cloud(Config(cloud.url, phone["token"]))
            took = [
                await _arrives(cloud, device, phone["token"], carrier, at) - given[at]
                for at in range(MESSAGES + 1)
            ][1:]
            await device.close()
            shown = await _on_screen(cloud, carrier, given)
            before, began = _ticks(daemon.pid), time.monotonic()
            await asyncio.sleep(REST)
            share = (_ticks(daemon.pid) - before) / TICKS / (time.monotonic() - began) * 100
            memory = _memory(daemon.pid)
        finally:
            daemon.terminate()
            await daemon.wait()
    return [
        *_spread("message to another device", took),
        *_spread("message to another device's screen", shown),
        _figure("daemon's memory (RSS)", memory["VmRSS"] / 1000, "MB"),
        _figure("daemon at rest, of a core", share, "%"),
    ]


async def _arrives(cloud: clouds.Cloud, device: Cloud, token: str, carrier: Carrier, number: int) -> float:
    """When the record of a message is read, in seconds since 1970; the first one waits for the modem, too."""
    text = f"message {number}, 西湖"
    async with connect(f"ws{cloud.url[4:]}/api/v1/journal/doorbell", proxy=None) as bell:
        await bell.send(msgspec.json.encode({"token": token}).decode())
        head = msgspec.json.decode(await bell.recv())["head"]
        carrier.text(OTHER, NUMBER, text)
        while not await _read(bell, device, head, text):
            pass
        return time.time()


async def _read(bell: ClientConnection, device: Cloud, head: int, text: str) -> bool:
    await bell.recv()
    answer: Any = await device.ask("GET", f"/journal/changes?since={head}")
    return any(one["fields"].get("body") == text for one in answer["changes"])


async def _on_screen(cloud: clouds.Cloud, carrier: Carrier, given: list[float]) -> list[float]:
    """Seconds until a message is in the open conversation of a page that is another device of the account."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(f"http://pileus.localhost:{cloud.settings.port}")
        await page.get_by_label("Name", exact=True).fill("mei")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_text("Sign in", exact=True).last.click()
        await page.locator("pl-home").get_by_role("button", name="Messages", exact=True).click(timeout=60_000)
        app = page.frame_locator("iframe[title='Messages']")
        await app.locator(".list .row").first.dispatch_event("click", timeout=60_000)
        await expect(app.locator("message-thread")).to_have_count(1)
        element = await page.locator("iframe[title='Messages']").element_handle()
        frame = await element.content_frame() if element else None
        assert frame is not None
        took = [await _is_seen(frame, carrier, at) - given[-1] for at in range(MESSAGES + 1)][1:]
        await browser.close()
    return took


async def _is_seen(frame: Frame, carrier: Carrier, number: int) -> float:
    """When its text is in the page, in seconds since 1970."""
    text = f"shown {number}, 断桥。"
    await frame.evaluate(SEEN, text)
    carrier.text(OTHER, NUMBER, text)
    return float(await frame.evaluate("document.seen")) / 1000


def _spread(metric: str, took: list[float]) -> list[Figure]:
    """Of seconds, in ms."""
    return [
        _figure(f"{metric}, p50", statistics.median(took) * 1000, "ms"),
        _figure(f"{metric}, p95", sorted(took)[int(len(took) * 0.95)] * 1000, "ms"),
    ]


def _ticks(pid: int) -> int:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def _memory(pid: int) -> dict[str, int]:
    """kB by name (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("VmRSS")}


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="handset", metric=metric, value=round(value, 2), unit=unit)
