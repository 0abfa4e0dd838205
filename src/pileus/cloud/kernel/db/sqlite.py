"""SQLite as the account store: WAL, synchronous=FULL, one writer thread, reads on pooled connections.

A write's transaction starts with BEGIN IMMEDIATE, so that it never fails half way for a lock, and has
been fsynced when `write` returns. Other processes (the command line) may write too: they wait for each
other up to `BUSY_SECONDS`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, QueuePool

from pileus.cloud.kernel.db.writer import BUSY_SECONDS, READERS, DatabaseUnusable, OneWriter
from pileus.cloud.kernel.room import shut, storage_failure
from pileus.core.errors import PileusError, StorageFull


class SqliteDatabase(OneWriter):
    """One SQLite file. Raises `DatabaseUnusable` where the file is none, or is not ours to write;
    `StorageFull` or `StorageReadOnly` where the disk takes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        readers = _engine(path, "BEGIN", pooled=True)
        writers = _engine(path, "BEGIN IMMEDIATE", pooled=False)
        super().__init__(readers, writers, _opened(path, writers))

    def _shut(self, error: BaseException) -> PileusError | None:
        return shut(error, self.path.parent)

    def snapshot(self, path: Path) -> None:
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(path)) as target:
            path.chmod(0o600)
            source.backup(target)


def _opened(path: Path, engine: Engine) -> Connection:
    """The writer's connection: opened here, since a thread could only tell its log that there is none."""
    try:
        return engine.connect()
    except DatabaseError as error:
        engine.dispose()
        failure = storage_failure(error)
        if not isinstance(failure, StorageFull):  # a file that is not ours to write says that it can only be read
            failure = shut(error, path.parent)
        if failure is not None:
            raise failure from None
        raise DatabaseUnusable(
            detail=f"The database {path} cannot be used ({error.orig}): put a copy of it in its place and run"
            " `pileus objects rebuild`, or name another folder with --data."
        ) from None


def _engine(path: Path, begin: str, *, pooled: bool) -> Engine:
    options: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 8} if pooled else {"poolclass": NullPool}
    )
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
        **options,
    )

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver must not begin or commit by itself
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-2000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
