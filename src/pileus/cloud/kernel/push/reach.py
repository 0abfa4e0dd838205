"""Posting to addresses that clients named: public ones only, no redirects, within bounds of bytes and time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence

import httpcore

from pileus.cloud.kernel.push.answers import Answer, Forbidden, Unreachable
from pileus.cloud.kernel.push.rules import Network, may_reach

SECONDS = 20.0
"""For one message, all of it."""
CONNECT_SECONDS = 8.0
ANSWER_BYTES = 16 << 10
"""Of an answer's body that are read so that the connection can be used again; of a longer one it is closed."""
CONNECTIONS = 16


class Poster:
    """Posts over HTTPS; keeps some connections. Use it in one event loop and close it."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=30,
            network_backend=_Guarded(allowed),
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Follows no redirect, uses no proxy. Raises `Unreachable` or `Forbidden`."""
        timeouts = dict.fromkeys(("pool", "connect", "read", "write"), SECONDS) | {"connect": CONNECT_SECONDS}
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._pool.stream(
                    "POST",
                    url,
                    headers=list(headers.items()),
                    content=body,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                read = 0
                async for part in response.aiter_stream():
                    read += len(part)
                    if read > ANSWER_BYTES:
                        break
                told = {name.lower(): value for name, value in response.headers}
                after = told.get(b"retry-after")
                return Answer(response.status, after.decode("latin-1") if after else None)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
            TimeoutError,
            OSError,
        ) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._pool.aclose()


class _Guarded(httpcore.AsyncNetworkBackend):
    """Resolves a name itself and connects to the very addresses that it looked at, so that a name which
    leads elsewhere a moment later is of no use. TLS still asks for the name."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        good = [one for one in addresses if may_reach(one, self._allowed)]
        if not good:
            raise Forbidden(host)
        for address in good[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException):
                continue
        return await self._inner.connect_tcp(good[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
