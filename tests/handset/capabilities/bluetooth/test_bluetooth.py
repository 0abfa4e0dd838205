"""Bluetooth by BlueZ, which is dbusmock's."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbus_fast import Variant

from pileus.core.errors import Conflict, NotFound, Unavailable
from pileus.handset.capabilities.bluetooth.bluetooth import DEVICE, ROOT, SERVICE, Bluetooth
from tests.handset.mocks import template
from tests.handset.worlds import run, started, world

BLUEZ = "org.bluez.Mock"
EARS, CAR = "AA:BB:CC:00:11:22", "AA:BB:CC:00:11:33"


def test_a_device_is_found_paired_connected_and_removed(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            bluetooth = Bluetooth(here.surroundings())
            async with started(bluetooth) as call:
                assert bluetooth.state() == {"present": False, "why": "no-service"}
                with template(address, "bluez5"):
                    mock = here.mock(SERVICE, ROOT)
                    await here.until(lambda: bluetooth.state()["why"] == "no-hardware")
                    with pytest.raises(NotFound) as none:
                        await call("power", on=True)
                    assert none.value.code == "no-bluetooth"
                    await mock.do("AddAdapter", "ss", "hci0", "手机", interface=BLUEZ)
                    await here.until(lambda: bluetooth.state()["present"])
                    assert (bluetooth.state()["name"], bluetooth.state()["powered"]) == ("手机", True)
                    await call("search", on=True)
                    await call("search", on=True)
                    await here.until(lambda: bluetooth.state()["searching"])
                    ears = await mock.do("AddDevice", "sss", "hci0", EARS, "Ears", interface=BLUEZ)
                    await mock.do("AddDevice", "sss", "hci0", CAR, "Car\u202e", interface=BLUEZ)
                    await here.until(lambda: len(bluetooth.state()["devices"]) == 2)
                    await call("pair", id=EARS)
                    await here.until(lambda: bluetooth.state()["devices"][0]["connected"])
                    first, second = bluetooth.state()["devices"]
                    assert (first["name"], first["strength"], second["name"]) == ("Ears", 35, "Car")
                    await call("connect", id=EARS)  # it is already
                    await call("disconnect", id=EARS)
                    await here.until(lambda: not bluetooth.state()["devices"][0]["connected"])
                    get = "org.freedesktop.DBus.Properties"
                    assert await mock.do("Get", "ss", DEVICE, "Trusted", path=ears, interface=get)
                    await call("remove", id=EARS)
                    await here.until(lambda: [one["id"] for one in bluetooth.state()["devices"]] == [CAR])
                    with pytest.raises(NotFound) as gone:
                        await call("connect", id=EARS)
                    assert gone.value.code == "bluetooth-unknown"
                    await call("search", on=False)
                    await call("power", on=False)
                    await here.until(lambda: not bluetooth.state()["powered"])
                await here.until(lambda: bluetooth.state()["why"] == "no-service")

    run(story)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("AuthenticationRejected", Conflict, "bluetooth-pairing"),
        ("Failed", Unavailable, "bluetooth-failed"),
        ("NotReady", Conflict, "bluetooth-off"),
    ],
)
def test_why_a_device_was_not_paired_is_told(
    address: str, short: Path, error: str, kind: type[Exception], code: str
) -> None:
    async def story() -> None:
        with template(address, "bluez5"):
            async with world(address, short) as here:
                bluetooth = Bluetooth(here.surroundings())
                mock = here.mock(SERVICE, ROOT)
                await mock.there()
                await mock.do("AddAdapter", "ss", "hci0", "phone", interface=BLUEZ)
                path = await mock.do("AddDevice", "sss", "hci0", EARS, "Ears", interface=BLUEZ)
                refuse = f"import dbus\nraise dbus.exceptions.DBusException('x', name='org.bluez.Error.{error}')"
                await mock.do("AddMethod", "sssss", DEVICE, "Pair", "", "", refuse, path=path)
                async with started(bluetooth) as call:
                    await here.until(lambda: bluetooth.state().get("devices"))
                    with pytest.raises(kind) as failed:
                        await call("pair", id=EARS)
                    assert getattr(failed.value, "code", "") == code
                    await mock.properties(path, DEVICE, Paired=Variant("b", True), RSSI=Variant("n", 5))
                    await here.until(lambda: bluetooth.state()["devices"][0]["paired"])
                    assert bluetooth.state()["devices"][0]["strength"] is None

    run(story)
