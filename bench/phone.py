"""A real Android app on the real phone: icon to first frame, tap to pixel, the same during a 1 GB upload.

The icon is clicked on the shell's home screen in Chromium; the time is from that click to the app's first frame
on the canvas. Cold: the server has just started and no spare runs. Warm: the app is not running, a spare is.
Taps tick a box of ApiDemos' "Controls" in a page with the surface's element alone. The upload goes into Files by
`pileus files put`, through the web process, on the same machine and the same processors.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import clouds
from figure import Figure
from page import Browser, bundle, drag, percentiles, proxy, taps
from playwright.async_api import Page, async_playwright

from pileus.sdk.config import Config, write_config
from pileus.surfaces.client import SupervisorClient
from pileus.surfaces.engine import AppSpec, Display

ROOT = Path(__file__).resolve().parent.parent
APK = ROOT / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
APP = "io.appium.android.apis"
CONTROLS = "io.appium.android.apis.view.Controls1"
LONG_LIST = "io.appium.android.apis.view.List1"
BOX = (20, 157)
REST = 8.0
"""Seconds after which an app that nobody touches has given back what it needs no more."""
TAPS = 100
GIGABYTE = 1000**3
WARM_SECONDS = 30.0
CLICK = """() => { document.first = undefined;
const tell = EventTarget.prototype.dispatchEvent;
EventTarget.prototype.dispatchEvent = function (event) {
  if (event.type === 'frame' && this.localName === 'pileus-surface') document.first ??= performance.now();
  return tell.call(this, event);
};
addEventListener('click', () => { document.clicked ??= performance.now(); }, { capture: true }); }"""


def measure() -> list[Figure]:
    """Needs the framework's jars, the built host and shell, bubblewrap and Chromium."""
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        folder = Path(name)
        web = folder / "web"
        shutil.copytree(ROOT / "web" / "dist", web)
        bundle(web / "shell", "bench.html")
        with clouds.running(folder, web_dir=web) as cloud:
            session = cloud.account()
            installed = _install(cloud, session["token"])
        return [installed, *asyncio.run(_starts(folder, web, session)), *asyncio.run(_uses(folder, web, session))]


def _install(cloud: clouds.Cloud, token: str) -> Figure:
    """Upload, check and translation, as the owner waits for them."""
    began = time.monotonic()
    with cloud.client(token) as client:
        client.get("/apps/catalog").raise_for_status()
        job = client.post("/apps/packages", content=APK.read_bytes()).raise_for_status().json()["job"]
        while True:
            records = client.get("/journal/snapshot").raise_for_status().json()["records"]
            told = [one["fields"] for one in records if (one["collection"], one["id"]) == ("apps.install", job)]
            fields = told[0] if told else {}
            if fields.get("phase") == "failed":
                raise RuntimeError(f"the app could not be installed: {fields}")
            if fields.get("phase") == "done":
                return _figure("install of ApiDemos", time.monotonic() - began, "s")
            time.sleep(0.1)


async def _starts(folder: Path, web: Path, session: Any) -> list[Figure]:
    with clouds.running(folder, web_dir=web) as cloud:
        cold = await _icon(cloud, session)
        with cloud.client(session["token"]) as client:
            for one in client.get("/sessions").json():
                client.delete(f"/sessions/{one['session']}").raise_for_status()
        await SupervisorClient(cloud.settings).warm("android")
        await asyncio.sleep(WARM_SECONDS)
        warm = await _icon(cloud, session)
    return [_figure("icon to first frame, cold", cold, "s"), _figure("icon to first frame, warm", warm, "s")]


async def _icon(cloud: clouds.Cloud, session: Any) -> float:
    """Seconds from the click on the app's icon to its first frame."""
    own = {"token": session["token"], "account": session["account"]["id"], "device": session["device"]["id"]}
    kept = f"localStorage.setItem('pileus.session', JSON.stringify({json.dumps({**own, 'name': 'bench'})}))"
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page: Page = await browser.new_page(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, bypass_csp=True
        )
        await page.add_init_script(kept)
        await page.goto(f"http://pileus.localhost:{cloud.settings.port}/")
        lock = page.get_by_role("button", name="Open the phone")
        await lock.focus()
        await page.keyboard.press("Enter")
        icon = page.locator(f'[data-app="{APP}"]').first
        await icon.wait_for()
        await page.wait_for_timeout(3000)
        await page.evaluate(CLICK)
        await icon.click()
        await page.wait_for_function("document.first !== undefined", timeout=120_000)
        spent: float = await page.evaluate("document.first - document.clicked")
        await browser.close()
    return spent / 1000


async def _uses(folder: Path, web: Path, session: Any) -> list[Figure]:
    with clouds.running(folder, web_dir=web) as cloud:
        figures: list[Figure] = []
        async with _page(cloud, session, CONTROLS) as page:
            figures += percentiles("phone", "tap to pixel, loopback", await taps(page, TAPS, _box))
            figures += await _session_memory(cloud)
            with tempfile.TemporaryDirectory() as name:
                upload = _upload(cloud, session, Path(name))
                during = await taps(page, TAPS, _box)
                busy = upload.poll() is None
                await asyncio.to_thread(upload.wait)
            if not busy or upload.returncode:
                raise RuntimeError(f"the upload was over before the taps were (status {upload.returncode})")
            figures += percentiles("phone", "tap to pixel, loopback, during a 1 GB upload", during)
        async with AsyncExitStack() as stack:
            shaped = await stack.enter_async_context(await proxy(cloud.settings.surface_port))
            page = await stack.enter_async_context(
                _page(cloud, session, CONTROLS, shaped.sockets[0].getsockname()[1])
            )
            far = await taps(page, 60, _box)
        figures += percentiles("phone", "tap to pixel, 80 ms and 1 % loss (shaping proxy)", far)
        with cloud.client(session["token"]) as client:
            for one in client.get("/sessions").json():
                client.delete(f"/sessions/{one['session']}").raise_for_status()
        async with _page(cloud, session, LONG_LIST) as page:
            return figures + await drag(page, 4, "phone", "a list of ApiDemos, 480×800")


def _page(cloud: clouds.Cloud, session: Any, activity: str, port: int | None = None) -> Browser:
    """The app at one of its activities, seen through `port`."""
    settings = cloud.settings
    client = SupervisorClient(settings)
    account = session["account"]["id"]
    (package,) = (settings.data_dir / "android" / "packages").iterdir()
    meta = json.loads((package / "meta.json").read_text(encoding="utf-8"))
    options = {
        "package": APP,
        "activity": activity,
        "target_sdk": str(meta["target_sdk"]),
    }
    data = settings.data_dir / "android" / "accounts" / account / APP
    spec = AppSpec(account, APP, "android", "ApiDemos", package, data, options)

    async def place() -> dict[str, str]:
        running = await client.open(spec, Display(480, 800, 160))
        ticket = await client.ticket(running.session_id, account, session["device"]["id"], "bench")
        return {"url": f"ws://127.0.0.1:{port or settings.surface_port}/surface", "ticket": ticket.value}

    return Browser(f"{cloud.url}/bench.html", place)


def _box(_number: int) -> tuple[int, int]:
    return BOX


async def _session_memory(cloud: clouds.Cloud) -> list[Figure]:
    """What the processes of one running app share with no other, once it rests."""
    await asyncio.sleep(REST)
    (running,) = (await SupervisorClient(cloud.settings).ping())["sessions"]
    parts = {"host": clouds.below(running["host"]), "encoder": [running["encoder"]]}
    return [
        _figure(
            f"memory of an idle session, {part}", sum(clouds.memory(pid, "Private_") for pid in pids) / 1e6, "MB"
        )
        for part, pids in parts.items()
    ]


def _upload(cloud: clouds.Cloud, session: Any, folder: Path) -> subprocess.Popen[bytes]:
    """A gigabyte that does not compress, on its way."""
    file = folder / "film.bin"
    with file.open("wb") as out:
        for _ in range(GIGABYTE // 1_000_000):
            out.write(os.urandom(1_000_000))
    config = write_config(Config(cloud.url, session["token"]), folder / "client.json")
    return subprocess.Popen(
        [sys.executable, "-m", "pileus.cli.main", "files", "put", str(file)],
        env=os.environ | {"PILEUS_CLIENT_CONFIG": str(config)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="phone", metric=metric, value=value, unit=unit)
