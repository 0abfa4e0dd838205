"""A place by GeoClue, whose manager and client are mocked by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Variant

from pileus.core.errors import Forbidden, PileusError
from pileus.handset.capabilities.location.location import CLIENT, MANAGER, PATH, PLACE, SERVICE, Location
from tests.handset.mocks import Mock, bare
from tests.handset.worlds import World, run, started, world

OURS = "/org/freedesktop/GeoClue2/Client/1"


async def manager(mock: Mock) -> None:
    await mock.there()
    await mock.do("AddMethod", "sssss", MANAGER, "GetClient", "", "o", f"ret = '{OURS}'")
    await mock.do("AddMethod", "sssss", MANAGER, "DeleteClient", "o", "", "")
    values = {"DesktopId": Variant("s", ""), "RequestedAccuracyLevel": Variant("u", 0)}
    await mock.object(OURS, CLIENT, values, [("Start", "", "", ""), ("Stop", "", "", "")])


async def moves(mock: Mock, name: str, latitude: float, longitude: float, **more: Variant) -> None:
    path = f"/org/freedesktop/GeoClue2/Location/{name}"
    values = {
        "Latitude": Variant("d", latitude),
        "Longitude": Variant("d", longitude),
        "Accuracy": Variant("d", 8.0),
    }
    await mock.object(path, PLACE, {**values, **more}, [])
    await mock.signal(OURS, CLIENT, "LocationUpdated", "oo", Variant("o", "/"), Variant("o", path))


@asynccontextmanager
async def place(
    address: str, short: Path
) -> AsyncIterator[tuple[World, Mock, Location, Callable[..., Awaitable[Any]]]]:
    with bare(address, SERVICE, PATH, MANAGER, "--system"):
        async with world(address, short) as here:
            mock = here.mock(SERVICE, PATH)
            await manager(mock)
            location = Location(here.surroundings())
            async with started(location) as call:
                await here.until(lambda: location.state()["present"])
                yield here, mock, location, call


def test_it_is_asked_for_only_while_somebody_wants_it(address: str, short: Path) -> None:
    async def story() -> None:
        async with place(address, short) as (here, mock, location, call):
            assert location.state()["on"] is False
            await call("ask", accuracy="street")
            await call("ask", accuracy="street")
            assert [name for name, _args in await mock.calls(OURS)].count("Start") == 1
            get = "org.freedesktop.DBus.Properties"
            level = await mock.do("Get", "ss", CLIENT, "RequestedAccuracyLevel", path=OURS, interface=get)
            app = await mock.do("Get", "ss", CLIENT, "DesktopId", path=OURS, interface=get)
            assert (level, app) == (6, "pileus")
            await moves(mock, "0", 30.2591, 120.1301, Altitude=Variant("d", -1.7976931348623157e308))
            await here.until(lambda: location.state()["fix"])
            fix = location.state()["fix"]
            assert (fix["latitude"], fix["longitude"], fix["accuracy"], fix["altitude"]) == (
                30.2591,
                120.1301,
                8,
                None,
            )
            await moves(mock, "1", 999.0, 0.0)
            await moves(mock, "2", 31.0, 121.0, Speed=Variant("d", 3.0))
            await here.until(lambda: location.state()["fix"]["latitude"] == 31)
            assert location.state()["fix"]["speed"] == 3
            await call("leave")
            await call("leave")
            assert (location.state()["on"], location.state()["fix"]) == (False, None)
            assert [name for name, _args in await mock.calls(OURS)].count("Stop") == 1
            assert "DeleteClient" in [name for name, _args in await mock.calls()]

    run(story)


def test_who_may_not_ask_is_told_and_a_service_that_comes_back_is_asked_again(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            location = Location(here.surroundings())
            async with started(location) as call:
                with pytest.raises(PileusError) as absent:
                    await call("ask")
                assert absent.value.code == "service-absent"
                for turn in range(2):
                    with bare(address, SERVICE, PATH, MANAGER, "--system"):
                        mock = here.mock(SERVICE, PATH)
                        await manager(mock)
                        if not turn:
                            denied = "import dbus\nraise dbus.exceptions.DBusException('no', "
                            denied += "name='org.freedesktop.DBus.Error.AccessDenied')"
                            await mock.do("AddMethod", "sssss", CLIENT, "Start", "", "", denied, path=OURS)
                            with pytest.raises(Forbidden) as refused:
                                await call("ask")
                            assert (refused.value.code, location.state()["on"]) == ("location-denied", False)
                            await mock.do("AddMethod", "sssss", CLIENT, "Start", "", "", "", path=OURS)
                            await call("ask")
                        else:
                            # what the mock was before is asked while it is being made: it comes once more
                            while "Start" not in [name for name, _args in await mock.calls(OURS)]:
                                await location._came()
                        await moves(mock, "0", 10.0 + turn, 20.0)
                        await here.until(lambda: (location.state().get("fix") or {}).get("latitude") == 10 + turn)  # noqa: B023
                    await mock.there(False)
                    await here.until(lambda: not location.state()["present"])

    run(story)
