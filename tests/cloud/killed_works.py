"""A served cloud that kills itself at a boundary of a work (tests/boundaries.py, works.py)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pileus.cloud.kernel.journal import upkeep
from pileus.cloud.kernel.objects import store
from pileus.cloud.services.files import uploads
from pileus.core.clock import ManualClock
from tests.boundaries import Boundaries, serve
from tests.conftest import free_port, running

from .kernel.objects.shelf import packed
from .works import WORKS, services, within

PACK = 100_000
"""A file of the works has more than one."""


async def _never(*_: Any) -> None:
    """What is done daily beside the works is done when nobody knows."""
    await asyncio.Event().wait()


def run(boundaries: Boundaries, work: str, folder: str, token: str, now_ms: int) -> None:
    upkeep.prune_all = _never
    store.PACK = PACK
    uploads.ALONG_FROM = 1
    with running(within(Path(folder), free_port()), services(), ManualClock(now_ms)) as server:
        packed(server.cloud).tend = None  # whose time nobody knows
        boundaries.lay()
        with server.client(token) as client:
            WORKS[work].do(client, boundaries.tell)


if __name__ == "__main__":
    serve(run)
