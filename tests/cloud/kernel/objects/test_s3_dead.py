"""A dead S3: refusing, or silent, for ten minutes in a night, else for seconds, with its retries' clocks scaled.

What a phone sends is kept beside and goes on when the store is back; all else is served; nothing stays for ever.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from pileus.cloud.app import build
from pileus.cloud.kernel.objects import s3
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings
from tests.postgres import on_sqlite
from tests.s3 import Line, S3Server

from .shelf import named, packed

database = on_sqlite
pytestmark = pytest.mark.slow
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
DEAD = 600 if NIGHTLY else 3
FILES = 20
"""Sent meanwhile; then they are tried again."""
KEPT = os.urandom(3 << 20)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """By day a store is given up after a second."""
    if not NIGHTLY:
        monkeypatch.setattr(s3, "WHOLE", timedelta(seconds=1))
        monkeypatch.setattr(s3, "RETRY_FOR", timedelta(seconds=1))


def send(client: httpx.Client, path: str, data: bytes, offset: int = 0) -> httpx.Response:
    return client.patch(path, content=data, headers={"Upload-Offset": str(offset)})


def begin(client: httpx.Client, name: str, size: int) -> str:
    begun = client.post("/files/uploads", json={"name": name, "size": size})
    assert begun.status_code == 201, begun.text
    return f"/files/uploads/{begun.json()['upload']}"


def note(client: httpx.Client, record: str) -> str:
    wish = {"id": f"m{record}", "base": 0, "collection": "shell.setting", "record": record, "op": "put"}
    answer = client.post("/journal/mutations", json={"mutations": [{**wish, "fields": {"v": record}}]})
    return str(answer.json()["outcomes"][0]["status"])


@pytest.mark.parametrize("how", ["cut", "hold"])
def test_nothing_is_lost_meanwhile(how: str, settings: Settings, store: S3Server, line: Line, serve: Any) -> None:
    settings = settings.changed(objects=f"s3://{store.bucket()}/cloud")
    due: dict[str, bytes] = {}
    tries, noted = 0, 0
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        client.timeout = httpx.Timeout(300)
        kept = send(client, begin(client, "kept", len(KEPT)), KEPT).json()["file"]
        getattr(line, how)()
        end = time.monotonic() + DEAD
        while time.monotonic() < end or not due:
            if len(due) < FILES:
                data = f"meanwhile {len(due)}".encode() * 9_000
                path = begin(client, f"{len(due)}", len(data))
                due[path] = data
                answer = send(client, path, data)
            else:
                path = list(due)[tries % FILES]
                answer = send(client, path, b"", len(due[path]))
            assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            assert client.get(path).json()["offset"] == len(due[path]), "what came is safe"
            assert note(client, f"r{noted}") == "applied", "records need no store"
            tries, noted = tries + 1, noted + 1
        line.mend()
        for path, data in due.items():
            done = send(client, path, b"", len(data))
            assert done.status_code == 200, done.text
            assert client.get(f"/files/{done.json()['file']}/content").content == data
        assert client.get(f"/files/{kept}/content").content == KEPT
        records = client.get("/journal/snapshot", params={"limit": 1000}).json()["records"]
        assert sum(one["collection"] == "shell.setting" for one in records) == noted
        assert list((settings.data_dir / "services" / "files" / "uploads").iterdir()) == []
    clock = ManualClock(SystemClock().now_ms())
    for _ in range(2):
        clock.advance(8 * DAY_MS / 1000)
        with closing(build(settings, clock, services=[])) as cloud:
            objects = packed(cloud)
            sweep(objects)
            assert check(objects).problems == []
            there = {blob.name.rpartition("/")[2] for blob in objects.blobs.list("packs")}
            assert there == named(cloud)
            objects.close()
