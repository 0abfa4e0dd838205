"""A day with a handset that is simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from pileus.core.clock import ManualClock
from pileus.core.errors import Conflict, Invalid, NotFound
from pileus.handset.shelf import SIMULATED, manifests
from pileus.handset.simulated.bluetooth.stand_in import CAR, HEADPHONES
from pileus.handset.simulated.network.stand_in import AROUND
from tests.handset.worlds import run, started, world

HOME, TEA, CAFE, OFFICE = (one.id for one in AROUND)
STAND_INS = manifests(SIMULATED)


def test_the_battery_goes_down_and_up_with_the_clock(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            here.clock = clock = ManualClock()
            power = STAND_INS["power"].make(here.surroundings())
            async with started(power) as call:
                assert power.state()["battery"]["percentage"] == 80
                clock.advance(6.5 * 3600)
                low = {"percentage": 15, "status": "discharging", "seconds": 5400, "warning": "low"}
                assert power.state()["battery"] == low
                await call("simulate", charging=True)
                clock.advance(3600)
                assert power.state()["battery"]["percentage"] == 65
                clock.advance(3600)
                full = {"percentage": 100, "status": "full", "seconds": None, "warning": "none"}
                assert power.state()["battery"] == full
                await call("simulate", percentage=3, charging=False)
                assert power.state()["battery"]["warning"] == "critical"
                await call("suspend")
                assert here.events() == ["sleeping", "woke"]

    run(story)


def test_networks_want_their_passwords(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            network = STAND_INS["network"].make(here.surroundings())
            async with started(network) as call:
                for params, kind, code in (
                    ({"id": HOME, "password": "not the one"}, Invalid, "wifi-password"),
                    ({"id": HOME}, Invalid, "wifi-password-form"),
                    ({"id": OFFICE, "password": "12345678"}, Invalid, "wifi-security"),
                    ({"id": "61", "password": "12345678"}, NotFound, "wifi-gone"),
                ):
                    with pytest.raises(kind) as failed:
                        await call("join", **params)
                    assert getattr(failed.value, "code", "") == code
                await call("join", id=HOME, password="pileus-home")
                assert (network.state()["kind"], network.state()["wifi"]["active"]) == ("wifi", "Pileus Home")
                await call("join", id=CAFE)
                await call("join", id=HOME)
                await call("simulate", gone=True)
                assert (network.state()["kind"], network.state()["metered"]) == ("mobile", True)
                await call("mobile-data", on=False)
                assert network.state()["connectivity"] == "none"
                await call("simulate", gone=False)
                await call("airplane", on=True)
                with pytest.raises(Conflict):
                    await call("join", id=TEA, password="tea-for-all")
                await call("airplane", on=False)
                await call("hotspot", name="手机", password="12345678")
                assert network.state()["wifi"]["hotspot"] == "手机"
                await call("forget", id=HOME)
                assert [one["id"] for one in network.state()["wifi"]["known"]] == [CAFE]

    run(story)


def test_headphones_pair_and_a_car_refuses(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            bluetooth = STAND_INS["bluetooth"].make(here.surroundings())
            async with started(bluetooth) as call:
                with pytest.raises(NotFound):
                    await call("pair", id=HEADPHONES.id)
                await call("search", on=True)
                with pytest.raises(Conflict) as refused:
                    await call("pair", id=CAR.id)
                assert refused.value.code == "bluetooth-pairing"
                await call("pair", id=HEADPHONES.id)
                assert bluetooth.state()["devices"][0]["battery"] == 64
                await call("power", on=False)
                assert not bluetooth.state()["devices"][0]["connected"]

    run(story)


def test_a_place_is_shown_while_somebody_asks_and_can_be_another(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            location = STAND_INS["location"].make(here.surroundings())
            async with started(location) as call:
                assert location.state()["fix"] is None
                await call("ask")
                assert round(location.state()["fix"]["latitude"]) == 30
                await call("simulate", latitude=-33.9, longitude=151.2)
                assert location.state()["fix"]["longitude"] == 151.2
                await call("leave")
                assert location.state()["fix"] is None

    run(story)


def test_mobile_data_wants_an_access_point_that_the_network_knows(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            network = STAND_INS["network"].make(here.surroundings())
            async with started(network) as call:
                with pytest.raises(Invalid) as unknown:
                    await call("apn", name="nowhere")
                assert unknown.value.code == "mobile-access-point"
                assert network.state()["mobile"]["bearers"][0]["why"] == "access-point"
                assert network.state()["connectivity"] == "none"
                await call("apn", name="Pileus", ip="ipv6")
                await call("roaming", on=True)
                shown = network.state()["mobile"]
                assert (shown["connected"], shown["roaming"], shown["bearers"][0]["apn"]) == (True, True, "Pileus")

    run(story)
