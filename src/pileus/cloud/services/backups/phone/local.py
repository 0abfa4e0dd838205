"""The cloud as `pileus.sdk.backup` asks it, without HTTP: for snapshots that the cloud makes and reads itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

import msgspec

from pileus.cloud.kernel.service import PackedChunk
from pileus.cloud.services.backups.snapshots import Snapshots
from pileus.core.errors import Unavailable
from pileus.sdk.backup import wire

T = TypeVar("T")
LOOK = 0.5
"""Seconds after which one that waits looks whether the server ends."""


class LocalCloud:
    """One account's; all of it blocks, and is called in threads other than that of `loop`.

    `also` is asked by `check` and raises where the work is to end for another reason than the server's.
    """

    def __init__(
        self,
        snapshots: Snapshots,
        account_id: str,
        loop: asyncio.AbstractEventLoop,
        also: Callable[[], None] = lambda: None,
    ) -> None:
        self._snapshots, self._account_id, self._loop, self._also = snapshots, account_id, loop, also
        self._stopped = False

    def copy(self) -> LocalCloud:
        return self

    def close(self) -> None:
        """Nothing is open."""

    def get(self, path: str, type_: type[T]) -> T:
        found: Any
        if path == "/backups/area":
            found = self._wait(self._snapshots.area(self._account_id))
        elif path == "/backups/snapshots":
            found = self._wait(self._snapshots.listed(self._account_id))
        else:
            raise LookupError(path)
        return msgspec.convert(found, type_)

    def ask(self, _method: str, path: str, body: bytes | None = None, _media: str = wire.MEDIA) -> bytes:
        if path == "/backups/chunks/known":
            names = msgspec.msgpack.decode(body or b"", type=list[bytes])
            return self._wait(self._snapshots.known(self._account_id, names))
        if path == "/backups/snapshots":
            wish = msgspec.msgpack.decode(body or b"", type=wire.Commit)
            return msgspec.json.encode(self._wait(self._snapshots.commit(self._account_id, wish)))
        raise LookupError(path)

    def send(self, path: str, parts: list[bytes | memoryview]) -> None:
        if path != "/backups/chunks":
            raise LookupError(path)
        chunks = msgspec.msgpack.decode(b"".join(parts), type=list[wire.Chunk])
        self._wait(self._snapshots.bring(self._account_id, chunks))

    def chunks(self, names: list[bytes]) -> Iterator[wire.Chunk | None]:
        for start in range(0, len(names), wire.MOST_NAMES):
            bodies = self._snapshots.bodies(self._account_id, names[start : start + wire.MOST_NAMES])
            while part := self._wait(_next(bodies)):
                for one in part:
                    lost = one.data is None
                    yield None if lost else wire.Chunk(one.name, one.plain, one.zstd, memoryview(one.data or b""))

    def stop(self) -> None:
        """Whoever waits, or asks from now on, gets `Unavailable`: the server ends."""
        self._stopped = True

    def check(self) -> None:
        """Raises `Unavailable` where the server ends."""
        if self._stopped:
            raise Unavailable("cut-off", "The server stops.")
        self._also()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        asked = asyncio.run_coroutine_threadsafe(work, self._loop)
        while True:
            try:
                return asked.result(LOOK)
            except FutureTimeout:
                if asked.done():
                    raise
            if self._stopped:
                asked.cancel()
            self.check()


async def _next(bodies: Any) -> list[PackedChunk]:
    """The next of them; none at the end."""
    found: list[PackedChunk] = await anext(bodies, [])
    return found
