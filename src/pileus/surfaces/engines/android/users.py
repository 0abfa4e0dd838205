"""Users of their own for running sandboxes, where Pileus runs as root: no two programs share one, so that the
kernel's limits for a user hold for each."""

from __future__ import annotations

import contextlib
import os

FIRST, COUNT = 61_000, 1000
"""Outside the ranges that distributions and systemd give out."""

_lent: set[int] = set()


def lend() -> int | None:
    """A user that no process of the machine runs as; None where Pileus is no root. Give it back."""
    if os.getuid() != 0:
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


def _running() -> set[int]:
    found = set()
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    found.add(entry.stat().st_uid)
    return found
