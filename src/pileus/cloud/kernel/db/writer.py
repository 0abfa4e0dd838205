"""What both databases have in common: one writer thread, reads on pooled connections.

So no write ever sees another one half done, in this process or beside it: what a write reads is true until
its commit, and nothing in the services has to think of locks (docs/decisions/0010-one-writer-on-postgresql.md).
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from pileus.cloud.kernel.room import storage_failure
from pileus.core.errors import PileusError
from pileus.core.tracing import span

T = TypeVar("T")
Action = Callable[[], None]

BUSY_SECONDS = 15
"""For which a write waits for another process's."""
READERS = 4

log = logging.getLogger(__name__)


class DatabaseUnusable(PileusError):
    """It is there and cannot be used, or cannot be reached at a start."""

    code = "database-unusable"


class OneWriter(ABC):
    """Close it when done: the writer thread is not a daemon's business."""

    owners: Mapping[str, Path]
    """The folders of migrations by which it was brought to its form, by their owners."""

    def __init__(self, readers: Engine, writers: Engine, writer: Connection) -> None:
        self.owners = {}
        self._readers, self._writers, self._writer = readers, writers, writer
        self._executor = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._tasks: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = threading.Lock(), [False]
        self.writes, self.write_seconds = 0, 0.0
        self._thread = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._thread.start()

    def read(self, function: Callable[[Connection], T]) -> T:
        with self._readers.connect() as connection, connection.begin():
            return function(connection)

    def write(self, function: Callable[[Connection], T]) -> T:
        return self._submit(function).result()

    @property
    def waiting(self) -> int:
        """Writes that wait for their turn."""
        return self._tasks.qsize()

    async def read_async(self, function: Callable[[Connection], T]) -> T:
        with span("db.read"):
            return await asyncio.get_running_loop().run_in_executor(self._executor, self.read, function)

    async def write_async(self, function: Callable[[Connection], T]) -> T:
        # Shielded: a caller that goes away must not leave a commit that nobody heard of half observed.
        with span("db.write"):
            return await asyncio.shield(asyncio.wrap_future(self._submit(function)))

    @abstractmethod
    def snapshot(self, path: Path) -> None:
        """As `Database.snapshot`."""

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

    def _begin(self, connection: Connection) -> AbstractContextManager[object]:
        """The transaction of a write."""
        return connection.begin()

    def _shut(self, _error: BaseException) -> PileusError | None:
        """Whether a write failed since the disk can only be read, where the error itself does not say."""
        return None

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
                    began = time.perf_counter()
                    perform(connection, function, future, self._begin, self._shut)
                    self.write_seconds += time.perf_counter() - began
                    self.writes += 1


def perform(
    connection: Connection,
    function: Callable[[Connection], Any],
    future: Future[Any],
    begin: Callable[[Connection], AbstractContextManager[object]] = Connection.begin,
    shut: Callable[[BaseException], PileusError | None] = storage_failure,
) -> None:
    """One write in its transaction, then what should follow its commit; a disk that takes nothing ends it with
    `StorageFull` or `StorageReadOnly`."""
    try:
        with begin(connection):
            connection.info.pop("after_commit", None)
            result = function(connection)
    except BaseException as error:
        future.set_exception(storage_failure(error) or shut(error) or error)
        return
    for action in connection.info.pop("after_commit", ()):
        try:
            action()
        except Exception:
            log.exception("what should follow a commit failed")
    future.set_result(result)
