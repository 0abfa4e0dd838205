"""Make a child process end with the process that started it, and take care of what children leave behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def end_with_parent(parent: int) -> None:
    """Called in the child: the kernel kills it when the parent dies (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


def adopt() -> None:
    """From now on the children of this process's children become its own when those end before them (prctl(2),
    PR_SET_CHILD_SUBREAPER), instead of the machine's first process's, which in a container may wait for nobody."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(handle: int) -> None:
    """Waits for the process of a pidfd to end, where it is a child of this one, and lets go of it. Blocks."""
    with contextlib.suppress(ChildProcessError):  # another's child, which has waited for it
        os.waitid(os.P_PIDFD, handle, os.WEXITED)
