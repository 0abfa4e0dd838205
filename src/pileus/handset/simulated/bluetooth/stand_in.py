"""Headphones that pair, and a car that refuses."""

from __future__ import annotations

import msgspec

from pileus.core.errors import Conflict, NotFound
from pileus.handset.capabilities.bluetooth import rules
from pileus.handset.capabilities.bluetooth.shape import Device, State, Switch, Which
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn

HEADPHONES = Device(id="00:1A:7D:00:00:01", name="Headphones", icon="audio-headphones", strength=72)
CAR = Device(id="00:1A:7D:00:00:02", name="Car", icon="audio-card", strength=31)


class SimulatedBluetooth(StandIn):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._powered, self._searching, self._visible = True, False, False
        self._devices: dict[str, Device] = {}

    def _shown(self) -> State:
        return State(
            powered=self._powered,
            searching=self._searching,
            visible=self._visible,
            name="Simulated phone",
            devices=rules.listed(self._devices.values()),
        )

    @method
    async def power(self, wish: Switch) -> None:
        self._powered = wish.on
        if not wish.on:
            self._searching = self._visible = False
            for one in list(self._devices):
                self._change(one, connected=False)
        self._news()

    @method
    async def visible(self, wish: Switch) -> None:
        self._ready()
        self._visible = wish.on
        self._news()

    @method
    async def search(self, wish: Switch) -> None:
        if wish.on:
            self._ready()
            self._devices = {HEADPHONES.id: HEADPHONES, CAR.id: CAR} | self._devices
        self._searching = wish.on
        self._news()

    @method
    async def pair(self, wish: Which) -> None:
        self._find(wish.id)
        if wish.id == CAR.id:
            raise rules.failure("org.bluez.Error.AuthenticationRejected")
        self._change(wish.id, paired=True, connected=True, battery=64)

    @method
    async def connect(self, wish: Which) -> None:
        if not self._find(wish.id).paired:
            raise rules.failure("org.bluez.Error.Failed")
        self._change(wish.id, connected=True)

    @method
    async def disconnect(self, wish: Which) -> None:
        self._find(wish.id)
        self._change(wish.id, connected=False)

    @method
    async def remove(self, wish: Which) -> None:
        self._find(wish.id)
        del self._devices[wish.id]
        self._news()

    def _ready(self) -> None:
        if not self._powered:
            raise Conflict("bluetooth-off", "Bluetooth is switched off.")

    def _find(self, address: str) -> Device:
        self._ready()
        if address not in self._devices:
            raise NotFound("bluetooth-unknown", "This Bluetooth device is not there any more.")
        return self._devices[address]

    def _change(self, address: str, **values: bool | int) -> None:
        self._devices[address] = msgspec.structs.replace(self._devices[address], **values)
        self._news()
