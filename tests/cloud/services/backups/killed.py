"""Makers and forgetters of snapshots that kill themselves at a boundary (tests/boundaries.py).

What was acknowledged is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blake3 import blake3
from sqlalchemy import Connection, text

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.manifest import discover
from pileus.cloud.kernel.service import ObjectRef, PackedChunk
from pileus.cloud.services.backups import store
from pileus.cloud.services.backups.store import AREA
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from pileus.sdk.backup.wire import Facts
from tests.boundaries import Boundaries, serve

FIRST, SAME, OTHER = "1" * 32, "2" * 32, "3" * 32
CHUNKS = [bytes([number]) * 5000 for number in range(4)]


class Client:
    """What the service does for a client, in the order in which it asks."""

    def __init__(self, cloud: Cloud, tell: Callable[[str], None]) -> None:
        self._cloud, self._tell = cloud, tell
        self._account = str(cloud.db.read(lambda conn: conn.execute(text("SELECT id FROM account")).scalar_one()))

    async def run(self) -> None:
        objects, account = self._cloud.context.objects, self._account
        key = await objects.naming_key(account, AREA)
        chunks = [PackedChunk(bytes(blake3(data, key=key).digest()), len(data), False, data) for data in CHUNKS]
        names = [chunk.name for chunk in chunks]
        await objects.bring(account, AREA, chunks[:2])
        self._tell("brought")
        await objects.compose(account, AREA, FIRST, names[:3], chunks[2:3], self._added(FIRST))
        self._tell("first")
        await self._cloud.db.write_async(self._same)
        self._tell("same")
        await objects.compose(account, AREA, OTHER, [names[0], names[3]], chunks[3:], self._added(OTHER))
        self._tell("other")
        for snapshot in (FIRST, SAME):
            await self._cloud.db.write_async(lambda conn, snapshot=snapshot: self._forget(conn, snapshot))  # type: ignore[misc]
            self._tell(f"forgot {snapshot}")

    def _added(self, snapshot: str) -> Callable[[Connection, ObjectRef], Any]:
        return lambda conn, ref: store.add(conn, self._cloud.journal, self._account, snapshot, FACTS, ref.id)

    def _same(self, conn: Connection) -> None:
        held = store.object_of(conn, self._cloud.journal, self._account, FIRST)
        store.add(conn, self._cloud.journal, self._account, SAME, FACTS, held)

    def _forget(self, conn: Connection, snapshot: str) -> None:
        now = self._cloud.context.clock.now_ms()
        store.forget(conn, self._cloud.journal, self._account, [snapshot], now)


FACTS = Facts(time_ms=1, host="h", user="u", paths=["/a"], tree="0" * 64)


def opened(folder: Path, clock: ManualClock) -> Cloud:
    """A cloud with this service alone."""
    services = [one for one in discover() if one.name == "backups"]
    return build(Settings(folder / "data", folder / "run", folder / "cache"), clock, services)


def run(boundaries: Boundaries, folder: str, now_ms: int) -> None:
    cloud = opened(Path(folder), ManualClock(now_ms))
    cloud.context.objects.tend = None  # type: ignore[attr-defined] - whose time nobody knows
    boundaries.lay()
    asyncio.run(Client(cloud, boundaries.tell).run())
    cloud.context.objects.close()  # type: ignore[attr-defined]
    cloud.close()


if __name__ == "__main__":
    serve(run)
