"""Users of their own for running sandboxes, where Pileus runs as root: no two programs share one, so that the
kernel's limits for a user hold for each."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path

FIRST, COUNT = 61_000, 1000
"""Outside the ranges that distributions and systemd give out."""

_lent: set[int] = set()


def own() -> bool:
    """Whether programs can run as other users: Pileus is root, and not one whose container has no others."""
    return os.getuid() == 0 and _all_there()


def covers(table: str) -> bool:
    """Whether a uid_map (user_namespaces(7)) has all of the users that are lent."""
    spans = (tuple(map(int, line.split())) for line in table.splitlines())
    return any(first <= FIRST and first + count >= FIRST + COUNT for first, _, count in spans)


def lend() -> int | None:
    """A user that no process of the machine runs as; None where there are no others. Give it back."""
    if not own():
        return None
    running = _running()
    # Each process that starts sandboxes begins elsewhere, so that two rarely look at the same free user.
    begin = os.getpid() * 17
    for step in range(COUNT):
        user = FIRST + (begin + step) % COUNT
        if user not in running and user not in _lent:
            _lent.add(user)
            return user
    raise OSError("too many sandboxes run on this machine")


def give_back(user: int | None) -> None:
    if user is not None:
        _lent.discard(user)


@functools.cache
def _all_there() -> bool:
    return covers(Path("/proc/self/uid_map").read_text())


def _running() -> set[int]:
    found = set()
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    found.add(entry.stat().st_uid)
    return found
