"""Wi-Fi, Bluetooth, brightness and volume of a handset, in Settings and in the shade."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .access import problems
from .conftest import Device, Keep, Phone
from .hand import icon, on_handset
from .handset import Handset, running_handset

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def handset(phone: Phone, tmp_path: Path) -> Iterator[Handset]:
    with running_handset(tmp_path, phone.url, simulated=("network", "bluetooth", "power")) as one:
        yield one


def state(handset: Handset, name: str) -> dict[str, Any]:
    """What the daemon says of a capability."""
    found = handset.do(handset.daemon.states)[name]
    assert isinstance(found, dict)
    return found


def settled(page: Page, there: Callable[[], bool]) -> None:
    """Until the daemon has done what it was asked for."""
    for _ in range(600):
        if there():
            return
        page.evaluate("() => new Promise(requestAnimationFrame)")
    raise AssertionError("the daemon did not do it")


def test_networks_are_joined_and_forgotten(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    phone.account("mei")
    page = device()
    on_handset(page, phone, handset, "mei")
    icon(page, "Settings").click()
    settings = page.get_by_role("navigation", name="Settings")
    settings.get_by_role("button", name="Wi-Fi", exact=True).click()
    home = page.get_by_role("button", name="Pileus Home")
    home.click()
    password = page.get_by_label("Password", exact=True)
    password.fill("not this one")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("The network did not take this password.")
    keep(page, "wifi-password")
    password.fill("pileus-home")
    password.press("Enter")
    expect(home).to_contain_text("Connected")
    expect(page.get_by_role("switch", name=re.compile("^Wi-Fi"))).to_contain_text("Connected to Pileus Home")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert problems(page) == []
    page.get_by_role("button", name="Free Café").click()  # open, and joined at once
    expect(home).to_contain_text("Saved")
    home.click()
    expect(home).to_contain_text("Connected")
    page.get_by_role("button", name="Office").click()
    expect(page.get_by_text("Networks with this kind of protection")).to_be_visible()
    page.get_by_role("button", name="Other network …").click()
    page.get_by_label("Name of the network").fill("湖畔茶馆")
    page.get_by_label("Password, if it has one").fill("tea-for-all")
    page.get_by_role("button", name="Connect", exact=True).click()
    tea = page.get_by_role("button", name="湖畔茶馆")
    expect(tea).to_contain_text("Connected")
    keep(page, "wifi")
    tea.click()
    page.get_by_role("button", name="Forget", exact=True).click()
    expect(tea).to_contain_text("Protected")

    hotspot = page.get_by_role("switch", name="Hotspot")
    hotspot.click()
    page.get_by_label("Name of the network").fill("Mei's phone")
    page.get_by_label("Password, 8 letters or more").fill("short")
    page.get_by_role("button", name="Start hotspot").click()
    expect(page.get_by_role("alert")).to_contain_text("8 to 63")
    page.get_by_label("Password, 8 letters or more").fill("long enough")
    page.get_by_role("button", name="Start hotspot").click()
    expect(hotspot).to_contain_text("On: Mei's phone")
    keep(page, "wifi-hotspot")
    hotspot.click()
    expect(hotspot).to_have_attribute("aria-checked", "false")

    page.get_by_role("button", name="Back", exact=True).click()
    settings.get_by_role("button", name="Bluetooth", exact=True).click()
    page.get_by_role("button", name="Car").click()
    expect(page.get_by_role("alert")).to_have_text("The other device did not agree to be paired.")
    headphones = page.get_by_role("button", name="Headphones")
    headphones.click()
    expect(headphones).to_contain_text("Connected, battery 64%")
    headphones.click()
    keep(page, "bluetooth")
    page.get_by_role("button", name="Disconnect", exact=True).click()
    expect(headphones).to_contain_text("Not connected")
    page.get_by_role("button", name="Forget", exact=True).click()
    expect(headphones).to_have_count(0)  # until it is found again
    assert state(handset, "bluetooth")["searching"] is True
    page.get_by_role("button", name="Back", exact=True).click()
    settled(page, lambda: state(handset, "bluetooth")["searching"] is False)


def test_the_shade_switches_what_the_phone_has(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    phone.account("wei")
    page = device(1180, 820, locale="zh-CN", color_scheme="dark")
    on_handset(page, phone, handset, "wei", zh=True)
    page.locator("pl-status-bar").focus()
    page.keyboard.press("Enter")
    shade = page.locator("pl-shade")
    for name, of, shown in (
        ("Wi-Fi", "network", lambda one: one["wifi"]["enabled"]),
        ("移动数据", "network", lambda one: one["mobile"]["enabled"]),
        ("蓝牙", "bluetooth", lambda one: one["powered"]),
    ):
        toggle = shade.get_by_role("button", name=name, exact=True)
        expect(toggle).to_have_attribute("aria-pressed", "true")
        toggle.click()
        expect(toggle).to_have_attribute("aria-pressed", "false")
        assert shown(state(handset, of)) is False
    for name, of, value in (
        ("亮度", "power", lambda one: one["brightness"]),
        ("音量", "audio", lambda one: next(port["volume"] for port in one["outputs"] if port["active"])),
    ):
        slider = shade.get_by_role("slider", name=name)
        slider.fill("35")
        slider.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", "36%")
        settled(page, lambda of=of, value=value: value(state(handset, of)) == 36)
    keep(page, "shade-handset-tablet-zh-dark")
    assert problems(page) == []
    page.keyboard.press("Escape")
    icon(page, "设置").click()
    settings = page.get_by_role("navigation", name="设置")
    settings.get_by_role("button", name="Wi-Fi", exact=True).click()
    page.get_by_role("switch", name=re.compile("^Wi-Fi")).click()
    expect(page.get_by_role("button", name="湖畔茶馆")).to_contain_text("已加密")
    keep(page, "wifi-tablet-zh-dark")
    settings.get_by_role("button", name="蓝牙", exact=True).click()
    page.get_by_role("switch", name="蓝牙").click()
    expect(page.get_by_role("button", name="Headphones")).to_contain_text("点按即可配对")
    keep(page, "bluetooth-tablet-zh-dark")
