"""The alarm of the real-time clock, which wakes a device that sleeps (Linux, Documentation/admin-guide/rtc.rst).

It stays set over a sleep and is over when it has rung. The clock counts in UTC, as the image sets it up.
"""

from __future__ import annotations

import contextlib
from pathlib import Path


def find(folder: Path) -> Path | None:
    """The alarm of the first clock below `/sys/class/rtc` that has one."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            if (path / "wakealarm").is_file():
                return path / "wakealarm"
    return None


def write(alarm: Path, at_s: int | None) -> None:
    """Seconds since 1970; None: it does not wake. Raises `OSError`, for a moment that is over too."""
    alarm.write_text("0\n", encoding="ascii")  # one that is set refuses another
    if at_s is not None:
        alarm.write_text(f"{at_s}\n", encoding="ascii")
