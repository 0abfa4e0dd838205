"""`bluetooth`: BlueZ. Pairing is without a code (headphones, speakers, watches); what wants one, such as a
keyboard, needs an agent on the bus and is refused by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from dbus_fast import Variant

from pileus.core.errors import NotFound, PileusError
from pileus.handset.bus import BusError
from pileus.handset.capabilities.bluetooth import rules
from pileus.handset.capabilities.bluetooth.shape import State, Switch, Which
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange
from pileus.handset.values import flag, words

SERVICE, ROOT = "org.bluez", "/"
ADAPTER, DEVICE, BATTERY = "org.bluez.Adapter1", "org.bluez.Device1", "org.bluez.Battery1"
PATIENCE = 60.0
"""Seconds to pair or connect: who holds the other device has to press something."""
_DONE = {"org.bluez.Error.AlreadyExists", "org.bluez.Error.AlreadyConnected", "org.bluez.Error.NotConnected"}


class Bluetooth:
    def __init__(self, around: Surroundings) -> None:
        self._mirror = Mirror(around.system, SERVICE, manager=ROOT, changed=OnChange(self.state, around.changed))
        self._searching = False

    async def start(self) -> None:
        await self._mirror.start()

    async def stop(self) -> None:
        if self._searching and not self._mirror.why:
            with contextlib.suppress(PileusError):
                await self.search(Switch(False))
        self._searching = False
        await self._mirror.stop()

    def state(self) -> dict[str, Any]:
        if self._mirror.why:
            return absent(self._mirror.why)
        path = self._adapter()
        if not path:
            return absent("no-hardware")
        adapter = self._mirror.of(path, ADAPTER)
        shown = (rules.device(one, self._mirror.of(at, BATTERY)) for at, one in self._devices().items())
        return State(
            powered=flag(adapter, "Powered"),
            searching=flag(adapter, "Discovering"),
            visible=flag(adapter, "Discoverable"),
            name=words(adapter, "Alias", 200),
            devices=rules.listed(shown),
        ).plain()

    @method
    async def power(self, wish: Switch) -> None:
        await self._mirror.set(self._own(), ADAPTER, "Powered", Variant("b", wish.on))

    @method
    async def visible(self, wish: Switch) -> None:
        """For as long as BlueZ lets it, three minutes unless it is set otherwise."""
        await self._mirror.set(self._own(), ADAPTER, "Discoverable", Variant("b", wish.on))

    @method
    async def search(self, wish: Switch) -> None:
        """Costs power: to be ended when nobody looks any more. May be repeated. Raises `bluetooth-off`."""
        if wish.on == self._searching:
            return
        path = self._own()
        try:
            if wish.on:
                await self._mirror.call(path, ADAPTER, "SetDiscoveryFilter", "a{sv}", {})
            await self._mirror.call(path, ADAPTER, "StartDiscovery" if wish.on else "StopDiscovery")
        except BusError as error:
            if wish.on:
                raise rules.failure(error.name) from None
        self._searching = wish.on

    @method
    async def pair(self, wish: Which) -> None:
        """Pairs, and connects where the other device has something to connect for. Raises `bluetooth-pairing`,
        `bluetooth-failed`, `bluetooth-off`, `bluetooth-unknown`."""
        path = self._device(wish.id)
        await self._do(path, "Pair")
        await self._mirror.set(path, DEVICE, "Trusted", Variant("b", True))
        with contextlib.suppress(PileusError):
            await self._do(path, "Connect")

    @method
    async def connect(self, wish: Which) -> None:
        await self._do(self._device(wish.id), "Connect")

    @method
    async def disconnect(self, wish: Which) -> None:
        await self._do(self._device(wish.id), "Disconnect")

    @method
    async def remove(self, wish: Which) -> None:
        """Forgets a paired device."""
        await self._mirror.call(self._own(), ADAPTER, "RemoveDevice", "o", self._device(wish.id))

    async def _do(self, path: str, member: str) -> None:
        try:
            await self._mirror.call(path, DEVICE, member, patience=PATIENCE)
        except BusError as error:
            if error.name not in _DONE:
                raise rules.failure(error.name) from None

    def _adapter(self) -> str:
        return min(self._mirror.all(ADAPTER), default="")

    def _own(self) -> str:
        path = self._adapter()
        if not path:
            raise NotFound("no-bluetooth", "This device has no Bluetooth.")
        return path

    def _devices(self) -> dict[str, Mapping[str, Any]]:
        adapter = self._adapter()
        found = self._mirror.all(DEVICE).items()
        return {path: one for path, one in found if words(one, "Adapter") == adapter}

    def _device(self, address: str) -> str:
        for path, one in self._devices().items():
            if words(one, "Address").upper() == address:
                return path
        raise NotFound("bluetooth-unknown", "This Bluetooth device is not there any more.")
