"""Calls on a handset: over the lock screen, by a name's letters, second ones, emergencies, a card's PIN."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from .access import problems
from .conftest import PASSWORD, Device, Keep, Phone
from .hand import STAYS, icon, on_handset, open_phone, open_web_app, sign_in, turn_keys_to, web_app
from .handset import MODEM, PIN, PUK, Handset, running_handset

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
MEI = "+8613800138000"
SEEN = """({phone}) => new Promise((done, fail) => {
  setTimeout(() => fail(new Error('not seen')), 20000);
  const look = async () => (await phone.sync.query('messages.call')).every(({fields}) => fields.seen) && done();
  phone.sync.subscribe('messages.call', look);
  void look();
})"""
CARDS = f"""BEGIN:VCARD\r\nVERSION:3.0\r\nFN:李梅\r\nTEL:{MEI}\r\nEND:VCARD\r
BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Schmidt\r\nTEL:+49 30 26620\r\nEND:VCARD\r\n"""


@pytest.fixture
def handset(phone: Phone, tmp_path: Path) -> Iterator[Handset]:
    with running_handset(tmp_path, phone.url) as one:
        yield one


def account(phone: Phone, name: str) -> str:
    """One with two contacts."""
    token = phone.account(name)
    with httpx.Client(base_url=phone.api, headers=phone.headers(token), timeout=30, trust_env=False) as client:
        client.post("/contacts/import", content=CARDS.encode()).raise_for_status()
    return token


def lock(page: Page) -> Locator:
    page.reload()
    found = page.get_by_role("button", name=re.compile("Open the phone|打开手机"))
    expect(found).to_be_visible()
    return found


def during(page: Page, zh: bool = False) -> Locator:
    return page.get_by_role("dialog", name="通话" if zh else "Call", exact=True)


def button(place: Locator | Page, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def asked(handset: Handset, text: str) -> None:
    """Until the modem has heard those keys."""
    for _ in range(200):
        if handset.telephony.keys == text:
            return
        time.sleep(0.05)
    raise AssertionError(handset.telephony.keys)


def test_a_call_comes_over_the_lock_screen(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    account(phone, "mei")
    page = device()
    on_handset(page, phone, handset, "mei")
    expect(page.locator("pl-status-bar [role=img]")).to_have_count(3)
    expect(page.get_by_role("img", name="Battery 83 %")).to_be_visible()
    keep(page, "handset-home")
    assert handset.daemon.states()["account"]["present"]
    locked = lock(page)
    expect(button(page, "Emergency call")).to_be_visible()
    keep(page, "handset-lock")

    call = handset.rings(MEI)
    coming = page.get_by_role("alertdialog", name="Incoming call")
    expect(coming.get_by_role("heading", name="李梅")).to_be_visible()
    expect(coming).to_contain_text(MEI)
    keep(page, "calls-incoming")
    button(coming, "Answer").click()
    screen = during(page)
    expect(screen.get_by_role("timer")).to_have_text(re.compile(r"^0:0\d$"))
    expect(button(screen, "Add call")).to_have_count(0)  # behind it the phone is locked
    keep(page, "calls-locked")
    button(screen, "Mute").click()
    expect(button(screen, "Mute")).to_have_attribute("aria-pressed", "true")
    button(screen, "Earpiece").click()
    expect(button(screen, "Speaker")).to_be_visible()
    button(screen, "Keypad").click()
    for key in "5*":
        button(screen, key).click()
    page.keyboard.press("#")
    asked(handset, "5*#")
    keep(page, "calls-keypad")
    page.set_viewport_size({"width": 360, "height": 640})
    expect(button(screen, "End")).to_be_in_viewport(ratio=1)
    keep(page, "calls-keypad-small")
    button(screen, "Hide the keypad").click()
    expect(button(screen, "End")).to_be_in_viewport(ratio=1)
    keep(page, "calls-small")
    page.set_viewport_size({"width": 390, "height": 844})
    button(screen, "Hold").click()
    expect(screen.get_by_role("timer")).to_have_text("On hold")
    button(screen, "Resume").click()
    expect(screen.get_by_role("timer")).to_have_text(re.compile(r"^0:\d\d$"))
    button(screen, "End").click()
    expect(screen).to_have_count(0)
    expect(locked).to_be_visible()

    call = handset.rings("")
    expect(coming.get_by_role("heading", name="Private number")).to_be_visible()
    button(coming, "Decline").click()
    expect(coming).to_have_count(0)
    call = handset.rings("10086")
    expect(coming.get_by_role("heading", name="10086")).to_be_visible()
    handset.do(handset.telephony.turn, call, "")
    expect(coming).to_have_count(0)
    open_phone(page)
    page.locator("pl-phone").evaluate("({phone}) => phone.signOut()")
    expect(button(page, "Emergency call")).to_be_visible()
    keep(page, "handset-welcome")
    handset.rings(MEI)
    expect(coming.get_by_role("heading", name=MEI)).to_be_visible()  # who that is only the account knows
    assert not handset.daemon.states()["account"]["present"]


def test_an_emergency_call_from_the_lock_screen(
    phone: Phone, device: Device, handset: Handset, keep: Keep
) -> None:
    account(phone, "anna")
    page = device()
    on_handset(page, phone, handset, "anna")
    handset.do(handset.telephony.modem, card="", registration="emergency", operator="", label="")
    lock(page)
    expect(page.locator("pl-status-bar")).to_contain_text("Emergency calls only")
    button(page, "Emergency call").click()
    pad = page.get_by_role("dialog", name="Emergency call")
    for key in "10086":
        button(pad, key).click()
    button(pad, "Call").click()
    expect(pad.get_by_role("alert")).to_contain_text("Only emergency numbers")
    keep(page, "emergency-refused")
    assert handset.telephony.dialled == []
    for _ in "10086":
        page.keyboard.press("Backspace")
    handset.do(handset.telephony.show, emergency=["112", "555"])  # the card's own number is one of them
    page.keyboard.type("555")
    button(pad, "Call").click()
    expect(during(page).get_by_role("heading", name="555")).to_be_visible()
    button(during(page), "End").click()
    button(page, "Emergency call").click()
    page.keyboard.type("112")
    keep(page, "emergency")
    page.keyboard.press("Enter")
    expect(during(page).get_by_role("heading", name="112")).to_be_visible()
    expect(pad).to_have_count(0)
    assert handset.telephony.dialled == ["555", "112"]
    button(during(page), "End").click()
    expect(button(page, "Emergency call")).to_be_visible()


def test_dialled_by_a_names_letters(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    account(phone, "lin")
    page = device()
    on_handset(page, phone, handset, "lin")
    app = open_web_app(page, "Phone")
    expect(app.get_by_text("No calls yet")).to_be_visible()
    app.get_by_role("radio", name="Keypad").click()
    keep(page, "phone-pad")
    for key in "56":
        app.get_by_role("button", name=key, exact=True).click()
    found = app.get_by_role("group", name="People found").get_by_role("button")
    expect(found).to_have_text([re.compile("李梅")])
    keep(page, "phone-t9")
    assert problems(page, "Phone") == []
    found.click()
    screen = during(page)
    expect(screen.get_by_role("heading", name="李梅")).to_be_visible()
    expect(screen.get_by_role("timer")).to_have_text("Ringing…")
    keep(page, "calls-ringing-out")
    [first] = (one["id"] for one in handset.telephony.shown["calls"])
    handset.do(handset.telephony.turn, first, "active")
    expect(button(screen, "Add call")).to_be_visible()
    keep(page, "calls-active")

    button(screen, "Back to the phone").click()
    pill = button(page, "Return to the call")
    expect(pill).to_contain_text("李梅")
    keep(page, "calls-pill")
    pill.click()
    handset.rings("+493026620", "waiting")
    coming = page.get_by_role("alertdialog", name="Incoming call")
    expect(coming).to_contain_text("Anna Schmidt")
    keep(page, "calls-waiting")
    button(coming, "Answer").click()
    expect(screen.get_by_role("heading", name="Anna Schmidt")).to_be_visible()
    expect(screen.locator(".other")).to_contain_text("李梅")
    keep(page, "calls-two")
    button(screen, "Swap").click()
    expect(screen.get_by_role("heading", name="李梅")).to_be_visible()
    button(screen, "End").click()
    expect(screen.locator(".other")).to_have_count(0)
    button(screen, "Add call").click()
    expect(app.get_by_role("radio", name="Keypad")).to_be_checked()
    button(page, "Return to the call").click()
    button(screen, "End").click()
    expect(screen).to_have_count(0)
    over = page.get_by_role("dialog", name="Call ended")
    page.locator("pl-call-ended").evaluate(STAYS)
    expect(over.get_by_role("status")).to_have_text(re.compile(r"^Call ended · 0:\d\d$"))
    expect(over.get_by_role("heading", name="Anna Schmidt")).to_be_visible()
    keep(page, "calls-ended")
    button(over, "Call again").click()
    expect(screen.get_by_role("heading", name="Anna Schmidt")).to_be_visible()
    [again] = (one["id"] for one in handset.telephony.shown["calls"])
    handset.do(handset.telephony.turn, again, "")
    page.locator("pl-call-ended").evaluate(STAYS)
    expect(over.get_by_role("status")).to_have_text("No answer")
    handset.do(handset.telephony.around.tell, "ended", {"id": again, "why": "busy"})
    expect(over.get_by_role("status")).to_have_text("Busy or declined")
    over.click(position={"x": 20, "y": 120})
    expect(over).to_have_count(0)

    turn_keys_to(page, "Phone")
    for key in "*100#":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    said = app.get_by_role("dialog", name="The network's answer")
    expect(said).to_contain_text("2 流量")
    said.get_by_role("textbox").fill("1")
    keep(page, "phone-code")
    said.get_by_role("button", name="Send").click()
    expect(said).to_contain_text("42.50")
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)


def test_a_missed_call_leads_to_the_log(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    token = account(phone, "tom")
    page = device()
    on_handset(page, phone, handset, "tom")
    call = {
        "id": str(uuid.uuid4()),
        "address": MEI,
        "date_ms": int(time.time() * 1000),
        "kind": "missed",
        "duration_s": 0,
        "sim": "",
    }
    phone.post("/messages/arrivals", token, {"calls": [call], "messages": []})
    page.locator("pl-status-bar").first.press("Enter")
    notice = page.locator("pl-shade pl-notice")
    expect(notice).to_contain_text(re.compile("李梅.*Missed call", re.DOTALL))
    expect(button(page, "Airplane mode")).to_be_visible()
    keep(page, "handset-shade")
    button(page, "Airplane mode").click()
    expect(page.get_by_role("img", name="Airplane mode")).to_be_visible()
    expect(button(page, "Wi-Fi")).to_have_attribute("aria-pressed", "false")
    keep(page, "handset-airplane")
    button(page, "Airplane mode").click()
    expect(button(page, "Wi-Fi")).to_have_attribute("aria-pressed", "true")
    notice.locator("article").click()
    app = web_app(page, "Phone")
    row = app.locator("pl-call-list .row")
    expect(row).to_contain_text("李梅")
    keep(page, "phone-log")
    expect(page.locator("pl-shade pl-notice")).to_have_count(0)
    row.click()
    expect(during(page).get_by_role("heading", name="李梅")).to_be_visible()
    assert handset.telephony.dialled == [MEI]
    button(during(page), "End").click()

    browser = device(1280, 800, touch=False)
    sign_in(browser, phone, "tom")
    other = open_web_app(browser, "Phone")
    expect(other.get_by_text("Calls need a handset")).to_be_visible()
    expect(other.locator("pl-call-list .row")).to_contain_text("李梅")
    browser.locator("pl-phone").evaluate(SEEN)
    keep(browser, "phone-without-handset")


def test_mobile_data_by_another_access_point(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    account(phone, "otto")
    page = device()
    on_handset(page, phone, handset, "otto")
    icon(page, "Settings").click()
    button(page, "Mobile network").click()
    data, roaming = (page.get_by_role("switch", name=name) for name in ("Mobile data", "Data abroad"))
    expect(data).to_contain_text("Connected, access point cmnet")
    keep(page, "mobile-network")
    roaming.click()
    expect(roaming).to_have_attribute("aria-checked", "true")
    page.get_by_label("APN").fill("no name")
    button(page, "Save").click()
    expect(page.get_by_role("alert")).to_contain_text("letters, digits")
    page.get_by_label("APN").fill("nowhere")
    button(page, "Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("does not know this access point")
    expect(data).to_contain_text("nowhere")
    keep(page, "mobile-network-refused")
    page.get_by_label("APN").fill("internet")
    page.get_by_label("User name").fill("me")
    button(page, "Save").click()
    expect(page.get_by_role("status").filter(has_text="kept for this SIM card")).to_be_visible()
    expect(data).to_contain_text("Connected, access point internet")
    data.click()
    expect(data).to_contain_text("Off")
    handset.do(handset.network.mobile, enabled=True, connected=False, abroad=True)
    tablet = device(1180, 820, locale="zh-CN", color_scheme="dark")
    on_handset(tablet, phone, handset, "otto", zh=True)
    icon(tablet, "设置").click()
    button(tablet, "移动网络").click()
    expect(tablet.get_by_role("switch", name="移动数据")).to_contain_text("未连接")
    expect(tablet.get_by_role("switch", name="漫游时使用数据")).to_contain_text("正在漫游")
    keep(tablet, "mobile-network-tablet-zh-dark")


def test_a_cards_pin_is_asked_for(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    account(phone, "zoe")
    handset.do(handset.telephony.modem, lock="sim-pin", registration="none", operator="")
    page = device()
    page.goto(f"{phone.url}/{handset.address}")
    ask = page.get_by_role("dialog", name="Enter the SIM card's PIN")
    expect(ask).to_be_visible()
    keep(page, "sim-pin")
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(ask.get_by_role("alert")).to_have_text("Wrong PIN. 2 tries left")
    keep(page, "sim-pin-wrong")
    button(ask, "Not now").click()
    expect(ask).to_have_count(0)
    page.get_by_label("Name", exact=True).fill("zoe")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_text("Sign in", exact=True).last.click()
    expect(page.locator("pl-status-bar")).to_contain_text("SIM card locked")
    page.reload()
    expect(ask).to_be_visible()
    expect(ask.get_by_role("alert")).to_have_text("2 tries left")
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(ask.get_by_role("alert")).to_have_text("Wrong PIN. 1 try left")
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    puk = page.get_by_role("dialog", name="Enter the PUK")
    expect(puk).to_be_visible()
    keep(page, "sim-puk")
    for code in (PUK, "4321", "1111", "4321", "4321"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    expect(page.locator("pl-sim")).to_have_count(0)
    assert handset.telephony.shown["modems"][0]["lock"] == ""
    handset.do(handset.telephony.modem, lock="sim-pin")
    expect(ask).to_be_visible()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(ask).to_have_count(0)


def test_on_a_tablet_in_chinese(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    token = account(phone, "wang")
    second = {
        **MODEM,
        "id": "/modem/1",
        "card": "8986002",
        "label": "中国联通",
        "operator": "中国联通",
        "signal": 30,
    }
    handset.do(handset.telephony.show, modems=[{**MODEM, "roaming": True, "registration": "roaming"}, second])
    page = device(1180, 820, locale="zh-CN", color_scheme="dark")
    on_handset(page, phone, handset, "wang", zh=True)
    now = int(time.time() * 1000)
    calls = [
        {"id": str(uuid.uuid4()), "address": address, "date_ms": now - at * 3_600_000, "kind": kind, "sim": ""}
        | {"duration_s": 125 if kind in ("in", "out") else 0}
        for at, (address, kind) in enumerate(
            [(MEI, "missed"), ("+493026620", "in"), ("10086", "out"), ("", "missed")]
        )
    ]
    phone.post("/messages/arrivals", token, {"calls": calls, "messages": []})
    app = open_web_app(page, "电话")
    expect(page.get_by_role("img", name="漫游")).to_have_text("R")
    expect(app.locator("pl-call-list .row")).to_have_count(4)
    turn_keys_to(page, "电话")
    page.keyboard.type("56")
    expect(app.get_by_role("group", name="找到的联系人").get_by_role("button")).to_have_count(1)
    keep(page, "phone-tablet-zh-dark")
    handset.do(handset.telephony.show, airplane=True)
    expect(app.get_by_text("飞行模式已开启")).to_be_visible()
    app.get_by_role("button", name="用 中国联通 呼叫").click()
    expect(app.get_by_role("alert")).to_contain_text("没有可用的 SIM 卡")
    keep(page, "phone-refused-tablet-zh-dark")
    handset.do(handset.telephony.show, airplane=False)
    handset.rings(MEI)
    coming = page.get_by_role("alertdialog", name="来电")
    expect(coming).to_contain_text("李梅")
    keep(page, "calls-incoming-tablet-zh")
    button(coming, "接听").click()
    expect(during(page, zh=True)).to_be_visible()
    keep(page, "calls-active-tablet-zh")
    button(during(page, zh=True), "键盘").click()
    keep(page, "calls-keypad-tablet-zh")
    button(during(page, zh=True), "收起键盘").click()
    button(during(page, zh=True), "挂断").click()
    page.locator("pl-call-ended").evaluate(STAYS)
    expect(page.get_by_role("dialog", name="通话结束")).to_be_visible()
    keep(page, "calls-ended-tablet-zh")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="通话结束")).to_have_count(0)
    handset.do(handset.telephony.modem, lock="sim-pin")
    expect(page.get_by_role("dialog", name="请输入 SIM 卡 PIN 码")).to_be_visible()
    keep(page, "sim-pin-tablet-zh")
    page.get_by_text("暂不解锁").click()
    lock(page)
    page.get_by_text("暂不解锁").click()
    keep(page, "handset-lock-tablet-zh")
    button(page, "紧急呼叫").click()
    keep(page, "emergency-tablet-zh")
    expect(icon(page, "电话")).to_have_count(1)
