"""The works on a new cloud in a forgetful folder (tests/forgetful.py), which is told what was acknowledged."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

from pileus.cloud.app import build
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.packs import DAY_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from tests.conftest import free_port, running
from tests.forgetful import TOLD

from .kernel.objects.shelf import packed
from .works import WORKS, services, within


def main(folder: Path, now_ms: int) -> None:
    told = os.open(folder / TOLD, os.O_WRONLY)

    def tell(word: str) -> None:
        os.write(told, word.encode())

    settings, clock = within(folder, free_port()), ManualClock(now_ms)
    with running(settings, services(), clock) as server:
        session = server.account("anna")
        tell(f"token:{session['token']}")
        with server.client(session["token"]) as client:
            for work in WORKS.values():
                work.do(client, tell)
    clock.advance(8 * DAY_MS / 1000)
    with closing(build(settings, clock, services())) as cloud:
        objects = packed(cloud)
        objects.tend = None
        sweep(objects)
        compact(objects)
        objects.close()
    os.close(told)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
