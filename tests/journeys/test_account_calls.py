"""Two accounts speak with each other by two browsers, whose microphones beep; a third device rings along."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from .conftest import Device, Keep, Phone, chromium
from .hand import open_phone, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
HEARD = """async ({phone}) => {
  const stats = await phone.accountCalls.peer?.way.getStats();
  const sound = [...(stats?.values() ?? [])].find(({type, kind}) => type === 'inbound-rtp' && kind === 'audio');
  return [sound?.packetsReceived ?? 0, sound?.totalAudioEnergy ?? 0];
}"""
SPEAKS = {"permissions": ["microphone"]}


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Its microphone is a beep, which nothing but a page's permission keeps from being heard."""
    started = chromium(playwright.chromium, "", "--use-fake-device-for-media-stream")
    yield started
    started.close()


def coming(page: Page, zh: bool = False) -> Locator:
    return page.get_by_role("alertdialog", name="来电" if zh else "Incoming call")


def during(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Call", exact=True)


def button(place: Locator | Page, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def hears(page: Page) -> None:
    """Until sound has come by that is no silence."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        packets, energy = page.locator("pl-phone").evaluate(HEARD)
        if packets > 20 and energy > 0:
            return
        page.wait_for_timeout(100)
    raise AssertionError((packets, energy))


def dial(page: Page, name: str) -> None:
    app = web_app(page, "Phone")
    app.get_by_role("textbox", name="Call an account: @name").fill(name)
    button(app.locator("phone-account"), "Call").click()


def test_two_accounts_speak(phone: Phone, device: Device, keep: Keep) -> None:
    for name in ("anna", "mei"):
        phone.account(name)
    caller, callee, tablet = device(**SPEAKS), device(**SPEAKS), device(1180, 820, locale="zh-CN", **SPEAKS)
    sign_in(caller, phone, "anna")
    sign_in(callee, phone, "mei")
    sign_in(tablet, phone, "mei", zh=True)
    callee.reload()
    locked = callee.get_by_role("button", name="Open the phone")
    expect(locked).to_be_visible()
    open_web_app(caller, "Phone")
    keep(caller, "phone-account")
    dial(caller, "mei")
    screen = during(caller)
    expect(screen.get_by_role("heading", name="@mei")).to_be_visible()
    expect(screen.get_by_role("timer")).to_have_text("Ringing…")
    keep(caller, "account-ringing-out")
    expect(coming(callee).get_by_role("heading", name="@anna")).to_be_visible()
    keep(callee, "account-incoming-locked")
    expect(coming(tablet, zh=True)).to_contain_text("@anna")
    keep(tablet, "account-incoming-tablet-zh")

    button(coming(callee), "Answer").click()
    expect(coming(tablet, zh=True)).to_have_count(0)
    other = during(callee)
    for one in (screen, other):
        expect(one.get_by_role("timer")).to_have_text(re.compile(r"^0:\d\d$"))
    hears(caller)
    hears(callee)
    keep(caller, "account-active")
    button(screen, "Mute").click()
    expect(button(screen, "Mute")).to_have_attribute("aria-pressed", "true")
    button(other, "Hold").click()
    expect(screen.get_by_role("timer")).to_have_text("You are on hold")
    expect(other.get_by_role("timer")).to_have_text("On hold")
    keep(caller, "account-held")
    button(other, "Resume").click()
    expect(screen.get_by_role("timer")).to_have_text(re.compile(r"^0:\d\d$"))
    button(screen, "End").click()
    expect(other.get_by_role("timer")).to_have_text("Call ended")
    keep(callee, "account-ended")
    expect(screen).to_have_count(0)
    expect(other).to_have_count(0)
    expect(locked).to_be_visible()
    row = web_app(caller, "Phone").locator("pl-call-list .row")
    expect(row).to_contain_text("@mei")

    dial(caller, "@mei")
    expect(coming(callee)).to_be_visible()
    button(screen, "End").click()
    expect(coming(callee)).to_have_count(0)
    open_phone(callee)
    callee.locator("pl-status-bar").first.press("Enter")
    notice = callee.locator("pl-shade pl-notice")
    expect(notice).to_contain_text(re.compile("@anna.*Missed call", re.DOTALL))
    keep(callee, "account-missed")

    dial(caller, "nobody")
    expect(web_app(caller, "Phone").get_by_role("alert")).to_contain_text("account")


def test_a_call_needs_a_microphone(phone: Phone, device: Device, keep: Keep) -> None:
    for name in ("lin", "tom"):
        phone.account(name)
    caller = device()
    sign_in(caller, phone, "lin")
    open_web_app(caller, "Phone")
    dial(caller, "tom")
    expect(web_app(caller, "Phone").get_by_role("alert")).to_contain_text("Calls need the microphone")
    expect(during(caller)).to_have_count(0)
    keep(caller, "account-no-microphone")
