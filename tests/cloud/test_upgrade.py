"""Data that an early server kept is there in today's, on both databases, and survives a move between them.

`kept/first.tar.xz` is the data folder of the server of commit 4eb10a2: an account with two devices, records (one
merged, one deleted), three messages, a file. Made through its HTTP interface; never made anew.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pileus.cloud.kernel.db import DatabaseUnusable, OneWriter, connect
from pileus.cloud.kernel.db.moving import NotEmpty
from pileus.cloud.moving import move_away, move_back, upgrade
from pileus.core.settings import Settings
from tests.postgres import PostgresServer, database, postgres_server

from .processes import wait

__all__ = ["database", "postgres_server"]

KEPT = Path(__file__).parent / "kept" / "first.tar.xz"
TABLES = ("account", "device", "journal_record", "journal_mutation", "messages_entry", "object", "object_part")


@pytest.fixture
def kept(settings: Settings) -> Settings:
    """Settings of a cloud that an early server left."""
    settings.make_dirs()
    with tarfile.open(KEPT) as tar:
        tar.extractall(settings.data_dir.parent, filter="data")
    return settings


def test_an_early_servers_data_is_served(kept: Settings, database: str, serve: Callable[..., Any]) -> None:
    if database:
        move_away(kept, database)
    with serve(kept.changed(database=database)) as server:
        token = server.sign_in("anna", "laptop")["token"]
        with server.client(token) as client:
            assert len(client.get("/devices").json()) == 3
            changes = client.get("/journal/changes?since=0").json()["changes"]
            records = {one["id"]: one for one in changes if one["collection"] == "shell.setting"}
            assert (records["r"]["fields"], records["gone"]["deleted"]) == ({"v": "sea", "w": 1}, True)
            again = {
                "id": "m1",
                "base": 0,
                "collection": "shell.setting",
                "record": "r",
                "op": "put",
                "fields": {},
            }
            [outcome] = client.post("/journal/mutations", json={"mutations": [again]}).json()["outcomes"]
            assert outcome["seq"] == 1, "a mutation of then is known now"
            found = wait(lambda: client.get("/messages/search?q=西湖").json()["messages"])
            assert [one["id"] for one in found] == ["msg2", "msg1", "msg0"]
            [file] = wait(lambda: client.get("/files/search?q=西湖").json()["files"])
            content = client.get(f"/files/{file['file']}/content")
            assert content.content == "tea, 西湖".encode()
            new = {**again, "id": "now", "record": "new", "fields": {"v": 1}}
            [outcome] = client.post("/journal/mutations", json={"mutations": [new]}).json()["outcomes"]
            assert outcome["seq"] == client.get("/journal/changes?since=0").json()["next"]


def test_a_move_to_postgresql_and_back_loses_no_row(kept: Settings, postgres_server: PostgresServer) -> None:
    upgrade(kept)
    before = rows_of(kept)
    name = postgres_server.make()
    away = kept.changed(database=postgres_server.url(name))
    try:
        count, old = move_away(kept, away.database)
        assert count > sum(map(len, before.values())) > 15
        assert rows_of(away) == before
        with pytest.raises(DatabaseUnusable, match="PILEUS_DATABASE"):
            connect(kept)
        for number in ("1", "2"):
            values = {"account": before["account"][0]["id"], "number": number}
            with closing(connect(away)) as db:
                db.write(lambda conn, values=values: put_pack(conn, values))
        old.rename(kept.data_dir / "pileus.db")
        with pytest.raises(NotEmpty):
            move_away(kept, away.database)
        with pytest.raises(NotEmpty):
            move_back(away)
        (kept.data_dir / "pileus.db").unlink()
        move_back(away)
        assert rows_of(kept) == before
    finally:
        postgres_server.drop(name)


def put_pack(conn: Any, values: dict[str, Any]) -> None:
    """A row whose number the database gives: it must not be one that came."""
    conn.execute(
        text(
            "INSERT INTO object_pack (name, account_id, area, size, created_ms)"
            " VALUES (:number, :account, 'files', 1, 1)"
        ),
        values,
    )


def rows_of(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    with closing(connect(settings)) as db:
        return {table: _sorted(db, table) for table in TABLES}


def _sorted(db: OneWriter, table: str) -> list[dict[str, Any]]:
    rows = db.read(lambda conn: [dict(row) for row in conn.execute(text(f"SELECT * FROM {table}")).mappings()])
    return sorted(rows, key=repr)


def test_an_upgrade_keeps_what_was_before(kept: Settings) -> None:
    done = upgrade(kept)
    assert done.before.startswith("0001")
    assert done.kept is not None
    assert done.kept.stat().st_mode & 0o777 == 0o600
    with closing(connect(kept.changed(data_dir=kept.data_dir))) as db:
        assert db.read(lambda conn: conn.execute(text("SELECT count(*) FROM account_log")).scalar_one()) == 0
    again = upgrade(kept)
    assert (again.before, again.kept) == (done.now, None)
    assert list(kept.data_dir.glob("before-*")) == [done.kept]
