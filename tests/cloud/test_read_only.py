"""A disk that can only be read for a while: told as 507 `storage-read-only`; it goes on by itself afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, running
from tests.forgetful import OPENED, SHUT, TOLD, forgetful

from .works import services, within

pytestmark = pytest.mark.fuse
REFUSED = (507, "storage-read-only")
DATA = os.urandom(3 << 20)


def change(client: httpx.Client, number: int) -> httpx.Response:
    fields = {"name": f"Folder {number}", "parent": "", "type": "inode/directory", "size": 0, "modified_ms": 1}
    wish = {"id": f"m{number}", "base": 0, "collection": "files.file", "record": f"r{number}", "op": "put"}
    return client.post("/journal/mutations", json={"mutations": [{**wish, "fields": fields}]})


def send(client: httpx.Client, upload: str) -> httpx.Response:
    return client.patch(f"/files/uploads/{upload}", content=DATA, headers={"Upload-Offset": "0"})


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_service_comes_back_by_itself(tmp_path: Path) -> None:
    """Database, objects and uploads lie on it; what was kept before can be read all the while."""
    with forgetful(tmp_path / "disk", 3) as disk:
        control = os.fdopen(os.open(disk.folder / TOLD, os.O_WRONLY), "wb", buffering=0)
        with control, running(within(disk.folder, free_port()), services()) as server:
            token, fresh = server.account("anna")["token"], server.sign_in("anna", "tablet")["token"]
            with server.client(token) as client:
                assert change(client, 1).json()["outcomes"][0]["status"] == "applied"
                begun = [client.post("/files/uploads", json={"name": n, "size": len(DATA)}).json() for n in "ab"]
                kept, due = (str(one["upload"]) for one in begun)
                file = send(client, kept).json()["file"]

                control.write(SHUT.encode())
                assert code(change(client, 2)) == REFUSED
                assert code(send(client, due)) == REFUSED
                assert code(client.post("/files/uploads", json={"name": "c", "size": 1})) == REFUSED
                with server.client(fresh) as tablet:  # seen for the first time, which is to be noted
                    seen = tablet.get("/journal/changes?since=0").json()["changes"]
                assert {one["id"] for one in seen} == {"r1", file}
                assert client.get(f"/files/{file}/content").content == DATA

                control.write(OPENED.encode())
                [outcome] = change(client, 2).json()["outcomes"]
                assert outcome["status"] == "applied"
                offset = client.head(f"/files/uploads/{due}").headers["Upload-Offset"]
                assert offset == "0"
                again = send(client, due).json()["file"]
                assert client.get(f"/files/{again}/content").content == DATA
