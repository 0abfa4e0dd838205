"""Installing packages over HTTP, and what the account's records say of it."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import pytest


def records(client: httpx.Client, collection: str) -> dict[str, dict[str, Any]]:
    found = client.get("/journal/snapshot").json()["records"]
    return {one["id"]: one["fields"] for one in found if one["collection"] == collection and not one["deleted"]}


def install(client: httpx.Client, content: bytes, patience: float = 20) -> dict[str, Any]:
    """The record of the install once it has ended."""
    answer = client.post("/apps/packages", content=content)
    assert answer.status_code == 202, answer.text
    end, pause = time.monotonic() + patience, threading.Event()
    while time.monotonic() < end:
        fields = records(client, "apps.install").get(answer.json()["job"], {})
        if fields.get("phase") in ("done", "failed"):
            return fields
        pause.wait(0.05)
    pytest.fail(f"the install did not end: {fields}")


def settled(client: httpx.Client, patience: float = 20) -> None:
    """Waits for the end of the installs that others began."""
    end, pause = time.monotonic() + patience, threading.Event()
    while any(one.get("phase") not in ("done", "failed") for one in records(client, "apps.install").values()):
        assert time.monotonic() < end, "an install does not end"
        pause.wait(0.05)
