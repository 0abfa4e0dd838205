"""The time zone by timedated, which is dbusmock's, and a clock that cannot be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbus_fast import Variant

from pileus.core.clock import ManualClock
from pileus.core.errors import Conflict, Invalid
from pileus.handset.capabilities.clock.clock import PATH, SERVICE, TIMEDATE, DeviceClock
from pileus.handset.capabilities.clock.rules import SLACK_MS, shown, wrong
from tests.handset.mocks import template
from tests.handset.worlds import run, started, world

BUILT = 1_690_000_000_000


def test_the_zone_is_shown_and_set(address: str, short: Path) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            clock = DeviceClock(here.surroundings(), BUILT)
            async with started(clock) as call:
                assert clock.state()["why"] == "no-service"
                with template(address, "timedated", {"Timezone": "Asia/Shanghai", "NTP": False}):
                    mock = here.mock(SERVICE, PATH)
                    await here.until(lambda: clock.state()["present"])
                    assert (clock.state()["zone"], clock.state()["automatic"]) == ("Asia/Shanghai", False)
                    await call("zone", zone="Europe/Berlin")
                    await here.until(lambda: clock.state()["zone"] == "Europe/Berlin")
                    for zone in ("", "../../etc/passwd", "Europe/Berlin\n"):
                        with pytest.raises(Invalid):
                            await call("zone", zone=zone)
                    refuse = "import dbus\nraise dbus.exceptions.DBusException('x', name='{}')"
                    unknown = refuse.format("org.freedesktop.DBus.Error.InvalidArgs")
                    await mock.do("AddMethod", "sssss", TIMEDATE, "SetTimezone", "sb", "", unknown)
                    with pytest.raises(Invalid) as nowhere:
                        await call("zone", zone="Mars/Olympus")
                    assert nowhere.value.code == "zone-unknown"
                    await call("automatic", on=True)
                    await here.until(lambda: clock.state()["synchronized"])
                    automatic = refuse.format("org.freedesktop.timedate1.AutomaticTimeSyncEnabled")
                    await mock.do("AddMethod", "sssss", TIMEDATE, "SetTime", "xbb", "", automatic)
                    with pytest.raises(Conflict) as refused:
                        await call("set", at=BUILT)
                    assert refused.value.code == "clock-automatic"
                await here.until(lambda: not clock.state()["present"])

    run(story)


def test_a_clock_that_was_later_before_is_wrong_until_somebody_knows(address: str, short: Path) -> None:
    async def story() -> None:
        for _day in range(2):
            async with world(address, short) as here:
                clock = DeviceClock(here.surroundings(), BUILT)
                async with started(clock):
                    assert not clock.state()["wrong"]
        async with world(address, short) as here:
            here.clock = ManualClock(BUILT + 1000)
            clock = DeviceClock(here.surroundings(), BUILT)
            async with started(clock):
                assert clock.state()["wrong"]
            again = DeviceClock(here.surroundings(), BUILT)
            with template(address, "timedated", {"NTP": False}):
                async with started(again) as call:
                    await here.until(lambda: again.state()["present"])
                    assert again.state()["wrong"]
                    await call("set", at=BUILT + 2000)
                    assert not again.state()["wrong"]
                    (short / "last-time").write_text("99999999999999999999999")
            far = DeviceClock(here.surroundings(), BUILT)
            with template(address, "timedated", {"NTP": False}):
                async with started(far):
                    await here.until(lambda: far.state()["present"])
                    assert far.state()["wrong"]
                    mock = here.mock(SERVICE, PATH)
                    await mock.properties(PATH, TIMEDATE, NTPSynchronized=Variant("b", True))
                    await here.until(lambda: not far.state()["wrong"])
        (short / "last-time").write_text("no number")
        async with world("", short) as here:
            assert not DeviceClock(here.surroundings(), BUILT).state()["wrong"]
            assert DeviceClock(here.surroundings(), 2_000_000_000_000).state()["wrong"]

    run(story)


def test_rules() -> None:
    assert not wrong(1000, 1000, 1000 + SLACK_MS)
    assert wrong(999, 1000, 0)
    assert wrong(1000, 0, 1001 + SLACK_MS)
    assert shown("", {"Timezone": "../x", "NTP": "yes", "CanNTP": True}, False).zone == ""
