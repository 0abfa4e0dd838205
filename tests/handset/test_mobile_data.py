"""Mobile data up to the modem's bearer: the real ModemManager and the carrier's modem, NetworkManager mocked.

What NetworkManager does with ModemManager, the tests do (`Simple.Connect`); the link itself wants `/dev/ppp`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Variant

from pileus.carrier.handset import Handset
from pileus.carrier.line import line
from pileus.carrier.network import ABROAD, Carrier
from pileus.core.errors import PileusError, StorageFull
from pileus.handset.capabilities.network import wishes
from pileus.handset.capabilities.network.activation import DEVICE, MANAGER, PATH
from pileus.handset.capabilities.network.cellular import PPP
from pileus.handset.capabilities.network.network import ROOT, SERVICE, Network
from tests.handset import modem_manager as mm
from tests.handset.client import BusError
from tests.handset.mocks import Mock, template
from tests.handset.modem_manager import Manager, modem_manager
from tests.handset.phones import NUMBER, socket_name
from tests.handset.worlds import World, started, world

MODEM = f"{PATH}/Devices/wwan0"
SIMPLE = f"{mm.MODEM}.Simple"
SECRET = "correct horse"
LINK = "" if PPP.exists() else "no-ppp"
"""What is wrong with a bearer that wants PPP, on this machine."""

pytestmark = pytest.mark.modem_manager


@dataclass
class Place:
    world: World
    mock: Mock
    network: Network
    call: Callable[..., Awaitable[Any]]
    manager: Manager
    handset: Handset
    modem: str

    @property
    def mobile(self) -> dict[str, Any]:
        return self.network.state().get("mobile") or {}

    async def connect(self, apn: str) -> None:
        wish = {"apn": Variant("s", apn), "ip-type": Variant("u", 1)}
        await self.manager.call(self.modem, SIMPLE, "Connect", "a{sv}", wish)

    async def until(self, **values: Any) -> None:
        """Of the newest bearer."""
        await self.world.until(
            lambda: any(
                all(one[name] == value for name, value in values.items()) for one in self.mobile.get("bearers", [])
            )
        )

    async def answers_late(self) -> None:
        """The mock brings every connection up at once; from now on one is only tried."""
        code = (
            "import dbusmock\n"
            "ret = (dbusmock.get_object('/org/freedesktop').SettingsAddConnection(args[0]), '/none')\n"
        )
        await self.method("AddAndActivateConnection", "a{sa{sv}}oo", "oo", code)
        await self.method("ActivateConnection", "ooo", "o", "ret = '/none'")

    async def method(self, name: str, goes: str, comes: str, code: str) -> None:
        await self.mock.do("AddMethod", "sssss", MANAGER, name, goes, comes, code, path=PATH)

    async def asked(self, *members: str) -> list[tuple[str, list[Any]]]:
        """What NetworkManager was asked, once it was."""
        while not (found := [one for one in await self.mock.calls(PATH) if one[0] in members]):
            pass
        return found

    async def ends(self, state: int, reason: int) -> None:
        values = [Variant("u", state), Variant("u", 50), Variant("u", reason)]
        await self.mock.signal(MODEM, DEVICE, "StateChanged", "uuu", *values)

    async def kept(self) -> list[str]:
        of = PATH + "/Settings"
        return list(await self.mock.do("ListConnections", "", path=of, interface=MANAGER + ".Settings"))

    async def updates(self) -> list[dict[str, Any]]:
        """What the one connection was made to be; the mock itself leaves what was there before."""
        [path] = await self.kept()
        return [args[0] for name, args in await self.mock.calls(path) if name == "Update"]

    async def settings(self) -> list[dict[str, Any]]:
        """Of all connections that NetworkManager keeps."""
        paths = await self.kept()
        face = MANAGER + ".Settings.Connection"
        return [await self.mock.do("GetSettings", "", path=one, interface=face) for one in paths]


@asynccontextmanager
async def place(short: Path) -> AsyncIterator[Place]:
    """A phone that is registered, and NetworkManager with its modem as a device."""
    handset, name = Carrier().handset(NUMBER), socket_name()
    async with modem_manager(short) as manager, line(handset.modem, f"abstract:{name}"):
        modem = await manager.add(name)
        await manager.enable(modem)
        with template(manager.address, "networkmanager"):
            async with world(manager.address, short) as here:
                mock = here.mock(SERVICE, ROOT)
                await mock.there()
                network = Network(here.surroundings(), 20)
                async with started(network) as call:
                    await here.until(lambda: network.state()["present"])
                    values = {
                        "DeviceType": Variant("u", 8),
                        "State": Variant("u", 20),  # unavailable: it is not tried yet
                        "ActiveConnection": Variant("o", "/"),
                        "Autoconnect": Variant("b", True),
                        "Udi": Variant("s", modem),
                        "AvailableConnections": Variant("ao", []),
                    }
                    await mock.object(MODEM, DEVICE, values, [])
                    added = [Variant("o", MODEM), Variant("a{sa{sv}}", {DEVICE: values})]
                    objects = "org.freedesktop.DBus.ObjectManager"
                    await mock.signal(ROOT, objects, "InterfacesAdded", "oa{sa{sv}}", *added)
                    made = Place(here, mock, network, call, manager, handset, modem)
                    await here.until(lambda: made.mobile.get("card") == handset.card.iccid)
                    yield made


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(90):
            await story()

    asyncio.run(whole())


def test_bearers_are_shown_with_what_is_wrong_with_them(short: Path) -> None:
    async def story() -> None:
        async with place(short) as here:
            assert (here.mobile["bearers"], here.mobile["abroad"]) == ([], False)
            await here.connect("internet")
            await here.until(apn="internet", ip="ipv4", connected=True, why=LINK)
            await here.manager.call(here.modem, SIMPLE, "Disconnect", "o", "/")
            await here.until(apn="internet", connected=False, why="")
            with pytest.raises(BusError):
                await here.connect("nowhere")
            await here.until(apn="nowhere", connected=False, why="access-point")
            here.handset.roam(ABROAD)
            await here.world.until(lambda: here.mobile["abroad"])
            here.manager.process.kill()
            await here.manager.process.wait()
            await here.world.until(lambda: not here.mobile["bearers"] and here.mobile["card"] == "")

    run(story)


def test_an_access_point_is_kept_for_its_card_and_written_into_the_connection(short: Path) -> None:
    async def story() -> None:
        async with place(short) as here:
            card = here.handset.card.iccid
            await here.answers_late()
            with pytest.raises(PileusError) as malformed:
                await here.call("apn", name="no spaces")
            assert malformed.value.code == "method-params"
            for reason, code in ((29, "mobile-access-point"), (12, "mobile-link"), (31, "no-mobile-network")):
                wanted = asyncio.ensure_future(
                    here.call("apn", name="cmnet", user="me", password=SECRET, ip="ipv4")
                )
                await here.asked("AddAndActivateConnection", "ActivateConnection")
                await here.mock.do("ClearCalls", "", path=PATH)
                await here.ends(120, reason)
                with pytest.raises(PileusError) as refused:
                    await wanted
                assert refused.value.code == code
                assert await here.settings() == [], "a new connection that failed is not kept"
            assert (here.mobile["apn"], here.mobile["user"], here.mobile["ip"]) == ("cmnet", "me", "ipv4")
            assert SECRET not in str(here.network.state())

            on = asyncio.ensure_future(here.call("mobile-data", on=True))
            await here.asked("AddAndActivateConnection")
            await here.ends(100, 0)
            await on
            gsm = {"apn": "cmnet", "home-only": True, "sim-id": card, "username": "me", "password": SECRET}
            [kept] = await here.settings()
            assert {**kept["gsm"], "password": SECRET} == gsm
            assert (kept["ipv4"]["method"], kept["ipv6"]["method"]) == ("auto", "ignore")

            roams = asyncio.ensure_future(here.call("roaming", on=True))
            await here.asked("ActivateConnection")
            await here.ends(100, 0)
            await roams
            [changed] = await here.settings()
            assert changed["connection"]["uuid"] == kept["connection"]["uuid"]
            assert (changed["gsm"]["home-only"], changed["gsm"]["apn"]) == (False, "cmnet")

            await here.call("mobile-data", on=False)
            await here.call("apn")  # the operator's own again
            assert (await here.updates())[-1]["gsm"] == {"auto-config": True, "home-only": False, "sim-id": card}
            again = Network(here.world.surroundings())
            async with started(again):
                await here.world.until(lambda: (again.state().get("mobile") or {}).get("card") == card)
                assert again.state()["mobile"] == {**here.mobile, "bearers": again.state()["mobile"]["bearers"]}

    run(story)


def test_a_card_that_is_new_gets_its_data_by_itself_once(short: Path) -> None:
    async def story() -> None:
        async with place(short) as here:
            await here.answers_late()
            await here.mock.properties(MODEM, DEVICE, State=Variant("u", 30))
            [(_name, args)] = await here.asked("AddAndActivateConnection")
            card = here.handset.card.iccid
            assert args[0]["gsm"] == {"auto-config": True, "home-only": True, "sim-id": card}
            await here.ends(120, 27)
            while await here.kept():  # what failed is not
                pass
            await here.mock.properties(MODEM, DEVICE, State=Variant("u", 50))
            await here.mock.properties(MODEM, DEVICE, State=Variant("u", 30))
            await here.world.until(lambda: not here.mobile["connected"])
            assert len(await here.asked("AddAndActivateConnection")) == 1

    run(story)


def test_what_the_owner_wants_outlives_a_broken_file_and_many_cards(tmp_path: Path) -> None:
    file = tmp_path / "mobile.json"
    assert wishes.read(file) == wishes.Wishes()
    wanted = wishes.Wishes()
    for card in range(wishes.MOST_CARDS + 5):
        wanted = wanted.with_point(str(card), wishes.Point("a"))
    wishes.write(file, wanted)
    assert file.stat().st_mode & 0o777 == 0o600
    found = wishes.read(file)
    assert (next(iter(found.cards)), len(found.cards)) == ("5", wishes.MOST_CARDS)
    assert found.point("0") == wishes.Point()
    assert "7" not in found.with_point("7", wishes.Point()).cards
    file.write_bytes(b'{"on": 3')
    assert wishes.read(file) == wishes.Wishes()


def test_a_full_disk_keeps_nothing_and_says_so(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with place(short) as here:

            def full(*_given: Any) -> None:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr("pileus.core.durable.write", full)
            with pytest.raises(StorageFull):
                await here.call("mobile-data", on=False)
            assert here.mobile["enabled"]

    run(story)
