"""Journal reads and writes a second over real HTTP on loopback, one client, one connection.

The peer of a batch is the same number of mutations sent one a request.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import clouds
import httpx
from figure import Figure

SECONDS = 3.0
BATCH = 100
COLLECTION = "notes.note"


def measure() -> list[Figure]:
    """Starts a cloud of its own; raises where it does not come up."""
    with (
        tempfile.TemporaryDirectory(prefix="pileus-bench-") as folder,
        clouds.running(Path(folder)) as cloud,
        cloud.client(cloud.account()["token"]) as client,
    ):
        single = _rate(lambda: _write(client, 1))
        batch = _rate(lambda: _write(client, BATCH))
        head = _head(client)
        empty = _rate(lambda: _read(client, "/journal/changes", {"since": head}))
        page = _rate(lambda: _read(client, "/journal/changes", {"since": 0, "limit": 1000}))
    ratio = batch / single
    return [
        _figure("mutations, one a request", single, "1/s"),
        _figure(f"mutations, {BATCH} a request", batch, "1/s", ("one a request", single, ratio)),
        _figure("reads of an empty tail", empty, "1/s"),
        _figure("records read, 1000 a page", page, "1/s"),
    ]


def _rate(work: Any) -> float:
    """Items a second; `work` returns how many it did."""
    work()
    began, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < SECONDS:
        done += work()
    return done / spent


def _write(client: httpx.Client, count: int) -> int:
    mutations = [
        {"id": str(uuid.uuid4()), "base": 0, "collection": COLLECTION, "record": str(uuid.uuid4())}
        | {"op": "put", "fields": {"title": "a note of the bench", "pinned": False}}
        for _ in range(count)
    ]
    answer = client.post("/journal/mutations", json={"mutations": mutations}).raise_for_status().json()
    refused = [outcome for outcome in answer["outcomes"] if outcome["status"] == "refused"]
    if refused:
        raise RuntimeError(f"the journal refused: {refused[0]}")
    return count


def _head(client: httpx.Client) -> int:
    """The cursor after everything."""
    since, more = 0, True
    while more:
        page = client.get("/journal/changes", params={"since": since, "limit": 1000}).raise_for_status().json()
        since, more = page["next"], page["more"]
    return int(since)


def _read(client: httpx.Client, path: str, params: dict[str, int]) -> int:
    page = client.get(path, params=params).raise_for_status().json()
    return max(1, len(page["changes"]))


def _figure(metric: str, value: float, unit: str, peer: tuple[str, float, float] | None = None) -> Figure:
    name, peer_value, ratio = peer or (None, None, None)
    return Figure(
        bench="journal", metric=metric, value=value, unit=unit, peer=name, peer_value=peer_value, ratio=ratio
    )
