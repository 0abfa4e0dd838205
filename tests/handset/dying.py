"""The daemon as a process in which somebody dies at a chosen step: `python -m tests.handset.dying STEP VICTIM …`.

Steps lie before and after each transaction of its ledger, each call to ModemManager that changes something, and
each request to the cloud. At the STEP-th the process VICTIM is killed; 0 is this one. The rest of the arguments
are `pileus.handset`'s.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from pileus.handset import __main__ as daemon
from pileus.handset.bus import Bus
from pileus.handset.cloud import Cloud
from pileus.handset.ledger import Ledger

CHANGING = {"Create", "Send", "Delete"}


class Steps:
    def __init__(self, left: int, victim: int) -> None:
        self._left, self._victim = left, victim

    def cross(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(self._victim or os.getpid(), signal.SIGKILL)

    def around(
        self, owner: Any, name: str, wanted: Callable[[tuple[Any, ...]], bool] = lambda _given: True
    ) -> None:
        """An asynchronous method of a class."""
        method = getattr(owner, name)

        async def stepping(*given: Any, **named: Any) -> Any:
            if not wanted(given):
                return await method(*given, **named)
            self.cross()
            done = await method(*given, **named)
            self.cross()
            return done

        setattr(owner, name, stepping)


def main() -> int:
    step, victim = int(sys.argv[1]), int(sys.argv[2])
    del sys.argv[1:3]
    steps = Steps(step, victim)
    steps.around(Ledger, "write")
    steps.around(Bus, "call", lambda given: given[4] in CHANGING)
    steps.around(Cloud, "ask")
    return daemon.main()


if __name__ == "__main__":
    sys.exit(main())
