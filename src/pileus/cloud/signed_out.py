"""A device that is signed out, or locked, loses the running apps that it looks at, too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pileus.core.errors import PileusError
from pileus.surfaces.client import SupervisorClient

TRIES = 5

log = logging.getLogger(__name__)


class Farewell:
    """Tells the supervisor. It alone knows the sockets of surfaces, and may be starting again just now."""

    def __init__(self, sessions: SupervisorClient) -> None:
        self._sessions = sessions
        self._tasks: set[asyncio.Task[None]] = set()

    def say(self, device_id: str) -> None:
        """For `Accounts.on_sign_out` and `Finding.on_lock`; returns at once."""
        self._begin(lambda: self._sessions.sign_out(device_id))

    def take_back(self, device_id: str) -> None:
        """For `Finding.on_unlock`."""
        self._begin(lambda: self._sessions.let_in(device_id))

    def _begin(self, tell: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(self._tell(tell))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, tell: Callable[[], Awaitable[None]]) -> None:
        for again in range(TRIES):
            try:
                await tell()
            except PileusError as error:
                log.warning("the supervisor did not hear of a device that left or came back: %s", error)
                await asyncio.sleep(2**again / 4)
            else:
                return
