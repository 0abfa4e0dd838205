"""How much memory the machine could still give."""

from __future__ import annotations

import contextlib
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def available(meminfo: Path = MEMINFO, group: Path = GROUP) -> int | None:
    """Bytes that programs can get without swapping (proc(5), MemAvailable), or what this process's group may
    still take where that is less (files that it read and does not use count as free); None where the system
    does not say."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                found.append(int(line.split()[1]) << 10)
    with contextlib.suppress(OSError, ValueError, StopIteration):
        most = (group / "memory.max").read_text().strip()
        if most != "max":
            lines = (group / "memory.stat").read_text().splitlines()
            unused = next(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
            used = int((group / "memory.current").read_text()) - unused
            found.append(max(0, int(most) - used))
    return min(found, default=None)
