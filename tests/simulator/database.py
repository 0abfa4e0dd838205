"""A SQLite file that a history's cloud dies on and opens again, as cheaply as thousands of histories need it.

It should lie in memory (`MEMORY`): a crash here is one of the process, never of the machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine

from pileus.cloud.kernel.db import SqliteDatabase, sqlite
from pileus.cloud.kernel.db.migrations import migrate
from pileus.cloud.kernel.db.writer import OneWriter, perform

T = TypeVar("T")

MEMORY = Path("/dev/shm")
ROOM = 1 << 40
"""Bytes that no history fills."""


class Died(Exception):
    """The process ended before the commit."""


class CrashingDatabase(SqliteDatabase):
    """Ends the next write as a crash before its commit would, where that was asked for.

    One request after the other needs no threads: everything runs where it is asked for, in the same order
    always and several times as fast. Who opens the same path again gets new connections, and the statements that
    SQLAlchemy has compiled for it: to compile them anew would take longer than most histories.
    """

    dies = False

    def __init__(self, path: Path) -> None:
        self.path = path
        readers, writers = _engines(path)
        OneWriter.__init__(self, readers, writers, writers.connect())
        # Its thread ends, and closes the connection that it was given.
        self._tasks.put(None)
        self._thread.join()
        self._writer, self._reader = writers.connect(), readers.connect()

    def read(self, function: Callable[[Connection], T]) -> T:
        with self._reader.begin():
            return function(self._reader)

    async def read_async(self, function: Callable[[Connection], T]) -> T:
        return self.read(function)

    async def write_async(self, function: Callable[[Connection], T]) -> T:
        return self.write(function)

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
        super().close()

    def _submit(self, function: Callable[[Connection], T]) -> Future[T]:
        def run(connection: Connection) -> T:
            result = function(connection)
            if self.dies:
                raise Died
            return result

        future: Future[T] = Future()
        perform(self._writer, run, future)
        return future


def migrated(owners: Mapping[str, Path], fill: Callable[[CrashingDatabase], None] = lambda _: None) -> bytes:
    """The file of a database in its present form, with what `fill` writes."""
    with tempfile.TemporaryDirectory(prefix="pileus-sim-", dir=memory()) as folder:
        path = Path(folder, "cloud.db")
        db = CrashingDatabase(path)
        try:
            migrate(db, owners)
            fill(db)
        finally:
            db.close()
        return path.read_bytes()


def memory() -> Path | None:
    """Where temporary folders are made; None where the system has no such place."""
    return MEMORY if MEMORY.is_dir() else None


@lru_cache(maxsize=4)
def _engines(path: Path) -> tuple[Engine, Engine]:
    """Of its readers and its writer."""
    return sqlite._engine(path, "BEGIN", pooled=True), sqlite._engine(path, "BEGIN IMMEDIATE", pooled=False)
