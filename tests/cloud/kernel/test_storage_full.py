"""A disk of the cloud without room: told as 507 `storage-full`, and what was owed goes when there is room."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from pileus.cloud.kernel.objects.blobs import LocalBlobs
from pileus.cloud.kernel.room import storage_failure
from pileus.cloud.services.files.uploads import Coming
from pileus.core.errors import StorageFull
from tests.postgres import on_sqlite

database = on_sqlite

MANY = 1 << 30


def leave_room(server: Any, pages: int) -> None:
    """Pages that the database may have; never fewer than it has."""
    server.cloud.db.write(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))


def test_a_change_goes_when_there_is_room_again(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    wish = {"id": "m1", "base": 0, "collection": "shell.setting", "record": "r", "op": "put"}
    body = {"mutations": [{**wish, "fields": {"v": os.urandom(300_000).hex()}}]}
    with server.client(server.account("anna")["token"]) as client:
        leave_room(server, 1)
        with caplog.at_level(logging.INFO):
            answer = client.post("/journal/mutations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage-full")
        assert answer.json()["detail"] == "The cloud's disk is full. Whoever runs it has to make room."
        assert [record.name for record in caplog.records if record.exc_info] == []
        assert client.get("/journal/changes?since=0").json()["changes"] == []
        leave_room(server, MANY)
        [outcome] = client.post("/journal/mutations", json=body).json()["outcomes"]
        assert (outcome["status"], outcome["seq"]) == ("applied", 1)


def test_an_upload_goes_on_when_there_is_room_again(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.client(server.account("anna")["token"]) as client:
        begun = client.post("/files/uploads", json={"name": "a.bin", "size": 5}).json()

        def send() -> Any:
            path = f"/files/uploads/{begun['upload']}"
            return client.patch(path, content=b"hello", headers={"Upload-Offset": "0"})

        with monkeypatch.context() as patch:
            patch.setattr(Coming, "_write", lambda _self, _held: write_to_a_full_device())
            answer = send()
            assert (answer.status_code, answer.json()["code"]) == (507, "storage-full")
        assert send().json()["file"]


def test_what_a_store_of_blobs_cannot_write_is_an_error_of_the_system(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    blobs.put("f", b"a file, no folder")
    with pytest.raises(NotADirectoryError):
        blobs.put("f/g", b"x")


def test_other_failures_are_not_told_so() -> None:
    assert storage_failure(PermissionError(13, "Permission denied")) is None
    assert storage_failure(ValueError()) is None


def test_the_cause_may_lie_behind_what_is_seen() -> None:
    with pytest.raises(OperationalError) as failure:
        fail_after_a_full_disk()
    assert isinstance(storage_failure(failure.value), StorageFull)


def fail_after_a_full_disk() -> None:
    try:
        write_to_a_full_device()
    except OSError:
        raise OperationalError("ROLLBACK TO x", {}, Exception("no such savepoint: x")) from None


def write_to_a_full_device() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        os.write(full, b"x")
    finally:
        os.close(full)
