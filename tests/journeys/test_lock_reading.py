"""What a stranger reads on the lock screen: as the owner chose, phone and tablet, English and Chinese."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Device, Keep, Phone
from .hand import icon, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
CODE = "Your code is 482915"
CHOOSE = "({phone}, shows) => phone.preferences.change({lockShows: shows})"
LOCK = "({phone}) => phone.act({type: 'lock'})"


def come(phone: Phone, token: str, now: int) -> None:
    """Two messages and a call that nobody took."""
    people = (("a", "+8613800138000", CODE), ("b", "+8613900139000", "在楼下等你"))
    wish = {
        "messages": [{"id": one, "address": who, "body": text, "date_ms": now} for one, who, text in people],
        "calls": [{"id": "c", "address": "+8613800138000", "date_ms": now, "kind": "missed"}],
    }
    with httpx.Client(base_url=phone.api, headers=phone.headers(token), timeout=30, trust_env=False) as client:
        client.post("/messages/arrivals", json=wish).raise_for_status()


def locked(page: Page) -> Locator:
    page.locator("pl-phone").evaluate(LOCK)
    return page.locator("pl-lock pl-notice")


def shows(page: Page, what: str) -> None:
    page.locator("pl-phone").evaluate(CHOOSE, what)


def test_strangers_read_what_the_owner_lets_them(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("mei")
    page, tablet = device(), device(1280, 800, locale="zh-CN", touch=False)
    sign_in(page, phone, "mei")
    sign_in(tablet, phone, "mei", zh=True)
    notices = locked(page)
    others = locked(tablet)
    come(phone, token, int(page.evaluate("Date.now()")))

    expect(notices).to_have_count(3)
    expect(notices.filter(has_text="New message")).to_have_count(2)
    expect(page.locator("pl-lock").get_by_text(CODE)).to_have_count(0)
    expect(others.filter(has_text="新消息")).to_have_count(2)
    keep(page, "lock-who")
    keep(tablet, "lock-who-tablet-zh")
    shows(page, "came")
    expect(notices).to_have_count(2)
    for at in range(2):
        expect(notices.nth(at)).not_to_contain_text("+86")
    expect(others.filter(has_text="2 条新消息")).to_have_count(1)
    keep(page, "lock-came")
    keep(tablet, "lock-came-tablet-zh")
    shows(page, "nothing")
    expect(notices).to_have_count(0)
    expect(others).to_have_count(0)
    keep(page, "lock-nothing")
    shows(page, "all")
    expect(page.locator("pl-lock").get_by_text(CODE)).to_be_visible()
    expect(others.filter(has_text=CODE)).to_have_count(1)
    keep(page, "lock-all")
    keep(tablet, "lock-all-tablet-zh")

    page.locator("pl-lock .body").press("Enter")
    icon(page, "Settings").click()
    page.get_by_role("button", name="Notifications", exact=True).click()
    chosen = page.get_by_role("radiogroup", name="Messages and missed calls on the lock screen")
    expect(chosen.get_by_role("radio", name="Who and what")).to_be_checked()
    chosen.get_by_role("radio", name="Who", exact=True).click()
    expect(page.get_by_text("What they wrote is read once the phone is open.")).to_be_visible()
    keep(page, "settings-lock-shows")
