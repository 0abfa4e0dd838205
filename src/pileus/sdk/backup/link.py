"""One HTTP connection to the cloud, for one thread. Everything here blocks.

Every request that goes this way may be repeated, so a cloud that restarts or a cut connection is waited for.
"""

from __future__ import annotations

import http.client
import os
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from pileus.core.errors import PileusError, Unavailable
from pileus.sdk.backup import wire
from pileus.sdk.config import API, Config, address_of, problem_of, read_config, tls_context

T = TypeVar("T")

TRIES = 7
"""With 0.25 s before the second try and twice as long before each other one: half a minute."""
TIMEOUT = 600.0
"""Seconds for an answer to begin: a commit of millions of chunks takes its time."""
PASSING = ("unavailable", "cut-off", "store-unavailable")
"""Problems that may be gone at the next try."""
BROKEN = (http.client.HTTPException, OSError)


class Cloud(Protocol):
    """Whatever keeps chunks and snapshots, asked as the HTTP interface is; for one thread, `copy` for another."""

    def copy(self) -> Cloud: ...

    def close(self) -> None: ...

    def get(self, path: str, type_: type[T]) -> T: ...

    def ask(self, method: str, path: str, body: bytes | None = None, media: str = wire.MEDIA) -> bytes: ...

    def send(self, path: str, parts: list[bytes | memoryview]) -> None: ...

    def chunks(self, names: list[bytes]) -> Iterator[wire.Chunk | None]: ...


class Link:
    """A connection that is opened when it is first used; `copy` gives another thread one of its own."""

    def __init__(self, config: Config, pause: Callable[[float], None] = time.sleep) -> None:
        self.config, self._pause = config, pause
        address, headers = address_of(config.server.rstrip("/"))
        parts = urlsplit(address)
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        self._base = parts.path.rstrip("/") + API
        self._headers = {**headers, "Authorization": f"Bearer {config.token}"}
        self._connection: http.client.HTTPConnection | None = None

    @classmethod
    def from_config(cls) -> Link:
        """The cloud that `pileus login` signed in to; raises `Unauthorized` where it did not."""
        return cls(read_config())

    def copy(self) -> Link:
        return Link(self.config, self._pause)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, path: str, type_: type[T]) -> T:
        return _parsed(self.ask("GET", path), type_)

    def post(self, path: str, body: object, type_: type[T]) -> T:
        """A JSON body, a JSON answer."""
        return _parsed(self.ask("POST", path, msgspec.json.encode(body), "application/json"), type_)

    def ask(self, method: str, path: str, body: bytes | None = None, media: str = wire.MEDIA) -> bytes:
        """The answer's bytes; raises what a problem says, or `Unavailable` after the last try."""
        return self._again(lambda: self._answer(method, path, body, media).read())

    def send(self, path: str, parts: list[bytes | memoryview]) -> None:
        """A body in parts, for an answer without one."""
        self._again(lambda: self._answer("POST", path, parts, wire.MEDIA).read())

    def chunks(self, names: list[bytes]) -> Iterator[wire.Chunk | None]:
        """Chunks in the order of their names as they are packed; None for one that cannot be read there.

        What a cut left out is asked for again.
        """
        place = 0
        tries = 0
        while place < len(names):
            body = msgspec.msgpack.encode(names[place : place + wire.MOST_NAMES])
            try:
                answer = self._answer("POST", "/backups/chunks/read", body, wire.MEDIA)
                for name in names[place : place + wire.MOST_NAMES]:
                    chunk = _chunk(name, answer)
                    place, tries = place + 1, 0
                    yield chunk
                answer.read()
            except (*BROKEN, Unavailable) as error:
                self._broken(error, tries)
                tries += 1

    def lines(self, path: str, type_: type[T]) -> Iterator[T]:
        """An answer that comes line by line, as JSON; raises `Unavailable` where it breaks off."""
        try:
            answer = self._answer("POST", path, b"", wire.STREAM)
            while line := answer.readline():
                yield _parsed(line, type_)
        except BROKEN as error:
            self.close()
            raise self._unavailable(error) from error

    def _answer(
        self, method: str, path: str, body: bytes | list[bytes | memoryview] | None, media: str
    ) -> http.client.HTTPResponse:
        if self._connection is None:
            self._connection = self._open()
        headers = self._headers if body is None else {**self._headers, "Content-Type": media}
        if isinstance(body, list):
            headers["Content-Length"] = str(sum(len(part) for part in body))
        self._connection.request(method, self._base + path, body, headers)
        answer = self._connection.getresponse()
        if answer.status >= 400:
            raise problem_of(answer.status, answer.read())
        return answer

    def _again(self, request: Callable[[], T]) -> T:
        for tries in range(TRIES):
            try:
                return request()
            except BROKEN as error:
                self._broken(error, tries)
            except PileusError as error:
                if error.code not in PASSING:
                    raise
                self._broken(error, tries)
        raise self._unavailable(None)

    def _broken(self, error: Exception, tries: int) -> None:
        """Waits before the next try; raises where there is none."""
        self.close()
        if tries + 1 >= TRIES or isinstance(error, ssl.SSLCertVerificationError):
            raise error if isinstance(error, PileusError) else self._unavailable(error)
        self._pause(0.25 * 2**tries)

    def _open(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        context = tls_context(os.environ.get("PILEUS_CA_FILE") or True)
        if not isinstance(context, ssl.SSLContext):
            context = ssl.create_default_context()
        return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=context)

    def _unavailable(self, error: Exception | None) -> Unavailable:
        server = self.config.server
        return Unavailable("no-answer", f"{server} does not answer: {error or 'no answer'}", server=server)


def reason_of(error: OSError) -> str:
    """Why the system refused, without the path, which is told beside it."""
    return error.strerror or str(error) or type(error).__name__


def _chunk(name: bytes, answer: http.client.HTTPResponse) -> wire.Chunk | None:
    packing, plain, size = wire.FRAME.unpack(_exactly(answer, wire.FRAME.size))
    if size > wire.MOST_BYTES or plain > wire.MOST_BYTES:
        raise Unavailable("no-pileus", "The cloud answered with a chunk that is too large.")
    if packing == wire.LOST:
        return None
    return wire.Chunk(name, plain, packing == wire.ZSTD, memoryview(_exactly(answer, size)))


def _exactly(answer: http.client.HTTPResponse, size: int) -> bytes:
    data = answer.read(size)
    if len(data) == size:
        return data
    held = bytearray(data)
    while len(held) < size:
        data = answer.read(size - len(held))
        if not data:
            raise http.client.IncompleteRead(bytes(held), size - len(held))
        held += data
    return bytes(held)


def _parsed(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unavailable("no-pileus", "The address answers, but not as a Pileus does.") from None
