"""The account's half of a sync, over HTTP. Everything here blocks; problems are `PileusError`."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pileus.core.errors import PileusError
from pileus.sdk.client import Client
from pileus.sdk.sync.ledger import Ledger, Record
from pileus.sdk.sync.trees import Item

COLLECTION = "files.file"
FOLDER = "inode/directory"
FOLDERS = (FOLDER, "folder")
MUTATIONS = 500
PAGE = 1000
BULK_FILES = 500
BULK_BYTES = 8 << 20
BULK_FILE = 1 << 20
"""Up to this size a new file is sent together with others (docs/design/files.md)."""


@dataclass(frozen=True)
class Small:
    """A small new file with the id that its record gets."""

    id: str
    parent: str
    name: str
    type: str
    content: str
    modified_ms: int
    data: bytes


class Account:
    """What a sync asks of the cloud."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def identity(self) -> tuple[str, str]:
        """The account's id and this device's name."""
        devices = self.client.get("/devices")
        name = next((one["name"] for one in devices if one["current"]), "")
        return str(self.client.get("/account")["id"]), str(name or "pileus sync")

    def read(self, ledger: Ledger) -> None:
        """Brings the ledger's records to what the cloud has now."""
        since = ledger.get("cursor")
        if since is None:
            self._snapshot(ledger)
        while True:
            try:
                page = self.client.get("/journal/changes", {"since": ledger.get("cursor"), "limit": PAGE})
            except PileusError as error:
                if error.code != "cursor-gone":
                    raise
                self._snapshot(ledger)
                continue
            if page["changes"] or page["next"] != int(ledger.get("cursor") or 0):
                with ledger.writing():
                    for one in page["changes"]:
                        _keep(ledger, one)
                    ledger.set("cursor", str(page["next"]))
            if not page["more"]:
                return

    def _snapshot(self, ledger: Ledger) -> None:
        params: dict[str, Any] = {"limit": PAGE, "collection": COLLECTION}
        with ledger.writing():
            ledger.forget_records()
            while True:
                page = self.client.get("/journal/snapshot", params)
                for one in page["records"]:
                    _keep(ledger, one)
                if not page["next"]:
                    ledger.set("cursor", str(page["as_of"]))
                    return
                params["page"] = page["next"]

    def make_folder(self, one: str, parent: str, name: str, base: int, now_ms: int) -> dict[str, Any]:
        """The mutation that makes a folder, or brings one back."""
        fields = {"name": name, "parent": parent, "type": FOLDER, "size": 0, "modified_ms": now_ms}
        return _mutation(one, "put", base, fields)

    def place(self, one: str, fields: dict[str, str], base: int) -> dict[str, Any]:
        """The mutation that gives an item another name or folder."""
        return _mutation(one, "put", base, fields)

    def delete(self, one: str, base: int) -> dict[str, Any]:
        """The mutation that deletes an item, unless somebody changed it after `base`."""
        return _mutation(one, "delete", base, {})

    def mutate(self, mutations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Their outcomes in order; at most `MUTATIONS` go in a request."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(mutations), MUTATIONS):
            body = {"mutations": list(mutations[start : start + MUTATIONS])}
            found += self.client.post("/journal/mutations", body)["outcomes"]
        return found

    def send_small(self, files: Iterable[Small]) -> list[dict[str, Any]]:
        """Their outcomes in order: {file, name} or {code, detail}. May be repeated."""
        parts = []
        for one in files:
            header = msgspec.json.encode(
                {
                    "id": one.id,
                    "name": one.name,
                    "parent": one.parent,
                    "type": one.type,
                    "size": len(one.data),
                    "blake3": one.content,
                    "modified_ms": one.modified_ms,
                }
            )
            parts += [struct.pack("<I", len(header)), header, one.data]
        answer = self.client.request(
            "POST",
            "/files/bulk",
            content=b"".join(parts),
            headers={"Content-Type": "application/vnd.pileus.files"},
        )
        found: list[dict[str, Any]] = answer["files"]
        return found


def _mutation(one: str, op: str, base: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "base": base,
        "collection": COLLECTION,
        "record": one,
        "op": op,
        "fields": fields,
    }


def _keep(ledger: Ledger, change: dict[str, Any]) -> None:
    if change["collection"] != COLLECTION:
        return
    # What is in the vault is not kept in step: a folder on a disk holds it neither sealed nor in the clear.
    if change.get("deleted") or change["fields"].get("sealed"):
        ledger.drop_record(change["id"])
        return
    fields = change["fields"]
    folder = fields.get("type") in FOLDERS
    item = Item(str(fields["parent"]), str(fields["name"]), None if folder else str(fields.get("blake3", "")))
    modified = int(fields.get("modified_ms") or 0)
    ledger.put_record(change["id"], Record(item, str(fields.get("object", "")), modified, int(change["seq"])))
