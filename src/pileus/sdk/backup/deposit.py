"""Bringing chunks to the cloud: asked for, packed and sent in threads beside the one that reads files.

Memory is bounded: a batch that fills, one that waits, one that is packed; a load that fills, one that waits, two
that are sent.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable

import msgspec

from pileus.sdk.backup import wire
from pileus.sdk.backup.chunks import Packer
from pileus.sdk.backup.link import Cloud
from pileus.sdk.backup.wire import Chunk

AGAIN_SECONDS = 12 * 3600.0
"""After so long everything that was brought or asked about is asked about again: the cloud keeps it for a week."""
BATCH = 2 << 20
"""Plain bytes whose names are asked about at once."""
LOAD = 6 << 20
"""Packed bytes of one request, which is one pack in the cloud."""
SENDERS = 2

Batch = list[tuple[bytes, bytes]]


class AbandonedError(Exception):
    """The backup ended before everything was sent."""


class Deposit:
    """All chunks of one backup. `put` blocks while enough is on its way; close it in any case.

    `empty`: nothing is stored yet, so nothing is asked.
    """

    def __init__(
        self,
        link: Cloud,
        *,
        empty: bool = False,
        dry_run: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._asked = clock, clock()
        self._empty = empty
        self._dry_run = dry_run
        self._closed = False
        self._seen: set[bytes] = set()
        self._batch: Batch = []
        self._held = 0
        self._load: list[Chunk] = []
        self._load_size = 0
        self._packer = Packer()
        self._batches: queue.Queue[Batch | None] = queue.Queue(1)
        self._loads: queue.Queue[list[Chunk] | None] = queue.Queue(1)
        self._failure: BaseException | None = None
        self.added = 0
        """Plain bytes that the cloud did not have."""
        self._threads = [
            threading.Thread(target=self._guarded, args=(work, link.copy()), daemon=True)
            for work in (self._pack, *[self._send] * SENDERS)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, name: bytes, data: bytes) -> None:
        """Raises what went wrong with an earlier one."""
        if self._failure is not None:
            raise self._failure
        if name in self._seen:
            return
        self._seen.add(name)
        self._batch.append((name, data))
        self._held += len(data)
        if self._held >= BATCH:
            self._flush()

    def finish(self) -> list[Chunk]:
        """Waits until all is in the cloud but the last load, which the commit brings."""
        self._flush()
        self._end()
        if self._failure is not None:
            raise self._failure
        return self._load

    def close(self) -> None:
        """Ends the threads; what was sent stays, what was not finished is not sent any more."""
        self._end(AbandonedError())

    def _end(self, failure: BaseException | None = None) -> None:
        if self._closed:
            return
        self._closed = True
        self._failure = self._failure or failure
        packer, *senders = self._threads
        self._batches.put(None)
        packer.join()
        for _ in senders:
            self._loads.put(None)
        for sender in senders:
            sender.join()

    def _flush(self) -> None:
        if self._batch:
            self._batches.put(self._batch)
            self._batch, self._held = [], 0

    def _pack(self, link: Cloud) -> None:
        for batch in iter(self._batches.get, None):
            if self._failure is not None:
                continue
            self._keep(link)
            there = bytes(len(batch)) if self._empty else ask_known(link, [name for name, _ in batch])
            for known, (name, data) in zip(there, batch, strict=True):
                if not known:
                    self._take(self._packer.pack(name, data))

    def _keep(self, link: Cloud) -> None:
        """A backup that takes weeks must not lose its first chunks to the sweep."""
        if self._clock() - self._asked < AGAIN_SECONDS:
            return
        self._asked, names = self._clock(), list(self._seen.copy())
        for start in range(0, len(names), wire.MOST_NAMES):
            ask_known(link, names[start : start + wire.MOST_NAMES])

    def _take(self, chunk: Chunk) -> None:
        self.added += chunk.plain
        if self._dry_run:
            return
        if self._load_size >= LOAD:
            self._loads.put(self._load)
            self._load, self._load_size = [], 0
        self._load.append(chunk)
        self._load_size += len(chunk.data)

    def _send(self, link: Cloud) -> None:
        for load in iter(self._loads.get, None):
            if self._failure is None:
                link.send("/backups/chunks", wire.encode_chunks(load))

    def _guarded(self, work: Callable[[Cloud], None], link: Cloud) -> None:
        """After a failure the queues are emptied on, so that nobody waits for ever."""
        while True:
            try:
                work(link)
                return
            except BaseException as error:
                self._failure = self._failure or error
            finally:
                link.close()


def ask_known(link: Cloud, names: list[bytes]) -> Iterable[int]:
    """Which chunks are in the cloud, in order; they stay there for a week."""
    return link.ask("POST", "/backups/chunks/known", msgspec.msgpack.encode(names))
