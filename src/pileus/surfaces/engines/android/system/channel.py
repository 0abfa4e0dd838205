"""A process's socket: whole messages in, whole messages out, descriptors beside them (SCM_RIGHTS)."""

from __future__ import annotations

import array
import asyncio
import logging
import os
import socket
import stat
from collections import deque
from collections.abc import Callable

from pileus.surfaces.engines.android.system import wire
from pileus.surfaces.engines.android.system.wire import Message, WireError

MAX_QUEUED = 16 << 20
"""Bytes that a process may leave unread before its connection is cut."""
_READ = 1 << 18
_INT = array.array("i").itemsize

log = logging.getLogger("pileus.android.system")


class Channel:
    """`take` gets each message with its descriptors; `gone` is called once, when the connection has ended."""

    def __init__(
        self,
        end: socket.socket,
        take: Callable[[Message, tuple[int, ...]], None],
        gone: Callable[[str], None],
    ) -> None:
        end.setblocking(False)
        self._end = end
        self._take = take
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._read = bytearray()
        self._fds: deque[int] = deque()
        self._queue: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self._queued = 0
        self._open = True
        self._loop.add_reader(end, self._readable)

    def send(self, message: Message, fds: tuple[int, ...] = ()) -> None:
        """Never blocks; the descriptors are closed once they are sent."""
        if not self._open:
            _close(fds)
            return
        data = wire.encode(message)
        self._queue.append((memoryview(data), fds))
        self._queued += len(data)
        if self._queued > MAX_QUEUED:
            self.close("it does not read what it is sent")
        elif len(self._queue) == 1:
            self._writable()

    def close(self, why: str = "closed") -> None:
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._end)
        self._loop.remove_writer(self._end)
        self._end.close()
        _close(self._fds)
        for _, fds in self._queue:
            _close(fds)
        self._queue.clear()
        self._gone(why)

    def _readable(self) -> None:
        try:
            data, ancillary, flags, _ = self._end.recvmsg(_READ, socket.CMSG_SPACE(wire.MAX_FDS * _INT))
        except BlockingIOError:
            return
        except OSError as error:
            self.close(str(error))
            return
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                found = array.array("i")
                found.frombytes(content[: len(content) - len(content) % _INT])
                self._fds.extend(found)
        if not data:
            self.close("it ended")
            return
        self._read += data
        try:
            if flags & socket.MSG_CTRUNC or len(self._fds) > 2 * wire.MAX_FDS:
                raise WireError("more descriptors than a message may have")
            self._split()
        except WireError as error:
            self.close(str(error))
        except Exception:
            log.exception("a message could not be taken")
            self.close("its message could not be taken")

    def _split(self) -> None:
        while self._open and len(self._read) >= 4:
            size = int.from_bytes(self._read[:4], "little")
            if not 0 < size <= wire.MAX_FRAME:
                raise WireError(f"a message of {size} bytes")
            if len(self._read) < 4 + size:
                return
            message = wire.decode(bytes(self._read[4 : 4 + size]))
            del self._read[: 4 + size]
            count = getattr(message, "fds", 0)
            if count > len(self._fds):
                raise WireError("a message without its descriptors")
            fds = tuple(self._fds.popleft() for _ in range(count))
            if not all(map(may_pass, fds)):
                _close(fds)
                raise WireError("a descriptor of a kind that does not pass")
            self._take(message, fds)

    def _writable(self) -> None:
        while self._open and self._queue:
            data, fds = self._queue[0]
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            try:
                sent = self._end.sendmsg([data], ancillary)
            except BlockingIOError:
                self._loop.add_writer(self._end, self._writable)
                return
            except OSError as error:
                self.close(str(error))
                return
            _close(fds)
            self._queued -= sent
            if sent < len(data):
                self._queue[0] = (data[sent:], ())
            else:
                self._queue.popleft()
        if self._open:
            self._loop.remove_writer(self._end)


def may_pass(fd: int) -> bool:
    """Files, pipes and pairs of sockets pass between apps; folders, devices and other sockets do not."""
    mode = os.fstat(fd).st_mode
    if stat.S_ISSOCK(mode):
        end = socket.socket(fileno=os.dup(fd))
        try:
            return end.family == socket.AF_UNIX and not end.getsockname() and not end.getpeername()
        except OSError:
            return False
        finally:
            end.close()
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode)


def _close(fds: object) -> None:
    if isinstance(fds, tuple | deque):
        for fd in fds:
            os.close(fd)
        if isinstance(fds, deque):
            fds.clear()
