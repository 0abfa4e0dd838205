"""PipeWire's own programs: it has no D-Bus interface, and its library is C."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import Callable

import msgspec

from pileus.core.errors import Unavailable

MOST_BYTES = 16 * 1024 * 1024
"""A dump of a phone has under 200 kB."""
PATIENCE = 5.0
SOON, LATE = 5.0, 60.0
"""Seconds until PipeWire is looked for again."""

log = logging.getLogger("pileus.handset.audio")


class Watch:
    """`pw-dump --monitor` for as long as PipeWire runs, and again when it is back.

    `said` gets what is printed, a list at a time; `gone` is called where there is nobody to say anything.
    """

    def __init__(
        self, said: Callable[[object], None], gone: Callable[[], None], path: str | None, soon: float = SOON
    ) -> None:
        self._said, self._gone, self._path, self._soon = said, gone, path, soon
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._task is None and shutil.which("pw-dump", path=self._path):
            self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _keep(self) -> None:
        wait = self._soon
        while True:
            heard = False
            try:
                heard = await self._listen()
            except (OSError, ValueError) as error:  # ValueError: it prints no end of a line, or no JSON
                log.warning("pw-dump cannot be followed: %s", error)
            self._gone()
            wait = self._soon if heard else min(wait * 2, LATE)
            await asyncio.sleep(wait)

    async def _listen(self) -> bool:
        """Until it ends; whether it said anything."""
        program = shutil.which("pw-dump", path=self._path) or "pw-dump"
        quiet = asyncio.subprocess.DEVNULL
        child = await asyncio.create_subprocess_exec(
            program, "--monitor", "--no-colors", stdout=asyncio.subprocess.PIPE, stderr=quiet, stdin=quiet
        )
        heard, lines, size = False, list[bytes](), 0
        try:
            while child.stdout and (line := await child.stdout.readline()):
                lines.append(line)
                size += len(line)
                if size > MOST_BYTES:
                    raise ValueError("too much at once")
                if line == b"]\n":
                    self._said(msgspec.json.decode(b"".join(lines)))
                    heard, lines, size = True, [], 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        return heard


async def control(path: str | None, *arguments: str) -> None:
    """Runs `wpctl`. Raises `audio-failed`."""
    if not await run(path, "wpctl", *arguments):
        raise Unavailable("audio-failed", "The sound of this device cannot be set.")


async def run(path: str | None, name: str, *arguments: str) -> bool:
    """Whether a program is there and does it."""
    program = shutil.which(name, path=path)
    if not program:
        return False
    quiet = asyncio.subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(
            program, *arguments, stdout=quiet, stderr=quiet, stdin=quiet, env={**os.environ, "LC_ALL": "C"}
        )
    except OSError as error:  # no memory, no process or no file more
        log.warning("%s cannot be run: %s", name, error)
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            return await child.wait() == 0
    except TimeoutError:
        return False
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
