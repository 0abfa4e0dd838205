"""The real ModemManager, on a bus of its own, with modems of the simulated carrier.

    async with modem_manager(folder) as manager:
        async with line(phone.modem, "abstract:one"):
            path = await manager.add("one")

Tests that need it are marked `modem_manager` (tests/lacking.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dbus_fast.aio import MessageBus

from pileus.handset import stage
from pileus.handset.stage import allow_everything
from tests.handset.buses import bus as private_bus
from tests.handset.client import SLOWEST, BusError, Client, connect, ended, environment
from tests.lacking import MODEM_MANAGER

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
MODEM, SIM = f"{SERVICE}.Modem", f"{SERVICE}.Sim"
GPP, USSD = f"{MODEM}.Modem3gpp", f"{MODEM}.Modem3gpp.Ussd"
MESSAGING, VOICE = f"{MODEM}.Messaging", f"{MODEM}.Voice"
SMS, CALL = f"{SERVICE}.Sms", f"{SERVICE}.Call"

FAILED, LOCKED, DISABLED, SEARCHING, REGISTERED = -1, 2, 3, 7, 8
"""States of a modem (MMModemState)."""

SETTLED = (FAILED, LOCKED, DISABLED)

OPTIONS = (*stage.OPTIONS, "--debug")
_LOG_TAIL = 12_000


class Manager(Client):
    """A running ModemManager; `log` is what it said."""

    def __init__(self, bus: MessageBus, address: str, log: Path, process: asyncio.subprocess.Process) -> None:
        super().__init__(bus, SERVICE, self.log)
        self.address, self.file, self.process = address, log, process
        self.modems: dict[str, str] = {}

    def log(self) -> str:
        return self.file.read_text(errors="replace")[-_LOG_TAIL:]

    async def add(self, name: str, *, until: tuple[int, ...] = SETTLED) -> str:
        """Probes the modem on `abstract:NAME`; the path of its object once its state is one of `until`: failed,
        locked or disabled, unless a daemon switches it on by itself."""
        known = await self.objects()
        test = f"{SERVICE}.Test"
        await self.call(ROOT, test, "SetProfile", "ssas", name, "generic", [f"abstract:{name}"])

        return await self._appeared(name, known, until)

    async def remove(self, name: str) -> None:
        """Its modem is pulled out. The kernel tells ModemManager so of a real one; a test's is inhibited instead,
        with the same effect on the bus. `put_back` finds it again, on its socket."""
        path = self.modems.pop(name)
        await self.call(ROOT, SERVICE, "InhibitDevice", "sb", f"/virtual/{name}", True)

        async def gone() -> bool:
            return path not in await self.objects()

        await self.until(f"the modem {name} to go", gone)

    async def put_back(self, name: str) -> str:
        known = await self.objects()
        await self.call(ROOT, SERVICE, "InhibitDevice", "sb", f"/virtual/{name}", False)
        return await self._appeared(name, known, SETTLED)

    async def enable(self, path: str) -> None:
        """Switches it on, and waits until it is registered."""
        await self.call(path, MODEM, "Enable", "b", True)
        await self.until_is(path, MODEM, "State", REGISTERED)

    async def _appeared(self, name: str, known: set[str], until: tuple[int, ...]) -> str:
        async def appeared() -> str:
            return next(iter(await self.objects() - known), "")

        path = await self.until(f"the modem {name}", appeared, 60)
        await self.until_is(path, MODEM, "State", *until)
        self.modems[name] = path
        return path

    async def objects(self) -> set[str]:
        try:
            found = await self.call(ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        except BusError:
            return set()
        return set(found)


@asynccontextmanager
async def modem_manager(folder: Path) -> AsyncIterator[Manager]:
    """Starts dbus-daemon, a polkit that says yes, and ModemManager; ends them by their ids, in any case. `folder`
    has a short path, as a socket lies in it."""
    log = folder / "modem-manager.log"
    with private_bus(folder) as address:
        bus = await connect(address)
        helper = await allow_everything(address)
        try:
            process = await process_on(address, log)
            try:
                manager = Manager(bus, address, log, process)
                await manager.listen()
                await started(manager)
                yield manager
            finally:
                await ended(process)
        finally:
            bus.disconnect()
            helper.disconnect()


async def process_on(address: str, log: Path) -> asyncio.subprocess.Process:
    """ModemManager on this bus; what it says goes to the end of `log`."""
    with log.open("ab") as file:
        return await asyncio.create_subprocess_exec(
            MODEM_MANAGER,
            *OPTIONS,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=environment(address),
        )


async def another(manager: Manager) -> asyncio.subprocess.Process:
    """A ModemManager in place of one that was killed; end it."""
    process = await process_on(manager.address, manager.file)
    await started(manager)
    return process


async def started(manager: Manager) -> None:
    """Its name has an owner; the daemon tells when."""
    rule = f"type='signal',member='NameOwnerChanged',arg0='{SERVICE}'"
    daemon = Client(manager.bus, "org.freedesktop.DBus", manager.log)
    await daemon.call("/", "org.freedesktop.DBus", "AddMatch", "s", rule)

    async def owned() -> bool:
        return bool(await daemon.call("/", "org.freedesktop.DBus", "NameHasOwner", "s", SERVICE))

    await daemon.until("ModemManager's name on the bus", owned, SLOWEST)
