"""Jobs: services that the system binds when their conditions hold, kept on the disk where they ask for it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system.intents import Intent, Kept, Piece
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node, Parcel
from pileus.surfaces.engines.android.system.services import Service, Told
from pileus.surfaces.engines.android.system.state import MOST_MS

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

FILE = "jobs.json"
MAX_JOBS = 150
"""Of one package (JobSchedulerService)."""
MAX_PIECES = 1 << 19
"""Bytes of what one package's jobs carry: they lie on the disk, and the app asks for all of them at once."""
LONGEST = 600.0
"""Seconds that a job may run before it is stopped."""
LEAST_PERIOD_MS = 15 * 60_000
LEAST_BACKOFF_MS = 10_000
MOST_BACKOFF_MS = 5 * 3_600_000


class Job(msgspec.Struct, kw_only=True):
    """One job. `raw` is the app's JobInfo, parcelled, for when it asks what is pending."""

    package: str
    id: int
    component: str
    at_ms: int
    period_ms: int = 0
    persisted: bool = False
    backoff_ms: int = 30_000
    linear: bool = False
    failures: int = 0
    extras: str | None = None
    raw: str | None = None


class _Schedule(msgspec.Struct):
    id: int
    component: str
    delay_ms: int = 0
    period_ms: int = 0
    persisted: bool = False
    backoff_ms: int = 30_000
    linear: bool = False
    extras: Piece | None = None
    raw: Piece | None = None


class _Which(msgspec.Struct):
    id: int = 0
    all: bool = False


class _Finished(msgspec.Struct):
    job: int
    again: bool = False


@dataclass(eq=False)
class _Run(Told):
    jobs: Jobs
    number: int
    job: Job
    process: Process | None = None
    service: Service | None = None
    node: Node | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def hear(self, service: Node | None) -> None:
        if service is not None and self.node is None:
            self.node = service
            self.jobs.begin(self)


class Jobs:
    """The account's jobs. Network, charging and idle always hold in the cloud."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._all: dict[tuple[str, int], Job] = {}
        self._running: dict[int, _Run] = {}
        self._next = 0
        self.methods = {
            "scheduleJob": self._schedule,
            "cancelJob": self._cancel,
            "pendingJobs": self._pending,
            "jobFinished": self._finished,
        }

    @property
    def next_ms(self) -> int:
        return min((job.at_ms for job in self._all.values() if not self._runs(job)), default=0)

    def dump(self) -> list[str]:
        return ["JOBS", *(f"  {job.component} id={job.id} at={job.at_ms}" for job in self._all.values())]

    def load(self, jobs: list[Job]) -> None:
        self._all = {(job.package, job.id): job for job in jobs if self._system.packages.get(job.package)}

    def fire(self, now_ms: int) -> None:
        """Starts what is due."""
        for job in list(self._all.values()):
            if job.at_ms > now_ms or self._runs(job):
                continue
            if not self._system.attempt(f"a job of {job.package}", partial(self._start, job)):
                self._failed(job)

    def forget(self, package: str) -> None:
        for key in [key for key in self._all if key[0] == package]:
            del self._all[key]
        self._changed()

    def on_end(self, process: Process) -> None:
        """A job whose process ended is tried again later."""
        for run in [run for run in self._running.values() if run.process is process]:
            self._over(run, True)

    def begin(self, run: _Run) -> None:
        """The service is bound."""
        if run.process is None:
            return
        extras = Parcel(base64.b64decode(run.job.extras)) if run.job.extras else None
        said = Said(job=run.number, id=run.job.id, deadline=False).node("service", run.node)
        run.process.tell("startJob", said.piece("extras", extras))

    def _runs(self, job: Job) -> bool:
        return any(run.job is job for run in self._running.values())

    def _start(self, job: Job) -> None:
        component = self._system.packages.component("service", job.component)
        if component is None:
            del self._all[job.package, job.id]
            self._changed()
            return
        self._next += 1
        run = self._running[self._next] = _Run(self, self._next, job)
        run.process = self._system.process(job.package)
        run.process.busy.add(run)
        run.service = self._system.services.bind_own(component, Kept(Intent(component=component.full)), run)

        def late() -> None:
            if self._running.get(run.number) is run and run.process is not None:
                run.process.tell("stopJob", Said(job=run.number).node("service", run.node))
                self._over(run, True)

        self._system.later(LONGEST, late)

    def _over(self, run: _Run, again: bool) -> None:
        self._running.pop(run.number, None)
        if run.process is not None:
            run.process.busy.discard(run)
        job = run.job
        if self._all.get((job.package, job.id)) is job:
            if again:
                self._put_off(job)
            elif job.period_ms:
                job.failures, job.at_ms = 0, min(self._system.now_ms() + job.period_ms, MOST_MS)
            else:
                del self._all[job.package, job.id]
        if run.service is not None:
            self._system.services.unbind_own(run.service, run)
        self._changed()

    def _failed(self, job: Job) -> None:
        """It could not be started."""
        run = next((run for run in self._running.values() if run.job is job), None)
        if run is not None:
            self._over(run, True)
        else:
            self._put_off(job)
            self._changed()

    def _put_off(self, job: Job) -> None:
        """It has failed, and is tried again later."""
        job.failures += 1
        steps = job.failures if job.linear else 1 << min(job.failures - 1, 20)
        backoff = max(job.backoff_ms, LEAST_BACKOFF_MS) * steps
        job.at_ms = self._system.now_ms() + min(backoff, MOST_BACKOFF_MS)

    def _schedule(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Schedule)
        component = self._system.packages.component("service", wish.component)
        if component is None or component.package != process.package:
            return Said(illegal=f"No such service {wish.component}")
        if component.permission != "android.permission.BIND_JOB_SERVICE":
            return Said(illegal=f"Service {wish.component} does not require android.permission.BIND_JOB_SERVICE")
        if sum(package == process.package for package, _ in self._all) >= MAX_JOBS:
            return Said(result=0)
        extras, raw = asked.piece(wish.extras), asked.piece(wish.raw)
        own = [job for key, job in self._all.items() if key[0] == process.package and key[1] != wish.id]
        pieces = [text for job in own for text in (job.extras, job.raw) if text]
        size = sum(len(piece.data) for piece in (extras, raw) if piece) + sum(map(len, pieces)) * 3 // 4
        if size > MAX_PIECES:
            return Said(result=0)
        period = min(max(wish.period_ms, LEAST_PERIOD_MS), MOST_MS) if wish.period_ms else 0
        self._all[process.package, wish.id] = Job(
            package=process.package,
            id=wish.id,
            component=component.full,
            at_ms=min(self._system.now_ms() + max(wish.delay_ms, 0), MOST_MS),
            period_ms=period,
            persisted=wish.persisted,
            backoff_ms=wish.backoff_ms,
            linear=wish.linear,
            extras=base64.b64encode(extras.data).decode() if extras else None,
            raw=base64.b64encode(raw.data).decode() if raw else None,
        )
        self._changed()
        return Said(result=1)

    def _cancel(self, process: Process, asked: Asked) -> Said:
        which = asked.read(_Which)
        gone = [key for key in self._all if key[0] == process.package and (which.all or key[1] == which.id)]
        for key in gone:
            job = self._all.pop(key)
            for run in [run for run in self._running.values() if run.job is job]:
                process.tell("stopJob", Said(job=run.number).node("service", run.node))
        self._changed()
        return Said()

    def _pending(self, process: Process, asked: Asked) -> Said:
        said = Said()
        raws = [job.raw for job in self._all.values() if job.package == process.package and job.raw]
        return said.put(jobs=[said.place(Parcel(base64.b64decode(raw))) for raw in raws])

    def _finished(self, process: Process, asked: Asked) -> Said:
        done = asked.read(_Finished)
        run = self._running.get(done.job)
        if run is not None and run.process is process:
            self._over(run, done.again)
        return Said()

    def _changed(self) -> None:
        self._system.keep(FILE, list(self._all.values()))
