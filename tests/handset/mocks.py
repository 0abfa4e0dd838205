"""Services that python-dbusmock stands in for: Debian's, a process of its own (its PyPI build needs a compiler).

Where it has no template, `Mock.object` makes the service's objects by hand.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbus_fast import Variant

from pileus.handset.bus import Bus
from tests.lacking import needs

PYTHON = "/usr/bin/python3"
MODULE = Path("/usr/lib/python3/dist-packages/dbusmock/__init__.py")
MOCK = "org.freedesktop.DBus.Mock"


@contextmanager
def template(address: str, name: str, parameters: dict[str, Any] | None = None) -> Iterator[None]:
    """A service of dbusmock's; `Mock.there` waits until it is."""
    with _mock(address, "--template", name, "--parameters", json.dumps(parameters or {})):
        yield


@contextmanager
def bare(address: str, service: str, path: str, interface: str, *flags: str) -> Iterator[None]:
    """A service with one object and no members yet."""
    with _mock(address, *flags, service, path, interface):
        yield


@contextmanager
def _mock(address: str, *arguments: str) -> Iterator[None]:
    needs("python3-dbusmock", MODULE)
    buses = {f"DBUS_{kind}_BUS_ADDRESS": address for kind in ("SYSTEM", "SESSION")}
    command = [PYTHON, "-m", "dbusmock", *arguments]
    env = {**os.environ, **buses}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as mock:
        try:
            yield
        finally:
            mock.terminate()
            mock.wait(10)


@dataclass
class Mock:
    """What a test tells a mocked service."""

    bus: Bus
    service: str
    root: str

    async def there(self, wanted: bool = True) -> None:
        """Waits until somebody owns the service's name, or nobody does."""
        come = asyncio.Event()
        undo = await self.bus.watch(self.service, lambda owner: come.set() if bool(owner) == wanted else None)
        await come.wait()
        undo()

    async def do(self, member: str, signature: str, *body: Any, path: str = "", interface: str = MOCK) -> Any:
        found = await self.bus.call(self.service, path or self.root, interface, member, signature, *body)
        return found[0] if found else None

    async def object(
        self, path: str, interface: str, properties: dict[str, Variant], methods: list[tuple[str, str, str, str]]
    ) -> None:
        """`methods`: name, what goes in, what comes out, and Python that sets `ret`."""
        await self.do("AddObject", "ssa{sv}a(ssss)", path, interface, properties, [list(one) for one in methods])

    async def properties(self, path: str, interface: str, **values: Variant) -> None:
        """Changes properties, and says so."""
        await self.do("UpdateProperties", "sa{sv}", interface, values, path=path)

    async def signal(self, path: str, interface: str, name: str, signature: str, *values: Variant) -> None:
        await self.do("EmitSignal", "sssav", interface, name, signature, list(values), path=path)

    async def calls(self, path: str = "") -> list[tuple[str, list[Any]]]:
        """The calls that an object had: name and arguments."""
        found = await self.do("GetCalls", "", path=path)
        return [(name, list(args)) for _when, name, args in found]
