"""Which walls this machine can put around an app, and the refusal where that is not enough.

Needed are bubblewrap, a user of its own for the app (another user where Pileus is root, else a user namespace)
and the filter of system calls. Landlock stands behind them where the kernel has it.
"""

from __future__ import annotations

import functools
import logging
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android import landlock, users

_REFUSED = "Android apps cannot be shut off from the server on this machine, so they are not started"

log = logging.getLogger("pileus.surfaces.android")


@dataclass(frozen=True)
class Walls:
    """What there is: `missing` tools, `user` is "own", "namespace" or "" with `why`, `landlock` its version."""

    missing: tuple[str, ...] = ()
    user: str = ""
    why: str = ""
    seccomp: bool = False
    landlock: int = 0


def lacking(walls: Walls) -> Unavailable | None:
    """The refusal that says what the machine lacks for running an app; None where it lacks nothing."""
    if "bwrap" in walls.missing:
        return Unavailable("sandbox-no-bubblewrap", f"{_REFUSED}: bwrap is not installed.")
    if "unshare" in walls.missing:
        return Unavailable("sandbox-no-unshare", f"{_REFUSED}: unshare is not installed.")
    if not walls.user:
        why = f"there is no user to give them, and user namespaces cannot be made here ({walls.why})"
        return Unavailable("sandbox-no-user", f"{_REFUSED}: {why}.")
    if not walls.seccomp:
        why = "the kernel cannot filter system calls (seccomp) for programs of this processor"
        return Unavailable("sandbox-no-filter", f"{_REFUSED}: {why}.")
    return None


def needed() -> Walls:
    """The walls, or `Unavailable` with what is lacking. Blocks at the first call."""
    found = probe()
    refusal = lacking(found)
    if refusal is not None:
        raise refusal
    return found


def probe() -> Walls:
    """Looks at the machine. Blocks."""
    own = users.own()
    tools = ("bwrap",) if own else ("bwrap", "unshare")
    missing = tuple(name for name in tools if shutil.which(name) is None)
    user, why = ("own", "") if own else ("", "unshare is not installed")
    if not own and not missing:
        why = _namespace()
        user = "" if why else "namespace"
    return Walls(missing, user, why, _filters(), landlock.abi())


def unavailable(why: str) -> Unavailable:
    """The refusal where all seemed to be there, and a sandbox could not be made none the less. Logs it."""
    log.error("%s: %s", _REFUSED, why)
    return Unavailable("sandbox-unavailable", f"{_REFUSED}: {why}.")


@functools.cache
def _namespace() -> str:
    """Why no user namespace can be made; empty where it can."""
    command = [shutil.which("unshare") or "unshare", "--user", "--map-root-user", "--mount", "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().rpartition("\n")[2] or "no reason given"


def _filters() -> bool:
    try:
        return platform.machine() == "x86_64" and "\nSeccomp_filters:" in Path("/proc/self/status").read_text()
    except OSError:
        return False
