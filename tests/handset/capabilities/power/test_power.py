"""The battery by UPower, sleep by the login manager, the screen by the kernel: dbusmock's, and a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dbus_fast import Variant

from pileus.core.errors import Invalid, PileusError, Unavailable
from pileus.handset.capabilities.power.power import DEVICE, MANAGER, PATH, SERVICE, Power
from pileus.handset.capabilities.power.sleep import MANAGER as LOGIN
from pileus.handset.capabilities.power.sleep import PATH as LOGIN_PATH
from pileus.handset.capabilities.power.sleep import SERVICE as LOGIN_SERVICE
from pileus.handset.capabilities.power.sleep import SESSION
from tests.handset.mocks import template
from tests.handset.worlds import run, started, world

DISPLAY = PATH + "/devices/DisplayDevice"


@pytest.fixture
def backlights(tmp_path: Path) -> Path:
    for name, kind in (("panel", "raw"), ("acpi", "firmware")):
        (tmp_path / name).mkdir()
        for leaf, text in (("type", kind), ("max_brightness", "200"), ("brightness", "100")):
            (tmp_path / name / leaf).write_text(text + "\n")
    return tmp_path


@pytest.fixture
def services(address: str) -> Iterator[str]:
    with ExitStack() as stack:
        stack.enter_context(template(address, "upower", {"OnBattery": True}))
        stack.enter_context(template(address, "logind", {"CanReboot": "challenge"}))
        yield address


def test_the_battery_is_shown_as_it_changes_and_is_gone_with_its_service(
    address: str, short: Path, backlights: Path
) -> None:
    async def story() -> None:
        async with world(address, short) as here:
            power = Power(here.surroundings(), backlights)
            async with started(power):
                assert power.state() == {"present": False, "why": "no-service"}
                upower = here.mock(SERVICE, PATH)
                with template(address, "upower", {"OnBattery": True}):
                    await here.until(lambda: power.state()["present"])
                    assert power.state()["battery"] is None
                    values = {
                        "IsPresent": Variant("b", True),
                        "State": Variant("u", 2),
                        "Percentage": Variant("d", 19.6),
                        "TimeToEmpty": Variant("x", 5400),
                        "WarningLevel": Variant("u", 3),
                    }
                    await upower.properties(DISPLAY, DEVICE, **values)
                    await here.until(lambda: power.state()["battery"])
                    told = {"percentage": 20, "status": "discharging", "seconds": 5400, "warning": "low"}
                    assert power.state()["battery"] == told
                    assert (power.state()["on_battery"], power.state()["brightness"]) == (True, 50)
                    await upower.properties(PATH, MANAGER, OnBattery=Variant("b", False))
                    await here.until(lambda: not power.state()["on_battery"])
                await here.until(lambda: not power.state()["present"])

    run(story)


def test_others_are_told_before_the_device_sleeps_and_the_lock_is_let_go_then(
    services: str, short: Path, backlights: Path
) -> None:
    async def story() -> None:
        async with world(services, short) as here:
            login = here.mock(LOGIN_SERVICE, LOGIN_PATH)
            power = Power(here.surroundings(), backlights)

            async def locks() -> list[list[object]]:
                return list(await login.do("ListInhibitors", "", interface=LOGIN))

            async with started(power) as call:
                await here.until(lambda: power.state().get("can"))
                assert power.state()["can"] == ["suspend", "power-off"]
                [lock] = await locks()
                assert (lock[0], lock[3]) == ("sleep", "delay")
                await call("suspend")
                await login.signal(LOGIN_PATH, LOGIN, "PrepareForSleep", "b", Variant("b", True))
                await here.until(lambda: here.events() == ["sleeping"])
                while await locks():  # a closed lock is seen a moment later
                    pass
                await login.signal(LOGIN_PATH, LOGIN, "PrepareForSleep", "b", Variant("b", False))
                await here.until(lambda: here.events() == ["sleeping", "woke"])
                while not await locks():
                    pass
                await call("reboot")
                assert {("Suspend", False), ("Reboot", False)} <= {
                    (name, *args) for name, args in await login.calls() if name in ("Suspend", "Reboot")
                }
            while await locks():
                pass

    run(story)


def test_the_screen_is_set_by_the_login_manager_else_by_hand_and_never_dark(
    services: str, short: Path, backlights: Path
) -> None:
    async def story() -> None:
        async with world(services, short) as here:
            power = Power(here.surroundings(), backlights)
            async with started(power) as call:
                await here.until(lambda: power.state().get("can"))
                await call("brightness", percent=0)  # no session yet: the mock refuses
                assert (backlights / "acpi" / "brightness").read_text() == "2\n"
                assert (backlights / "panel" / "brightness").read_text() == "100\n"
                assert power.state()["brightness"] == 1
                login = here.mock(LOGIN_SERVICE, LOGIN_PATH)
                session = LOGIN_PATH + "/session/auto"
                await login.object(session, SESSION, {}, [("SetBrightness", "ssu", "", "")])
                await call("brightness", percent=75)
                assert await login.calls(session) == [("SetBrightness", ["backlight", "acpi", 150])]
                with pytest.raises(Invalid):
                    await call("brightness", percent=101)

    run(story)


def test_an_alarm_wakes_the_device(services: str, short: Path, tmp_path: Path) -> None:
    async def story() -> None:
        (tmp_path / "rtc0").mkdir()
        (tmp_path / "rtc1").mkdir()
        alarm = tmp_path / "rtc1" / "wakealarm"
        alarm.write_text("")
        async with world(services, short) as here:
            power = Power(here.surroundings(), short / "none", tmp_path)
            async with started(power) as call:
                await here.until(lambda: "wake" in power.state().get("can", ()))
                await call("wake", at=1_800_000_000_999)
                assert alarm.read_text() == "1800000000\n"
                await call("wake", at=None)
                assert alarm.read_text() == "0\n"
                alarm.unlink()
                alarm.mkdir()
                with pytest.raises(PileusError) as never:
                    await call("wake", at=1)
                assert never.value.code == "no-wake"

    run(story)


def test_a_device_without_services_says_so(short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            power = Power(here.surroundings(), short / "none")
            async with started(power) as call:
                assert power.state() == {"present": False, "why": "no-bus"}
                with pytest.raises(Unavailable) as gone:
                    await call("suspend")
                assert gone.value.code == "power-absent"
                with pytest.raises(PileusError) as dark:
                    await call("brightness", percent=50)
                assert dark.value.code == "no-backlight"

    run(story)
