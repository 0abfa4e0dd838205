"""The handset's daemon: capabilities, what they owe the account, and the gateway for the shell."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from pileus.core import durable
from pileus.core.clock import Clock, SystemClock
from pileus.core.errors import NotFound, PileusError, Unavailable
from pileus.handset.bus import Bus
from pileus.handset.capability import Capability, Surroundings, ask, method
from pileus.handset.cloud import Cloud, whose_of
from pileus.handset.gateway import Gateway
from pileus.handset.shelf import FOLDER, manifests, simulated
from pileus.handset.token import ensure
from pileus.sdk.config import Config, address_of, read_config, write_config

AGAIN = 5.0
"""Seconds before a message bus is looked for again."""

log = logging.getLogger("pileus.handset")


@runtime_checkable
class Carries(Protocol):
    """A capability that has something to do with the account."""

    def belongs(self, whose: str) -> None:
        """To which account what comes from now on belongs; "" for whoever signs in next. Before `start`, and at
        each change."""

    async def carry(self, cloud: Cloud, rung: asyncio.Event) -> None:
        """Until it is cancelled; `rung` is set when something changed in the account."""


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
    capabilities: Path = FOLDER
    simulated: bool = False
    """Stand-ins for what wants hardware, but for the modem and for what is named `real`."""
    real: frozenset[str] = frozenset()
    names: frozenset[str] | None = None
    """Only these capabilities; None for all."""
    clock: Clock = field(default_factory=SystemClock)

    def at(self, port: int) -> Options:
        return replace(self, port=port)


class SignIn(msgspec.Struct):
    server: str
    token: str
    account: str = ""


class Daemon:
    """`async with Daemon(options) as daemon: …` runs it until the block ends."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._capabilities: dict[str, Capability] = {}
        self._buses: list[Bus] = []
        self._account = Account(options.folder / "account.json", lambda: self._changed("account"))
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
            )
            try:
                self._capabilities[name] = manifest.make(around)
            except (PileusError, OSError, ImportError):
                log.exception("the capability %s cannot be made", name)
        self.gateway = Gateway(self.token, self._options.origins, self.states, self.ask)
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


class Account:
    """Whose handset it is: asked for as a capability is, under the name `account`."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path, self._changed = path, changed
        self._carriers: list[Carries] = []
        self._config: Config | None = None
        self._work: asyncio.Task[None] | None = None
        self._reached = False
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, carriers: list[Carries]) -> None:
        """Reads who is signed in, so that what the carriers find at their start is known to be theirs."""
        self._carriers = carriers
        with contextlib.suppress(PileusError):
            self._config = read_config(self._path)
        self._belongs()

    def begin(self) -> None:
        if self._config is not None:
            self._work = asyncio.create_task(self._carry(self._config))

    async def end(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
            self._work = None
        self._reached = False

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def state(self) -> Mapping[str, Any]:
        name = self._config.account if self._config else ""
        return {"present": self._config is not None, "account": name, "reached": self._reached}

    @method
    async def sign_in(self, wish: SignIn) -> None:
        """The shell's own session: the handset and its shell are one device of the account."""
        address_of(wish.server)  # one that is none is refused here
        await self._alone(self._sign_in(Config(wish.server, wish.token, wish.account)))

    @method
    async def sign_out(self) -> None:
        """What the account is owed stays on the handset until it signs in again."""
        await self._alone(self._sign_out())

    async def _sign_in(self, config: Config) -> None:
        async with self._turn:
            if config == self._config and self._work is not None and not self._work.done():
                return
            await asyncio.to_thread(write_config, config, self._path)
            await self.end()
            self._config = config
            self._belongs()
            self.begin()
            self._changed()

    async def _sign_out(self) -> None:
        async with self._turn:
            await asyncio.to_thread(self._path.unlink, missing_ok=True)
            await self.end()
            self._config = None
            self._belongs()
            self._changed()

    async def _alone(self, work: Coroutine[Any, Any, None]) -> None:
        """To its end, also where the page that asked is closed meanwhile."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    def _belongs(self) -> None:
        whose = whose_of(self._config) if self._config is not None else ""
        for one in self._carriers:
            one.belongs(whose)

    async def _carry(self, config: Config) -> None:
        cloud = Cloud(config)
        bells = [asyncio.Event() for _ in self._carriers]

        def rang() -> None:
            for bell in bells:
                bell.set()

        def heard(reached: bool) -> None:
            if reached != self._reached:
                self._reached = reached
                self._changed()

        works: list[Callable[[], Awaitable[None]]] = [lambda: cloud.listen(rang, heard)]
        works += [partial(one.carry, cloud, bell) for one, bell in zip(self._carriers, bells, strict=True)]
        try:
            await asyncio.gather(*(_lasting(work) for work in works))
        finally:
            await cloud.close()


async def _lasting(work: Callable[[], Awaitable[None]]) -> None:
    """Begins anew what fails: nothing that is not foreseen ends what a phone does for its account."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("something between handset and account failed, and begins anew")
        await asyncio.sleep(AGAIN)
