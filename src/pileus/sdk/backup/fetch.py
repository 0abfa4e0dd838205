"""Chunks that are needed one after the other, brought ahead by a thread of its own. Blocks."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress

from pileus.core.errors import PileusError
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.link import Cloud
from pileus.sdk.backup.tree import Piece

AHEAD = 8 << 20
"""Plain bytes that wait to be taken; one chunk more at most."""
QUESTION = 256
"""Chunks that are asked for at once."""
SHARED = 8
"""Chunks shared by small files that are kept for the next of those files."""


class Recent:
    """Which shared chunks are at hand; asked and answered in the same order on both sides, it says the same."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, bytes | None] = OrderedDict()

    def has(self, name: bytes) -> bool:
        if name not in self._held:
            return False
        self._held.move_to_end(name)
        return True

    def get(self, name: bytes) -> bytes | None:
        return self._held[name]

    def add(self, name: bytes, data: bytes | None) -> None:
        self._held[name] = data
        if len(self._held) > SHARED:
            self._held.popitem(last=False)


class Fetch:
    """`want` pieces first, `get` them in the same order. Close it in any case."""

    def __init__(self, link: Cloud, naming: Naming) -> None:
        self._link, self._naming = link.copy(), naming
        self._asked, self._kept = Recent(), Recent()
        self._names: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[bytes | BaseException | None] = queue.SimpleQueue()
        self._room = threading.Condition()
        self._waiting = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def want(self, piece: Piece) -> None:
        shared = piece.size < piece.whole
        if shared and self._asked.has(piece.name):
            return
        if shared:
            self._asked.add(piece.name, None)
        self._names.put(piece.name)

    def get(self, piece: Piece) -> memoryview | None:
        """The piece's bytes; None where they cannot be read. Raises what ended the fetching."""
        shared = piece.size < piece.whole
        if shared and self._kept.has(piece.name):
            data = self._kept.get(piece.name)
        else:
            data = self._next()
            if shared:
                self._kept.add(piece.name, data)
        if data is None or len(data) < piece.start + piece.size:
            return None
        return memoryview(data)[piece.start : piece.start + piece.size]

    def close(self) -> None:
        with self._room:
            self._closed = True
            self._room.notify()
        self._names.put(None)
        self._thread.join()
        self._link.close()

    def _next(self) -> bytes | None:
        one = self._ready.get()
        if isinstance(one, BaseException):
            raise one
        with self._room:
            self._waiting -= len(one or b"")
            self._room.notify()
        return one

    def _run(self) -> None:
        try:
            for names in self._questions():
                for chunk in self._link.chunks(names):
                    data = None
                    if chunk is not None:
                        with suppress(PileusError):  # damaged: told with the files that need it
                            data = self._naming.open(chunk)
                    if not self._give(data):
                        return
        except BaseException as error:
            self._ready.put(error)

    def _questions(self) -> Iterator[list[bytes]]:
        """What is asked for now, together, and then what came meanwhile."""
        while (name := self._names.get()) is not None:
            names = [name]
            with suppress(queue.Empty):
                while len(names) < QUESTION:
                    following = self._names.get_nowait()
                    if following is None:
                        self._names.put(None)
                        break
                    names.append(following)
            yield names

    def _give(self, data: bytes | None) -> bool:
        """Waits for room; False where nobody takes it any more."""
        with self._room:
            while self._waiting >= AHEAD and not self._closed:
                self._room.wait()
            if self._closed:
                return False
            self._waiting += len(data or b"")
        self._ready.put(data)
        return True
