"""Mobile data: the modem's device in NetworkManager.

Its radio switch (`WwanEnabled`) turns the whole modem off, calls and messages with it: data is switched by the
connection alone. The owner's no is kept in a file, since a modem that comes back would connect by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from dbus_fast import Variant

from pileus.core.errors import Conflict, NotFound, PileusError
from pileus.handset.capabilities.network import rules
from pileus.handset.capabilities.network.activation import DEVICE, MANAGER, PATH, Activation
from pileus.handset.capabilities.network.saved import Saved
from pileus.handset.capabilities.network.shape import Mobile
from pileus.handset.mirror import Mirror
from pileus.handset.values import flag, number, words

log = logging.getLogger("pileus.handset.network")


class MobileData:
    def __init__(
        self, mirror: Mirror, saved: Saved, activation: Activation, folder: Path, changed: Callable[[], None]
    ) -> None:
        self._mirror, self._saved, self._activation, self._changed = mirror, saved, activation, changed
        self._file = folder / "mobile-data"
        self._wanted = _read(self._file) != "off"
        self._task: asyncio.Task[None] | None = None

    def shown(self) -> Mobile | None:
        path = self._device()
        if not path:
            return None
        connected = number(self._mirror.of(path, DEVICE), "State") == rules.ACTIVATED
        return Mobile(enabled=self._wanted, connected=connected)

    def follow(self) -> None:
        """Holds a modem that came back to the owner's no."""
        path = self._device()
        if not path or self._wanted or (self._task and not self._task.done()):
            return
        if flag(self._mirror.of(path, DEVICE), "Autoconnect", True):
            self._task = asyncio.create_task(self._hold(path))

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def switch(self, on: bool) -> None:
        """Raises `no-mobile`, `mobile-failed`, `OSError` where the wish cannot be kept."""
        path = self._device()
        if not path:
            raise NotFound("no-mobile", "This device has no mobile data.")
        self._file.write_text("on" if on else "off", encoding="ascii")
        self._wanted = on
        self._changed()
        await (self._connect(path) if on else self._hang_up(path))

    async def _connect(self, path: str) -> None:
        if not flag(self._mirror.of(PATH, MANAGER), "WwanEnabled", True):
            await self._mirror.set(PATH, MANAGER, "WwanEnabled", Variant("b", True))
        await self._mirror.set(path, DEVICE, "Autoconnect", Variant("b", True))
        if number(self._mirror.of(path, DEVICE), "State") == rules.ACTIVATED:
            return
        known = self._saved.mobile()
        if known:
            reason = await self._activation.known(known[0], path)
        else:
            # NetworkManager looks the access point name up by the operator (gsm.auto-config)
            about = {"id": "Mobile data", "type": "gsm"}
            reason, _made = await self._activation.new(
                {"connection": about, "gsm": {"auto-config": True}}, path, "/"
            )
        if reason:
            raise Conflict("mobile-failed", "Mobile data could not be switched on.", reason=reason)

    async def _hang_up(self, path: str) -> None:
        await self._mirror.set(path, DEVICE, "Autoconnect", Variant("b", False))
        active = words(self._mirror.of(path, DEVICE), "ActiveConnection")
        if active not in ("", "/"):
            await self._mirror.call(PATH, MANAGER, "DeactivateConnection", "o", active)

    async def _hold(self, path: str) -> None:
        try:
            await self._hang_up(path)
        except PileusError as error:
            log.warning("mobile data could not be kept off: %s", error)

    def _device(self) -> str:
        for path, device in sorted(self._mirror.all(DEVICE).items()):
            if number(device, "DeviceType") == rules.MOBILE:
                return path
        return ""


def _read(path: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="ascii").strip()
    return ""
