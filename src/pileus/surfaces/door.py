"""The surface WebSocket: `/surface` on `surface_port`. Lets in who brings a ticket from an allowed origin."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from pileus.core.errors import PileusError
from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.session import Session
from pileus.surfaces.texts import sentence
from pileus.surfaces.tickets import TicketBook
from pileus.surfaces.viewer import Viewer

HELLO_TIMEOUT = 5.0
MESSAGE_LIMIT = 2 << 20
TURN = 16
"""Messages of one device after which the others have their turn."""
CLOSE_TIMEOUT = 3.0
"""Seconds that a device has to answer a close, also when the server stops."""
CLOSE_TICKET = 4401
CLOSE_PROTOCOL = 4400
CLOSE_ENDED = 4410

log = logging.getLogger("pileus.surfaces.door")


def allowed_origins(settings: Settings) -> list[Origin | None]:
    """The shell's origins; None lets in programs that are no browser (they need a ticket all the same)."""
    return [None, *(Origin(one) for one in settings.shell_origins)]


class Door:
    """Accepts connections and hands them to their sessions."""

    def __init__(
        self,
        settings: Settings,
        tickets: TicketBook,
        find: Callable[[str], Session | None],
        ending: Callable[[str], wire.State | None],
    ) -> None:
        self._settings = settings
        self._tickets = tickets
        self._find = find
        self._ending = ending
        self._server: Server | None = None

    async def listen(self, tls: ssl.SSLContext | None) -> None:
        """Binds the port; raises OSError when it is taken."""
        self._server = await serve(
            self._connected,
            self._settings.host,
            self._settings.surface_port,
            ssl=tls,
            origins=allowed_origins(self._settings),
            process_request=_only_surface,
            compression=None,
            max_size=MESSAGE_LIMIT,
            ping_interval=20,
            ping_timeout=30,
            close_timeout=CLOSE_TIMEOUT,
            server_header=None,
        )

    async def close(self) -> None:
        if self._server is not None:
            self._server.close(close_connections=True)
            await self._server.wait_closed()

    async def _connected(self, socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            info = await self._hello(socket)
            if info is not None:
                await self._serve(socket, info)

    async def _hello(self, socket: ServerConnection) -> Mapping[str, Any] | None:
        problem, locale = "protocol-error", "en"
        try:
            async with asyncio.timeout(HELLO_TIMEOUT):
                data = await socket.recv()
            message = wire.decode(data if isinstance(data, bytes) else b"")
            if isinstance(message, wire.Hello):
                if message.version == wire.VERSION:
                    return message.info
                problem, locale = "version", str(message.info.get("locale", "en"))
        except TimeoutError:
            problem = "hello-late"
        except wire.WireError:
            problem = "protocol-error"
        await _refuse(socket, problem, locale, CLOSE_PROTOCOL)
        return None

    async def _serve(self, socket: ServerConnection, info: Mapping[str, Any]) -> None:
        locale = str(info.get("locale") or "en")
        ticket, device = info.get("ticket"), info.get("device")
        if not isinstance(ticket, str) or not ticket:
            await _refuse(socket, "ticket-missing", locale, CLOSE_TICKET)
            return
        try:
            grant = self._tickets.redeem(ticket, device if isinstance(device, str) else None)
        except PileusError as error:
            await _refuse(socket, error.code, locale, CLOSE_TICKET)
            return
        session = self._find(grant.session_id)
        if session is None:
            await _say_ended(socket, self._ending(grant.session_id), locale)
            return
        viewer = Viewer(socket, grant, info)
        if not viewer.codec:
            viewer.leave(3, "no-codec")
        else:
            session.attach(viewer)
        await _listen(socket, session, viewer)


async def _listen(socket: ServerConnection, session: Session, viewer: Viewer) -> None:
    taken = 0
    try:
        async for data in socket:
            session.receive(viewer, data if isinstance(data, bytes) else b"")
            taken += 1
            if taken % TURN == 0:  # what has arrived already is given without a pause, and others wait
                await asyncio.sleep(0)
    except wire.WireError as error:
        log.info("session %s: a device broke the format: %s", session.id, error)
        viewer.leave(3, "protocol-error", f"{sentence('protocol-error', viewer.locale)} ({error.code})")
        await socket.wait_closed()
    finally:
        session.detach(viewer)
        await viewer.end()


async def _refuse(socket: ServerConnection, code: str, locale: str, close: int) -> None:
    await socket.send(wire.encode(wire.Detached(3, {"code": code, "message": sentence(code, locale)})))
    await socket.close(close, code)


async def _say_ended(socket: ServerConnection, ending: wire.State | None, locale: str) -> None:
    ending = ending or wire.State(3, {"code": "session-ended", "message": sentence("session-ended", locale)})
    await socket.send(wire.encode(ending))
    await socket.send(wire.encode(wire.Detached(1, ending.info)))
    await socket.close(CLOSE_ENDED, str(ending.info.get("code", "")))


def _only_surface(connection: ServerConnection, request: Request) -> Response | None:
    if request.path.partition("?")[0] != "/surface":
        return connection.respond(HTTPStatus.NOT_FOUND, "There is only /surface here.\n")
    return None
