"""The handset's daemon: capabilities, what they owe the account, and the gateway for the shell."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from pileus.core import durable
from pileus.core.clock import Clock, SystemClock
from pileus.core.errors import NotFound, PileusError, Unavailable
from pileus.handset.account import Account, Carries
from pileus.handset.bus import Bus
from pileus.handset.capability import Capability, Sleeps, Surroundings, ask
from pileus.handset.gateway import Gateway
from pileus.handset.shelf import FOLDER, manifests, simulated
from pileus.handset.token import ensure

_PACKAGE = Path(__file__).resolve().parents[1]
WEB = _PACKAGE / "web" if (_PACKAGE / "web").is_dir() else _PACKAGE.parents[1] / "web" / "dist"
"""In an installed package, or in a checkout."""
AGAIN = 5.0
"""Seconds before a message bus is looked for again."""
SETTLE_WITHIN = 3.5
"""Seconds that capabilities get before the device sleeps: less than logind waits (`InhibitDelayMaxSec`, 5)."""

log = logging.getLogger("pileus.handset")


@runtime_checkable
class Accompanies(Protocol):
    """A capability that has something to do with calls."""

    def accompany(self, telephony: Mapping[str, Any]) -> None:
        """What `telephony` says, whenever that is something else. Returns at once; raises nothing."""


@dataclass(frozen=True)
class Options:
    """`system`, `session`: addresses of the buses, empty for the machine's. `origins`: the pages that may use the
    gateway. `port` 0: any."""

    folder: Path
    system: str = ""
    session: str = ""
    port: int = 0
    origins: frozenset[str] = frozenset()
    web: Path = WEB
    """The built web parts, which the gateway serves."""
    server: str = ""
    """The cloud, unless the owner named another one."""
    capabilities: Path = FOLDER
    simulated: bool = False
    """Stand-ins for what wants hardware, but for the modem and for what is named `real`."""
    real: frozenset[str] = frozenset()
    names: frozenset[str] | None = None
    """Only these capabilities; None for all."""
    clock: Clock = field(default_factory=SystemClock)

    def at(self, port: int) -> Options:
        return replace(self, port=port)


class Daemon:
    """`async with Daemon(options) as daemon: …` runs it until the block ends."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._capabilities: dict[str, Capability] = {}
        self._buses: list[Bus] = []
        self._account = Account(options.folder, options.server, self._own, lambda: self._changed("account"))
        self._has_system = False
        self.token = ""
        self.port = 0
        self.gateway: Gateway | None = None

    async def __aenter__(self) -> Daemon:
        self.token = ensure(self._options.folder)
        system, session = await self._bus(system=True), await self._bus(system=False)
        self._has_system = system is not None
        options = self._options
        found = simulated(options.real) if options.simulated else manifests(options.capabilities)
        for name, manifest in found.items():
            if self._options.names is not None and name not in self._options.names:
                continue
            folder = self._options.folder / name
            durable.make_folder(folder)
            around = Surroundings(
                system,
                session,
                folder,
                self._options.clock,
                lambda name=name: self._changed(name),  # type: ignore[misc]
                lambda event, data, name=name: self._tell(name, event, data),  # type: ignore[misc]
                self._sleep,
            )
            try:
                self._capabilities[name] = manifest.make(around)
            except (PileusError, OSError, ImportError):
                log.exception("the capability %s cannot be made", name)
        self.gateway = Gateway(
            self.token,
            self._options.origins,
            self.states,
            self.ask,
            self._options.web,
            lambda: self._account.server,
        )
        self.port = await self.gateway.open(self._options.port)
        self._account.take([one for one in self._capabilities.values() if isinstance(one, Carries)])
        await asyncio.gather(*(self._start(name, one) for name, one in self._capabilities.items()))
        self._account.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.gateway is not None:
            await self.gateway.close()
        await self._account.end()
        for name, one in self._capabilities.items():
            try:
                await one.stop()
            except Exception:
                log.exception("%s does not stop", name)
        for bus in self._buses:
            await bus.close()

    async def bus_comes(self) -> None:
        """Returns when there is a system's bus that was not there at the start."""
        if self._has_system:
            await asyncio.Event().wait()
        while True:
            await asyncio.sleep(AGAIN)
            with contextlib.suppress(Unavailable):
                bus = await Bus.connect(self._options.system)
                await bus.close()
                return

    @property
    def lost(self) -> list[asyncio.Event]:
        """Set when a message bus is gone: the daemon begins anew then."""
        return [bus.lost for bus in self._buses]

    def capability(self, name: str) -> Capability:
        """Raises `KeyError`."""
        return self._capabilities[name]

    def states(self) -> Mapping[str, Any]:
        found = {name: self._state(name, one) for name, one in self._capabilities.items()}
        return {**found, "account": self._account.state()}

    async def ask(self, of: str, name: str, params: Any) -> Any:
        """Raises what `capability.ask` does."""
        one: Any = self._account if of == "account" else self._capabilities.get(of)
        if one is None:
            raise NotFound("capability-unknown", f"This handset has no {of[:60]!r}.")
        return await ask(one, name, params)

    async def _bus(self, *, system: bool) -> Bus | None:
        address = self._options.system if system else self._options.session
        if not system and not address and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return None
        try:
            bus = await Bus.connect(address, system=system)
        except Unavailable as error:
            log.warning("%s", error.detail)
            return None
        self._buses.append(bus)
        return bus

    @staticmethod
    async def _start(name: str, one: Capability) -> None:
        try:
            await one.start()
        except Exception:
            log.exception("%s does not start", name)

    @staticmethod
    def _state(name: str, one: Capability) -> Mapping[str, Any]:
        try:
            return one.state()
        except Exception:
            log.exception("%s does not say what it is", name)
            return {"present": False, "why": "failed"}

    def _own(self, server: str) -> bool:
        """Whether it is this gateway that an address leads to."""
        parts, site = urlsplit(server), self.gateway.site if self.gateway is not None else None
        return site is not None and f"{parts.scheme}://{parts.netloc}" in site.origins

    async def _sleep(self, sleeps: bool) -> None:
        """All at once; one that fails or takes too long holds up no other one, and no device that is to sleep."""
        work = [one.sleep(sleeps) for one in self._capabilities.values() if isinstance(one, Sleeps)]
        try:
            async with asyncio.timeout(SETTLE_WITHIN):
                for failed in await asyncio.gather(*work, return_exceptions=True):
                    if isinstance(failed, Exception):
                        log.error("a capability does not settle", exc_info=failed)
        except TimeoutError:
            log.warning("the device sleeps before everything was put in order")

    def _changed(self, name: str) -> None:
        if name == "telephony" and name in self._capabilities:
            telephony = self._state(name, self._capabilities[name])
            for one in self._capabilities.values():
                if isinstance(one, Accompanies):
                    one.accompany(telephony)
        if self.gateway is not None:
            self.gateway.changed(name)

    def _tell(self, name: str, event: str, data: Mapping[str, Any]) -> None:
        if self.gateway is not None:
            self.gateway.tell(name, event, data)
