"""`pileus server`: a whole cloud kept elsewhere, brought back, moved between databases, upgraded."""

from __future__ import annotations

import asyncio
import fcntl
import re
import tarfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.cloud.app import build
from pileus.core.settings import Settings
from tests.cloud.test_kept import KEPT
from tests.conftest import RunningServer
from tests.postgres import PostgresServer, database, postgres_server

from .test_account import pileus

__all__ = ["database", "postgres_server"]


@pytest.fixture
def other(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database."""
    name = postgres_server.make()
    yield postgres_server.url(name)
    postgres_server.drop(name)


async def _stream(data: bytes) -> AsyncIterator[bytes]:
    yield data


def store(server: RunningServer, account: str, data: bytes) -> str:
    return asyncio.run(server.cloud.context.objects.put(account, "files", _stream(data))).id


def kept_in(settings: Settings, account: str, name: str) -> bytes:
    """An object's bytes, read by a server that was started anew."""
    cloud = build(settings)

    async def read() -> bytes:
        return b"".join([piece async for piece in cloud.context.objects.get(account, "files", name)])

    try:
        assert cloud.db.read(lambda conn: cloud.journal.count(conn, account, "shell.setting")) == 1
        return asyncio.run(read())
    finally:
        cloud.close()


def test_a_backup_beside_a_running_server_is_restored_alone(
    settings: Settings,
    tmp_path: Path,
    database: str,
    other: str,
    serve: Any,
) -> None:
    """From either database, into either."""
    place = str(tmp_path / "backup")
    with serve(settings.changed(database=database)) as server:
        session = server.account("anna")
        with server.client(session["token"]) as client:
            one = {
                "id": "m",
                "base": 0,
                "collection": "shell.setting",
                "record": "r",
                "op": "put",
                "fields": {"v": 1},
            }
            assert client.post("/journal/mutations", json={"mutations": [one]}).status_code == 200
        anna = session["account"]["id"]
        name = store(server, anna, b"kept" * 1000)
        chosen = server.cloud.settings
        told = pileus(chosen, "server", "backup", place)
        assert told.returncode == 0, told.stderr
        assert f"keep a copy of {chosen.data_dir / 'keys' / 'server.key'} apart" in told.stdout
        assert "Whoever gets into this machine can change or delete that folder" in told.stdout
        assert "Warning" not in told.stdout, "a folder has no keys"
        there = settings.changed(data_dir=tmp_path / "there", database="" if database else other)
        told = pileus(there, "server", "restore", place)
        assert (told.returncode, told.stdout) == (1, "")
        assert "--key" in told.stderr
        told = pileus(chosen, "server", "backup", place, "--with-key")
        assert told.returncode == 0, told.stderr
        assert "0 blobs" in told.stdout
    told = pileus(there, "server", "restore", place)
    assert told.returncode == 0, told.stderr
    assert re.search(r"\b1 pack\b", told.stdout)
    assert "0 problems" in told.stdout
    assert kept_in(there, anna, name) == b"kept" * 1000
    told = pileus(there, "server", "restore", place)
    assert told.returncode == 1
    assert "empty" in told.stderr


def test_a_database_moves_there_and_back(settings: Settings, other: str) -> None:
    cloud = build(settings)
    cloud.accounts.create_blocking("anna", "correct horse")
    cloud.close()
    away = settings.changed(database=other)
    with (settings.runtime_dir / "parent.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = pileus(settings, "server", "move", other)
        assert (told.returncode, "stop it first" in told.stderr) == (1, True)
    told = pileus(settings, "server", "move", other)
    assert told.returncode == 0, told.stderr
    assert "rows are in PostgreSQL" in told.stdout
    told = pileus(settings, "account", "list")
    assert (told.returncode, "PILEUS_DATABASE" in told.stderr + told.stdout) == (1, True)
    assert "anna" in pileus(away, "account", "list").stdout
    assert pileus(away, "server", "move", other).returncode == 1
    told = pileus(away, "server", "move", "sqlite")
    assert told.returncode == 0, told.stderr
    assert "anna" in pileus(settings, "account", "list").stdout


def test_an_upgrade_of_the_newest_changes_nothing(settings: Settings) -> None:
    build(settings).close()
    told = pileus(settings, "server", "upgrade")
    assert (told.returncode, "newest form already" in told.stdout) == (0, True), told.stderr


def test_what_does_not_come_back_is_named(settings: Settings, tmp_path: Path) -> None:
    """What an app kept, of which a piece is gone; a copy of before, which has nothing of it."""
    build(settings).close()
    app = "android/accounts/0190-anna/org.example.notes"
    (settings.data_dir / app).mkdir(parents=True)
    (settings.data_dir / app / "word").write_text("西湖")
    place = tmp_path / "place"
    told = pileus(settings, "server", "backup", str(place), "--with-key")
    assert told.returncode == 0, told.stderr
    there = settings.changed(data_dir=tmp_path / "there")
    told = pileus(there, "server", "restore", str(place))
    assert told.returncode == 0, told.stderr
    assert (there.data_dir / app / "word").read_text() == "西湖"
    for piece in place.glob("state/*/*"):
        piece.unlink()
    third = settings.changed(data_dir=tmp_path / "third")
    told = pileus(third, "server", "restore", str(place))
    assert told.returncode == 1
    assert re.search(rf"^{app}: .*\bstate/", told.stdout, re.MULTILINE)
    assert "Of the data folder 1 file or folder did not come back." in told.stdout

    with tarfile.open(KEPT) as tar:
        tar.extractall(tmp_path / "kept", filter="data")
    fourth = settings.changed(data_dir=tmp_path / "fourth")
    key = str(tmp_path / "kept" / "data" / "keys" / "server.key")
    told = pileus(fourth, "objects", "restore", str(tmp_path / "kept" / "copy"), "--key", key)
    assert told.returncode == 0, told.stderr
    assert "This copy was made before copies had what apps keep" in told.stdout
