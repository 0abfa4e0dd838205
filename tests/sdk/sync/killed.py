"""Syncs that kill themselves at a boundary: lines `N NAME / FOLDER` come in, what became of each goes out.

A boundary lies before and after each request, commit, renaming, deletion, new folder and fsync. Each sync is a
child of this process, so that it starts at once. It dies at the n-th boundary (from 0) of the name, as in
`2 before unlink / FOLDER`. Out: `killed`, or `end:` and the names of all where it came to its end first.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from pileus.sdk.client import Client
from pileus.sdk.sync import folder as folders
from pileus.sdk.sync.ledger import Ledger
from pileus.sdk.sync.pair import Pair


class Boundaries:
    def __init__(self, number: int, name: str) -> None:
        self._left, self._name, self._lock = number, name, threading.Lock()
        self.names: list[str] = []

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def crossing(*arguments: Any, **named: Any) -> Any:
            self._cross(f"before {name}")
            made = call(*arguments, **named)
            self._cross(f"after {name}")
            return made

        return crossing

    def _cross(self, name: str) -> None:
        with self._lock:
            self.names.append(name)
            if name == self._name:
                if self._left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                self._left -= 1


def run(number: int, name: str, folder: str, told: int) -> None:
    bounds = Boundaries(number, name)
    httpx.Client.send = bounds.around("request", httpx.Client.send)  # type: ignore[method-assign]
    Ledger.commit = bounds.around("commit", Ledger.commit)  # type: ignore[method-assign]
    folders._renameat2 = bounds.around("rename", folders._renameat2)
    for call in ("unlink", "mkdir", "rmdir", "fsync"):
        setattr(os, call, bounds.around(call, getattr(os, call)))
    with Client.from_config() as client:
        pair = Pair(Path(folder), client)
        pair.once()
        pair.close()
    os.write(told, f"end: {', '.join(bounds.names)}".encode())


def main() -> None:
    for line in sys.stdin:
        boundary, folder = line.rstrip("\n").split(" / ", 1)
        number, name = boundary.split(" ", 1)
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(out)
            run(int(number), name, folder, into)
            os._exit(0)
        os.close(into)
        with os.fdopen(out, "rb") as pipe:
            told = pipe.read().decode()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print("killed" if status == -signal.SIGKILL else told or f"status {status}", flush=True)


if __name__ == "__main__":
    main()
