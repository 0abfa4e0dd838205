"""Makes and forgets snapshots and kills itself at the n-th boundary: `python -m … FOLDER MS N`.

A boundary lies before and after every write of the database and every blob put. What was acknowledged is told on
standard output, a word a line. Status 0: it came to its end first.
"""

from __future__ import annotations

import asyncio
import sys
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
from tests.cloud.boundaries import Boundaries

FIRST, SAME, OTHER = "1" * 32, "2" * 32, "3" * 32
CHUNKS = [bytes([number]) * 5000 for number in range(4)]


class Client:
    """What the service does for a client, in the order in which it asks."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._account = str(cloud.db.read(lambda conn: conn.execute(text("SELECT id FROM account")).scalar_one()))

    async def run(self) -> None:
        objects, account = self._cloud.context.objects, self._account
        key = await objects.naming_key(account, AREA)
        chunks = [PackedChunk(bytes(blake3(data, key=key).digest()), len(data), False, data) for data in CHUNKS]
        names = [chunk.name for chunk in chunks]
        await objects.bring(account, AREA, chunks[:2])
        tell("brought")
        await objects.compose(account, AREA, FIRST, names[:3], chunks[2:3], self._added(FIRST))
        tell("first")
        await self._cloud.db.write_async(self._same)
        tell("same")
        await objects.compose(account, AREA, OTHER, [names[0], names[3]], chunks[3:], self._added(OTHER))
        tell("other")
        for snapshot in (FIRST, SAME):
            await self._cloud.db.write_async(lambda conn, snapshot=snapshot: self._forget(conn, snapshot))  # type: ignore[misc]
            tell(f"forgot {snapshot}")

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


def tell(word: str) -> None:
    print(word, flush=True)


def main(folder: Path, now_ms: int, boundary: int) -> None:
    cloud = opened(folder, ManualClock(now_ms))
    boundaries, objects = Boundaries(boundary), cloud.context.objects
    setattr(objects.blobs, "put", boundaries.around(objects.blobs.put))  # type: ignore[attr-defined]  # noqa: B010
    setattr(cloud.db, "write", boundaries.around(cloud.db.write))  # noqa: B010
    setattr(cloud.db, "write_async", boundaries.around_async(cloud.db.write_async))  # noqa: B010
    asyncio.run(Client(cloud).run())
    objects.close()  # type: ignore[attr-defined]
    cloud.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
