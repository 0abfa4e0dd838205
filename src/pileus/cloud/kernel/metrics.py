"""Numbers of a running cloud in Prometheus' form. Names and labels say what happened, never to whom.

Labels are methods, route templates, statuses, kinds: each a small set that no client can add to.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from pileus.cloud.kernel.db import OneWriter, tables
from pileus.cloud.kernel.objects import care
from pileus.cloud.kernel.objects.care import Done
from pileus.core.clock import Clock
from pileus.core.version import version

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""Seconds until an answer begins."""


@dataclass
class Facts:
    """What there is at a moment; each by its label."""

    accounts: int = 0
    devices: int = 0
    kept_bytes: Mapping[str, int] = field(default_factory=dict)
    """Logical bytes by area, those of versions and trash too."""
    jobs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By name and state."""
    tasks: Mapping[str, Done] = field(default_factory=dict)
    """What is done for the stored data by the calendar."""
    unreadable: int = 0
    damaged: int = 0


def facts(conn: Connection) -> Facts:
    """Counted by indexes and small tables alone."""
    job = tables.job.c
    use = tables.quota_use.c
    return Facts(
        accounts=int(conn.execute(select(func.count()).select_from(tables.account)).scalar_one()),
        devices=int(conn.execute(select(func.count()).select_from(tables.device)).scalar_one()),
        kept_bytes={
            str(area): int(total)
            for area, total in conn.execute(select(use.area, func.sum(use.bytes)).group_by(use.area))
        },
        jobs={
            (str(name), str(state)): int(count)
            for name, state, count in conn.execute(
                select(job.name, job.state, func.count()).group_by(job.name, job.state)
            )
        },
        tasks=care.tasks(conn),
        unreadable=care.unreadable(conn),
        damaged=len(care.damaged(conn)),
    )


L = TypeVar("L", bound=tuple[str, ...])
Sessions = Callable[[], Awaitable[Mapping[str, int] | None]]
"""The running apps by state; None where their supervisor does not answer."""


class Metrics(Collector):
    """One registry for a cloud; `doorbells` counts the open ones."""

    def __init__(self, db: OneWriter, clock: Clock, doorbells: Callable[[], int], sessions: Sessions) -> None:
        self._db, self._clock = db, clock
        self._doorbells = doorbells
        self._sessions = sessions
        self._facts = Facts()
        self._apps: Mapping[str, int] | None = None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._requests = Counter(
            "pileus_http_requests",
            "Operations by their answer.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "pileus_http_request_duration_seconds",
            "Seconds until an answer began.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._registry.register(self)

    @contextmanager
    def request(self, method: str, route: str, answered: Callable[[], int]) -> Iterator[None]:
        """Counts an operation and its time; `answered` gives its status afterwards."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds.labels(method, route).observe(time.perf_counter() - began)
            self._requests.labels(method, route, str(answered())).inc()

    async def page(self) -> tuple[bytes, str]:
        """All of it as text, and the type of that."""
        self._facts = await self._db.read_async(facts)
        self._apps = await self._sessions()
        return generate_latest(self._registry), CONTENT_TYPE

    def collect(self) -> Iterable[Metric]:
        db, now = self._db, self._facts
        yield _gauge("pileus_info", "The version that runs.", {(version(),): 1}, "version")
        yield _gauge("pileus_accounts", "Accounts.", {(): now.accounts})
        yield _gauge("pileus_devices", "Devices that are signed in.", {(): now.devices})
        yield _gauge(
            "pileus_kept_bytes",
            "Logical bytes of all accounts.",
            {(area,): size for area, size in now.kept_bytes.items()},
            "area",
        )
        yield _gauge("pileus_jobs", "Jobs by what they do and how far they are.", now.jobs, "job", "state")
        yield _gauge("pileus_doorbells", "Devices that wait to hear of changes.", {(): self._doorbells()})
        yield _gauge("pileus_db_writes_waiting", "Writes that wait for the one writer.", {(): db.waiting})
        yield _counter("pileus_db_writes", "Writes that were committed or rolled back.", db.writes)
        yield _counter("pileus_db_write_seconds", "Seconds that the writer worked.", db.write_seconds)
        yield _gauge(
            "pileus_supervisor_up", "Whether the apps' supervisor answers.", {(): int(self._apps is not None)}
        )
        yield _gauge(
            "pileus_sessions",
            "Running apps by state.",
            {(state,): count for state, count in (self._apps or {}).items()},
            "state",
        )
        yield from self._storage()

    def _storage(self) -> Iterable[Metric]:
        now, seen = self._clock.now_ms(), self._facts
        yield _gauge("pileus_object_problems", "Packs that could not be read.", {(): seen.unreadable})
        yield _gauge("pileus_objects_damaged", "Objects of which bytes are gone.", {(): seen.damaged})
        yield _gauge(
            "pileus_object_task_problems",
            "What the last run of a daily task found.",
            {(task,): one.problems for task, one in seen.tasks.items()},
            "task",
        )
        yield _gauge(
            "pileus_object_task_age_seconds",
            "Since a daily task came to its end.",
            {(task,): (now - one.done_ms) / 1000 for task, one in seen.tasks.items() if one.done_ms is not None},
            "task",
        )
        yield _gauge(
            "pileus_object_task_failed",
            "Whether the last try of a daily task failed.",
            {(task,): int(one.code is not None) for task, one in seen.tasks.items()},
            "task",
        )


def _gauge(name: str, text: str, values: Mapping[L, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)
