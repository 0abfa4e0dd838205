"""A small client of a message bus, which waits until something holds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.unpack import unpack_variants

T = TypeVar("T")

PROPERTIES = "org.freedesktop.DBus.Properties"
SLOWEST = 30.0
"""Seconds that anything may take on a loaded machine."""


class BusError(Exception):
    """A method call was refused; `name` is the error's on D-Bus."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        super().__init__(f"{name}: {text}")


class Client:
    """Calls methods, reads properties, and waits until something holds; looks again at each signal."""

    def __init__(self, bus: MessageBus, destination: str, log: Callable[[], str]) -> None:
        self.bus, self.destination, self._log = bus, destination, log
        self.signals: list[Message] = []
        self._news = asyncio.Event()
        bus.add_message_handler(self._hear)

    async def listen(self) -> None:
        rule = f"type='signal',sender='{self.destination}'"
        await self._send(
            Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "AddMatch", signature="s", body=[rule])
        )

    async def call(self, path: str, interface: str, member: str, signature: str = "", *body: Any) -> Any:
        """The reply's first value without its variants, or None; raises BusError."""
        reply = await self._send(
            Message(self.destination, path, interface, member, signature=signature, body=list(body))
        )
        return unpack_variants(reply.body[0]) if reply.body else None

    async def get(self, path: str, interface: str, name: str) -> Any:
        return await self.call(path, PROPERTIES, "Get", "ss", interface, name)

    async def get_all(self, path: str, interface: str) -> dict[str, Any]:
        return await self.call(path, PROPERTIES, "GetAll", "s", interface)

    async def set(self, path: str, interface: str, name: str, value: Variant) -> None:
        await self.call(path, PROPERTIES, "Set", "ssv", interface, name, value)

    async def until(self, what: str, check: Callable[[], Awaitable[T]], timeout: float = SLOWEST) -> T:
        """What `check` gives once it gives something true; it is asked again after each signal."""
        end = asyncio.get_running_loop().time() + timeout
        while True:
            self._news.clear()
            if found := await check():
                return found
            left = end - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                raise AssertionError(f"waited {timeout} s in vain for: {what}\n{self._log()}") from None

    async def until_is(self, path: str, interface: str, name: str, *values: Any) -> Any:
        """Waits until a property has one of the values."""

        async def check() -> list[Any]:
            value = await self.get(path, interface, name)
            return [value] if value in values else []

        return (await self.until(f"{path} {name} in {values}", check))[0]

    async def _send(self, message: Message) -> Message:
        reply = await asyncio.wait_for(self.bus.call(message), 120)
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise BusError(reply.error_name or "", str(reply.body[0]) if reply.body else "")
        return reply

    def _hear(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            self.signals.append(message)
            self._news.set()


async def connect(address: str) -> MessageBus:
    return await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ends a process by its id, and by force where it does not go."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


def environment(address: str) -> dict[str, str]:
    return os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": address, "DBUS_SESSION_BUS_ADDRESS": address}
