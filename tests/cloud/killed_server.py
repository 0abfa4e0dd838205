"""`pileus server upgrade` and `move` that kill themselves at a boundary: lines `N WORK / FOLDER / URL` come in.

A boundary lies before and after each write of a database and each renaming, deletion and fsync, and before each
commit. Each run is a child of this process, so that it starts at once; it dies at the n-th boundary (from 0). Out:
`killed NAME`, or `end N` where it came to its end first, over N boundaries.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pileus.cloud.kernel.db.writer import OneWriter
from pileus.cloud.moving import move_away, move_back, upgrade
from pileus.core.settings import Settings


class Boundaries:
    """Dies at the last; its name goes to `told` before."""

    def __init__(self, left: int, told: int) -> None:
        self._left, self._told, self._lock = left, told, threading.Lock()
        self.crossed = 0

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def crossing(*arguments: Any, **named: Any) -> Any:
            self.cross(f"before {name}")
            made = call(*arguments, **named)
            self.cross(f"after {name}")
            return made

        return crossing

    def write(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """A write: the moment before its commit is a boundary as well."""

        def written(db: OneWriter, function: Callable[[Any], Any]) -> Any:
            def then_commit(conn: Any) -> Any:
                made = function(conn)
                self.cross("before commit")
                return made

            return plain(db, then_commit)

        return self.around("write", written)

    def cross(self, name: str) -> None:
        with self._lock:
            if self._left == 0:
                os.write(self._told, f"killed {name}".encode())
                os.kill(os.getpid(), signal.SIGKILL)
            self._left -= 1
            self.crossed += 1


def run(number: int, work: str, settings: Settings, told: int) -> None:
    bounds = Boundaries(number, told)
    OneWriter.write = bounds.write(OneWriter.write)  # type: ignore[method-assign]
    for name in ("rename", "unlink"):
        setattr(Path, name, bounds.around(name, getattr(Path, name)))
    os.fsync = bounds.around("fsync", os.fsync)
    if work == "upgrade":
        upgrade(settings)
    elif work == "away":
        move_away(settings.changed(database=""), settings.database)
    else:
        move_back(settings)
    os.write(told, f"end {bounds.crossed}".encode())


def main() -> None:
    for line in sys.stdin:
        task, folder, url = line.rstrip("\n").split(" / ")
        number, work = task.split(" ")
        here = Path(folder)
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(out)
            run(int(number), work, Settings(here / "data", here / "run", here / "cache", database=url), into)
            os._exit(0)
        os.close(into)
        with os.fdopen(out, "rb") as pipe:
            told = pipe.read().decode()
        os.waitpid(child, 0)
        print(told or "failed", flush=True)


if __name__ == "__main__":
    main()
