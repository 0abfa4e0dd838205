"""Keeps the links of a call as they are to be, by PipeWire's `pw-link`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from pileus.handset.capabilities.audio.programs import run
from pileus.handset.capabilities.audio.routing import Link

log = logging.getLogger("pileus.handset.audio")
Changes = Callable[[], tuple[set[Link], set[Link]]]


class Router:
    """`changes`: what is to be made and taken away, as of now. What is refused is tried again at the next news.

    The links stay where this ends before the call does: it is heard on, and taken up by the next one.
    """

    def __init__(self, changes: Changes, path: str | None) -> None:
        self._changes, self._path = changes, path
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = self._task or asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def news(self) -> None:
        """Of calls, of what is wished, or of PipeWire."""
        self._rung.set()

    async def _keep(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            make, take = self._changes()
            for link in take:  # first: nobody is heard who is muted
                await self._ask("--disconnect", link)
            for link in make:
                await self._ask("--", link)

    async def _ask(self, option: str, link: Link) -> None:
        if not await run(self._path, "pw-link", option, str(link[0]), str(link[1])):
            log.info("pw-link %s %s %s is refused", option, *link)
