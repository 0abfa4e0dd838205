"""Two accounts speak with each other by two browsers, whose microphones beep; a third device rings along."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from .conftest import Device, Keep, Phone, chromium
from .hand import STAYS, open_phone, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
HEARD = """async ({phone}) => {
  const stats = await phone.accountCalls.peer?.way.getStats();
  const sound = [...(stats?.values() ?? [])].find(({type, kind}) => type === 'inbound-rtp' && kind === 'audio');
  return [sound?.packetsReceived ?? 0, sound?.totalAudioEnergy ?? 0];
}"""
KNOWS_TOM = """({phone}) => phone.sync.put('contacts.contact', 'tom', {
  fn: [{value: 'Tom Reed'}],
  tel: [{value: '+49 30 901820'}],
  impp: [{value: '@tom'}, {value: '@tom_chat', params: {'X-SERVICE-TYPE': ['Telegram']}}],
})"""
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


def ended(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Call ended")


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
    second = caller.context.new_page()
    second.goto(caller.url)
    open_phone(second)  # where Phone is in front, as in the first one
    dial(second, "@mei")
    alert = web_app(second, "Phone").get_by_role("alert")
    expect(alert).to_have_text("A call is under way in another tab of this browser. End it there first.")
    keep(second, "account-second-tab")
    second.close()
    hears(caller)

    button(screen, "End").click()
    for page in (callee, caller):
        page.locator("pl-call-ended").evaluate(STAYS)
    for page, name in ((callee, "@anna"), (caller, "@mei")):
        over = ended(page)
        expect(over.get_by_role("status")).to_have_text(re.compile(r"^Call ended · 0:\d\d$"))
        expect(over.get_by_role("heading", name=name)).to_be_visible()
    expect(button(ended(caller), "Call again")).to_be_visible()
    expect(ended(callee).get_by_role("button")).to_have_count(0)  # behind its lock
    keep(caller, "account-ended")
    keep(callee, "account-ended-locked")
    for page, now in ((caller, screen), (callee, other)):
        page.keyboard.press("Escape")
        expect(ended(page)).to_have_count(0)
        expect(now).to_have_count(0)
    expect(locked).to_be_visible()
    row = web_app(caller, "Phone").locator("pl-call-list .row")
    expect(row).to_contain_text("@mei")

    dial(caller, "@mei")
    expect(coming(callee)).to_be_visible()
    button(screen, "End").click()
    expect(coming(callee)).to_have_count(0)
    caller.locator("pl-call-ended").evaluate(STAYS)
    button(ended(caller), "Call again").click()
    expect(coming(callee)).to_be_visible()
    button(screen, "End").click()
    caller.keyboard.press("Escape")
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

    caller.locator("pl-phone").evaluate(KNOWS_TOM)
    caller.keyboard.press("Escape")
    people = open_web_app(caller, "Contacts")
    people.get_by_role("button", name="Tom Reed").click()
    expect(button(people, "Call @tom_chat")).to_have_count(0)
    button(people, "Call @tom").click()
    expect(people.get_by_role("status")).to_contain_text("Calls need the microphone")
    keep(caller, "account-in-contacts")
    button(people, "Write to @tom").click()
    messages = web_app(caller, "Messages")
    button(messages, "Call Tom Reed").click()
    expect(messages.get_by_role("alert")).to_contain_text("Calls need the microphone")
    keep(caller, "account-in-messages")
    for page, name in ((device(locale="zh-CN", color_scheme="dark"), "phone"), (device(1180, 820), "tablet")):
        zh = name == "phone"
        sign_in(page, phone, "lin", zh=zh)
        people = open_web_app(page, "通讯录" if zh else "Contacts")
        people.get_by_role("button", name="Tom Reed").click()
        call = button(people, "呼叫 @tom" if zh else "Call @tom")
        expect(call).to_be_visible()
        keep(page, f"account-in-contacts-{name}")
        button(people, "发信息给 @tom" if zh else "Write to @tom").click()
        messages = web_app(page, "信息" if zh else "Messages")
        expect(button(messages, "呼叫 Tom Reed" if zh else "Call Tom Reed")).to_be_visible()
        keep(page, f"account-in-messages-{name}")
