"""The shell's way to the capabilities: a WebSocket on loopback for whoever knows the token. Beside it its pages,
and the way to its cloud (`front.py`).

The first message is `{"token": …}`, within `HELLO` seconds. Then the gateway says `{"state": {name: state, …}}`,
at each change `{"state": {name: state}}` with those that are different, and `{"event": {"of", "name", "data"}}`
for news. `{"id", "of", "method", "params"}` is answered by `{"id", "result"}` or `{"id", "error": {"code",
"detail"}}`, in any order. It closes with 4401 (no token in time, or another one) and 4403 (a page of another
origin); one that does not read is cut off. See docs/design/handset.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.server import Server, ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

from pileus.core.errors import PileusError
from pileus.handset.front import Front
from pileus.handset.site import Site

HELLO = 5.0
MOST_CLIENTS = 8
MOST_UNKNOWN = 16
"""Connections that have not said the token yet."""
MOST_WAITING = 64
"""Messages that wait for a shell that does not read; it is let go beyond that, and asks for the state anew."""
MOST_BYTES = 1 << 20
MOST_CALLS = 32
"""Calls of one shell that are under way at once."""

log = logging.getLogger("pileus.handset.gateway")
Ask = Callable[[str, str, Any], Awaitable[Any]]


class Wish(msgspec.Struct):
    id: int
    of: str
    method: str
    params: Any = None


class _Client:
    def __init__(self, line: ServerConnection) -> None:
        self.line = line
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.calls: set[asyncio.Task[None]] = set()
        self.late = False

    def give(self, message: bytes) -> None:
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            if not self.late:
                self.late = True
                self.line.transport.abort()


class Gateway:
    """`ask(capability, method, params)` does what a shell wants; `states()` is all that there is to show. `web`:
    the built web parts; `cloud()`: where the API is."""

    def __init__(
        self,
        token: str,
        origins: frozenset[str],
        states: Callable[[], Mapping[str, Any]],
        ask: Ask,
        web: Path,
        cloud: Callable[[], str],
    ) -> None:
        self._web, self._cloud = web, cloud
        self._front: Front | None = None
        self._token, self._origins, self._states, self._ask = token, origins, states, ask
        self._clients: set[_Client] = set()
        self._unknown = 0
        self._server: Server | None = None
        self._told: dict[str, bytes] = {}
        self._changed: set[str] = set()
        self._soon: asyncio.Handle | None = None

    async def open(self, port: int = 0) -> int:
        """Listens on loopback; the port."""
        inner = socket.socket(socket.AF_UNIX)
        inner.bind("")  # a name that the kernel chooses (unix(7), autobind)
        self._server = await unix_serve(
            self._serve, sock=inner, max_size=MOST_BYTES, compression=None, server_header=None
        )
        self._front = Front(self._cloud, inner)
        found = await self._front.open(port, lambda port: Site(self._web, port))
        self._origins |= self._front.site.origins
        return found

    @property
    def site(self) -> Site | None:
        return self._front.site if self._front is not None else None

    async def close(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._front is not None:
            await self._front.close()

    def changed(self, name: str) -> None:
        """A capability's state may be another one; told once all that happens now has happened."""
        self._changed.add(name)
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self._tell_changes)

    def tell(self, of: str, name: str, data: Mapping[str, Any]) -> None:
        self._send({"event": {"of": of, "name": name, "data": data}})

    def _tell_changes(self) -> None:
        self._soon = None
        names, self._changed = self._changed, set()
        states = self._states()
        different: dict[str, Any] = {}
        for name in names & states.keys():
            encoded = msgspec.json.encode(states[name])
            if self._told.get(name) != encoded:
                self._told[name], different[name] = encoded, states[name]
        if different:
            self._send({"state": different})

    def _send(self, message: Mapping[str, Any]) -> None:
        data = msgspec.json.encode(message)
        for client in self._clients:
            client.give(data)

    async def _serve(self, line: ServerConnection) -> None:
        origin = line.request.headers.get("Origin") if line.request else None
        if origin is not None and origin not in self._origins:
            return await line.close(4403, "origin")
        if self._unknown >= MOST_UNKNOWN:
            return await line.close(4401, "token")
        self._unknown += 1
        try:
            known = await self._knows_token(line)
        finally:
            self._unknown -= 1
        if not known or len(self._clients) >= MOST_CLIENTS:
            return await line.close(4401, "token")
        client = _Client(line)
        self._clients.add(client)
        client.give(msgspec.json.encode({"state": self._states()}))
        writing = asyncio.create_task(self._write(client))
        try:
            with contextlib.suppress(ConnectionClosed):
                async for message in line:
                    self._take(client, message)
        finally:
            self._clients.discard(client)
            writing.cancel()
            for call in client.calls:
                call.cancel()

    async def _knows_token(self, line: ServerConnection) -> bool:
        try:
            async with asyncio.timeout(HELLO):
                said = msgspec.json.decode(await line.recv())
        except (TimeoutError, ConnectionClosed, msgspec.DecodeError, UnicodeDecodeError):
            return False
        token = said.get("token") if isinstance(said, dict) else None
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self._token.encode())

    async def _write(self, client: _Client) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await client.line.send(await client.waiting.get(), text=True)

    def _take(self, client: _Client, message: str | bytes) -> None:
        try:
            wish = msgspec.json.decode(message, type=Wish)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            client.give(_refusal(None, PileusError("malformed-body", str(error))))
            return
        if len(client.calls) >= MOST_CALLS:
            client.give(_refusal(wish.id, PileusError("too-many-requests", "Too much is under way.")))
            return
        call = asyncio.create_task(self._call(client, wish))
        client.calls.add(call)
        call.add_done_callback(client.calls.discard)

    async def _call(self, client: _Client, wish: Wish) -> None:
        try:
            result = await self._ask(wish.of, wish.method, wish.params)
            answer = msgspec.json.encode({"id": wish.id, "result": result})
        except PileusError as error:
            answer = _refusal(wish.id, error)
        except Exception:
            log.exception("%s of %s failed", wish.method[:60], wish.of[:60])
            answer = _refusal(wish.id, PileusError("internal", "The handset's daemon failed at this."))
        client.give(answer)


def _refusal(call: int | None, error: PileusError) -> bytes:
    return msgspec.json.encode({"id": call, "error": {"code": error.code, "detail": error.detail}})
