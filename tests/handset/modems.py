"""A carrier, ModemManager and phones for a module's tests, on one event loop that they share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from dbus_fast import Variant

from pileus.carrier.events import Event
from pileus.carrier.handset import Handset
from pileus.carrier.line import Line, line
from pileus.carrier.network import Carrier
from tests.handset import modem_manager as mm
from tests.handset.modem_manager import Manager

STORED, RECEIVED = 1, 3
"""MMSmsState."""
DIALING, RINGING_OUT, RINGING_IN, ACTIVE, HELD, WAITING, TERMINATED = range(1, 8)
"""MMCallState."""


class World:
    """`run` gives the loop to a test for as long as it takes; in between nothing moves."""

    def __init__(self, runner: asyncio.Runner, manager: Manager, stack: AsyncExitStack) -> None:
        self._runner, self._stack = runner, stack
        self.manager = manager
        self.carrier = Carrier()
        self.events: list[Event] = []
        self.carrier.watch(self.events.append)
        self.lines: dict[str, Line] = {}

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with asyncio.timeout(120):
                await story()

        self._runner.run(whole())

    async def plug(self, phone: Handset, name: str = "") -> str:
        """Puts a phone's modem on a socket and has ModemManager find it: its object's path."""
        name = name or f"phone-{phone.number.lstrip('+')}"
        opened = await self._stack.enter_async_context(line(phone.modem, f"abstract:{name}"))
        self.lines[phone.number] = opened
        return await self.manager.add(name)

    # What a phone's owner does, through ModemManager

    async def texts(self, modem: str) -> list[dict[str, Any]]:
        """The messages that are whole, oldest first, with their `Path`."""
        found = []
        for path in await self.manager.call(modem, mm.MESSAGING, "List"):
            sms = await self.manager.get_all(path, mm.SMS)
            if sms["State"] == RECEIVED and sms["PduType"] == 1:
                found.append(sms | {"Path": path})
        return sorted(found, key=lambda sms: int(sms["Path"].rpartition("/")[2]))

    async def next_text(self, modem: str) -> str:
        """Waits for a message, and deletes it when it was read."""

        async def arrived() -> list[dict[str, Any]]:
            return await self.texts(modem)

        sms = (await self.manager.until("a message", arrived))[0]
        await self.manager.call(modem, mm.MESSAGING, "Delete", "o", sms["Path"])
        text = sms["Text"]
        assert isinstance(text, str)
        return text

    async def send(self, modem: str, number: str, text: str, *, report: bool = False) -> str:
        """Sends a message: its object's path."""
        wish = {
            "number": Variant("s", number),
            "text": Variant("s", text),
            "delivery-report-request": Variant("b", report),
        }
        path = await self.manager.call(modem, mm.MESSAGING, "Create", "a{sv}", wish)
        await self.manager.call(path, mm.SMS, "Send")
        assert isinstance(path, str)
        return path

    async def dial(self, modem: str, number: str) -> str:
        path = await self.manager.call(modem, mm.VOICE, "CreateCall", "a{sv}", {"number": Variant("s", number)})
        await self.manager.call(path, mm.CALL, "Start")
        assert isinstance(path, str)
        return path

    async def incoming(self, modem: str, *states: int) -> str:
        """Waits for a call in one of the states (ringing): its path."""

        async def rings() -> str:
            for path in await self.manager.call(modem, mm.VOICE, "ListCalls"):
                if await self.manager.get(path, mm.CALL, "State") in (states or (RINGING_IN,)):
                    return str(path)
            return ""

        return await self.manager.until("a call", rings)

    async def state(self, call: str, state: int) -> None:
        """Waits for a call's state."""
        await self.manager.until_is(call, mm.CALL, "State", state)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Ends everything that it started, in any case."""
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        try:
            manager = runner.run(stack.enter_async_context(mm.modem_manager(folder)))
            yield World(runner, manager, stack)
        finally:
            runner.run(stack.aclose())
