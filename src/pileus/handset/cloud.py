"""The account's cloud as the handset speaks to it: small requests, one at a time, and the doorbell.

One connection in one thread of its own, by the standard library: a daemon that is to stay small brings no HTTP
client along. Every request names what it changes by an id, so that all of them may be repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from pileus.core.errors import Unavailable
from pileus.sdk.config import API, Config, address_of, problem_of, tls_context

PATIENCE = 30.0
"""Seconds that the cloud has for an answer."""
DEADLINE = 75.0
"""Seconds after which an answer that still comes, byte by byte, is given up; also of two tries."""
MOST_ANSWER = 8 << 20
AGAIN = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before the doorbell is asked for again, the last one for as long as it takes."""


def whose_of(config: Config) -> str:
    """The account, as nobody else's."""
    return f"{config.account} {config.server}"


class Cloud:
    """Close it. Raises `PileusError` (`server-url`) for an address that is none."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.whose = whose_of(config)
        """The account, as nobody else's."""
        address, self._headers = address_of(config.server.rstrip("/"))
        self._address = urlsplit(address)
        context = tls_context(os.environ.get("PILEUS_CA_FILE") or True)
        self._tls = context if isinstance(context, ssl.SSLContext) else None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cloud")
        self._line: http.client.HTTPConnection | None = None

    async def close(self) -> None:
        """What is under way is cut off."""
        self._cut()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def ask(self, method: str, path: str, wish: Any = None) -> Any:
        """The answer's JSON, None without one. Raises `Unavailable` where the cloud is not reached, and what its
        problem document says (RFC 9457)."""
        try:
            asking = asyncio.get_running_loop().run_in_executor(self._thread, self._ask, method, path, wish)
            return await asyncio.wait_for(asking, DEADLINE)
        except TimeoutError:
            self._cut()
            raise Unavailable(detail=f"{self._config.server} does not answer in time.") from None
        except RuntimeError as error:  # it was closed
            raise Unavailable(detail=f"{self._config.server} is not asked any more.") from error

    def _cut(self) -> None:
        """Ends a request that another thread waits for."""
        line = self._line
        if line is not None and line.sock is not None:
            with contextlib.suppress(OSError):
                line.sock.shutdown(socket.SHUT_RDWR)

    async def listen(self, rang: Callable[[], None], heard: Callable[[bool], None]) -> None:
        """Hears the doorbell until it is cancelled: `rang` when something changed, and once when the cloud is
        reached; `heard` whether it is."""
        url = self._address._replace(scheme="wss" if self._address.scheme == "https" else "ws").geturl()
        tries = 0
        while True:
            try:
                async with connect(
                    f"{url}{API}/journal/doorbell",
                    additional_headers=self._headers,
                    ssl=self._tls if self._address.scheme == "https" else None,
                    proxy=None,
                    max_size=1 << 16,
                    compression=None,
                ) as line:
                    await line.send(msgspec.json.encode({"token": self._config.token}).decode())
                    async for _ in line:
                        tries = 0
                        heard(True)
                        rang()
            except (OSError, WebSocketException, TimeoutError):
                pass
            heard(False)
            await asyncio.sleep(AGAIN[min(tries, len(AGAIN) - 1)])
            tries += 1

    def _ask(self, method: str, path: str, wish: Any) -> Any:
        body = None if wish is None else msgspec.json.encode(wish)
        headers = {**self._headers, "Authorization": f"Bearer {self._config.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        kept = self._line is not None
        try:
            answer = self._send(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            if not kept:
                raise Unavailable(detail=f"{self._config.server} does not answer: {error}") from error
            try:  # a connection that was kept may have been closed at the other end
                answer = self._send(method, path, body, headers)
            except (OSError, http.client.HTTPException) as again:
                self._hang_up()
                raise Unavailable(detail=f"{self._config.server} does not answer: {again}") from again
        status, data = answer
        if status >= 400:
            raise problem_of(status, data)
        try:
            return msgspec.json.decode(data) if data else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Unavailable("no-pileus", f"{self._config.server} answers, but not as a Pileus does.") from None

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._line is None:
            host, port = self._address.hostname or "", self._address.port
            if self._address.scheme == "https":
                self._line = http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=self._tls)
            else:
                self._line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        self._line.request(method, API + path, body, headers)
        answer = self._line.getresponse()
        data = answer.read(MOST_ANSWER + 1)
        if len(data) > MOST_ANSWER:
            raise http.client.HTTPException("the answer is too long")
        return answer.status, data

    def _hang_up(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.close()
            self._line = None
