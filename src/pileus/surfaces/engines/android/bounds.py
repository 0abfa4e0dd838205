"""What one sandbox may take of the machine, as pure rules; `watch` measures, `stage` sets the kernel's limits."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

MB = 1 << 20


@dataclass(frozen=True)
class Bounds:
    """Bytes, counts and seconds. `memory` is what no other process shares; `cores` may be used without end,
    `burst` seconds of processor time beyond that at once."""

    memory: int = 900 * MB
    tasks: int = 400
    processes: int = 16
    open_files: int = 1024
    disk: int = 4096 * MB
    files: int = 200_000
    tmp: int = 256 * MB
    cores: float = max(1.0, 0.75 * (os.cpu_count() or 1))
    burst: float = 90.0


@dataclass(frozen=True)
class Usage:
    """What a sandbox's processes hold at one moment; `cpu_seconds` since it began."""

    memory: int
    tasks: int
    processes: int
    cpu_seconds: float


def limits(bounds: Bounds) -> list[tuple[int, int]]:
    """The kernel's limits (getrlimit(2)), for each process of the sandbox; tasks count for the user or the
    user namespace. RLIMIT_DATA ends what outruns the watch."""
    return [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, bounds.tasks),
        (resource.RLIMIT_NOFILE, bounds.open_files),
        (resource.RLIMIT_FSIZE, bounds.disk),
        (resource.RLIMIT_DATA, 2 * bounds.memory + 1024 * MB),
        (resource.RLIMIT_MEMLOCK, 64 << 10),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 1024),
        (resource.RLIMIT_RTPRIO, 0),
        (resource.RLIMIT_NICE, 0),
    ]


def passed(bounds: Bounds, usage: Usage) -> str | None:
    """The code of a bound that was passed. The tasks' own limit stops at the bound, so near it counts."""
    if usage.tasks >= bounds.tasks - 4 or usage.processes > bounds.processes:
        return "app-processes"
    return "app-memory" if usage.memory > bounds.memory else None


class CpuBudget:
    """Processor time as water in a bucket: `cores` run in, use runs out, no more than `burst` is kept."""

    def __init__(self, bounds: Bounds, now: float, used: float = 0.0) -> None:
        self._bounds = bounds
        self._left = bounds.burst
        self._then = now
        self._used = used

    def spend(self, now: float, cpu_seconds: float) -> float:
        """The share that is left (0: it is to be ended); `cpu_seconds` since the start, which never falls."""
        used = max(0.0, cpu_seconds - self._used)
        self._left += self._bounds.cores * (now - self._then) - used
        self._left = min(self._bounds.burst, self._left)
        self._then, self._used = now, max(self._used, cpu_seconds)
        return max(0.0, self._left / self._bounds.burst)
