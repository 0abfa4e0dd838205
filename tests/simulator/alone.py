"""Histories that need nothing beside them but an empty folder, one after the other."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from .campaign import Failure, Run, Trace
from .database import memory
from .world import Violation


class History(Protocol):
    """One seed's; `run` raises `Violation`, `end` gives back what it had open."""

    def run(self) -> None: ...

    def end(self) -> None: ...


Make = Callable[[int, Path, Trace], History]


@contextmanager
def alone(make: Make) -> Iterator[Run]:
    """What is raised that should not be is a failure, too, and with a trace is raised on."""
    with tempfile.TemporaryDirectory(prefix="pileus-sim-", dir=memory()) as above:
        # The same for each: engines are known by their paths.
        folder = Path(above, "history")

        def run(seed: int, trace: Trace = None) -> Failure | None:
            folder.mkdir()
            try:
                return _failure(make, seed, folder, trace)
            finally:
                shutil.rmtree(folder)

        yield run


def _failure(make: Make, seed: int, folder: Path, trace: Trace) -> Failure | None:
    history = make(seed, folder, trace)
    try:
        history.run()
    except Violation as violation:
        return Failure(seed, str(violation))
    except Exception as error:
        if trace:
            raise
        return Failure(seed, repr(error))
    finally:
        history.end()
    return None
