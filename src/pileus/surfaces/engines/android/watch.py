"""Watches what a sandbox takes, and says which of its bounds was passed.

The kernel's limits bound each process at once; what they cannot add up (the memory of several processes, a folder
on the disk, processor time over minutes) is measured here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pileus.core import trees
from pileus.core.errors import Invalid
from pileus.surfaces.engines.android.bounds import Bounds, CpuBudget, Usage, passed
from pileus.surfaces.engines.android.sandbox import Sandboxed

PERIOD = 0.25
COUNTED_EVERY = 10.0
"""Seconds after which a folder is counted anew at the latest."""
GREW = 16 << 20
"""Bytes that vanished from the disk since the last count, after which it is counted at once."""
GREW_FILES = 4096
POLITE = 19
STILL_WITHIN = 5.0
"""Seconds for processes to stop; on a machine that is busy they need one now and then."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Kept:
    """What lies in a folder, and in its files that are open but no longer there."""

    size: int
    files: int


class Watch:
    """One sandbox's watch."""

    def __init__(self, box: Sandboxed, bounds: Bounds) -> None:
        self._box = box
        self._bounds = bounds
        self._cpu = CpuBudget(bounds, time.monotonic())
        self._folder: Path | None = None
        self._frames: Path | None = None
        self._frames_size = 0
        self._counted = 0.0
        self._free = (0, 0)
        self._slowed = False
        self._waited = 0.0

    def keep(self, folder: Path) -> None:
        """From now on it has an app, and its folder. What it used of the processor before is not the app's."""
        self._folder = folder
        self._cpu = CpuBudget(self._bounds, time.monotonic(), measure(self._box.inside).cpu_seconds)

    def share(self, frames: Path) -> None:
        """From now on it has a screen: a file in memory that it shares with the server, which may not grow."""
        self._frames, self._frames_size = frames, frames.stat().st_size

    async def passed(self) -> str | None:
        """Waits until a bound is passed, and gives its code; None when the sandbox has ended."""
        turn = 0
        while not self._box.ended:
            await asyncio.sleep(PERIOD)
            turn += 1
            code = await self._disk() or (self._processes() if turn % 2 else None)
            if code is not None:
                return code
        return None

    def _processes(self) -> str | None:
        usage = measure(self._box.inside)
        if usage.memory > self._bounds.memory and usage.processes > 2:
            usage = measure(self._box.inside, exactly=True)
        if (code := passed(self._bounds, usage)) is not None:
            return code
        if self._frames is not None:
            with contextlib.suppress(FileNotFoundError):
                about = self._frames.stat()
                if max(about.st_size, about.st_blocks * 512) > self._frames_size:
                    return "app-memory"
        # One that comes last on a busy machine gets little; what it waits for then counts as if it had got it.
        waited = waiting(self._box.inside) - self._waited if self._slowed else 0.0
        left = self._cpu.spend(time.monotonic(), usage.cpu_seconds + waited)
        if left < 0.5 and not self._slowed:
            self._slowed, self._waited = True, waiting(self._box.inside)
            slow(self._box.inside)
        return "app-busy" if left == 0 else None

    async def _disk(self) -> str | None:
        if self._folder is None:
            return None
        about = os.statvfs(self._folder)
        free, files = about.f_bfree * about.f_frsize, about.f_ffree
        now = time.monotonic()
        grew = self._free[0] - free > GREW or self._free[1] - files > GREW_FILES
        if not grew and now - self._counted < COUNTED_EVERY:
            return None
        try:
            kept = await asyncio.to_thread(count, self._folder, self._box.inside)
        except Invalid:
            return "app-disk"
        self._counted, self._free = now, (free, files)
        return "app-disk" if kept.size > self._bounds.disk or kept.files > self._bounds.files else None


def measure(root: int, *, exactly: bool = False) -> Usage:
    """What a process and all below it hold now.

    What two of them share by a fork is counted once only if it is to be exact, which takes milliseconds.
    """
    fields_of = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:") if exactly else ("RssAnon:", "RssShmem:", "VmSwap:")
    memory = tasks = processes = ticks = 0
    for pid, threads in _family(root):
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{pid}/{'smaps_rollup' if exactly else 'status'}").read_text().splitlines():
                if line.startswith(fields_of):
                    memory += int(line.split()[1]) << 10
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
        tasks += threads
        processes += 1
    return Usage(memory, tasks, processes, ticks / _TICKS)


def waiting(root: int) -> float:
    """Seconds in which tasks that live now could have run and did not (0 where the kernel does not say)."""
    total = 0
    for pid, _ in _family(root):
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    total += int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[1])
    return total / 1e9


def count(folder: Path, root: int) -> Kept:
    """What an app has on the disk; raises `Invalid` where its folders lie too deep. Blocks."""
    device = folder.stat().st_dev
    size, files = trees.measure(folder)
    return Kept(size + sum(_vanished(root, device).values()), files)


def slow(root: int) -> None:
    """Lets everything else on the machine go first."""
    for pid, _ in _family(root):
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, int(task), POLITE)
        # Where each session of processes is a scheduling group of its own, niceness counts within it only.
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(POLITE))


def stop(root: int, within: float = STILL_WITHIN) -> None:
    """Stops all processes below and with `root`: what has stopped starts no other, so none is missed.

    Returns when none of their threads runs any more, or after `within` seconds; blocks meanwhile. A process stops
    when one of its threads takes the signal, for which it has to get a processor; until then the others run on.
    """
    stopped: set[int] = set()
    while new := {pid for pid, _ in _family(root)} - stopped:
        _signal(new, signal.SIGSTOP)
        stopped |= new
    end = time.monotonic() + within
    while any(runs(pid) for pid in stopped) and time.monotonic() < end:
        time.sleep(0.001)


def runs(pid: int) -> bool:
    """Whether a thread of a process has not stopped, and is not over (proc(5), `state`)."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if Path(f"/proc/{pid}/task/{task}/stat").read_text().rpartition(")")[2].split()[0] not in "TtZXx":
                    return True
    return False


def let_go(root: int) -> None:
    """Takes `stop` back."""
    _signal({pid for pid, _ in _family(root)}, signal.SIGCONT)


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _vanished(root: int, device: int) -> dict[int, int]:
    """Bytes by inode of files on a device that some process holds although they have no name any more."""
    found: dict[int, int] = {}
    for pid, _ in _family(root):
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    about = os.stat(f"/proc/{pid}/fd/{name}")
                    if about.st_nlink == 0 and about.st_dev == device and stat.S_ISREG(about.st_mode):
                        found[about.st_ino] = about.st_blocks * 512
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines():
                if line.endswith("(deleted)"):
                    span, _, _, numbers, inode, *_ = line.split(maxsplit=5)
                    major, minor = (int(part, 16) for part in numbers.split(":"))
                    if (major, minor) == (os.major(device), os.minor(device)):
                        first, last = (int(part, 16) for part in span.split("-"))
                        found.setdefault(int(inode), last - first)
    return found


def _family(root: int) -> Iterator[tuple[int, int]]:
    """The processes below and with `root`, each with the number of its threads."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        tasks: list[str] = []
        with contextlib.suppress(OSError):
            tasks = os.listdir(f"/proc/{pid}/task")
        for task in tasks:
            with contextlib.suppress(OSError, ValueError):
                waiting += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        if tasks:
            yield pid, len(tasks)
