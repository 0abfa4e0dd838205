"""A phone of which backups are made, as its owner asks for them over HTTP."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx


def put(phone: httpx.Client, collection: str, record: str, fields: dict[str, Any], op: str = "put") -> None:
    wish = {"id": str(uuid.uuid4()), "base": 2**50, "collection": collection, "record": record, "op": op}
    body = {"mutations": [{**wish, "fields": fields} if op == "put" else wish]}
    [outcome] = phone.post("/journal/mutations", json=body).json()["outcomes"]
    assert outcome["status"] != "refused", outcome


def put_notes(phone: httpx.Client, count: int) -> None:
    wish = {"base": 0, "collection": "notes.note", "op": "put"}
    wishes = [
        {"id": str(uuid.uuid4()), "record": f"n{n}", "fields": {"title": f"note {n}"}, **wish}
        for n in range(count)
    ]
    assert phone.post("/journal/mutations", json={"mutations": wishes}).status_code == 200


def delete_many(phone: httpx.Client, notes: list[str]) -> None:
    wish = {"base": 2**50, "collection": "notes.note", "op": "delete"}
    wishes = [{"id": str(uuid.uuid4()), "record": one, **wish} for one in notes]
    told = phone.post("/journal/mutations", json={"mutations": wishes}).json()["outcomes"]
    assert "refused" not in {one["status"] for one in told}, told


def record(phone: httpx.Client, collection: str, name: str) -> dict[str, Any] | None:
    found = phone.get("/journal/snapshot", params={"collection": collection}).json()["records"]
    return next((one["fields"] for one in found if one["id"] == name), None)


def ended(phone: httpx.Client, job: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        fields = record(phone, "jobs.job", job) or {}
        if fields.get("state") in ("done", "failed"):
            return fields
    raise AssertionError("the backup did not end")


def back_up(phone: httpx.Client) -> str:
    begun = phone.post("/backups/phone")
    assert begun.status_code == 202, begun.text
    told = ended(phone, begun.json()["job"])
    assert told["state"] == "done", told
    return str(told["result"]["snapshot"])


def restore(phone: httpx.Client, snapshot: str, **records: list[str] | None) -> dict[str, Any]:
    return bring_back(
        phone, snapshot, {"records": {name.replace("__", "."): one for name, one in records.items()}}
    )


def bring_back(phone: httpx.Client, snapshot: str, wish: dict[str, Any]) -> dict[str, Any]:
    """What the job counted, with the `entries` of its report."""
    answer = phone.post(f"/backups/phone/{snapshot}/restore", json=wish)
    assert answer.status_code == 202, answer.text
    job = answer.json()["job"]
    told = ended(phone, job)
    assert told["state"] == "done", told
    entries: list[dict[str, Any]] = []
    start: int | None = 0
    while start is not None:
        page = phone.get(f"/backups/phone/restores/{job}", params={"start": start}).json()
        entries, start = entries + page["entries"], page["next"]
    return {**told["result"], "job": job, "entries": entries}
