"""Processes that the parent looks after: started, found again by their pid files, ended by their pid.

A pid alone may name another process by now, so that a pid file holds the process's start time too, and
signals go through a pidfd, which never means another process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

LOG_BYTES = 8 << 20
END_SECONDS = 10.0


@dataclass(frozen=True)
class Child:
    """A living process; `pidfd` becomes readable when it ends. Close it with `release`."""

    name: str
    pid: int
    pidfd: int
    started: float
    process: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        poller = select.poll()
        poller.register(self.pidfd, select.POLLIN)
        return not poller.poll(0)

    def status(self) -> int | None:
        """The exit status where it is known: only of one's own child."""
        return self.process.wait() if self.process is not None else None

    def end(self, seconds: float = END_SECONDS) -> None:
        """Asks it to end, and makes it end after `seconds`. Blocks until it has."""
        self._signal(signal.SIGTERM)
        poller = select.poll()
        poller.register(self.pidfd, select.POLLIN)
        if not poller.poll(seconds * 1000):
            self._signal(signal.SIGKILL)
            poller.poll()

    def release(self, folder: Path) -> None:
        """After its end: collects it and forgets it."""
        if self.process is not None:
            self.process.wait()
        os.close(self.pidfd)
        (folder / f"{self.name}.pid").unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            return


def start(
    name: str, module: str, folder: Path, log: Path, env: Mapping[str, str], mark: str, keep: Sequence[int] = ()
) -> Child:
    """Starts `python -m module` in a session of its own and writes its pid file. `mark`: see `find`.

    `env` is its whole environment.
    """
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old"))
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=tuple(keep),
            # By the child itself before its program begins: a parent that is killed now has left no one unnamed.
            preexec_fn=partial(_sign, name, folder, mark),
        )
    return Child(name, process.pid, os.pidfd_open(process.pid), time.monotonic(), process)


def find(name: str, folder: Path) -> tuple[Child, str] | None:
    """The process of a pid file with its mark, where it still lives; else the file is removed."""
    path = folder / f"{name}.pid"
    try:
        entry = json.loads(path.read_text())
        pid, start, mark = int(entry["pid"]), entry["start"], str(entry["mark"])
        pidfd = os.pidfd_open(pid)
    except (OSError, ValueError, KeyError, TypeError):
        path.unlink(missing_ok=True)
        return None
    if start_time(pid) != start:
        os.close(pidfd)
        path.unlink(missing_ok=True)
        return None
    return Child(name, pid, pidfd, time.monotonic()), mark


def _sign(name: str, folder: Path, mark: str) -> None:
    """Writes this process's pid file."""
    entry = {"pid": os.getpid(), "start": start_time(os.getpid()), "mark": mark}
    part = folder / f"{name}.pid.part"
    part.write_text(json.dumps(entry))
    part.replace(folder / f"{name}.pid")


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the process's start (proc(5), field 22); None where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])
