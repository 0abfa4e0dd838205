"""What was open on a device is open after its page was left; what began without the cloud goes on with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Device, Keep, Phone
from .hand import icon, open_ghost, open_phone, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_windows_outlive_the_page(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("mei")
    page = device()
    sign_in(page, phone, "mei")
    files = open_web_app(page, "Files")
    expect(files.get_by_role("button").first).to_be_visible()
    # A key that is pressed as the focus moves into the app's process is lost.
    expect(page.locator("iframe[title='Files']")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("pl-stage .box.front")).to_have_count(0)
    notes = open_web_app(page, "Notes")
    expect(notes.get_by_role("searchbox")).to_be_visible()
    page.reload()
    open_phone(page)
    expect(page.locator("pl-stage .box.front")).to_have_attribute("aria-label", "Notes")
    expect(web_app(page, "Notes").get_by_role("searchbox")).to_be_visible()
    page.keyboard.press("F4")
    expect(page.get_by_role("button", name="Open Files")).to_be_visible()
    assert page.locator("iframe[title='Files']").count() == 0, "it starts when it is looked at"
    keep(page, "left-open-recents")
    page.get_by_role("button", name="Open Files").press("Enter")
    expect(web_app(page, "Files").get_by_role("button").first).to_be_visible()
    expect(page.locator("iframe[title='Files']")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("pl-stage .box.front")).to_have_count(0)
    page.reload()
    open_phone(page)
    expect(icon(page, "Settings")).to_be_visible()
    expect(page.locator("pl-stage .box.front")).to_have_count(0)


def test_an_app_that_was_opened_without_the_cloud_starts_with_it(phone: Phone, device: Device) -> None:
    phone.account("anna")
    page = device()
    sign_in(page, phone, "anna")
    page.context.set_offline(True)
    open_ghost(page)
    front = page.locator("pl-stage .box.front")
    expect(front.get_by_role("alert")).to_contain_text("The cloud does not answer")
    expect(page.get_by_role("img", name="Offline").first).to_be_attached()
    with page.expect_request("**/apps/org.example.ghost/open", timeout=60_000):
        page.context.set_offline(False)
