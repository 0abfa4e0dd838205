"""`network`: what NetworkManager knows and does."""

from __future__ import annotations

import contextlib
from typing import Any

from dbus_fast import Variant

from pileus.core.errors import Conflict, NotFound
from pileus.handset.bus import BusError, Signal
from pileus.handset.capabilities.network import rules
from pileus.handset.capabilities.network.activation import ACTIVE, DEVICE, MANAGER, PATH, PATIENCE, Activation
from pileus.handset.capabilities.network.cellular import Cellular
from pileus.handset.capabilities.network.mobile import MobileData
from pileus.handset.capabilities.network.saved import Saved
from pileus.handset.capabilities.network.shape import Apn, Forget, Hotspot, Join, Known, State, Switch, Wifi
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange
from pileus.handset.values import flag, number, texts, words

SERVICE, ROOT = "org.freedesktop.NetworkManager", "/org/freedesktop"
WIRELESS = "org.freedesktop.NetworkManager.Device.Wireless"
POINT = "org.freedesktop.NetworkManager.AccessPoint"


class Network:
    """No events: what happens is seen in the state, and what came of joining is the method's answer."""

    def __init__(self, around: Surroundings, patience: float = PATIENCE) -> None:
        self._news = OnChange(self.state, around.changed)
        self._mirror = Mirror(around.system, SERVICE, manager=ROOT, changed=self._moved, heard=self._heard)
        self._saved = Saved(self._mirror, self._read)
        self._activation = Activation(self._mirror, patience)
        self._cellular = Cellular(around.system, self._moved)
        self._mobile = MobileData(
            self._mirror, self._saved, self._activation, self._cellular, around.folder, self._news
        )
        self._before_flight = False

    async def start(self) -> None:
        await self._mirror.start()
        await self._cellular.start()

    async def stop(self) -> None:
        await self._mirror.stop()
        await self._cellular.stop()
        await self._mobile.stop()
        await self._saved.stop()

    def state(self) -> dict[str, Any]:
        if self._mirror.why:
            return absent(self._mirror.why)
        manager = self._manager()
        return State(
            connectivity=rules.connectivity(number(manager, "Connectivity")),
            kind=rules.kind(words(manager, "PrimaryConnectionType")),
            metered=rules.metered(number(manager, "Metered")),
            wifi=self._wifi(),
            mobile=self._mobile.shown(),
        ).plain()

    @method
    async def wifi(self, wish: Switch) -> None:
        self._device()
        await self._mirror.set(PATH, MANAGER, "WirelessEnabled", Variant("b", wish.on))

    @method
    async def airplane(self, wish: Switch) -> None:
        """The part of it that is Wi-Fi: off, and after it as it was before."""
        enabled = flag(self._manager(), "WirelessEnabled")
        if wish.on and enabled:
            self._before_flight = True
            await self._mirror.set(PATH, MANAGER, "WirelessEnabled", Variant("b", False))
        elif not wish.on and self._before_flight:
            self._before_flight = False
            await self._mirror.set(PATH, MANAGER, "WirelessEnabled", Variant("b", True))

    @method
    async def scan(self) -> None:
        """Networks that are found are in the state, in their time."""
        device = self._ready()
        with contextlib.suppress(BusError):  # it scans already, or did a moment ago
            await self._mirror.call(device, WIRELESS, "RequestScan", "a{sv}", {})

    @method
    async def join(self, wish: Join) -> None:
        """Returns when the network is joined. Raises `wifi-password`, `wifi-gone`, `wifi-address`, `wifi-slow`,
        `wifi-failed`, `wifi-other`, `wifi-security`, `wifi-password-form`, `wifi-off`, `no-wifi`."""
        device = self._ready()
        point, seen = self._seen(device, wish.id)
        how = rules.security(seen) if point else ("wpa" if wish.password else "open")
        known = list(self._saved.wifi(wish.id))
        if known and not wish.password:
            if reason := await self._activation.known(known[0], device):
                raise rules.failure(reason, how, typed=False)
            return
        settings = rules.joining(wish.id, how, wish.password, wish.hidden)
        reason, made = await self._activation.new(settings, device, point or "/")
        if reason:
            raise rules.failure(reason, how, typed=True)
        await self._delete([path for path in known if path != made])

    @method
    async def forget(self, wish: Forget) -> None:
        """Raises `wifi-unknown`."""
        known = list(self._saved.wifi(wish.id))
        if not known:
            raise NotFound("wifi-unknown", "This network is not known to the device.")
        await self._saved.delete(*known)

    @method
    async def hotspot(self, wish: Hotspot) -> None:
        """Makes a network of the phone's own in place of the one that it is in. Raises `hotspot-failed`, and as
        the password or the name cannot be."""
        device = self._ready()
        settings = rules.hotspot(wish.name, wish.password)
        before = list(self._saved.wifi(own=True))
        reason, made = await self._activation.new(settings, device, "/")
        if reason:
            raise Conflict("hotspot-failed", "The hotspot could not be started.", reason=reason)
        await self._delete([path for path in before if path != made])

    @method
    async def hotspot_stop(self) -> None:
        active = self._active(self._device())
        saved = self._saved.of(words(self._mirror.of(active, ACTIVE), "Connection"))
        if saved and saved.own:
            await self._mirror.call(PATH, MANAGER, "DeactivateConnection", "o", active)

    @method
    async def mobile_data(self, wish: Switch) -> None:
        """Raises `no-mobile`, `mobile-link`, `mobile-access-point`, `no-mobile-network`, `mobile-failed`."""
        await self._mobile.switch(wish.on)

    @method
    async def roaming(self, wish: Switch) -> None:
        """Whether mobile data goes on abroad. Raises as `mobile_data`."""
        await self._mobile.roam(wish.on)

    @method
    async def apn(self, wish: Apn) -> None:
        """The access point by which the card that is in gets its data, kept for it. Raises as `mobile_data`."""
        await self._mobile.choose(wish)

    def _moved(self) -> None:
        self._saved.follow()
        if self._mirror.why:
            self._activation.lost()
        self._mobile.follow()
        self._news()

    def _read(self) -> None:
        """What a connection is, is known now."""
        self._mobile.follow()
        self._news()

    def _heard(self, signal: Signal) -> None:
        self._saved.heard(signal)
        self._activation.heard(signal)

    async def _delete(self, paths: list[str]) -> None:
        with contextlib.suppress(BusError):  # it is gone already
            await self._saved.delete(*paths)

    def _manager(self) -> Any:
        return self._mirror.of(PATH, MANAGER)

    def _device(self) -> str:
        """The first Wi-Fi device's path; raises `no-wifi`."""
        for path, device in sorted(self._mirror.all(DEVICE).items()):
            if number(device, "DeviceType") == rules.WIFI:
                return path
        raise NotFound("no-wifi", "This device has no Wi-Fi.")

    def _ready(self) -> str:
        """As `_device`; raises `wifi-off` too."""
        path = self._device()
        if not flag(self._manager(), "WirelessEnabled"):
            raise Conflict("wifi-off", "Wi-Fi is switched off.")
        return path

    def _active(self, device: str) -> str:
        return words(self._mirror.of(device, DEVICE), "ActiveConnection")

    def _points(self, device: str) -> dict[str, Any]:
        paths = texts(self._mirror.of(device, WIRELESS), "AccessPoints")
        return {path: self._mirror.of(path, POINT) for path in paths}

    def _seen(self, device: str, ssid: str) -> tuple[str, Any]:
        """The strongest access point of a network: path and properties."""
        found = [
            (number(point, "Strength"), path, point)
            for path, point in self._points(device).items()
            if rules.ssid_of(point.get("Ssid")) == ssid
        ]
        _strength, path, point = max(found, key=lambda one: one[:2], default=(0, "", {}))
        return path, point

    def _wifi(self) -> Wifi | None:
        try:
            device = self._device()
        except NotFound:
            return None
        saved = self._saved.of(words(self._mirror.of(self._active(device), ACTIVE), "Connection"))
        active = saved.ssid if saved and not saved.own else ""
        known = sorted({one.ssid for one in self._saved.wifi().values()})
        manager = self._manager()
        return Wifi(
            enabled=flag(manager, "WirelessEnabled"),
            blocked=not flag(manager, "WirelessHardwareEnabled", True),
            status=rules.status(number(self._mirror.of(device, DEVICE), "State")),
            active=rules.readable(bytes.fromhex(active)),
            hotspot=rules.readable(bytes.fromhex(saved.ssid)) if saved and saved.own else "",
            networks=rules.networks(self._points(device).values(), known, active),
            known=[Known(id=one, name=rules.readable(bytes.fromhex(one))) for one in known],
        )
