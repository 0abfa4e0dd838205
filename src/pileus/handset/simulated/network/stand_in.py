"""A neighbourhood: a home and a tea house with passwords, an open café, an office that wants more than that."""

from __future__ import annotations

import msgspec

from pileus.core.errors import Conflict, NotFound
from pileus.handset.capabilities.network import rules
from pileus.handset.capabilities.network.shape import (
    AccessPoint,
    Apn,
    Bearer,
    Forget,
    Hotspot,
    Join,
    Known,
    Mobile,
    Security,
    State,
    Switch,
    Wifi,
)
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn


class Neighbour(msgspec.Struct, frozen=True):
    name: str
    strength: int
    security: Security
    password: str = ""

    @property
    def id(self) -> str:
        return self.name.encode().hex()


AROUND = (
    Neighbour("Pileus Home", 86, "wpa", "pileus-home"),
    Neighbour("湖畔茶馆", 61, "wpa", "tea-for-all"),
    Neighbour("Free Café", 44, "open"),
    Neighbour("Office", 22, "enterprise"),
)

POINTS = ("internet", "pileus")
"""Access points that the mobile network knows; without a name it is the first."""


class Simulate(msgspec.Struct):
    """`gone`: no Wi-Fi network is in range."""

    gone: bool


class SimulatedNetwork(StandIn):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._wifi, self._mobile, self._gone, self._before_flight = True, True, False, False
        self._known: dict[str, str] = {}
        self._active, self._hotspot = "", ""
        self._roaming, self._apn = False, Apn()

    def _shown(self) -> State:
        joined = self._active if self._wifi else ""
        mobile = self._mobile and self._known_point()
        reached = bool(joined or mobile)
        return State(
            connectivity="full" if reached else "none",
            kind="wifi" if joined else "mobile" if mobile else "",
            metered=mobile and not joined,
            wifi=Wifi(
                enabled=self._wifi,
                status="connected" if joined or self._hotspot else "disconnected",
                active=bytes.fromhex(joined).decode(),
                hotspot=self._hotspot,
                networks=self._networks(),
                known=[Known(id=one, name=bytes.fromhex(one).decode()) for one in sorted(self._known)],
            ),
            mobile=self._data(),
        )

    @method
    async def wifi(self, wish: Switch) -> None:
        self._switch(wish.on)

    @method
    async def airplane(self, wish: Switch) -> None:
        if wish.on and self._wifi:
            self._before_flight = True
            self._switch(False)
        elif not wish.on and self._before_flight:
            self._before_flight = False
            self._switch(True)

    @method
    async def scan(self) -> None:
        self._ready()

    @method
    async def join(self, wish: Join) -> None:
        self._ready()
        password = wish.password or self._known.get(wish.id, "")
        found = next((one for one in self._there() if one.id == wish.id), None)
        rules.joining(wish.id, found.security if found else "open", password, wish.hidden)
        if found is None:
            raise rules.failure(53, "open", typed=True)
        if found.security != "open" and password != found.password:
            raise rules.failure(7, found.security, typed=True)
        self._known[found.id] = password
        self._active, self._hotspot = found.id, ""
        self._news()

    @method
    async def forget(self, wish: Forget) -> None:
        if wish.id not in self._known:
            raise NotFound("wifi-unknown", "This network is not known to the device.")
        del self._known[wish.id]
        self._active = "" if self._active == wish.id else self._active
        self._news()

    @method
    async def hotspot(self, wish: Hotspot) -> None:
        self._ready()
        rules.hotspot(wish.name, wish.password)
        self._active, self._hotspot = "", wish.name
        self._news()

    @method
    async def hotspot_stop(self) -> None:
        self._hotspot = ""
        self._news()

    @method
    async def mobile_data(self, wish: Switch) -> None:
        self._mobile = wish.on
        self._news()

    @method
    async def roaming(self, wish: Switch) -> None:
        self._roaming = wish.on
        self._news()

    @method
    async def apn(self, wish: Apn) -> None:
        self._apn = wish
        self._news()
        if self._mobile and not self._known_point():
            raise rules.mobile_failure(29, ())

    @method
    async def simulate(self, wish: Simulate) -> None:
        self._gone = wish.gone
        self._active = "" if wish.gone else self._active
        self._news()

    def _known_point(self) -> bool:
        return not self._apn.name or self._apn.name.lower() in POINTS

    def _data(self) -> Mobile:
        up = self._mobile and self._known_point()
        bearer = Bearer(
            apn=self._apn.name or POINTS[0],
            ip=self._apn.ip,
            connected=up,
            why="access-point" if self._mobile and not up else "",
        )
        return Mobile(
            enabled=self._mobile,
            connected=up,
            roaming=self._roaming,
            apn=self._apn.name,
            user=self._apn.user,
            ip=self._apn.ip,
            bearers=[bearer],
        )

    def _switch(self, on: bool) -> None:
        self._wifi = on
        self._active, self._hotspot = (self._active, self._hotspot) if on else ("", "")
        self._news()

    def _ready(self) -> None:
        if not self._wifi:
            raise Conflict("wifi-off", "Wi-Fi is switched off.")

    def _there(self) -> tuple[Neighbour, ...]:
        return AROUND if self._wifi and not self._gone else ()

    def _networks(self) -> list[AccessPoint]:
        shown = [
            AccessPoint(
                id=one.id,
                name=one.name,
                strength=one.strength,
                security=one.security,
                known=one.id in self._known,
                active=one.id == self._active,
            )
            for one in self._there()
        ]
        return sorted(shown, key=lambda one: (not one.active, -one.strength))
