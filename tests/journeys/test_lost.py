"""A phone is lost: from a tablet its owner has it ring, sees where it is, locks it and wipes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, sign_in, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
PHRASE = "the heron by the lake"


FIX = """() => new Promise((told) => navigator.geolocation.getCurrentPosition(
    () => told(true), () => told(false), { timeout: 3000 }))"""


def choose_phrase(page: Page) -> None:
    page.locator("#places").click()
    page.get_by_label("Passphrase for places").fill("short")
    page.get_by_label("Your password").fill(PASSWORD)
    page.locator("#set").click()
    expect(page.get_by_text("Use at least 12 characters.")).to_be_visible()
    page.get_by_label("Passphrase for places").fill(PHRASE)
    page.locator("#set").click()
    expect(page.get_by_text("The passphrase was chosen.")).to_be_visible()


def is_somewhere(page: Page) -> None:
    """Chromium 156 forgets now and then where it was told to be, and answers nobody who asks until told again."""
    for _ in range(10):
        page.context.set_geolocation({"latitude": 30.2431, "longitude": 120.15, "accuracy": 12})
        if page.evaluate(FIX):
            return
    raise AssertionError("the browser does not know where it is")


def devices(page: Page) -> None:
    icon(page, "Settings").click()
    page.get_by_role("button", name="Devices").click()


def test_a_lost_phone_rings_is_found_locked_and_wiped(new_phone: Phone, device: Device, keep: Keep) -> None:
    lost = device()
    lost.context.grant_permissions(["geolocation"], origin=new_phone.url)
    lost.goto(new_phone.url)
    sign_up(lost, "mei")
    is_somewhere(lost)
    devices(lost)
    choose_phrase(lost)
    lost.locator("pl-devices .device").click()
    lost.get_by_role("switch", name="This device may be located").click()
    expect(lost.get_by_role("switch", name="This device may be located")).to_be_checked()

    tablet = device(1180, 820)
    sign_in(tablet, new_phone, "mei")
    devices(tablet)
    tablet.locator("pl-devices .device").first.click()
    it_rings(lost, tablet, keep)
    it_says_where_it_is(tablet, keep)
    it_is_locked(lost, tablet, keep)
    it_is_wiped(lost, tablet, new_phone, keep)


def it_rings(lost: Page, tablet: Page, keep: Keep) -> None:
    tablet.get_by_role("button", name="Ring", exact=True).click()
    ringing = lost.locator("pl-ringing")
    expect(ringing).to_have_attribute("sound", "running")
    expect(lost.get_by_text("This device is looked for")).to_be_visible()
    keep(lost, "phone-en-ringing")
    lost.get_by_role("button", name="Stop", exact=True).click()
    expect(ringing).to_have_count(0)


def it_says_where_it_is(tablet: Page, keep: Keep) -> None:
    tablet.get_by_role("button", name="Locate").click()
    expect(tablet.locator("#place-at")).to_be_visible()
    tablet.get_by_label("Passphrase for places").fill("not this one at all")
    tablet.locator("#show").click()
    expect(tablet.get_by_text("That is not the passphrase for places.")).to_be_visible()
    tablet.get_by_label("Passphrase for places").fill(PHRASE)
    tablet.locator("#show").click()
    expect(tablet.locator("#place")).to_have_text("30.24310, 120.15000")
    keep(tablet, "tablet-en-lost-device")


def it_is_locked(lost: Page, tablet: Page, keep: Keep) -> None:
    tablet.locator("pl-lost #lock").click()
    lock = lost.get_by_role("button", name="Open the phone")
    expect(lock).to_be_visible()
    lost.reload()
    lock.focus()
    lost.keyboard.press("Enter")
    expect(lost.get_by_text("This device was locked from another one.")).to_be_visible()
    keep(lost, "phone-en-locked-elsewhere")
    lost.get_by_label("Your password").fill("not the password")
    lost.locator("#prove").click()
    expect(lost.get_by_text("That is not the present password.")).to_be_visible()
    lost.get_by_label("Your password").fill(PASSWORD)
    lost.locator("#prove").click()
    expect(lost.locator("pl-lock")).to_have_count(0)


def it_is_wiped(lost: Page, tablet: Page, phone: Phone, keep: Keep) -> None:
    tablet.locator("pl-lost #wipe").click()
    tablet.get_by_label("Your password").fill(PASSWORD)
    tablet.locator("#wipe-now").click()
    expect(tablet.get_by_text("is erased when it is next in touch.")).to_be_visible()
    expect(tablet.locator("pl-devices .device")).to_have_count(1)
    expect(lost.get_by_label("Name", exact=True)).to_be_visible()
    lost.wait_for_function(
        """async () => localStorage.getItem('pileus.session') === null
          && (await indexedDB.databases()).every(({name}) => !name.startsWith('pileus-'))"""
    )
    tablet.get_by_role("button", name="Security").click()
    tablet.get_by_role("button", name="Activity").click()
    told = tablet.locator("pl-activity .row b")
    expect(told.nth(0)).to_have_text("Told to erase what it had kept")
    keep(tablet, "tablet-en-lost-activity")
