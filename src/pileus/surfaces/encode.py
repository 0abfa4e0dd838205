"""The supervisor's end of a session's encoder process: start it, give it commands, start it again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from pileus.surfaces.encoder import Answer, Command, Done, Taken
from pileus.surfaces.pipe import Pipe

RESTARTS = 5
"""Deaths without an encoded frame between them after which no new process is tried."""

log = logging.getLogger("pileus.surfaces.encode")


class EncoderProcess:
    """One encoder. The callbacks run in the loop; `on_ready` also after a restart, when its copy is gone."""

    def __init__(
        self,
        frames_path: Path,
        on_taken: Callable[[], None],
        on_done: Callable[[Done], None],
        on_ready: Callable[[], None],
        on_lost: Callable[[], None],
        on_given_up: Callable[[], None],
    ) -> None:
        self._frames = frames_path
        self._on_taken, self._on_done = on_taken, on_done
        self._on_ready, self._on_lost = on_ready, on_lost
        self._on_given_up = on_given_up
        self._answers = msgspec.msgpack.Decoder(Answer)
        self._pipe: Pipe | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._deaths = 0

    @property
    def ready(self) -> bool:
        return self._pipe is not None and self._pipe.connected

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts the process and watches over it."""
        self._task = asyncio.create_task(self._keep())

    def give(self, command: Command) -> None:
        """Sends a command; one at a time, the next after `on_done`."""
        if self._pipe is not None:
            self._pipe.send(msgspec.msgpack.encode(command))

    async def stop(self) -> None:
        """Ends the process; returns when it is gone."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        while self._deaths < RESTARTS:
            try:
                await self._run()
            except OSError as error:
                log.warning("no encoder: %s", error)
            self._deaths += 1
            self._on_lost()
        self._on_given_up()

    async def _run(self) -> None:
        ours, theirs = socket.socketpair()
        lost = asyncio.Event()
        try:
            with theirs:
                command = (str(theirs.fileno()), str(self._frames), str(os.getpid()))
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "pileus.surfaces.encoder", *command, pass_fds=(theirs.fileno(),)
                )
            loop = asyncio.get_running_loop()
            _, pipe = await loop.create_connection(lambda: Pipe(self._heard, lost.set), sock=ours)
            self._pipe = pipe
            self._on_ready()
            await lost.wait()
        finally:
            if self._pipe is not None:
                self._pipe.abort()
                self._pipe = None
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()

    def _heard(self, data: bytes) -> None:
        answer = self._answers.decode(data)
        if isinstance(answer, Taken):
            self._on_taken()
        else:
            self._deaths = 0
            self._on_done(answer)
