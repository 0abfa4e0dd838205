"""WebSockets that mostly wait: what a phone that rests costs the web process.

A WebSocket of uvicorn is a protocol, a parser, a queue, a task and the layers of the application, some 38 kB. A
doorbell needs them for a second of the hours that it is open. So a handler may take its socket out of all that,
by an extension of ASGI's scope (`kernel.http.doorbells`): what is left is one small object and the transport.
Frames are read and written by `websockets`; this module only decides when.
"""

from __future__ import annotations

import asyncio
import itertools
import weakref
from collections.abc import Callable, Generator
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Close, CloseCode, Frame, Opcode

from pileus.cloud.kernel.http.doorbells import HAND_OVER

PING_SECONDS = 20
"""Between two pings; a line from which nothing came meanwhile is cut."""
CLOSE_SECONDS = 10.0
"""For which the other side's answer to a close frame is waited for."""
MESSAGE_MOST = 4096
UNSENT_MOST = 64 << 10
"""Bytes that a line may owe a device that takes none."""


class Socket(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which a handler may hand over to a `Line`."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:  # else it was refused
            extensions: dict[Any, Any] = self.scope.setdefault("extensions", {})
            extensions[HAND_OVER] = self._hand_over

    def _hand_over(self, gone: Callable[[], None]) -> Line:
        """From here on the connection is the line's, and the application's call may return.

        `gone` is called once, when the connection has ended. Whatever the device has sent in the same
        moment is the line's too, except half a frame, which ends it.
        """
        self.stop_keepalive()
        line = Line(self.transport, self.connections, gone)
        self.connections.discard(self)
        self.transport.set_protocol(line)
        if self.read_paused:
            self.transport.resume_reading()
        if self.transport.is_closing() or self.disconnected:
            self.loop.call_soon(line.connection_lost, None)
        elif rest := bytes(self.conn.reader.buffer):
            line.data_received(rest)
        self.transport = _Gone()
        return line


class _Gone(asyncio.Transport):
    """What the protocol holds of a connection that is no longer its own: it ends it as one that is its own."""

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return True


class Line(asyncio.Protocol):
    """A WebSocket on which the server says a word now and then, and the device nothing that is looked at."""

    __slots__ = ("_closing", "_connections", "_gone", "_heard", "_rest", "_transport")

    def __init__(
        self, transport: asyncio.Transport, connections: set[Any], gone: Callable[[], None] | None
    ) -> None:
        self._transport = transport
        self._connections = connections
        """uvicorn's: it asks each to `shutdown`, and waits until none is left."""
        self._gone = gone
        self._rest = b""
        self._heard = True
        self._closing = False
        connections.add(self)
        _pulse().add(self)

    def say(self, text: str) -> None:
        """One text message. A device that takes nothing for long is cut off: it asks anew when it is back."""
        if not self._closing:
            self._write(Frame(Opcode.TEXT, text.encode()))

    def close(self, code: int) -> None:
        """Ends it politely (RFC 6455 §7.1.2); more than once is once."""
        if self._closing or self._transport.is_closing():
            return
        self._write(Frame(Opcode.CLOSE, Close(code, "").serialize()))
        self._closing = True
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.close)

    def shutdown(self) -> None:
        """For a server that ends."""
        self.close(CloseCode.SERVICE_RESTART)
        self._transport.close()

    def pulse(self) -> None:
        """Once in `PING_SECONDS`."""
        if not self._heard:
            self._transport.abort()
            return
        self._heard = False
        if not self._closing:
            self._write(Frame(Opcode.PING, b""))

    def data_received(self, data: bytes) -> None:
        self._heard = True
        try:
            frames, self._rest = _frames(self._rest + data)
        except PayloadTooBig:
            self.close(CloseCode.MESSAGE_TOO_BIG)
            self._transport.close()
            return
        except ProtocolError:
            self.close(CloseCode.PROTOCOL_ERROR)
            self._transport.close()
            return
        for frame in frames:
            if frame.opcode is Opcode.PING:
                self._write(Frame(Opcode.PONG, frame.data))
            elif frame.opcode is Opcode.CLOSE:
                if not self._closing:
                    self._write(Frame(Opcode.CLOSE, frame.data))
                    self._closing = True
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        _pulse().discard(self)
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()

    def _write(self, frame: Frame) -> None:
        if self._transport.get_write_buffer_size() > UNSENT_MOST:
            self._transport.abort()
            return
        self._transport.write(frame.serialize(mask=False))


def _frames(data: bytes) -> tuple[list[Frame], bytes]:
    """The whole frames of it, and what is left; raises `PayloadTooBig`, `ProtocolError`."""
    at, frames = 0, list[Frame]()

    def take(size: int) -> Generator[None, None, bytes]:
        nonlocal at
        while at + size > len(data):
            yield
        piece, at = data[at : at + size], at + size
        return piece

    while True:
        begin = at
        try:
            next(Frame.parse(take, mask=True, max_size=MESSAGE_MOST))
        except StopIteration as whole:
            frames.append(whole.value)
        else:
            return frames, data[begin:]


class _Pulse:
    """All lines of an event loop, a twentieth of them at each second: no timer for each, and no burst."""

    def __init__(self) -> None:
        self._lines: list[set[Line]] = [set() for _ in range(PING_SECONDS)]
        self._joining, self._turns = itertools.cycle(self._lines), itertools.cycle(self._lines)
        self._timer: asyncio.TimerHandle | None = None

    def add(self, line: Line) -> None:
        next(self._joining).add(line)
        if self._timer is None:
            self._beat()

    def discard(self, line: Line) -> None:
        for lines in self._lines:
            lines.discard(line)
        if self._timer is not None and not any(self._lines):
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(1.0, self._turn)

    def _turn(self) -> None:
        self._beat()
        for line in tuple(next(self._turns)):
            line.pulse()


_pulses = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Pulse]()


def _pulse() -> _Pulse:
    loop = asyncio.get_running_loop()
    pulse = _pulses.get(loop)
    if pulse is None:
        pulse = _pulses[loop] = _Pulse()
    return pulse
