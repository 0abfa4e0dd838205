"""Work over HTTP that a kill or a power cut breaks off, and how what is left is judged.

`do` tells what the cloud acknowledged; `look` finds all of that, ends what was begun, and leaves the same as work
that nothing broke off. `clean` is what comes after: the days pass, and nothing is left over.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import httpx
from sqlalchemy import text

from pileus.cloud.app import build
from pileus.cloud.kernel.manifest import Service, discover
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings

from .kernel.objects.shelf import named, packed, packs

Tell = Callable[[str], None]
NOISE = random.Random(4).randbytes(200_000)
HALF = 90_000
SMALL = {"small-1": b"one " * 500, "small-2": b"two " * 900}
RAW = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
PICTURE = base64.b64encode(random.Random(5).randbytes(40_000)).decode()
SMS = "".join(f'<sms address="+4930{at}" date="17000000{at:05}" type="1" body="x {at}"/>\n' for at in range(40))
MESSAGES = f"""<smses>
{SMS}<mms date="1700000900000" msg_box="1" address="+4930"><parts><part ct="text/plain" text="tea" />
<part ct="image/png" cl="a.png" data="{PICTURE}" /></parts></mms>
</smses>""".encode()
CARDS = "".join(f"BEGIN:VCARD\nVERSION:4.0\nUID:u{at}\nFN:N{at}\nTEL:+4930{at}\nEND:VCARD\n" for at in range(20))
CONTACTS = (
    f"{CARDS}BEGIN:VCARD\nVERSION:3.0\nUID:p\nFN:P\nPHOTO;ENCODING=b:{PICTURE}\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nUID:g\nKIND:group\nFN:Team\nMEMBER:u1\nMEMBER:u2\nEND:VCARD\n"
).encode()
EVENTS = "".join(
    f"BEGIN:VEVENT\r\nUID:e{at}\r\nDTSTAMP:20240101T000000Z\r\nDTSTART:202401{at + 1:02}T100000Z\r\n"
    f"SUMMARY:E {at}\r\nEND:VEVENT\r\n"
    for at in range(20)
)
CALENDAR = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:tests\r\n{EVENTS}END:VCALENDAR\r\n".encode()
IMPORTED = {"messages": MESSAGES, "contacts": CONTACTS, "calendar": CALENDAR}
COUNTS = {"messages.message": 41, "contacts.contact": 22, "calendar.event": 20}


class Work(Protocol):
    def do(self, client: httpx.Client, tell: Tell) -> None: ...

    def look(self, client: httpx.Client, told: list[str]) -> None: ...


class Uploads:
    """A file in two pieces by the tus protocol, small ones together, one deleted for good, one upload given up."""

    def do(self, client: httpx.Client, tell: Tell) -> None:
        name = base64.b64encode(b"lake.bin").decode()
        head = {**RAW, "Upload-Length": str(len(NOISE)), "Upload-Metadata": f"filename {name}"}
        begun = answered(client.post("/files/uploads", headers=head), 201)
        path = begun.headers["location"].removeprefix("/api/v1")
        tell(f"begun:{path}")
        self._send(client, path, 0, NOISE[:HALF])
        tell("half")
        self._send(client, path, HALF, NOISE[HALF:])
        tell("whole")
        self._small(client)
        tell("small")
        self._erase(client)
        tell("erased")
        self._give_up(client)

    def look(self, client: httpx.Client, told: list[str]) -> None:
        path = next((one.split(":", 1)[1] for one in told if one.startswith("begun:")), "")
        there = {fields["name"]: file for file, fields in records(client, "files.file").items()}
        assert "lake.bin" in there or "whole" not in told
        if path and "lake.bin" not in there:
            offset = int(answered(client.head(path, headers=RAW), 200).headers["upload-offset"])
            assert offset >= (HALF if "half" in told else 0)
            self._send(client, path, offset, NOISE[offset:])
        assert "small-1" in there or "small" not in told
        if "erased" in told:
            assert "small-2" not in there
        if not path:
            self.do(client, lambda _: None)
        else:
            self._small(client)
            self._erase(client)
        there = {fields["name"]: file for file, fields in records(client, "files.file").items()}
        assert there.keys() == {"lake.bin", "small-1", "copy"}
        for name, data in (("lake.bin", NOISE), ("small-1", SMALL["small-1"]), ("copy", SMALL["small-1"])):
            assert answered(client.get(f"/files/{there[name]}/content"), 200).content == data

    def _send(self, client: httpx.Client, path: str, offset: int, data: bytes) -> None:
        answered(client.patch(path, content=data, headers={**RAW, "Upload-Offset": str(offset)}), 204)

    def _small(self, client: httpx.Client) -> None:
        for files in (SMALL, {"copy": SMALL["small-1"]}):  # whose chunks are there
            body = b""
            for name, data in files.items():
                head = json.dumps({"size": len(data), "name": name, "id": name}).encode()
                body += struct.pack("<I", len(head)) + head + data
            answered(client.post("/files/bulk", content=body), 200)

    def _give_up(self, client: httpx.Client) -> None:
        begun = answered(client.post("/files/uploads", json={"name": "other", "size": 9}), 201).json()
        answered(client.delete(f"/files/uploads/{begun['upload']}"), 204)

    def _erase(self, client: httpx.Client) -> None:
        client.delete("/files/small-2")
        assert client.post("/files/trash/small-2/restore").status_code in (200, 404)
        for path in ("/files/small-2", "/files/trash/small-2"):
            assert client.delete(path).status_code in (204, 404)


class Imports:
    """Messages with an attachment, contacts with a picture and a group, events."""

    def do(self, client: httpx.Client, tell: Tell) -> None:
        for service, data in IMPORTED.items():
            answer = client.post(f"/{service}/import", content=data)
            assert answered(answer, 200).json()["skipped"] == []
            tell(service)

    def look(self, client: httpx.Client, told: list[str]) -> None:
        for collection, most in COUNTS.items():
            count = len(records(client, collection))
            assert count == most if collection.split(".")[0] in told else count <= most
        self.do(client, lambda _: None)
        for collection, count in COUNTS.items():
            assert len(records(client, collection)) == count
        (mms,) = (one for one, fields in records(client, "messages.message").items() if fields.get("parts"))
        sent = answered(client.get(f"/messages/{mms}/parts/0"), 200).content
        assert sent == base64.b64decode(PICTURE)


WORKS: dict[str, Work] = {"uploads": Uploads(), "imports": Imports()}


def services() -> list[Service]:
    """Those that the works are done by."""
    return [one for one in discover() if one.name in {"files", "messages", "contacts", "calendar"}]


def within(folder: Path, port: int) -> Settings:
    return Settings(folder / "data", folder / "run", folder / "cache", port=port)


def answered(answer: httpx.Response, status: int) -> httpx.Response:
    assert answer.status_code == status, answer.text
    return answer


def records(client: httpx.Client, collection: str) -> dict[str, Any]:
    found = client.get("/journal/snapshot", params={"limit": 1000}).json()["records"]
    return {
        one["id"]: one["fields"] for one in found if one["collection"] == collection and not one.get("deleted")
    }


def clean(settings: Settings, now_ms: int) -> tuple[int, int]:
    """Days pass with their daily work: all is whole, nothing lies there unnamed; objects and bytes that stay."""
    clock = ManualClock(now_ms)
    for days in (31, 8, 8):
        clock.advance(days * DAY_MS / 1000)
        for path in packs(settings):
            os.utime(path, (now_ms / 1000 - DAY_MS / 1000,) * 2)
        with closing(build(settings, clock, services())) as cloud:
            asyncio.run(_daily(cloud))
            sweep(packed(cloud))
            packed(cloud).close()
    with closing(build(settings, clock, services())) as cloud:
        assert check(packed(cloud)).problems == []
        assert {path.name for path in packs(settings)} == named(cloud)
        query = text("SELECT count(*), sum(size) FROM object")
        left = cloud.db.read(lambda conn: conn.execute(query).one())
        packed(cloud).close()
    assert list((settings.data_dir / "services" / "files" / "uploads").iterdir()) == []
    assert list(settings.data_dir.rglob("*.part")) == []
    return left[0], left[1]


async def _daily(cloud: Any) -> None:
    for work in cloud.context.jobs._daily:
        await work()
