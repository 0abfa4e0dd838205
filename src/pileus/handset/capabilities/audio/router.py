"""Keeps the links of a call as they are to be, by PipeWire's `pw-link`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from pileus.handset.capabilities.audio.programs import run
from pileus.handset.capabilities.audio.routing import Link

log = logging.getLogger("pileus.handset.audio")
Links = Callable[[], tuple[set[Link], set[Link] | None]]
AGAIN, LATE = 1.0, 60.0
"""Seconds until a link is taken away again that was refused to go; twice that each time it is refused again."""


class Router:
    """`links`: those that are wanted and those that there are, as of now. Where nobody knows what there is (None),
    what was made goes when it is not wanted any more, and nothing is made.

    A link that stays may be a microphone that is heard: it is tried again soon. One that cannot be made is tried
    again at the next news. The links stay where this ends before the call does: it is heard on, and taken up by
    the next one.
    """

    def __init__(self, links: Links, path: str | None, again: float = AGAIN) -> None:
        self._links, self._path, self._again = links, path, again
        self._there = set[Link]()
        """What may be linked, as far as is known."""
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
        wait, refused = self._again, False
        while True:
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`, which may lose a cancellation that comes together with news (3.11).
                async with asyncio.timeout(wait if refused else None):
                    await self._rung.wait()
            self._rung.clear()
            refused = not await self._turn()
            wait = min(wait * 2, LATE) if refused else self._again

    async def _turn(self) -> bool:
        """Whether all that is not wanted is away."""
        wanted, found = self._links()
        if found is not None:
            self._there = set(found)
        away = True
        for link in self._there - wanted:  # first: nobody is heard who is muted
            if await self._ask("--disconnect", link):
                self._there.discard(link)
            else:
                away = False
        for link in wanted - self._there if found is not None else ():
            self._there.add(link)  # even if it is not told that it is made
            await self._ask("--", link)
        return away

    async def _ask(self, option: str, link: Link) -> bool:
        done = await run(self._path, "pw-link", option, str(link[0]), str(link[1]))
        if not done:
            log.info("pw-link %s %s %s is refused", option, *link)
        return done
