"""A device that sleeps: the login manager is mocked, ModemManager is the real one, and stands still meanwhile.

As a kernel that suspends does, SIGSTOP takes its time away; what the modem says waits on its line.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Variant

from pileus.carrier.events import Happening
from pileus.handset.bus import Bus
from pileus.handset.capabilities.power.sleep import MANAGER, PATH, SERVICE
from pileus.handset.ledger import count_owed
from tests.handset.mocks import Mock, template
from tests.handset.phones import NUMBER, OTHER, Phone, phone

pytestmark = pytest.mark.modem_manager


@dataclass
class Sleeper:
    one: Phone
    login: Mock

    async def locks(self) -> list[Any]:
        return list(await self.login.do("ListInhibitors", "", interface=MANAGER))

    async def until_locked(self, wanted: bool) -> None:
        while bool(await self.locks()) != wanted:
            pass

    async def prepare(self, sleeps: bool) -> None:
        await self.login.signal(PATH, MANAGER, "PrepareForSleep", "b", Variant("b", sleeps))

    @asynccontextmanager
    async def asleep(self) -> AsyncIterator[None]:
        """The device sleeps for as long as the block lasts."""
        await self.prepare(True)
        await self.one.shell.until(lambda: self.one.shell.told("sleeping"), "sleep")
        await self.until_locked(False)
        process = self.one.manager.process
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)
        await self.prepare(False)
        await self.one.shell.until(lambda: self.one.shell.told("woke"), "waking")
        await self.until_locked(True)


@asynccontextmanager
async def sleeper(short: Path) -> AsyncIterator[Sleeper]:
    async with phone(short, names=("telephony", "power")) as one:
        with template(one.manager.address, "logind"):
            tester = await Bus.connect(one.manager.address)
            with contextlib.ExitStack() as stack:
                made = Sleeper(one, Mock(tester, SERVICE, PATH))
                await made.login.there()
                await one.shell.until(lambda: one.shell.states["power"]["present"], "the login manager")
                await made.until_locked(True)
                stack.callback(one.manager.process.send_signal, signal.SIGCONT)
                yield made
            await tester.close()


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(120):
            await story()

    asyncio.run(whole())


def test_a_call_that_still_rings_at_the_wake_rings_and_a_message_is_read_once(short: Path) -> None:
    async def story() -> None:
        async with sleeper(short) as here:
            one = here.one
            async with here.asleep():
                one.carrier.text(OTHER, NUMBER, "in your sleep")
                one.carrier.call(OTHER, NUMBER)
            ringing = await one.until_call("ringing-in")
            await one.ask("answer", call=ringing["id"])
            await one.until_call("active")
            await one.ask("hang-up", call=ringing["id"])
            await one.until_call("")
            await one.shell.until(lambda: one.shell.told("message"), "the message")
            await one.shell.until(lambda: one.telephony["owed"] == 2)
            async with here.asleep():
                pass
            await one.daemon.capability("telephony").sleep(True)  # type: ignore[attr-defined]
            assert [told["body"] for told in one.shell.told("message")] == ["in your sleep"]
            assert one.telephony["owed"] == 2

    run(story)


def test_a_call_that_gave_up_in_the_sleep_was_missed(short: Path) -> None:
    async def story() -> None:
        async with sleeper(short) as here:
            one = here.one
            async with here.asleep():
                rings = asyncio.Event()
                one.carrier.watch(lambda event: rings.set() if event.kind is Happening.RINGS else None)
                call = one.carrier.call(OTHER, NUMBER)
                await rings.wait()
                call.end()
            await one.shell.until(lambda: one.shell.told("missed"), "a missed call")
            assert one.shell.told("missed")[0]["address"] == OTHER
            await one.until_call("")

    run(story)


def test_what_comes_as_it_goes_to_sleep_is_in_the_ledger_before(short: Path) -> None:
    """The lock is held until the disk has the message."""

    async def story() -> None:
        async with sleeper(short) as here:
            telephony: Any = here.one.daemon.capability("telephony")
            write, disk, begun = telephony._ledger.write, asyncio.Event(), asyncio.Event()

            async def slow(work: Any) -> Any:
                begun.set()
                await disk.wait()
                return await write(work)

            telephony._ledger.write = slow
            here.one.carrier.text(OTHER, NUMBER, "now")
            await begun.wait()
            await here.prepare(True)
            await here.one.shell.until(lambda: here.one.shell.told("sleeping"), "sleep")
            assert await here.locks()
            disk.set()
            await here.until_locked(False)
            assert await telephony._ledger.read(count_owed) == 1

    run(story)
