"""Someone starts Pileus, makes an account, and holds a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Phone
from .hand import open_phone, sign_in, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_the_first_account_is_made_and_shows_the_home_screen(
    phone: Phone, device: Callable[..., Page], keep: Callable[[Page, str], None]
) -> None:
    page = device()
    page.goto(phone.url)
    expect(page.get_by_label("Password again")).to_be_visible()
    keep(page, "welcome-phone-en")
    sign_up(page, "mei")
    for app in ("Store", "Notes", "Messages", "Files", "Settings"):
        expect(page.get_by_role("button", name=app, exact=True).first).to_be_visible()
    keep(page, "home-phone-en")
    page.reload()
    expect(page.get_by_role("button", name="Open the phone")).to_be_visible()
    keep(page, "lock-phone-en")
    open_phone(page)


def test_passwords_that_differ_are_said_before_anything_is_sent(phone: Phone, device: Callable[..., Page]) -> None:
    page = device()
    page.goto(phone.url)
    page.get_by_label("Name", exact=True).fill("mei")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD + "x")
    page.get_by_text("Create account").click()
    expect(page.get_by_text("The two passwords are not the same.")).to_be_visible()


def test_a_second_browser_in_chinese_signs_in_to_the_same_phone(
    phone: Phone, device: Callable[..., Page], keep: Callable[[Page, str], None]
) -> None:
    phone.sign_up("mei")
    page = device(locale="zh-CN")
    page.goto(phone.url)
    sign_in(page, "mei", zh=True)
    expect(page.get_by_role("button", name="设置", exact=True).first).to_be_visible()
    keep(page, "home-phone-zh")
