"""The server without sessions: how long it takes to start, and what it keeps in memory at rest.

Resident memory counts pages that its three processes share three times; the proportional figure counts them once.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import clouds
from figure import Figure

REST = 5.0


def measure() -> list[Figure]:
    """A first start makes the database, a second one finds it; memory is of the second, with one account."""
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        folder = Path(name)
        with clouds.running(folder) as first:
            figures = [_seconds("start of an empty server", first.start_seconds)]
            token = first.account()["token"]
        with clouds.running(folder) as cloud:
            figures.append(_seconds("start", cloud.start_seconds))
            with cloud.client(token) as client:
                client.get("/apps/catalog").raise_for_status()
                client.get("/journal/snapshot").raise_for_status()
            time.sleep(REST)
            for kind, title in (("Rss", "resident"), ("Pss", "proportional")):
                size = sum(clouds.memory(pid, kind) for pid in cloud.pids()) / 1e6
                metric = f"idle memory without sessions, {title}"
                figures.append(Figure(bench="server", metric=metric, value=size, unit="MB"))
    return figures


def _seconds(metric: str, value: float) -> Figure:
    return Figure(bench="server", metric=metric, value=value, unit="s")
