"""An object that is stored while its bytes still come, beside the file in which they are safe.

Nothing depends on it: where it fails, is too slow or lacks a byte, the object is made of that file as if this had
never been. What it had stored by then are chunks that the file's own way finds there, or that are swept in their
time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from pileus.cloud.kernel.service import ObjectRef

HELD = 8
"""Pieces that wait to be stored before more are taken."""
STILL_SECONDS = 2.0
"""Without a piece for so long it gives its memory up: who sends so slowly gains nothing by it. Nor does a store
that is so slow hold up who sends."""
log = logging.getLogger(__name__)

Put = Callable[[AsyncIterator[bytes]], Awaitable[ObjectRef]]


class Along:
    """One object of `size` bytes: `give` it every piece in order, then `end`, or `stop`.

    Once it has every byte it waits for one of the two, however long it takes. `over` is called once, at its end.
    """

    def __init__(self, put: Put, size: int, over: Callable[[], object]) -> None:
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(HELD)
        self._size, self._over = size, over
        self._stopped = False
        self.given = 0
        self._work = asyncio.ensure_future(put(self._coming()))
        self._work.add_done_callback(self._ended)

    async def give(self, place: int, piece: bytes) -> None:
        """The bytes from `place` on: others than those that come next stop it.

        Waits a while where much waits to be stored; does nothing once it has failed.
        """
        if place != self.given:
            self.stop()
        elif piece and not self._stopped:
            self.given += len(piece)
            await self._hand(piece, STILL_SECONDS)

    async def end(self) -> ObjectRef | None:
        """The object, durable; None where it has to be made another way."""
        if self.given != self._size or self._stopped:
            self.stop()
            return None
        await self._hand(b"", None)  # all is here: the file's own way would take no less time
        await asyncio.wait([self._work])
        return self._work.result() if _succeeded(self._work) else None

    def stop(self) -> None:
        self._stopped = True
        self._work.cancel()

    async def _hand(self, piece: bytes, seconds: float | None) -> None:
        if not self._pieces.full():
            self._pieces.put_nowait(piece)
            return
        handing = asyncio.ensure_future(self._pieces.put(piece))
        try:
            await asyncio.wait([handing, self._work], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not handing.done():  # it lacks this piece from now on
                handing.cancel()
                self.stop()

    async def _coming(self) -> AsyncIterator[bytes]:
        while piece := await self._next():
            yield piece

    async def _next(self) -> bytes:
        whole = self.given == self._size
        return await asyncio.wait_for(self._pieces.get(), None if whole else STILL_SECONDS)

    def _ended(self, work: asyncio.Future[ObjectRef]) -> None:
        self._over()
        if not _succeeded(work) and not self._stopped:
            log.info(
                "an upload was not stored while it came: %r", work.exception() if not work.cancelled() else ""
            )


def _succeeded(work: asyncio.Future[ObjectRef]) -> bool:
    return not work.cancelled() and work.exception() is None
