"""Wi-Fi, hotspot and mobile data by NetworkManager, which is dbusmock's."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Variant

from pileus.core.errors import Conflict, Invalid, NotFound, PileusError, Unavailable
from pileus.handset.capabilities.network.activation import DEVICE, MANAGER, PATH
from pileus.handset.capabilities.network.network import ROOT, SERVICE, Network
from tests.handset.mocks import Mock, template
from tests.handset.worlds import World, run, started, world

WLAN, MODEM = f"{PATH}/Devices/wlan0", f"{PATH}/Devices/wwan0"
CONNECTION = MANAGER + ".Settings.Connection"
PSK = 0x100
HOME, CAFE = b"home".hex(), b"cafe".hex()
SECRET = "correct horse battery"


@dataclass
class Place:
    """A handset in a flat with a protected network, above a café with an open one."""

    world: World
    mock: Mock
    network: Network
    call: Callable[..., Awaitable[Any]]

    def wifi(self) -> dict[str, Any]:
        return self.network.state().get("wifi") or {}

    def names(self) -> list[str]:
        return [one["name"] for one in self.wifi().get("networks", [])]

    async def point(self, name: str, ssid: str, strength: int, security: int = PSK) -> None:
        address = "00:11:22:33:44:55"
        await self.mock.do(
            "AddAccessPoint", "ssssuuuyu", WLAN, name, ssid, address, 2, 2400, 54, strength, security
        )

    async def state_changed(self, state: int, reason: int, device: str = WLAN) -> None:
        values = [Variant("u", state), Variant("u", 50), Variant("u", reason)]
        await self.mock.signal(device, DEVICE, "StateChanged", "uuu", *values)

    async def answers_late(self) -> None:
        """The mock brings every connection up at once; from now on one is only tried."""
        code = (
            "import dbusmock\n"
            "ret = (dbusmock.get_object('/org/freedesktop').SettingsAddConnection(args[0]), '/none')\n"
        )
        await self.mock.do(
            "AddMethod", "sssss", MANAGER, "AddAndActivateConnection", "a{sa{sv}}oo", "oo", code, path=PATH
        )

    async def tried(self) -> None:
        """Waits until the service was asked for a new connection."""
        while not any(name == "AddAndActivateConnection" for name, _args in await self.mock.calls(PATH)):
            pass

    async def saved(self) -> list[str]:
        found = await self.mock.do("ListConnections", "", path=PATH + "/Settings", interface=MANAGER + ".Settings")
        return list(found)


@asynccontextmanager
async def place(address: str, folder: Path, patience: float = 20) -> AsyncIterator[Place]:
    with template(address, "networkmanager"):
        async with world(address, folder) as here:
            mock = here.mock(SERVICE, ROOT)
            await mock.there()
            await mock.do("AddWiFiDevice", "ssi", "wlan0", "wlan0", 30)
            network = Network(here.surroundings(), patience)
            async with started(network) as call:
                made = Place(here, mock, network, call)
                await made.point("home1", "home", 40)
                await made.point("home5", "home", 80)
                await made.point("cafe", "cafe", 60, 0)
                await here.until(lambda: len(made.names()) == 2 and made.wifi()["networks"][0]["strength"] == 80)
                yield made


def test_networks_are_listed_once_each_and_joined_and_forgotten(address: str, short: Path) -> None:
    async def story() -> None:
        async with place(address, short) as here:
            await here.point("tea", "茶馆", 10)
            await here.world.until(lambda: "茶馆" in here.names())
            state = here.network.state()
            assert (state["connectivity"], state["mobile"]) == ("full", None)
            home, cafe, _tea = state["wifi"]["networks"]
            assert (home["id"], home["name"], home["security"], home["known"]) == (HOME, "home", "wpa", False)
            assert (cafe["name"], cafe["security"], cafe["active"]) == ("cafe", "open", False)
            await here.call("scan")
            with pytest.raises(Invalid):
                await here.call("join", id=HOME + "\n")
            await here.call("join", id=HOME, password=SECRET)
            await here.world.until(lambda: here.wifi()["active"] == "home")
            assert here.wifi()["known"] == [{"id": HOME, "name": "home"}]
            [(_name, args)] = [one for one in await here.mock.calls(PATH) if one[0] == "AddAndActivateConnection"]
            assert args[0]["802-11-wireless-security"] == {"key-mgmt": "wpa-psk", "psk": SECRET}
            assert args[2].endswith("/home5")
            await here.call("join", id=CAFE)
            await here.world.until(lambda: here.wifi()["active"] == "cafe")
            await here.call("join", id=HOME)
            await here.world.until(lambda: here.wifi()["networks"][0]["active"] and here.names()[0] == "home")
            assert [name for name, _args in await here.mock.calls(PATH)].count("ActivateConnection") == 1
            await here.call("forget", id=HOME)
            await here.world.until(lambda: [one["name"] for one in here.wifi()["known"]] == ["cafe"])
            with pytest.raises(NotFound) as unknown:
                await here.call("forget", id=HOME)
            assert unknown.value.code == "wifi-unknown"

    run(story)


@pytest.mark.parametrize(
    ("reason", "code"), [(7, "wifi-password"), (8, "wifi-password"), (53, "wifi-gone"), (5, "wifi-address")]
)
def test_why_a_network_was_not_joined_is_told_and_nothing_of_it_kept(
    address: str, short: Path, reason: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        caplog.set_level(logging.DEBUG)
        async with place(address, short) as here:
            await here.answers_late()
            joining = asyncio.ensure_future(here.call("join", id=HOME, password=SECRET))
            await here.tried()
            await here.state_changed(50, 0)
            await here.state_changed(60, 0)  # it asks for the secrets that it was given: no failure
            await here.state_changed(120, reason)
            with pytest.raises(PileusError) as failed:
                await joining
            assert failed.value.code == code
            assert await here.saved() == []
            shown = json.dumps([here.network.state(), str(failed.value), dict(failed.value.extra)])
            assert SECRET not in shown + caplog.text

    run(story)


def test_a_network_that_never_answers_and_one_chosen_meanwhile(address: str, short: Path) -> None:
    async def story() -> None:
        async with place(address, short, patience=0.3) as here:
            await here.answers_late()
            first = asyncio.ensure_future(here.call("join", id=HOME, password=SECRET))
            await here.tried()
            second = asyncio.ensure_future(here.call("join", id=CAFE))
            with pytest.raises(Conflict) as other:
                await first
            assert other.value.code == "wifi-other"
            with pytest.raises(Unavailable) as slow:
                await second
            assert slow.value.code == "wifi-slow"
            assert await here.saved() == []

    run(story)


def test_wifi_is_switched_and_comes_back_after_a_flight_as_it_was(address: str, short: Path) -> None:
    async def story() -> None:
        async with place(address, short) as here:
            enabled = lambda: here.wifi()["enabled"]  # noqa: E731
            await here.call("airplane", on=True)
            await here.world.until(lambda: not enabled())
            with pytest.raises(Conflict) as off:
                await here.call("join", id=CAFE)
            assert off.value.code == "wifi-off"
            await here.call("airplane", on=False)
            await here.world.until(enabled)
            await here.call("wifi", on=False)
            await here.world.until(lambda: not enabled())
            await here.call("airplane", on=True)
            await here.call("airplane", on=False)
            assert not enabled()

    run(story)


def test_a_hotspot_starts_and_stops(address: str, short: Path) -> None:
    async def story() -> None:
        async with place(address, short) as here:
            with pytest.raises(PileusError) as form:
                await here.call("hotspot", name="phone", password="short")
            assert form.value.code == "wifi-password-form"
            # dbusmock knows only networks that are seen: the connection is made by hand, as the service would
            code = (
                "import dbus, dbusmock\n"
                "made = dbusmock.get_object('/org/freedesktop').SettingsAddConnection(args[0])\n"
                "ret = (made, self.activate_connection(self, made, args[1], args[2]))\n"
            )
            await here.mock.do(
                "AddMethod", "sssss", MANAGER, "AddAndActivateConnection", "a{sa{sv}}oo", "oo", code, path=PATH
            )
            await here.call("hotspot", name="手机", password=SECRET)
            await here.world.until(lambda: here.wifi()["hotspot"] == "手机")
            assert (here.wifi()["active"], here.wifi()["known"]) == ("", [])
            assert SECRET not in json.dumps(here.network.state())
            await here.call("hotspot-stop")
            await here.world.until(lambda: here.wifi()["hotspot"] == "")

    run(story)


def test_mobile_data_is_switched_without_the_modems_radio_and_the_owners_no_is_kept(
    address: str, short: Path
) -> None:
    async def story() -> None:
        async with place(address, short) as here:
            with pytest.raises(NotFound) as none:
                await here.call("mobile-data", on=True)
            assert none.value.code == "no-mobile"
            values = {
                "DeviceType": Variant("u", 8),
                "State": Variant("u", 30),
                "ActiveConnection": Variant("o", "/"),
                "Autoconnect": Variant("b", True),
            }
            await here.mock.object(MODEM, DEVICE, values, [])
            added = [Variant("o", MODEM), Variant("a{sa{sv}}", {DEVICE: values})]
            await here.mock.signal(
                ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", *added
            )
            mobile = lambda: here.network.state()["mobile"]  # noqa: E731
            switched = lambda: mobile() and (mobile()["enabled"], mobile()["connected"])  # noqa: E731
            await here.world.until(lambda: switched() == (True, False))
            await here.call("mobile-data", on=False)
            assert switched() == (False, False)
            # the modem comes back and would connect by itself
            await here.mock.properties(MODEM, DEVICE, Autoconnect=Variant("b", True))
            get = "org.freedesktop.DBus.Properties"
            while await here.mock.do("Get", "ss", DEVICE, "Autoconnect", path=MODEM, interface=get):
                pass
            again = Network(here.world.surroundings())
            async with started(again):
                await here.world.until(lambda: again.state().get("mobile") == mobile())
            code = "ret = ('/org/freedesktop/NetworkManager/Settings/9', '/none')"
            await here.mock.do(
                "AddMethod", "sssss", MANAGER, "AddAndActivateConnection", "a{sa{sv}}oo", "oo", code, path=PATH
            )
            switching = asyncio.ensure_future(here.call("mobile-data", on=True))
            await here.tried()
            await here.state_changed(100, 0, MODEM)
            await switching
            assert mobile()["enabled"]
            [(_name, args)] = [one for one in await here.mock.calls(PATH) if one[0] == "AddAndActivateConnection"]
            assert args[0]["gsm"] == {"auto-config": True, "home-only": True}

    run(story)


def test_a_service_that_ends_while_a_network_is_joined(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as outer:
            network = Network(outer.surroundings())
            async with started(network) as call:
                assert network.state() == {"present": False, "why": "no-service"}
                with pytest.raises(NotFound):
                    await call("scan")
                async with place(address, short) as here:
                    await here.answers_late()
                    await outer.until(lambda: (network.state().get("wifi") or {}).get("networks"))
                    joining = asyncio.ensure_future(call("join", id=HOME, password=SECRET))
                    await here.tried()
                with pytest.raises(Unavailable):
                    await joining
                await outer.until(lambda: not network.state()["present"])

    run(story)
