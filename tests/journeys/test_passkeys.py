"""A passkey is made, named, signs in from the first page without name and password, and is removed."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """One that is part of the device, keeps passkeys, and verifies its owner."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_a_passkey_from_its_making_to_its_end(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    cdp, one = authenticator(page)
    icon(page, "Settings").click()
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Passkeys").click()
    page.get_by_label("Name of the new passkey").fill("My phone")
    page.get_by_label("Your password").fill("not the password")
    page.locator("#add").click()
    expect(page.get_by_text("That is not the present password.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    keep(page, "phone-en-passkey-new")
    page.locator("#add").click()
    expect(page.get_by_text("The passkey was added.")).to_be_visible()
    expect(page.locator("pl-passkeys .passkey b")).to_have_text(["My phone"])
    keep(page, "phone-en-passkeys")
    it_is_not_made_twice(page)

    page.evaluate("localStorage.removeItem('pileus.session')")
    page.reload()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": one, "isUserVerified": False})
    keep(page, "phone-en-sign-in-passkey")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": one, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("navigation", name="Dock")).to_be_visible()

    icon(page, "Settings").click()
    page.get_by_role("button", name="Security").click()
    it_is_told(page)
    page.get_by_role("button", name="Passkeys").click()
    expect(page.get_by_text("Last used")).to_be_visible()
    it_is_named_and_removed(page, keep)
    page.evaluate("localStorage.removeItem('pileus.session')")
    page.reload()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey does not sign in here.")).to_be_visible()


def it_is_not_made_twice(page: Page) -> None:
    page.get_by_label("Your password").fill(PASSWORD)
    page.locator("#add").click()
    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()


def it_is_told(page: Page) -> None:
    page.get_by_role("button", name="Activity").click()
    told = page.locator("pl-activity .row b")
    expect(told.nth(0)).to_have_text("Signed in with the passkey My phone")
    expect(told.nth(1)).to_have_text("Passkey added: My phone")
    page.get_by_role("button", name="Back", exact=True).click()


def it_is_named_and_removed(page: Page, keep: Keep) -> None:
    page.get_by_role("button", name="My phone").click()
    page.get_by_label("Passkey name").fill("Old phone")
    keep(page, "phone-en-passkey")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Old phone").click()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("Old phone signs nobody in any more.")).to_be_visible()
    expect(page.locator("pl-passkeys .passkey")).to_have_count(0)


def test_at_another_address_it_says_where(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device(1180, 820, "zh-CN")
    page.goto(f"http://localhost:{new_phone.port}")
    page.get_by_label("用户名").fill("mei")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.locator("#enter").click()
    icon(page, "设置").click()
    page.get_by_role("button", name="安全", exact=True).click()
    page.get_by_role("button", name="通行密钥").click()
    expect(page.get_by_text(f"通行密钥只在 {new_phone.url} 有效")).to_be_visible()
    expect(page.locator("#add")).to_have_count(0)
    keep(page, "tablet-zh-passkeys-elsewhere")
