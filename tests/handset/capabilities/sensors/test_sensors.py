"""Sensors by iio-sensor-proxy, which is dbusmock's."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbus_fast import Variant

from pileus.core.errors import NotFound
from pileus.handset.capabilities.sensors.sensors import PATH, PROXY, SERVICE, Sensors
from tests.handset.mocks import template
from tests.handset.worlds import run, started, world


def test_a_sensor_speaks_while_it_is_claimed_over_a_restart_of_its_service(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            sensors = Sensors(here.surroundings())
            mock = here.mock(SERVICE, PATH)
            near = {"has_proximity": True, "has_accelerometer": True, "accelerometer_orientation": "left-up"}
            async with started(sensors) as call:
                assert sensors.state() == {"present": False, "why": "no-service"}
                with template(address, "iio-sensors-proxy", near):
                    await here.until(lambda: sensors.state()["present"])
                    assert sensors.state()["has"] == ["orientation", "proximity"]
                    assert (sensors.state()["orientation"], sensors.state()["near"]) == (None, None)
                    with pytest.raises(NotFound) as none:
                        await call("claim", sensor="light")
                    assert none.value.code == "no-sensor"
                    await call("claim", sensor="proximity")
                    await call("claim", sensor="proximity")
                    await call("claim", sensor="orientation")
                    await call("release", sensor="light")
                    assert (sensors.state()["orientation"], sensors.state()["near"]) == ("left-up", False)
                    await mock.do("SetInternalProperty", "ssv", PROXY, "ProximityNear", Variant("b", True))
                    await here.until(lambda: sensors.state()["near"])
                    await call("release", sensor="proximity")
                    assert sensors.state()["near"] is None
                    assert await mock.do("GetInternalProperty", "s", "ProximityOwners") == []
                await here.until(lambda: not sensors.state()["present"])
                with template(address, "iio-sensors-proxy", near):
                    await here.until(lambda: sensors.state()["present"])
                    while not await mock.do("GetInternalProperty", "s", "AccelerometerOwners"):
                        pass
                    await sensors.stop()
                    assert await mock.do("GetInternalProperty", "s", "AccelerometerOwners") == []

    run(story)


def test_a_device_without_sensors_says_so(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            sensors = Sensors(here.surroundings())
            with template(address, "iio-sensors-proxy"):
                async with started(sensors):
                    await here.until(lambda: sensors.state()["why"] == "no-hardware")

    run(story)
