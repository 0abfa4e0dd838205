"""Mobile data: the modem's device in NetworkManager, held to what the owner wants (`wishes`).

Its radio switch (`WwanEnabled`) turns the whole modem off, calls and messages with it: data is switched by the
connection alone. A modem that comes back would connect by itself, and is held to the owner's no.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
from dbus_fast import Variant

from pileus.core.errors import NotFound, PileusError, StorageFull
from pileus.handset.capabilities.network import rules, wishes
from pileus.handset.capabilities.network.activation import DEVICE, MANAGER, PATH, Activation
from pileus.handset.capabilities.network.cellular import Cellular
from pileus.handset.capabilities.network.saved import Saved
from pileus.handset.capabilities.network.shape import Apn, Mobile
from pileus.handset.capabilities.network.wishes import Point, Wishes
from pileus.handset.mirror import Mirror
from pileus.handset.values import flag, number, words

log = logging.getLogger("pileus.handset.network")


class MobileData:
    def __init__(
        self,
        mirror: Mirror,
        saved: Saved,
        activation: Activation,
        cellular: Cellular,
        folder: Path,
        changed: Callable[[], None],
    ) -> None:
        self._mirror, self._saved, self._activation = mirror, saved, activation
        self._cellular, self._changed = cellular, changed
        self._file = folder / "mobile.json"
        self._wishes = wishes.read(self._file)
        self._task: asyncio.Task[None] | None = None
        self._tried: set[str] = set()

    def shown(self) -> Mobile | None:
        path = self._device()
        if not path:
            return None
        card = self._card(path)
        point = self._wishes.point(card)
        return Mobile(
            enabled=self._wishes.on,
            connected=self._up(path),
            roaming=self._wishes.roaming,
            abroad=self._cellular.abroad(self._modem(path)),
            card=card,
            apn=point.name,
            user=point.user,
            ip=point.ip,
            bearers=self._cellular.bearers(self._modem(path)),
        )

    def follow(self) -> None:
        """Holds a modem that came back to the owner's no, and makes a card's first connection: NetworkManager
        brings up by itself only what it has. Tried once a card, as one that fails may cost."""
        path = self._device()
        if not path or (self._task and not self._task.done()):
            return
        if not self._wishes.on:
            if flag(self._mirror.of(path, DEVICE), "Autoconnect", True):
                self._task = asyncio.create_task(self._safely(self._hang_up(path), "kept off"))
            return
        card, ready = self._card(path), number(self._mirror.of(path, DEVICE), "State") == rules.DISCONNECTED
        if card and ready and card not in self._tried and self._saved.read and not self._saved.mobile(card):
            self._tried.add(card)
            self._task = asyncio.create_task(self._safely(self._connect(path), "made"))

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def switch(self, on: bool) -> None:
        """Raises `no-mobile`, `storage-full` where the wish cannot be kept, and as `_connect`."""
        path = self._found()
        self._keep(msgspec.structs.replace(self._wishes, on=on))
        if not on:
            await self._hang_up(path)
        elif not self._up(path):
            await self._connect(path)

    async def roam(self, on: bool) -> None:
        """Raises as `switch`."""
        path = self._found()
        self._keep(msgspec.structs.replace(self._wishes, roaming=on))
        await self._again(path)

    async def choose(self, wish: Apn) -> None:
        """The access point of the card that is in. Raises as `switch`."""
        path = self._found()
        card = self._card(path)
        password = self._wishes.point(card).password if wish.password is None else wish.password
        point = Point(wish.name, wish.user, password if wish.user else "", wish.ip)
        self._keep(self._wishes.with_point(card, point))
        await self._again(path)

    def _keep(self, wanted: Wishes) -> None:
        try:
            wishes.write(self._file, wanted)
        except OSError as error:
            raise StorageFull(detail=f"What you want of mobile data cannot be kept: {error}") from error
        self._wishes = wanted
        self._changed()

    async def _again(self, path: str) -> None:
        """What was changed holds from now on, also of a connection that is up."""
        if self._wishes.on:
            await self._connect(path)
        elif known := self._saved.mobile(self._card(path)):
            await self._saved.change(known, self._settings(path))

    async def _connect(self, path: str) -> None:
        """Raises `mobile-link`, `mobile-access-point`, `no-mobile-network`, `mobile-failed`."""
        if not flag(self._mirror.of(PATH, MANAGER), "WwanEnabled", True):
            await self._mirror.set(PATH, MANAGER, "WwanEnabled", Variant("b", True))
        await self._mirror.set(path, DEVICE, "Autoconnect", Variant("b", True))
        known, settings = self._saved.mobile(self._card(path)), self._settings(path)
        if known:
            await self._saved.change(known, settings)
            reason = await self._activation.known(known, path)
        else:
            reason, _made = await self._activation.new(settings, path, "/")
        if reason:
            raise rules.mobile_failure(reason, self._cellular.bearers(self._modem(path)))

    async def _hang_up(self, path: str) -> None:
        await self._mirror.set(path, DEVICE, "Autoconnect", Variant("b", False))
        active = words(self._mirror.of(path, DEVICE), "ActiveConnection")
        if active not in ("", "/"):
            await self._mirror.call(PATH, MANAGER, "DeactivateConnection", "o", active)

    @staticmethod
    async def _safely(work: Coroutine[Any, Any, None], what: str) -> None:
        try:
            await work
        except PileusError as error:
            log.warning("mobile data could not be %s: %s", what, error)

    def _settings(self, path: str) -> dict[str, dict[str, object]]:
        card = self._card(path)
        point = self._wishes.point(card)
        return rules.mobile(card, point.name, point.user, point.password, point.ip, roaming=self._wishes.roaming)

    def _up(self, path: str) -> bool:
        return number(self._mirror.of(path, DEVICE), "State") == rules.ACTIVATED

    def _modem(self, path: str) -> str:
        """NetworkManager names a modem's device by its object in ModemManager."""
        return words(self._mirror.of(path, DEVICE), "Udi", 200)

    def _card(self, path: str) -> str:
        return self._cellular.card(self._modem(path))

    def _found(self) -> str:
        """The device's path; raises `no-mobile`."""
        path = self._device()
        if not path:
            raise NotFound("no-mobile", "This device has no mobile data.")
        return path

    def _device(self) -> str:
        for path, device in sorted(self._mirror.all(DEVICE).items()):
            if number(device, "DeviceType") == rules.MOBILE:
                return path
        return ""
