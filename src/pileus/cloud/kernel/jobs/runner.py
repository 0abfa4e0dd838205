"""Jobs: a row until it is done, its progress a record `jobs.job` in the account's journal.

A job that a crash cut off is run again from its start, at most `RUNS` times, so that one that kills the
process cannot keep it from ever starting. Two run at a time. What a full disk does not take of how a job ended is
written when there is room.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.journal.collections import Collection
from pileus.cloud.kernel.room import storage_failure
from pileus.cloud.kernel.service import Database, JobFailed, JobHandler, Journal
from pileus.core.clock import Clock
from pileus.core.errors import PileusError
from pileus.core.ids import new_id

COLLECTION = Collection("jobs.job", write="service", priority=60, over_quota=True)
RUNS = 3
AT_ONCE = 2
SHOW_EVERY = 0.25
FIRST_SECONDS = 600.0
"""Daily work begins so long after a start: opening and the first devices come before."""
DAY_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 30.0
DISK_SECONDS = 5.0
"""After which what could not be written of a job is tried again."""
KEPT_MS = 7 * 24 * 3600_000
"""For which a job that ended is remembered."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class JobRunner:
    """The kernel's `Jobs`."""

    def __init__(self, db: Database, journal: Journal, clock: Clock) -> None:
        self._db = db
        self._journal = journal
        self._clock = clock
        self._handlers: dict[str, JobHandler] = {}
        self._failed: dict[str, JobFailed] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = False
        self._daily: list[Callable[[], Awaitable[object]]] = []
        self._always: list[Callable[[], Awaitable[None]]] = []

    def daily(self, work: Callable[[], Awaitable[object]]) -> None:
        self._daily.append(work)

    def always(self, work: Callable[[], Awaitable[None]]) -> None:
        self._always.append(work)

    def handler(self, name: str, handler: JobHandler, failed: JobFailed | None = None) -> None:
        if name in self._handlers:
            raise ValueError(f"The job {name} has two handlers.")
        self._handlers[name] = handler
        if failed is not None:
            self._failed[name] = failed

    async def submit(self, name: str, account_id: str, payload: Mapping[str, Any]) -> str:
        if name not in self._handlers:
            raise PileusError("unknown-job", f"No service handles the job {name}.")
        now = self._clock.now_ms()
        job_id = new_id(now)

        def write(conn: Connection) -> None:
            self._forget(conn, account_id, now - KEPT_MS)
            conn.execute(
                insert(tables.job).values(
                    id=job_id,
                    account_id=account_id,
                    name=name,
                    payload=msgspec.json.encode(payload).decode(),
                    state="waiting",
                    runs=0,
                    created_ms=now,
                    updated_ms=now,
                )
            )
            self._show(conn, account_id, job_id, {"name": name, "state": "waiting", "created_ms": now})

        await self._db.write_async(write)
        if self._running:
            self._begin(job_id)
        return job_id

    async def start(self) -> None:
        """Takes up what is unfinished; call it when all handlers are registered."""
        self._running = True
        for work in self._daily:
            self._keep(asyncio.get_running_loop().create_task(_each_day(work)))
        for going in self._always:
            self._keep(asyncio.get_running_loop().create_task(_go_on(going)))
        waiting = await self._db.read_async(_unfinished)
        for job_id in waiting:
            self._begin(job_id)

    async def stop(self) -> None:
        """Cuts off what runs: it is taken up at the next start."""
        self._running = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def show(self, account_id: str, job_id: str, fields: dict[str, Any]) -> None:
        await self._db.write_async(lambda conn: self._show(conn, account_id, job_id, fields))

    def _show(self, conn: Connection, account_id: str, job_id: str, fields: dict[str, Any]) -> None:
        self._journal.put(conn, account_id, COLLECTION.name, job_id, fields)

    def _forget(self, conn: Connection, account_id: str, before_ms: int) -> None:
        """Jobs that ended before, and their records."""
        job = tables.job
        old = (job.c.account_id == account_id, job.c.state.in_(("done", "failed")), job.c.updated_ms < before_ms)
        for job_id in conn.execute(select(job.c.id).where(*old)).scalars().all():
            self._journal.delete(conn, account_id, COLLECTION.name, job_id)
        conn.execute(delete(job).where(*old))

    def _begin(self, job_id: str) -> None:
        self._keep(asyncio.get_running_loop().create_task(self._run(job_id), name=f"job {job_id}"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job_id: str) -> None:
        async with self._turns:
            row = await _written(
                lambda: self._db.write_async(lambda conn: _claim(conn, job_id, self._clock.now_ms()))
            )
            if row is None:
                return
            run = Run(self, self._clock, row)
            try:
                result = await self._handled(run, row)
            except PileusError as error:
                failed: PileusError | None = error
            except Exception as error:
                failed = storage_failure(error) or _unknown(row.name)
            else:
                failed = None
        # In nobody's turn: where the disk takes nothing, that may be for long.
        if failed is not None:
            await self._fail(run, row, failed)
        else:
            done = {"progress": 1.0, "result": dict(result) if result else None}
            await _written(lambda: self._end(row, "done", done))

    async def _handled(self, run: Run, row: Row[Any]) -> Mapping[str, Any] | None:
        handler = self._handlers.get(row.name)
        if handler is None:
            raise PileusError("unknown-job", f"No service handles the job {row.name}.")
        if row.runs > RUNS:
            raise PileusError("job-crashed", "The work was cut off too often.")
        return await handler(run)

    async def _fail(self, run: Run, row: Row[Any], error: PileusError) -> None:
        hear = self._failed.get(row.name)
        try:
            if hear is not None:
                await _written(lambda: hear(run, error))
        except Exception:
            log.exception("the failure of the job %s could not be told", row.name)
        await _written(lambda: self._end(row, "failed", {"code": error.code, "message": error.detail}))

    async def _end(self, row: Row[Any], state: str, fields: dict[str, Any]) -> None:
        def write(conn: Connection) -> None:
            ended = update(tables.job).where(tables.job.c.id == row.id)
            conn.execute(ended.values(state=state, updated_ms=self._clock.now_ms()))
            self._show(conn, row.account_id, row.id, {"state": state, **fields})

        await self._db.write_async(write)


class Run:
    """The kernel's `JobRun`."""

    def __init__(self, runner: JobRunner, clock: Clock, row: Row[Any]) -> None:
        self.id: str = row.id
        self.account_id: str = row.account_id
        self.payload: Mapping[str, Any] = msgspec.json.decode(row.payload)
        self._runner = runner
        self._clock = clock
        self._shown: tuple[str, float] = ("", 0.0)

    async def progress(self, phase: str, fraction: float | None = None, **fields: Any) -> None:
        """At most four times a second within a phase: each is a durable write."""
        now = self._clock.monotonic()
        same = phase == self._shown[0] and not fields and now - self._shown[1] < SHOW_EVERY
        if same and fraction != 1.0:
            return
        self._shown = (phase, now)
        shown = {"state": "running", "phase": phase, "progress": fraction, **fields}
        await self._runner.show(self.account_id, self.id, shown)


async def _written(work: Callable[[], Awaitable[T]]) -> T:
    """Tries again for as long as the disk is full or can only be read: nobody else takes a job up again before the
    next start, and whoever asks for another one is told that this one goes on."""
    while True:
        try:
            return await work()
        except Exception as error:
            if (found := storage_failure(error)) is None:
                raise
            log.warning("a job waits for the disk: %s", found.detail)
        await asyncio.sleep(DISK_SECONDS)


async def _each_day(work: Callable[[], Awaitable[object]]) -> None:
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            await work()
        except Exception:
            log.exception("daily work failed; it is tried again tomorrow")
        await asyncio.sleep(DAY_SECONDS)


async def _go_on(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("work of a service failed; it begins anew in %d s", AGAIN_SECONDS)
        await asyncio.sleep(AGAIN_SECONDS)


def _unknown(name: str) -> PileusError:
    log.exception("the job %s failed", name)
    return PileusError("internal", "The work failed for a reason that is in the server's log.")


def _claim(conn: Connection, job_id: str, now_ms: int) -> Row[Any] | None:
    job = tables.job
    open_one = select(job).where(job.c.id == job_id, job.c.state.in_(("waiting", "running")))
    if conn.execute(open_one).first() is None:
        return None
    conn.execute(
        update(job).where(job.c.id == job_id).values(state="running", runs=job.c.runs + 1, updated_ms=now_ms)
    )
    return conn.execute(select(job).where(job.c.id == job_id)).first()


def _unfinished(conn: Connection) -> list[str]:
    job = tables.job
    query = select(job.c.id).where(job.c.state.in_(("waiting", "running"))).order_by(job.c.created_ms)
    return list(conn.execute(query).scalars())
