"""What a host says besides pictures: calls to its account's system, and lines for the log. Both are bounded."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, runtime_checkable

from pileus.core.errors import PileusError
from pileus.core.pace import Bucket
from pileus.surfaces import wire
from pileus.surfaces.engine import HostProcess

CALLS_AT_ONCE = 64
LINE = 500
"""Characters of a host's line that are kept."""

log = logging.getLogger("pileus.surfaces.session")


@runtime_checkable
class AnswersCalls(Protocol):
    """A host process whose engine answers the app's calls to its account's system (CALL, REPLY)."""

    async def call(self, service: str, code: int, parcel: bytes) -> bytes:
        """The reply's parcel; raises `PileusError` where there is none."""
        ...


class Calls:
    """The calls of one session that wait for their answers."""

    def __init__(self) -> None:
        self._waiting = 0

    async def answer(self, call: wire.Call, process: HostProcess | None) -> wire.Reply:
        """What the engine says to a call, or the code of why there is no answer."""
        self._waiting += 1
        try:
            if self._waiting > CALLS_AT_ONCE:
                raise PileusError("busy", "The app asks for too much at once.")
            if not isinstance(process, AnswersCalls):
                raise PileusError("no-system", "This engine has no system process.")
            return wire.Reply(call.call_id, 0, await process.call(call.service, call.code, call.parcel))
        except PileusError as error:
            return wire.Reply(call.call_id, 1, error.code.encode())
        finally:
            self._waiting -= 1


class HostLog:
    """An app must neither fill the disk with its lines nor make them look like another's."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._lines = Bucket(10, 100)
        self._unheard = 0

    def hear(self, line: str) -> None:
        if not self._lines.take(1, asyncio.get_running_loop().time()):
            self._unheard += 1
            return
        if self._unheard:
            log.info("host of %s: %d lines left out", self._app_id, self._unheard)
            self._unheard = 0
        shown = "".join(c if c.isprintable() else " " for c in line[:LINE])
        log.info("host of %s: %s", self._app_id, shown)
