"""HTTP connections that end: uvicorn by itself waits for ever for a peer that went away without a word.

A phone that changes networks leaves a connection on which nothing comes any more, and no packet says so. It
must not hold an upload, a file's rest or a descriptor; nor may anyone send a request's head without end.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

STILL_SECONDS = 60.0
"""A body of which no byte comes, or an answer of which no byte is taken."""
HEAD_SECONDS = 30.0
"""From a connection, or a request's first byte, to the end of the request's head."""
HEAD_BYTES = 64 << 10


class Connection(HttpToolsProtocol):
    """uvicorn's protocol for one connection, with bounds."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = True
        self._head_bytes = 0
        self._since = self._begun = self.loop.time()
        self._full_since: float | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """A socket of its own protocol from here on, which pings."""
        self._stop()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        self._since = self.loop.time()
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self.transport.abort()

    def on_message_begin(self) -> None:
        self._in_head, self._begun = True, self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def pause_writing(self) -> None:
        self._full_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._full_since = None
        super().resume_writing()

    def _look(self) -> None:
        """Four times within each bound, rather than a timer for each piece of data."""
        if self._is_stuck(self.loop.time()):
            self.transport.abort()
            return
        self._watch = self.loop.call_later(min(STILL_SECONDS, HEAD_SECONDS) / 4, self._look)

    def _is_stuck(self, now: float) -> bool:
        if self._full_since is not None:
            return now - self._full_since > STILL_SECONDS
        if self._in_head:
            return now - self._begun > HEAD_SECONDS
        cycle: Any = self.cycle
        coming = cycle is not None and cycle.more_body and not cycle.response_complete
        return coming and not self.flow.read_paused and now - self._since > STILL_SECONDS

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
