"""Doorbells in this process: which accounts changed. A lost ring costs time, never data."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator


class LocalEvents:
    """The kernel's `Events`. `ring` may come from any thread; a subscriber lives in one event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bells: dict[str, set[_Bell]] = {}

    def ring(self, account_id: str) -> None:
        with self._lock:
            bells = list(self._bells.get(account_id, ()))
        for bell in bells:
            bell.ring()

    def subscribe(self, account_id: str) -> AsyncIterator[None]:
        """Rings from this call on are heard, even before the first step of the iteration."""
        bell = _Bell(asyncio.get_running_loop())
        with self._lock:
            self._bells.setdefault(account_id, set()).add(bell)
        return self._listen(account_id, bell)

    def listeners(self, account_id: str) -> int:
        with self._lock:
            return len(self._bells.get(account_id, ()))

    async def _listen(self, account_id: str, bell: _Bell) -> AsyncIterator[None]:
        try:
            while True:
                await bell.event.wait()
                bell.event.clear()
                yield
        finally:
            with self._lock:
                bells = self._bells.get(account_id, set())
                bells.discard(bell)
                if not bells:
                    self._bells.pop(account_id, None)


class _Bell:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.event = asyncio.Event()
        self._loop = loop

    def ring(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.event.set)
