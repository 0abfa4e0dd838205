"""A database of an earlier version is brought up, one of a newer version refused, a broken one named."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from pileus.cloud.app import build
from pileus.cloud.kernel.db import DatabaseUnusable, SqliteDatabase
from pileus.cloud.kernel.db.migrations import MigrationError, migrate
from pileus.core.settings import Settings
from tests.postgres import on_sqlite

database = on_sqlite


@pytest.fixture
def db(tmp_path: Path) -> Iterator[SqliteDatabase]:
    one = SqliteDatabase(tmp_path / "x.db")
    yield one
    one.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The migrations of a service at its first version."""
    made = tmp_path / "garden"
    made.mkdir()
    (made / "0001_plants.sql").write_text("CREATE TABLE plant (name TEXT);\n")
    return made


def names(db: SqliteDatabase) -> list[str]:
    return [row[0] for row in db.read(lambda conn: conn.exec_driver_sql("SELECT name FROM plant").all())]


def test_what_an_earlier_version_kept_is_there_after_the_upgrade(db: SqliteDatabase, folder: Path) -> None:
    migrate(db, {"garden": folder})
    db.write(lambda conn: conn.exec_driver_sql("INSERT INTO plant VALUES ('moss')"))
    (folder / "0002_heights.sql").write_text(
        "ALTER TABLE plant ADD height INTEGER NOT NULL DEFAULT 1;\nUPDATE plant SET name = name || '!';\n"
    )
    for _ in range(2):
        migrate(db, {"garden": folder})
        assert names(db) == ["moss!"]


def test_a_step_that_fails_half_way_leaves_nothing(db: SqliteDatabase, folder: Path) -> None:
    migrate(db, {"garden": folder})
    step = folder / "0002_more.sql"
    step.write_text("INSERT INTO plant VALUES ('half');\nINSERT INTO nothing VALUES (1);\n")
    with pytest.raises(OperationalError):
        migrate(db, {"garden": folder})
    assert names(db) == []
    step.write_text("INSERT INTO plant VALUES ('whole');\n")
    migrate(db, {"garden": folder})
    assert names(db) == ["whole"]


def test_a_newer_version_of_a_service_is_refused(db: SqliteDatabase, folder: Path) -> None:
    newer = folder / "0002_heights.sql"
    newer.write_text("ALTER TABLE plant ADD height INTEGER;\n")
    migrate(db, {"garden": folder})
    newer.unlink()
    with pytest.raises(MigrationError, match=r"0002_heights\.sql of garden.*run a newer version"):
        migrate(db, {"garden": folder})


def test_a_newer_kernel_is_refused_and_nothing_is_touched(settings: Settings) -> None:
    build(settings).close()
    db = SqliteDatabase(settings.data_dir / "pileus.db")
    db.write(lambda conn: conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    before = (settings.data_dir / "pileus.db").read_bytes()
    with pytest.raises(MigrationError, match="revision 9999"):
        build(settings)
    assert (settings.data_dir / "pileus.db").read_bytes() == before


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        SqliteDatabase(path)


def test_the_parent_says_it_in_a_sentence_and_ends(settings: Settings) -> None:
    settings.make_dirs()
    (settings.data_dir / "pileus.db").write_bytes(bytes(range(256)) * 40)
    command = [sys.executable, "-m", "pileus.cloud.parent"]
    env = {**os.environ, **settings.as_env(), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Pileus cannot start: The database" in done.stdout
    assert "Traceback" not in done.stdout
    assert not list(settings.runtime_dir.glob("*.pid"))


def test_history_that_an_earlier_version_kept_uncounted_is_counted(settings: Settings) -> None:
    cloud = build(settings, services=[])
    anna = cloud.accounts.create_blocking("anna", "correct horse").id
    back = (
        "DROP TABLE account_log",
        "DROP TABLE recovery_code",
        "DROP TABLE passkey",
        "ALTER TABLE device DROP COLUMN locked_ms",
        "DROP TABLE wiped_device",
        "DROP TABLE push_arrival",
        "DROP TABLE push_registration",
        "DROP TABLE push_message",
        "DROP TABLE push_subscription",
        "DROP TABLE app_password",
        "DROP TABLE family_invitation",
        "DROP TABLE family_member",
        "DROP TABLE pairing",
        "DROP TABLE invitation",
        "ALTER TABLE account DROP COLUMN role",
        "ALTER TABLE account DROP COLUMN disabled_ms",
        "ALTER TABLE account DROP COLUMN deletion_ms",
        "DROP INDEX journal_history_replaced",
        "ALTER TABLE journal_history DROP COLUMN size",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO journal_history (account_id, collection, record_id, field, value, seq, replaced_seq,"
        f" device_id, replaced_ms) VALUES ('{anna}', 'notes.note', 'r', 'v', '\"湖\"', 1, 2, 'd', 3)",
    )
    for statement in back:
        cloud.db.write(lambda conn, one=statement: conn.exec_driver_sql(one))  # type: ignore[misc]
    cloud.close()
    cloud = build(settings, services=[])
    try:
        assert asyncio.run(cloud.context.quota.used(anna)) == len('"湖"'.encode()) + len("v")
    finally:
        cloud.close()
