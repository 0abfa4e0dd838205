"""SQLite as the account store: WAL, synchronous=FULL, one writer thread, reads on pooled connections.

A write's transaction starts with BEGIN IMMEDIATE, so that it never fails half way for a lock, and has
been fsynced when `write` returns. Other processes (the command line) may write too: they wait for each
other up to `BUSY_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, QueuePool

from pileus.cloud.kernel.room import storage_full
from pileus.core.errors import PileusError

T = TypeVar("T")
Action = Callable[[], None]

BUSY_SECONDS = 15
READERS = 4

log = logging.getLogger(__name__)


class DatabaseUnusable(PileusError):
    """The file is there and cannot be used."""

    code = "database-unusable"


class SqliteDatabase:
    """One SQLite file. Close it when done: the writer thread is not a daemon's business.

    Raises `DatabaseUnusable` where the file is none, or is not ours to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._readers = _engine(path, "BEGIN", pooled=True)
        self._writers = _engine(path, "BEGIN IMMEDIATE", pooled=False)
        self._writer = _opened(path, self._writers)
        self._executor = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._tasks: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = threading.Lock(), [False]
        self._thread = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._thread.start()

    def read(self, function: Callable[[Connection], T]) -> T:
        with self._readers.connect() as connection, connection.begin():
            return function(connection)

    def write(self, function: Callable[[Connection], T]) -> T:
        return self._submit(function).result()

    async def read_async(self, function: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self.read, function)

    async def write_async(self, function: Callable[[Connection], T]) -> T:
        # Shielded: a caller that goes away must not leave a commit that nobody heard of half observed.
        return await asyncio.shield(asyncio.wrap_future(self._submit(function)))

    def snapshot(self, path: Path) -> None:
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(path)) as target:
            path.chmod(0o600)
            source.backup(target)

    def after_commit(self, connection: Connection, action: Action) -> None:
        connection.info.setdefault("after_commit", []).append(action)

    def close(self) -> None:
        """Finishes the writes that were asked for, then ends the threads."""
        lock, closed = self._closed
        with lock:
            if closed[0]:
                return
            closed[0] = True
            self._tasks.put(None)
        self._thread.join()
        self._executor.shutdown(wait=True)
        self._readers.dispose()
        self._writers.dispose()

    def _submit(self, function: Callable[[Connection], T]) -> Future[T]:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write would wait for itself")
        future: Future[T] = Future()
        lock, closed = self._closed
        with lock:
            if closed[0]:
                raise RuntimeError("the database is closed")
            self._tasks.put((function, future))
        return future

    def _run(self) -> None:
        with self._writer as connection:
            while (task := self._tasks.get()) is not None:
                function, future = task
                if future.set_running_or_notify_cancel():
                    perform(connection, function, future)


def perform(connection: Connection, function: Callable[[Connection], Any], future: Future[Any]) -> None:
    """One write in its transaction, then what should follow its commit; a full disk ends it with `StorageFull`."""
    connection.info.pop("after_commit", None)
    try:
        with connection.begin():
            result = function(connection)
    except BaseException as error:
        future.set_exception(storage_full(error) or error)
        return
    for action in connection.info.pop("after_commit", ()):
        try:
            action()
        except Exception:
            log.exception("what should follow a commit failed")
    future.set_result(result)


def _opened(path: Path, engine: Engine) -> Connection:
    """The writer's connection: opened here, since a thread could only tell its log that there is none."""
    try:
        return engine.connect()
    except DatabaseError as error:
        engine.dispose()
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
