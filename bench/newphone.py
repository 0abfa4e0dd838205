"""A new phone: from the password to the home screen, the last conversations and all records, over a thin line.

An account of 100,000 records (80,000 messages of 400 people, 12,000 calls, 4,000 contacts, 3,000 events, 1,000
notes) signs in in a Chromium that has never been here: 20 Mbit/s and 50 ms there and back, by a shaping proxy
before the web port, on this machine (no netem: it needs rights over the machine's network). The shell is loaded
before the clock begins, as its owner has to type a password into it. `PILEUS_BENCH_RECORDS` sets another number.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import clouds
import httpx
import messages
from figure import Figure
from page import Line, proxy
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
RECORDS = int(os.environ.get("PILEUS_BENCH_RECORDS", "100000"))
LINE = Line(delay=0.025, rate=20_000_000 / 8)
AWAY = "127.0.0.2"
"""Where the line begins: the port has to be the cloud's own, which its addresses name."""
CONVERSATIONS = 50
PASSWORD = "correct horse battery"
WATCH = """async () => {
  const shell = document.querySelector('pileus-shell');
  document.seen = {};
  const tell = (what) => { document.seen[what] ??= performance.now(); };
  document.addEventListener('click', () => tell('pressed'), { capture: true, once: true });
  const under = (...names) => names.reduce((root, name) => {
    const found = root?.querySelector(name);
    return found?.shadowRoot ?? found;
  }, document.querySelector('pileus-shell'));
  const look = async () => {
    const phone = shell.phone;
    if (!phone) return requestAnimationFrame(look);
    phone.sync.subscribe('messages.message', async () => {
      if (document.seen.conversations) return;
      const threads = new Set((await phone.sync.query('messages.message')).map((one) => one.fields.thread));
      if (threads.size >= CONVERSATIONS) tell('conversations');
    });
    phone.sync.onStatus((status) => { if (status.cursor > 0) tell('all'); });
    const drawn = () => {
      if (under('pl-phone', 'pl-home')?.querySelectorAll('pl-app-icon').length > 4) tell('home');
      if (phone.windows.value.order.length > 0) tell('left');
      if (!document.seen.home || !document.seen.left) requestAnimationFrame(drawn);
    };
    drawn();
  };
  look();
}"""

UNTIL = """async (what) => {
  while (!document.seen[what]) await new Promise((done) => setTimeout(done, 20));
}"""


def measure() -> list[Figure]:
    """Needs the built shell and Chromium; raises where the cloud does not come up or something does not arrive."""
    with (
        tempfile.TemporaryDirectory(prefix="pileus-bench-") as name,
        clouds.running(Path(name), web_dir=ROOT / "web" / "dist") as cloud,
    ):
        _fill(cloud, Path(name))
        seen, sent, rows = asyncio.run(_sign_in(cloud))
    what = f"{RECORDS} records, 20 Mbit/s, 50 ms"
    found = [
        ("home screen", seen["home"] - seen["pressed"]),
        ("what was left open is in recents", seen["left"] - seen["pressed"]),
        (f"the last {CONVERSATIONS} conversations are on the device", seen["conversations"] - seen["pressed"]),
        ("all records", seen["all"] - seen["pressed"]),
    ]
    return [
        *(_figure(f"password to {metric}, {what}", ms / 1000, "s") for metric, ms in found),
        _figure(f"Messages, from its icon's click to its rows, while the rest comes, {what}", rows / 1000, "s"),
        _figure(f"bytes over the line, {what}", sent / 1e6, "MB"),
    ]


def _fill(cloud: clouds.Cloud, folder: Path) -> None:
    wish = {"name": "mei", "password": PASSWORD, "device_name": "bench"}
    session = httpx.post(f"{cloud.url}/api/v1/accounts", json=wish, trust_env=False).raise_for_status().json()
    with cloud.client(session["token"]) as client:
        client.get("/apps/catalog").raise_for_status()
        count = RECORDS * 8 // 10
        file = folder / "sms.xml"
        write_messages(file, count, RECORDS * 12 // 100)
        with file.open("rb") as data:
            answer = client.post("/messages/import", content=iter(lambda: data.read(1 << 18), b""))
        answer.raise_for_status()
        client.post("/contacts/import", content=_cards(RECORDS * 4 // 100)).raise_for_status()
        client.post("/calendar/import", content=_events(RECORDS * 3 // 100)).raise_for_status()
        _put(client, "shell.left", {"windows": {"order": ["messages", "notes"]}})
        _put(client, "notes.note", {f"n{n}": {"title": f"note {n}"} for n in range(RECORDS // 100)})


def write_messages(file: Path, count: int, calls: int) -> None:
    """Messages of `messages.corpus` and calls, as SMS Backup & Restore has them."""
    with file.open("w", encoding="utf-8") as out:
        out.write("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<smses>\n")
        for number, (address, date, kind, body) in enumerate(messages.corpus(count)):
            out.write(
                f'  <sms address="{address}" date="{date}" type="{kind}" body={quoteattr(body)} read="1"'
                f' status="-1" contact_name="Person {address[-4:]}" />\n'
            )
            if number < calls:
                out.write(
                    f'  <call number="{address}" duration="{number % 600}" date="{date + 7}" type="{kind}" />\n'
                )
        out.write("</smses>\n")


def _cards(count: int) -> bytes:
    lines = (
        f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, str(n))}\r\nFN:Person {n}\r\n"
        f"TEL;TYPE=cell:+86139{n:08d}\r\nEMAIL:person{n}@example.org\r\nEND:VCARD\r\n"
        for n in range(count)
    )
    return "".join(lines).encode()


def _events(count: int) -> bytes:
    lines = (
        f"BEGIN:VEVENT\r\nUID:{n}@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:2026{n % 12 + 1:02d}"
        f"{n % 28 + 1:02d}T{n % 24:02d}0000Z\r\nDURATION:PT1H\r\nSUMMARY:Meeting {n}\r\nEND:VEVENT\r\n"
        for n in range(count)
    )
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//bench//EN\r\n"
    return (head + "".join(lines) + "END:VCALENDAR\r\n").encode()


def _put(client: httpx.Client, collection: str, records: dict[str, dict[str, Any]]) -> None:
    wishes = [
        {
            "id": str(uuid.uuid4()),
            "base": 0,
            "collection": collection,
            "record": key,
            "op": "put",
            "fields": fields,
        }
        for key, fields in records.items()
    ]
    for start in range(0, len(wishes), 500):
        answer = client.post("/journal/mutations", json={"mutations": wishes[start : start + 500]})
        refused = [one for one in answer.raise_for_status().json()["outcomes"] if one["status"] == "refused"]
        if refused:
            raise RuntimeError(f"the cloud refused {refused[0]}")


async def _sign_in(cloud: clouds.Cloud) -> tuple[dict[str, float], int, float]:
    """Milliseconds of the page's clock at which something was seen, bytes that came, ms from icon to rows."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    line = await proxy(cloud.settings.port, LINE, AWAY, cloud.settings.port)
    rules = f"--host-resolver-rules=MAP *.localhost {AWAY}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", rules])
        context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        page = await context.new_page()
        sizes: list[int] = []
        wire = await context.new_cdp_session(page)
        await wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        await page.goto(f"http://pileus.localhost:{cloud.settings.port}")
        await page.get_by_label("Name", exact=True).fill("mei")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        before = sum(sizes)
        await page.evaluate(WATCH.replace("CONVERSATIONS", str(CONVERSATIONS)))
        await page.get_by_text("Sign in", exact=True).last.click()
        rows = await _open_messages(page)
        await page.evaluate(UNTIL, "all")
        seen: dict[str, float] = await page.evaluate("document.seen")
        sent = sum(sizes) - before
        await browser.close()
    line.close()
    missing = {"pressed", "home", "left", "conversations", "all"} - seen.keys()
    if missing:
        raise RuntimeError(f"it did not come to {sorted(missing)}: {json.dumps(seen)}")
    return seen, sent, rows


async def _open_messages(page: Page) -> float:
    await page.evaluate(UNTIL, "conversations")
    began = time.monotonic()
    await page.locator("pl-home").get_by_role("button", name="Messages", exact=True).click()
    frame = page.frame_locator("iframe[title='Messages']")
    await frame.locator(".row, [role=listitem]").nth(9).wait_for(timeout=120_000)
    return (time.monotonic() - began) * 1000


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="newphone", metric=metric, value=value, unit=unit)
