"""A new phone: from the password to the home screen, the last conversations and all records, over a thin line.

An account of 100 GB and 100,000 records signs in in a Chromium that has never been here. A quarter of the
records are files; of the others 80 % are messages of 400 people, 12 % calls, 4 % contacts, 3 % events, 1 % notes.
20 Mbit/s and 50 ms there and back, by a shaping proxy before the web port, on this machine (no netem: it needs
rights over the network). The shell is loaded before the clock begins, as its owner has to type a password
into it. The 100 GB are an index without packs (`fill.py`); one picture's bytes are there, and are touched at the
end. `PILEUS_BENCH_RECORDS` sets another number, and as many bytes for each.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import clouds
import fill
import httpx
import messages
import pyvips
from figure import Figure
from page import Line, proxy
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
RECORDS = int(os.environ.get("PILEUS_BENCH_RECORDS", "100000"))
LINE = Line(delay=0.025, rate=20_000_000 / 8)
AWAY = "127.0.0.2"
"""Where the line begins: the port has to be the cloud's own, which its addresses name."""
CONVERSATIONS = 50
PICTURE, PICTURE_BYTES = "lake.png", 3_000_000
DECODED = "image => image.decode()"
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
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        folder, total = Path(name) / "cloud", fill.WHOLE * RECORDS // 100_000
        said = fill.fill_synthetic(folder, total, lambda _size: None)
        with clouds.running(folder, web_dir=ROOT / "web" / "dist", quota_bytes=4 * total + fill.GB) as cloud:
            _fill(cloud, Path(name), said)
            seen, sent, rows, touched = asyncio.run(_sign_in(cloud, said))
    what = f"{RECORDS} records, {total / fill.GB:g} GB, 20 Mbit/s, 50 ms"
    found = [
        ("home screen", seen["home"] - seen["pressed"]),
        ("what was left open is in recents", seen["left"] - seen["pressed"]),
        (f"the last {CONVERSATIONS} conversations are on the device", seen["conversations"] - seen["pressed"]),
        ("all records", seen["all"] - seen["pressed"]),
    ]
    return [
        *(_figure(f"password to {metric}, {what}", ms / 1000, "s") for metric, ms in found),
        _figure(f"Messages, from its icon's click to its rows, while the rest comes, {what}", rows / 1000, "s"),
        _figure(
            f"a picture of {PICTURE_BYTES / 1e6:g} MB, from its name's click until it is drawn, {what}",
            touched,
            "s",
        ),
        _figure(f"bytes over the line, {what}", sent / 1e6, "MB"),
    ]


def _fill(cloud: clouds.Cloud, folder: Path, said: fill.Filled) -> None:
    wish = {"name": said.name, "password": said.password, "device_name": "bench"}
    session = httpx.post(f"{cloud.url}/api/v1/sign-in", json=wish, trust_env=False).raise_for_status().json()
    rest = RECORDS - said.files
    with cloud.client(session["token"]) as client:
        client.get("/apps/catalog").raise_for_status()
        _put_picture(client)
        file = folder / "sms.xml"
        write_messages(file, rest * 8 // 10, rest * 12 // 100)
        with file.open("rb") as data:
            answer = client.post("/messages/import", content=iter(lambda: data.read(1 << 18), b""))
        answer.raise_for_status()
        client.post("/contacts/import", content=_cards(rest * 4 // 100)).raise_for_status()
        client.post("/calendar/import", content=_events(rest * 3 // 100)).raise_for_status()
        _put(client, "shell.left", {"windows": {"order": ["messages", "notes"]}})
        _put(client, "notes.note", {f"n{n}": {"title": f"note {n}"} for n in range(rest // 100)})


def _put_picture(client: httpx.Client) -> None:
    """In a folder before all others: noise, which no packing makes smaller."""
    _put(
        client,
        "files.file",
        {"album": {"name": "Album", "parent": "", "type": "inode/directory", "modified_ms": 1}},
    )
    side = math.isqrt(PICTURE_BYTES // 3)
    noise = pyvips.Image.new_from_memory(os.urandom(side * side * 3), side, side, 3, "uchar")
    data = noise.pngsave_buffer(compression=0)
    wish = {"name": PICTURE, "size": len(data), "parent": "album", "type": "image/png"}
    upload = client.post("/files/uploads", json=wish).raise_for_status().json()["upload"]
    client.patch(f"/files/uploads/{upload}", content=data, headers={"Upload-Offset": "0"}).raise_for_status()


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


async def _sign_in(cloud: clouds.Cloud, said: fill.Filled) -> tuple[dict[str, float], int, float, float]:
    """Milliseconds of the page's clock at which something was seen, bytes that came, ms from icon to rows, and
    seconds from a picture's name to the picture."""
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
        await page.get_by_label("Name", exact=True).fill(said.name)
        await page.get_by_label("Password", exact=True).fill(said.password)
        before = sum(sizes)
        await page.evaluate(WATCH.replace("CONVERSATIONS", str(CONVERSATIONS)))
        await page.get_by_text("Sign in", exact=True).last.click()
        rows = await _open_messages(page)
        await page.evaluate(UNTIL, "all")
        seen: dict[str, float] = await page.evaluate("document.seen")
        sent = sum(sizes) - before
        touched = await _touch_picture(page)
        await browser.close()
    line.close()
    missing = {"pressed", "home", "left", "conversations", "all"} - seen.keys()
    if missing:
        raise RuntimeError(f"it did not come to {sorted(missing)}: {json.dumps(seen)}")
    return seen, sent, rows, touched


async def _open_messages(page: Page) -> float:
    await page.evaluate(UNTIL, "conversations")
    began = time.monotonic()
    await page.locator("pl-home").get_by_role("button", name="Messages", exact=True).click()
    frame = page.frame_locator("iframe[title='Messages']")
    await frame.locator(".row, [role=listitem]").nth(9).wait_for(timeout=120_000)
    return (time.monotonic() - began) * 1000


async def _touch_picture(page: Page) -> float:
    """Nothing of it but its record and, from the list, its small picture is on the device."""
    await page.keyboard.press("Home")
    await page.locator("pl-home").get_by_role("button", name="Files", exact=True).click()
    frame = page.frame_locator("iframe[title='Files']")
    await frame.get_by_role("button", name="Album").first.click()
    row = frame.locator(".row").filter(has_text=PICTURE)
    await row.locator("files-thumbnail img").wait_for(timeout=60_000)
    began = time.monotonic()
    await row.locator("button.what").click()
    await frame.locator("files-preview img").evaluate(DECODED, timeout=120_000)
    return time.monotonic() - began


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="newphone", metric=metric, value=value, unit=unit)
