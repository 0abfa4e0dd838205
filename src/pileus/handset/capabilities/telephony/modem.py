"""One modem: what ModemManager said of it, and the queue of jobs that its messages need."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pileus.core.errors import PileusError
from pileus.handset.capabilities.telephony.words import MODEM, card_of
from pileus.handset.values import words

log = logging.getLogger("pileus.handset.telephony")
Job = Callable[[], Awaitable[None]]


class Modem:
    """One modem. `calls` has the properties of each, by path."""

    def __init__(self, path: str, faces: Mapping[str, Mapping[str, Any]], life: str) -> None:
        self.path, self.life = path, life
        self.faces: dict[str, dict[str, Any]] = {name: dict(values) for name, values in faces.items()}
        self.sim: dict[str, Any] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.coming: set[str] = set()
        """Messages of which not all parts are there yet, or which are just asked for."""
        self.queued: set[str] = set()
        """Messages that a job waits for."""
        self.asking: dict[str, bool] = {}
        """Calls that are just asked for, and whether they changed meanwhile."""
        self.asked: dict[str, asyncio.Event] = {}
        """Of these, when they are told."""
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self.worker: asyncio.Task[None] | None = None

    def face(self, name: str) -> dict[str, Any]:
        return self.faces.get(name, {})

    @property
    def props(self) -> dict[str, Any]:
        return self.face(MODEM)

    @property
    def sim_path(self) -> str:
        """The card's object; "" for none."""
        path = words(self.props, "Sim")
        return path if path.startswith("/org/") else ""

    @property
    def card(self) -> str:
        return card_of(self.sim)

    def has(self, name: str) -> bool:
        return name in self.faces

    def later(self, job: Job) -> None:
        """Puts a job in the queue."""
        self._jobs.put_nowait(job)

    async def work(self) -> None:
        """Does the jobs until it is cancelled; one that fails keeps no other one from its turn."""
        while True:
            job = await self._jobs.get()
            try:
                await job()
            except PileusError as error:
                log.warning("%s: %s (%s)", self.path, error.detail, error.code)
            except Exception:
                log.exception("%s: a job failed", self.path)
            finally:
                self._jobs.task_done()

    async def settled(self) -> None:
        """Returns when the jobs are done that there are now."""
        await self._jobs.join()
