"""A device that is signed out loses the running apps that it looks at, not only its token."""

from __future__ import annotations

import asyncio
import logging

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
        """For `Accounts.on_sign_out`; returns at once."""
        task = asyncio.get_running_loop().create_task(self._say(device_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, device_id: str) -> None:
        for again in range(TRIES):
            try:
                await self._sessions.sign_out(device_id)
            except PileusError as error:
                log.warning("the supervisor did not hear of a signed-out device: %s", error)
                await asyncio.sleep(2**again / 4)
            else:
                return
