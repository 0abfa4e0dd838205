"""Someone starts Pileus, makes an account, and holds a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import Hand, icon, open_phone, sign_in, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_the_first_account_and_a_finger_on_the_phone(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(new_phone.url)
    expect(page.get_by_label("Password again")).to_be_visible()
    keep(page, "welcome")
    the_form_fits(new_phone, device(360, 640))
    wrong_passwords_are_said(page)
    sign_up(page, "mei")
    for app in ("Store", "Notes", "Messages", "Files", "Settings", "Contacts", "Calendar", "Phone"):
        expect(icon(page, app)).to_be_visible()
    # Only what has something in it: Calendar, Contacts, Settings and Store; the others are in the dock.
    expect(page.get_by_role("list", name="Page 1").get_by_role("listitem")).to_have_count(4)
    keep(page, "home")
    page.reload()
    lock = page.get_by_role("button", name="Open the phone")
    expect(lock).to_be_visible()
    keep(page, "lock")
    hand = Hand(page)
    hand.drag((195, 700), (195, 200))
    expect(lock).to_be_hidden()
    the_shade_comes_down(page, hand, keep)
    windows_by_gesture(page, hand, keep)
    windows_by_button(page)


def the_form_fits(phone: Phone, small: Page) -> None:
    small.goto(phone.url)
    expect(small.get_by_label("Password again")).to_be_visible()
    form = small.locator("pl-welcome form").bounding_box()
    assert form is not None
    assert form["x"] + form["width"] <= 360 - 16


def wrong_passwords_are_said(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("mei")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_text("Create account").click()
    expect(page.get_by_text("Use at least 8 characters.").locator("visible=true")).to_have_count(1)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD + "x")
    page.get_by_text("Create account").click()
    expect(page.get_by_text("The two passwords are not the same.")).to_be_visible()


def the_shade_comes_down(page: Page, hand: Hand, keep: Keep) -> None:
    shade = page.locator("pl-shade")
    hand.drag((195, 10), (195, 500))
    expect(shade).to_have_class("open")
    expect(page.get_by_role("button", name="Home", exact=True)).to_be_hidden()  # the grip has its place
    keep(page, "shade")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    keep(page, "shade-dark")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    for ground in ((195, 830), (195, 500), (195, 100)):  # its grip, the bare sheet, its clock
        hand.drag(ground, (195, ground[1] - 90))
        expect(shade).not_to_have_class("open")
        if ground != (195, 100):
            hand.drag((195, 10), (195, 500))
            expect(shade).to_have_class("open")


def windows_by_gesture(page: Page, hand: Hand, keep: Keep) -> None:
    front = page.locator("pl-stage .box.front")
    for app in ("Notes", "Settings"):
        hand.tap(middle(icon(page, app).bounding_box()))
        expect(front).to_have_attribute("aria-label", app)
        hand.drag((195, 834), (195, 400))
        expect(front).to_have_count(0)
    hand.tap(middle(icon(page, "Settings").bounding_box()))
    expect(front).to_be_visible()
    hand.drag((195, 834), (195, 560), rest=250)
    expect(page.get_by_role("list", name="Recent apps").get_by_role("listitem")).to_have_count(2)
    keep(page, "recents")
    page.get_by_role("button", name="Open Settings").click()
    page.get_by_role("button", name="Look and language").click()
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_visible()
    keep(page, "settings-look")
    hand.drag((3, 400), (160, 402))
    expect(page.get_by_role("button", name="Back", exact=True)).to_have_count(0)
    hand.drag((3, 400), (160, 402))
    expect(front).to_have_count(0)


def windows_by_button(page: Page) -> None:
    hand = Hand(page)
    hand.drag((195, 10), (195, 500))
    page.get_by_role("button", name="Buttons").click()
    bar = page.get_by_role("navigation", name="Navigation")
    the_shade_leaves_the_buttons_free(page, bar)
    icon(page, "Settings").click()
    front = page.locator("pl-stage .box.front")
    expect(front).to_be_visible()
    bar.get_by_role("button", name="Recent apps").click()
    expect(page.get_by_role("list", name="Recent apps")).to_be_visible()
    bar.get_by_role("button", name="Home").click()
    expect(page.get_by_role("list", name="Recent apps")).to_have_count(0)
    icon(page, "Settings").click()
    expect(front).to_be_visible()
    bar.get_by_role("button", name="Back").click()
    expect(front).to_have_count(0)


def the_shade_leaves_the_buttons_free(page: Page, bar: Locator) -> None:
    shade = page.locator("pl-shade")
    grip, buttons = shade.get_by_role("button", name="Close").bounding_box(), bar.bounding_box()
    assert grip is not None
    assert buttons is not None
    assert grip["y"] + grip["height"] <= buttons["y"]
    bar.get_by_role("button", name="Back").click()
    expect(shade).not_to_have_class("open")


def test_a_second_browser_in_chinese_and_a_tablet(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("mei")
    page = device(locale="zh-CN")
    sign_in(page, phone, "mei", zh=True)
    for app in ("商店", "记事", "信息", "文件", "设置"):
        expect(icon(page, app)).to_be_visible()
    keep(page, "home-zh")
    tablet = device(1180, 820)
    sign_in(tablet, phone, "mei")
    dock = tablet.get_by_role("navigation", name="Dock").bounding_box()
    assert dock is not None
    assert dock["x"] > 1000, "the dock is on the side"
    keep(tablet, "home-tablet")
    tablet.reload()
    open_phone(tablet)


def middle(box: object) -> tuple[float, float]:
    assert isinstance(box, dict)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
