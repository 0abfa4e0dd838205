"""The doorbells: a socket of each device on which the cloud says that something changed, never what.

A doorbell is open for hours and says a word now and then. Once its device has shown its token, the socket is
taken out of the web server's layers (`HAND_OVER`), and one read answers for all of an account's devices.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
from sqlalchemy import Connection
from starlette.websockets import WebSocket, WebSocketDisconnect

from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.journal import rows
from pileus.cloud.kernel.push import distributor
from pileus.cloud.kernel.service import Caller, Database, Events
from pileus.core.clock import Clock

HAND_OVER = "pileus.hand-over"
"""The extension of a WebSocket's scope: a `HandOver`."""
HELLO_SECONDS = 5.0
SIGNED_OUT_CLOSE = 4401
HELLO_CLOSE = 4400
TRY_AGAIN_CLOSE = 1013

log = logging.getLogger(__name__)


class Line(Protocol):
    """A WebSocket that was handed over. It pings by itself, and what comes on it is not looked at."""

    def say(self, text: str) -> None: ...

    def close(self, code: int) -> None: ...


HandOver = Callable[[Callable[[], None]], Line]
"""Takes what is called once when the connection has ended. Whatever held it lets go of it."""


class _Bell:
    __slots__ = ("account_id", "device_id", "line", "said")

    def __init__(self, caller: Caller, hand_over: HandOver, gone: Callable[[_Bell], None]) -> None:
        self.account_id = caller.account_id
        self.device_id = caller.device_id
        self.said = (-1, 0)
        self.line = hand_over(lambda: gone(self))

    def tell(self, head: int, push: int) -> None:
        # What a device has taken is no news to it.
        if head != self.said[0] or push > self.said[1]:
            self.line.say(f'{{"head": {head}, "push": {push}}}' if push else f'{{"head": {head}}}')
        self.said = (head, push)


class Doorbells:
    """Each says `{"head": N}` at each change of its account and closes when its device goes.

    Where messages of apps' servers wait for the device, `push` is the number of the last of them.
    """

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, events: Events) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._of_account: dict[str, set[_Bell]] = {}
        self._of_device: dict[str, set[_Bell]] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        accounts.on_sign_out(self._signed_out)
        events.listen(self._rung)

    @property
    def count(self) -> int:
        """Sockets of signed-in devices that are open."""
        return sum(len(bells) for bells in self._of_device.values())

    async def serve(self, socket: WebSocket) -> None:
        """A socket's first words. A device may leave at any moment of them: that is its right, and no failure."""
        with contextlib.suppress(WebSocketDisconnect):
            await socket.accept()
            caller = await self._hello(socket)
            if caller is not None:
                await self._attend(socket, caller)

    async def _hello(self, socket: WebSocket) -> Caller | None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = msgspec.json.decode(await socket.receive_text(), type=dict[str, str])
        except (TimeoutError, msgspec.DecodeError, KeyError):
            await socket.close(HELLO_CLOSE)
            return None
        caller = await self._accounts.caller(first.get("token", ""))
        if caller is None:
            await socket.close(SIGNED_OUT_CLOSE)
        return caller

    async def _attend(self, socket: WebSocket, caller: Caller) -> None:
        self._loop = asyncio.get_running_loop()
        bell = _Bell(caller, socket.scope["extensions"][HAND_OVER], self._forget)
        self._of_account.setdefault(bell.account_id, set()).add(bell)
        self._of_device.setdefault(bell.device_id, set()).add(bell)
        # Between the check of the token and now it may have been signed out.
        try:
            devices = await self._accounts.devices(bell.account_id)
        except BaseException:
            bell.line.close(TRY_AGAIN_CLOSE)
            raise
        if any(one.id == bell.device_id for one in devices):
            self._due(bell.account_id)
        else:
            bell.line.close(SIGNED_OUT_CLOSE)

    def _rung(self, account_id: str) -> None:
        """From any thread. A bell that is hung up just now asks by itself."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and account_id in self._of_account:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(self._due, account_id)

    def _due(self, account_id: str) -> None:
        if account_id in self._telling:
            self._again.add(account_id)
            return
        task = asyncio.get_running_loop().create_task(self._tell(account_id))
        self._telling[account_id] = task
        task.add_done_callback(lambda _: self._told(account_id))

    async def _tell(self, account_id: str) -> None:
        bells = tuple(self._of_account.get(account_id, ()))
        devices = {bell.device_id for bell in bells}
        try:
            head, pushes = await self._db.read_async(lambda conn: self._news(conn, account_id, devices))
        except Exception:
            log.exception("the devices of an account are not told, and ask anew")
            for bell in bells:
                bell.line.close(TRY_AGAIN_CLOSE)
            return
        for bell in bells:
            bell.tell(head, pushes[bell.device_id])

    def _told(self, account_id: str) -> None:
        del self._telling[account_id]
        if account_id in self._again:
            self._again.discard(account_id)
            self._due(account_id)

    def _news(self, conn: Connection, account_id: str, devices: set[str]) -> tuple[int, Mapping[str, int]]:
        now = self._clock.now_ms()
        pushes = {device: distributor.newest(conn, device, now) for device in devices}
        return rows.head(conn, account_id), pushes

    def _signed_out(self, device_id: str) -> None:
        for bell in self._of_device.get(device_id, ()):
            bell.line.close(SIGNED_OUT_CLOSE)

    def _forget(self, bell: _Bell) -> None:
        for bells, key in ((self._of_account, bell.account_id), (self._of_device, bell.device_id)):
            left = bells.get(key, set())
            left.discard(bell)
            if not left:
                bells.pop(key, None)
