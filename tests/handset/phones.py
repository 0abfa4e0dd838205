"""A handset with the real ModemManager and a modem of the simulated carrier, its daemon in this process."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pileus.carrier.handset import Handset
from pileus.carrier.line import Line, line
from pileus.carrier.network import Carrier
from pileus.handset.daemon import Daemon, Options
from tests.handset.client import ended
from tests.handset.modem_manager import Manager, another, modem_manager
from tests.handset.shell import Shell, shell

NUMBER, OTHER = "+8613900000001", "+8613900000002"
ANY = tuple(range(-1, 12))
"""States of a modem: the daemon switches it on by itself."""
_COUNT = itertools.count()


def socket_name() -> str:
    """Of a modem's: abstract sockets are of the whole machine, where other tests run, too."""
    return f"test-{os.getpid()}-{next(_COUNT)}"


@dataclass
class Phone:
    carrier: Carrier
    handset: Handset
    manager: Manager
    line: Line
    daemon: Daemon
    shell: Shell
    folder: Path
    """The daemon's."""
    name: str
    running: AsyncExitStack

    @property
    def telephony(self) -> dict[str, Any]:
        found: dict[str, Any] = self.shell.states["telephony"]
        return found

    @property
    def modem(self) -> dict[str, Any]:
        """The one modem as the shell sees it; empty before it is there."""
        return next(iter(self.telephony.get("modems", ())), {})

    @property
    def call(self) -> dict[str, Any]:
        """The one call; empty for none."""
        return next(iter(self.telephony.get("calls", ())), {})

    async def ask(self, method: str, **params: Any) -> Any:
        return await self.shell.ask("telephony", method, **params)

    async def until_modem(self, **values: Any) -> None:
        await self.shell.until(
            lambda: all(self.modem.get(name) == value for name, value in values.items()), f"a modem with {values}"
        )

    async def until_call(self, state: str) -> dict[str, Any]:
        await self.shell.until(lambda: self.call.get("state", "") == state, f"a call that is {state or 'over'}")
        return self.call

    async def restart_daemon(self) -> None:
        await self.running.aclose()
        self.daemon, self.shell = await self.running.enter_async_context(
            daemon_at(self.folder, self.manager.address)
        )

    async def kill_manager(self) -> None:
        self.manager.process.kill()
        await self.manager.process.wait()

    @asynccontextmanager
    async def manager_again(self) -> AsyncIterator[None]:
        """Another ModemManager in place of one that was killed, with the same modem."""
        process = await another(self.manager)
        try:
            await self.manager.add(self.name, until=ANY)
            yield
        finally:
            await ended(process)


@asynccontextmanager
async def daemon_at(
    folder: Path, address: str, names: tuple[str, ...] = ("telephony",)
) -> AsyncIterator[tuple[Daemon, Shell]]:
    options = Options(folder, address, f"unix:path={folder}/none", names=frozenset(names))
    async with Daemon(options) as daemon, shell(daemon.port, daemon.token) as one:
        await one.until(lambda: "telephony" in one.states)
        yield daemon, one


@asynccontextmanager
async def phone(
    folder: Path,
    *,
    pin: str | None = None,
    card: bool = True,
    slots: int = 20,
    ready: bool = True,
    emergency: tuple[str, ...] = (),
    names: tuple[str, ...] = ("telephony",),
) -> AsyncIterator[Phone]:
    """`card`: whether it is in; `ready`: it is registered when the block begins; `emergency`: the card's own such
    numbers; `names`: the daemon's capabilities."""
    carrier, name = Carrier(), socket_name()
    handset = carrier.handset(NUMBER, pin=pin, slots=slots)
    handset.card.emergency = emergency
    if not card:
        handset.take_card_out()
    (folder / "bus").mkdir()
    async with (
        modem_manager(folder / "bus") as manager,
        line(handset.modem, f"abstract:{name}") as wire,
        AsyncExitStack() as running,
    ):
        daemon, one = await running.enter_async_context(daemon_at(folder / "daemon", manager.address, names))
        await manager.add(name, until=ANY)
        made = Phone(carrier, handset, manager, wire, daemon, one, folder / "daemon", name, running)
        if ready:
            await made.until_modem(state="registered", messages=True, calls=True, card=handset.card.iccid)
        yield made
