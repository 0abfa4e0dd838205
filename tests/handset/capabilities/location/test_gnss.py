"""A place by a modem's receiver: ModemManager is mocked, since its generic plugin has none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Variant
from hypothesis import given
from hypothesis import strategies as st

from pileus.handset.bus import OBJECTS
from pileus.handset.capabilities.location import gnss, nmea, rules
from pileus.handset.capabilities.location.gnss import LOCATION, ROOT, SERVICE
from pileus.handset.capabilities.location.location import MANAGER, PATH, Location
from pileus.handset.capabilities.location.location import SERVICE as GEOCLUE
from tests.handset.capabilities.location.test_location import OURS, manager
from tests.handset.mocks import Mock, bare
from tests.handset.worlds import World, run, started, world

MODEM = f"{ROOT}/Modem/0"
CELLS = 1
"""A source that is not ours: it stays as it is."""


def sentence(body: str) -> str:
    check = 0
    for letter in body:
        check ^= ord(letter)
    return f"${body}*{check:02X}"


GGA = sentence("GPGGA,092204.999,3015.546,N,12007.806,E,1,07,1.5,12.5,M,,M,,0000")
RMC = sentence("GPRMC,092204.999,A,3015.546,N,12007.806,E,10.0,090.0,301126,,,A")


async def says(mock: Mock, raw: dict[str, Any], text: str = "") -> None:
    inner = ", ".join(
        f"{name!r}: dbus.Double({value}, variant_level=1)"
        if isinstance(value, float)
        else f"{name!r}: dbus.String({value!r}, variant_level=1)"
        for name, value in raw.items()
    )
    code = (
        "import dbus\n"
        f"ret = dbus.Dictionary({{dbus.UInt32(2): dbus.Dictionary({{{inner}}}, signature='sv', variant_level=1),"
        f" dbus.UInt32(4): dbus.String({text!r}, variant_level=1)}}, signature='uv')\n"
    )
    await mock.do("AddMethod", "sssss", LOCATION, "GetLocation", "", "a{uv}", code, path=MODEM)


@asynccontextmanager
async def receiver(here: World, address: str, capabilities: int = CELLS | rules.SATELLITES) -> AsyncIterator[Mock]:
    with bare(address, SERVICE, ROOT, OBJECTS, "--system"):
        mock = here.mock(SERVICE, ROOT)
        await mock.there()
        values = {"Capabilities": Variant("u", capabilities), "Enabled": Variant("u", CELLS)}
        await mock.object(MODEM, LOCATION, values, [("Setup", "ub", "", "")])
        await says(mock, {})
        added = [Variant("o", MODEM), Variant("a{sa{sv}}", {LOCATION: values})]
        code = "import dbus\nret = dbus.Dictionary({}, signature='oa{sa{sv}}')"
        await mock.do("AddMethod", "sssss", OBJECTS, "GetManagedObjects", "", "a{oa{sa{sv}}}", code)
        # what the mock was before is asked while it is being made: it comes once more
        await mock.signal(ROOT, OBJECTS, "InterfacesAdded", "oa{sa{sv}}", *added)
        yield mock


async def setups(mock: Mock) -> list[list[Any]]:
    return [args for name, args in await mock.calls(MODEM) if name == "Setup"]


async def until_there(here: World, mock: Mock, location: Location) -> None:
    values = {"Capabilities": Variant("u", CELLS | rules.SATELLITES), "Enabled": Variant("u", CELLS)}
    added = [Variant("o", MODEM), Variant("a{sa{sv}}", {LOCATION: values})]
    while not location.state()["present"]:
        await location._gnss._mirror.settled()
        await mock.signal(ROOT, OBJECTS, "InterfacesAdded", "oa{sa{sv}}", *added)
        await mock.calls(MODEM)


def test_a_receiver_is_on_only_while_somebody_asks(
    address: str, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gnss, "EVERY", 0.01)

    async def story() -> None:
        async with world(address, short) as here:
            location = Location(here.surroundings())
            async with started(location) as call, receiver(here, address) as mock:
                await until_there(here, mock, location)
                assert (location.state()["on"], await setups(mock)) == (False, [])
                await call("ask")
                assert await setups(mock) == [[CELLS | rules.SATELLITES, False]]
                await says(mock, {"latitude": 30.25, "longitude": 120.125, "altitude": 9.0, "utc-time": "1"})
                await here.until(lambda: location.state()["fix"])
                fix = location.state()["fix"]
                assert (fix["latitude"], fix["longitude"], fix["altitude"], fix["accuracy"]) == (
                    30.25,
                    120.125,
                    9,
                    50,
                )
                await says(mock, {}, f"{GGA}\r\n{RMC}\r\n")
                await here.until(lambda: location.state()["fix"]["accuracy"] == 7.5)
                assert location.state()["fix"]["heading"] == 90
                await call("ask", accuracy="city")
                await here.until(lambda: (location.state()["fix"] or {}).get("accuracy") == 5000)
                await call("leave")
                assert (await setups(mock))[-1] == [CELLS, False]
                assert (location.state()["on"], location.state()["fix"]) == (False, None)

                await call("ask")
                # GeoClue comes, and knows better
                with bare(address, GEOCLUE, PATH, MANAGER, "--system"):
                    clue = here.mock(GEOCLUE, PATH)
                    await manager(clue)
                    while "Start" not in [name for name, _args in await clue.calls(OURS)]:
                        await location._came()
                    assert (await setups(mock))[-1] == [CELLS, False]
                before = len(await setups(mock))
                while len(await setups(mock)) == before:  # and it goes: the receiver is asked again
                    pass
                assert (await setups(mock))[-1][0] & rules.SATELLITES
            assert not location.state()["present"]

    run(story, 60)


def test_a_modem_without_a_receiver_is_no_source(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            location = Location(here.surroundings())
            async with started(location), receiver(here, address, CELLS):
                await location._gnss._mirror.settled()
                assert location.state() == {"present": False, "why": "no-service"}

    run(story)


def test_sentences_give_a_place() -> None:
    found = nmea.place(f"noise\n{GGA}\n{RMC}")
    assert found is not None
    assert (round(found.latitude, 4), round(found.longitude, 4)) == (30.2591, 120.1301)
    assert (found.accuracy, found.altitude, found.heading) == (7.5, 12.5, 90)
    assert round(found.speed or 0, 2) == 5.14
    south = nmea.place(sentence("GNGGA,1,3015.546,S,12007.806,W,2,07,,,M,,M,,"))
    assert south is not None
    assert (round(south.latitude, 4), round(south.longitude, 4)) == (-30.2591, -120.1301)
    assert (south.accuracy, south.altitude, south.speed) == (50, None, None)


@pytest.mark.parametrize(
    "text",
    [
        GGA[:-1] + ("0" if GGA[-1] != "0" else "1"),
        sentence("GPGGA,1,3015.546,N,12007.806,E,0,00,,,M,,M,,"),
        sentence("GPGGA,1,3099.0,N,12007.806,E,1,07,1,1,M,,M,,"),
        sentence("GPGGA,1,,,,,1,07,1,1,M,,M,,"),
        sentence("GPGGA,1,3015.0,NS,12007.0,E,1,07,1,1,M,,M,,"),
        "$*00",
        "",
    ],
)
def test_what_is_no_place_gives_none(text: str) -> None:
    assert nmea.place(text) is None


@given(st.text(max_size=200) | st.lists(st.text("GPRMCA0123456789.,NSEWnaif-", max_size=12)).map(",".join))
def test_any_words_are_read_without_an_error(text: str) -> None:
    for one in (text, sentence("GPGGA," + text) if text.isascii() else text):
        stamp, fix = rules.of_satellites({rules.NMEA: one, rules.RAW: {"latitude": 1e400}}, "exact", 0)
        assert isinstance(stamp, str)
        assert fix is None or -90 <= fix.latitude <= 90


def test_who_asks_for_a_city_gets_no_street() -> None:
    places = [{"latitude": 30.25 + step / 1000, "longitude": 120.13, "utc-time": ""} for step in range(20)]
    told = {rules.of_satellites({rules.RAW: one}, "city", 0)[1] for one in places}
    assert len({(one.latitude, one.longitude) for one in told if one}) == 1
    assert all(one and one.speed is None and one.accuracy == 5000 for one in told)
