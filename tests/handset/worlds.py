"""What a test of a capability needs around it: the buses, what it told, and a wait for more of that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pileus.core.clock import Clock, ManualClock
from pileus.handset.bus import Bus
from pileus.handset.capability import Capability, Surroundings, ask
from tests.handset.contracts import CheckedBus
from tests.handset.mocks import Mock


def run(story: Callable[[], Awaitable[None]], seconds: float = 30) -> None:
    async def whole() -> None:
        async with asyncio.timeout(seconds):
            await story()

    asyncio.run(whole())


@dataclass
class World:
    """`bus` is the capability's, `tester` the test's own; one bus plays the system's and the session's."""

    bus: CheckedBus | None
    tester: Bus | None
    folder: Path
    clock: Clock = field(default_factory=ManualClock)
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    changes: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def surroundings(self) -> Surroundings:
        return Surroundings(self.bus, self.bus, self.folder, self.clock, self._changed, self._tell)

    def mock(self, service: str, root: str) -> Mock:
        assert self.tester
        return Mock(self.tester, service, root)

    async def until(self, true: Callable[[], Any]) -> None:
        """Waits, and looks whenever the capability said something."""
        while not true():
            self._news.clear()
            await self._news.wait()

    def events(self) -> list[str]:
        return [name for name, _data in self.told]

    def _changed(self) -> None:
        self.changes += 1
        self._news.set()

    def _tell(self, event: str, data: Mapping[str, Any]) -> None:
        self.told.append((event, data))
        self._news.set()


@asynccontextmanager
async def world(address: str, folder: Path) -> AsyncIterator[World]:
    """Fails at its end where the capability asked for what no contract has. No address: there is no bus."""
    bus = await CheckedBus.connect(address) if address else None
    tester = await Bus.connect(address) if address else None
    try:
        yield World(bus, tester, folder)
        assert not (bus and bus.broken), bus.broken
    finally:
        for one in (bus, tester):
            if one:
                await one.close()


@asynccontextmanager
async def started(capability: Capability) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """The capability between its start and its stop; what is given asks it for a method, as the shell does."""
    await capability.start()
    try:

        async def call(name: str, /, **params: Any) -> Any:
            return await ask(capability, name, params or None)

        yield call
    finally:
        await capability.stop()
