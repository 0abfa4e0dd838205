"""A new device is the phone: its owner's settings, and what they left open, are there when they have signed in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import Device, Keep, Phone
from .hand import icon, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
ALL_SAFE = """async ([collection, id, field, value]) => {
  const phone = document.querySelector('pl-phone').phone;
  const is = async () => JSON.stringify((await phone.sync.get(collection, id))?.fields[field]) === value;
  while (!(await is()) || phone.sync.status().unsafe > 0) await new Promise(done => setTimeout(done, 50));
}"""


def until_safe(page: Page, collection: str, record: str, field: str, value: str) -> None:
    page.evaluate(ALL_SAFE, [collection, record, field, value])


def test_a_new_device_is_the_phone(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("mei")
    first = device()
    sign_in(first, phone, "mei")
    first.locator("pl-status-bar").focus()
    first.keyboard.press("Enter")
    first.locator("pl-shade").get_by_role("button", name="Dark").click()
    first.locator("pl-shade").get_by_role("button", name="Buttons").click()
    first.keyboard.press("Escape")
    expect(first.locator("html")).to_have_attribute("data-theme", "dark")
    for app in ("Files", "Notes"):
        open_web_app(first, app)
        expect(first.locator("pl-stage .box.front")).to_have_attribute("aria-label", app)
        first.get_by_role("navigation", name="Navigation").get_by_role("button", name="Home").click()
    until_safe(first, "shell.left", "windows", "order", '["notes","files"]')
    until_safe(first, "shell.setting", "preferences", "navigation", '"buttons"')

    second = device(1180, 820, "zh-CN")
    sign_in(second, phone, "mei", zh=True)
    expect(second.locator("html")).to_have_attribute("data-theme", "dark")
    expect(second.get_by_role("navigation", name="导航方式")).to_be_visible()
    expect(icon(second, "记事")).to_be_visible()
    second.keyboard.press("F4")
    card = second.get_by_role("button", name="打开“记事”")
    expect(card).to_be_visible()
    keep(second, "new-device-recents-zh")
    card.press("Enter")
    expect(web_app(second, "记事").get_by_role("searchbox")).to_be_visible()

    second.locator("pl-status-bar").focus()
    second.keyboard.press("Enter")
    second.locator("pl-shade").get_by_role("button", name="深色").click()
    expect(first.locator("html")).to_have_attribute("data-theme", "light")
    expect(first.locator("pl-stage .box.front")).to_have_count(0)
