"""Folders below which sessions' links lie: each belongs to one living supervisor.

They are in memory, outside of any data folder, so a supervisor that was killed leaves pixels and sockets
there that nobody would find by its settings. Each folder therefore names its owner (pid and start time: a
pid alone may be another process by now), and every supervisor that starts removes those of dead owners.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from pileus.core.errors import PileusError

OWNER = "owner"
NAMELESS_AGE = 86_400.0
"""Seconds after which a folder that names no owner is a leftover; a running probe of an engine has such."""
LOCK_PATIENCE = 1.0


def claim(root: Path) -> None:
    """Makes `root` anew for this process, and removes what dead supervisors of this user left beside it."""
    with contextlib.suppress(FileNotFoundError):
        if root.lstat().st_uid != os.getuid():
            raise PileusError("links", f"{root} belongs to another user.")
    root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(root.parent) as alone:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(mode=0o700)
        (root / OWNER).write_text(json.dumps(_mark(os.getpid())))
        if alone:
            sweep(root.parent)


def sweep(parent: Path) -> list[Path]:
    """Removes the folders of this user's dead supervisors; gives what was removed."""
    found = [path for path in sorted(parent.glob(f"pileus-{os.getuid()}-*")) if _is_left(path)]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return found


def release(root: Path) -> None:
    """Removes this process's own folder."""
    shutil.rmtree(root, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    try:
        about = folder.lstat()
        if about.st_uid != os.getuid() or not folder.is_dir() or folder.is_symlink():
            return False
        owner = json.loads((folder / OWNER).read_text())
        pid, space = int(owner["pid"]), owner["space"]
    except FileNotFoundError:
        return folder.exists() and time.time() - about.st_mtime > NAMELESS_AGE
    except (OSError, ValueError, KeyError, TypeError):
        return False
    # What a pid means can be told within one pid namespace only.
    mine: dict[str, int | None] = _mark(os.getpid())
    return bool(space == mine["space"] and _mark(pid) != owner)


def _mark(pid: int) -> dict[str, int | None]:
    return {"pid": pid, "start": _start_time(pid), "space": os.stat("/proc/self/ns/pid").st_ino}


def _start_time(pid: int) -> int | None:
    """Clock ticks from boot to the process's start (proc(5), field 22); None where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


@contextlib.contextmanager
def _alone(parent: Path) -> Iterator[bool]:
    """No other start removes or makes folders meanwhile; False where someone holds the lock for long."""
    handle = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    end = time.monotonic() + LOCK_PATIENCE
    try:
        while not (held := _lock(handle)) and time.monotonic() < end:
            time.sleep(0.01)
        yield held
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
