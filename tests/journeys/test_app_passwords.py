"""An app password is made, shown once, opens what was chosen for it, and is removed."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def asked(phone: Phone, secret: str, path: str) -> int:
    """The answer's status to a program that has the secret."""
    return httpx.get(f"{phone.api}{path}", auth=("mei", secret), trust_env=False).status_code


def test_an_app_password_from_its_making_to_its_end(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    icon(page, "Settings").click()
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="App passwords").click()
    page.locator("#make").click()
    expect(page.get_by_text("Choose what the app password opens")).to_be_visible()
    page.get_by_label("What is it for?").fill("Mail reader")
    page.get_by_role("radiogroup", name="Contacts").get_by_role("radio", name="Read", exact=True).click()
    page.get_by_role("radiogroup", name="Files").get_by_role("radio", name="Edit").click()
    page.get_by_label("Your password").fill(PASSWORD)
    keep(page, "phone-en-app-password-new")
    page.locator("#make").click()
    expect(page.get_by_text("This is shown only now.")).to_be_visible()
    keep(page, "phone-en-app-password-secret")
    secret = page.locator("pl-app-passwords .secret").inner_text()
    assert asked(new_phone, secret, "/contacts/export") == 200
    assert asked(new_phone, secret, "/files/usage") == 200
    assert asked(new_phone, secret, "/account") == 403
    page.locator("#done").click()
    expect(page.get_by_text(secret)).to_have_count(0)
    keep(page, "phone-en-app-passwords")
    it_is_removed(page, keep)
    assert asked(new_phone, secret, "/files/usage") == 401
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Activity").click()
    told = page.locator("pl-activity .row b")
    expect(told.nth(0)).to_have_text("Wrong app password")
    expect(told.nth(1)).to_have_text("App password removed: Mail reader")
    expect(told.nth(2)).to_have_text("App password made: Mail reader")


def it_is_removed(page: Page, keep: Keep) -> None:
    row = page.get_by_role("button", name="Mail reader")
    expect(row).to_contain_text("Contacts (only reading) · Files")
    row.click()
    keep(page, "phone-en-app-password")
    page.get_by_role("button", name="Remove app password").click()
    expect(page.get_by_text("Mail reader comes in no more.")).to_be_visible()
    expect(page.locator("pl-app-passwords .row")).to_have_count(0)


def test_it_is_made_in_chinese(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device(1180, 820, "zh-CN")
    page.goto(new_phone.url)
    page.get_by_label("用户名").fill("mei")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.locator("#enter").click()
    icon(page, "设置").click()
    page.get_by_role("button", name="安全", exact=True).click()
    page.get_by_role("button", name="应用密码").click()
    page.get_by_label("用途").fill("脚本")
    page.get_by_role("radiogroup", name="日历").get_by_role("radio", name="只读").click()
    page.get_by_label("你的密码").fill(PASSWORD)
    keep(page, "tablet-zh-app-password-new")
    page.locator("#make").click()
    expect(page.get_by_text("只在此时显示。")).to_be_visible()
