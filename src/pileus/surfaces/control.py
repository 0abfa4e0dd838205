"""The supervisor's control socket: JSON lines `{"method", "params"}` → `{"result"}` or `{"error"}`. Mode 0600."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pileus.core.errors import PileusError

LINE_LIMIT = 1 << 20
Method = Callable[..., Awaitable[dict[str, Any]]]

log = logging.getLogger("pileus.surfaces.control")


class ControlDoor:
    """Serves methods by name; each connection may send any number of lines."""

    def __init__(self, path: Path, methods: Mapping[str, Method]) -> None:
        self._path = path
        self._methods = methods
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Binds the socket; one left by a supervisor that was killed is replaced."""
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=LINE_LIMIT)
        finally:
            os.umask(before)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            while line := await reader.readline():
                writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            call = msgspec.json.decode(line)
            return {"result": await self._methods[call["method"]](**call["params"])}
        except PileusError as error:
            return _error(error.code, error.detail, error.status)
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            return _error("invalid", f"The call makes no sense: {error}.", 400)
        except Exception:
            log.exception("a control call failed")
            return _error("internal", "The supervisor failed at this.", 500)


def _error(code: str, message: str, status: int) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status}}
