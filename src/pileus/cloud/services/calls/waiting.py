"""Requests that wait for news of an account."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from pileus.cloud.kernel.service import Events


class Ears:
    """Woken by the doorbells of this process; whoever is not hears it when its time is over."""

    def __init__(self, events: Events) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        events.listen(self._rung)

    @contextlib.contextmanager
    def listening(self, account_id: str) -> Iterator[asyncio.Event]:
        """Set at each ring from now on."""
        self._loop = asyncio.get_running_loop()
        bell = asyncio.Event()
        self._waiting.setdefault(account_id, set()).add(bell)
        try:
            yield bell
        finally:
            left = self._waiting[account_id]
            left.discard(bell)
            if not left:
                del self._waiting[account_id]

    def count(self, account_id: str) -> int:
        return len(self._waiting.get(account_id, ()))

    def _rung(self, account_id: str) -> None:
        """From any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and account_id in self._waiting:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(self._wake, account_id)

    def _wake(self, account_id: str) -> None:
        for bell in self._waiting.get(account_id, ()):
            bell.set()
