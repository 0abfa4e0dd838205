"""Left alone: numbers blocked and conversations put aside, on the phone and on every other device."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .access import problems
from .conftest import Device, Keep, Phone
from .hand import open_web_app, sign_in, web_app
from .handset import Handset, running_handset
from .test_calls import MEI, account, button, during, on_handset

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
SHOP = "10690000"


@pytest.fixture
def handset(phone: Phone, tmp_path: Path) -> Iterator[Handset]:
    with running_handset(tmp_path, phone.url) as one:
        yield one


def came(phone: Phone, token: str, address: str, body: str, ago_s: int = 0) -> None:
    message = {
        "id": str(uuid.uuid4()),
        "address": address,
        "body": body,
        "date_ms": int((time.time() - ago_s) * 1000),
        "sim": "",
    }
    phone.post("/messages/arrivals", token, {"messages": [message], "calls": []})


def called(phone: Phone, token: str, address: str, kind: str, ago_s: int) -> None:
    call = {
        "id": str(uuid.uuid4()),
        "address": address,
        "date_ms": int((time.time() - ago_s) * 1000),
        "kind": kind,
        "duration_s": 0,
        "sim": "",
    }
    phone.post("/messages/arrivals", token, {"messages": [], "calls": [call]})


def opened(page: Page, label: str) -> FrameLocator:
    """From wherever one is."""
    page.locator("pl-phone").evaluate("({phone}) => phone.act({type: 'home'})")
    return open_web_app(page, label)


def test_who_is_blocked_and_what_is_put_aside(phone: Phone, device: Device, handset: Handset, keep: Keep) -> None:
    token = account(phone, "mei")
    came(phone, token, MEI, "到家了吗？", 900)
    came(phone, token, SHOP, "Big sale today", 600)
    came(phone, token, "10086", "【中国移动】验证码482913，5分钟内有效。", 300)
    page = device()
    on_handset(page, phone, handset, "mei")
    app = open_web_app(page, "Messages")
    rows = app.locator(".list .row .name")
    expect(rows).to_have_text(["10086", SHOP, "李梅"])
    rows.first.click()
    app.get_by_role("button", name="Copy 482913").click()
    expect(app.get_by_role("button", name="Copied")).to_be_visible()
    keep(page, "messages-code")
    app.get_by_role("button", name="More").click()
    app.get_by_role("menuitem", name="Archive").click()
    expect(rows).to_have_text([SHOP, "李梅"])
    expect(app.get_by_role("status")).to_contain_text("Conversation archived")
    keep(page, "messages-archived-undo")

    rows.first.click()
    app.get_by_role("button", name="More").click()
    keep(page, "messages-menu")
    app.get_by_role("menuitem", name="Block", exact=True).click()
    expect(rows).to_have_text(["李梅"])
    expect(app.get_by_role("status")).to_contain_text(f"{SHOP} is blocked")
    came(phone, token, SHOP, "Last chance")
    came(phone, token, "10086", "余额不足")
    expect(rows).to_have_text(["10086", "李梅"])  # back by itself; the other one stays away
    assert handset.telephony.blocked == [SHOP]
    app.get_by_role("button", name="import and export").click()
    keep(page, "messages-places")
    app.get_by_role("menuitem", name="Blocked").click()
    expect(app.locator(".list .row")).to_have_text(re.compile("Last chance"))
    expect(app.locator(".list .dot")).to_have_count(0)
    app.locator(".list .row").click()
    expect(app.get_by_text(f"{SHOP} is blocked. Their messages come here")).to_be_visible()
    expect(app.get_by_role("textbox", name="Message")).to_be_hidden()
    keep(page, "messages-blocked")
    assert problems(page, "Messages") == []
    app.get_by_role("button", name="Unblock").click()
    expect(app.get_by_role("textbox", name="Message")).to_be_visible()

    called(phone, token, "10010", "missed", 60)
    called(phone, token, MEI, "in", 30)
    app = opened(page, "Phone")
    calls = app.locator("pl-call-list .row")
    expect(calls).to_have_count(2)
    app.get_by_role("button", name="Select").click()
    calls.nth(1).click()
    keep(page, "phone-choosing")
    app.get_by_role("button", name="Block", exact=True).click()
    expect(app.get_by_role("status")).to_contain_text("10010 is blocked")
    app.get_by_role("button", name="More").click()
    app.get_by_role("menuitem", name="Blocked numbers").click()
    app.get_by_role("textbox", name="Number or @name").fill("112")
    app.get_by_role("button", name="Block", exact=True).click()
    expect(app.get_by_role("alert")).to_contain_text("Emergency numbers")
    app.get_by_role("textbox", name="Number or @name").fill("@spam")
    app.get_by_role("button", name="Block", exact=True).click()
    expect(app.get_by_role("listitem")).to_have_text([re.compile("@spam"), re.compile("10010")])
    keep(page, "phone-blocked")
    assert problems(page, "Phone") == []
    app.get_by_role("button", name="Unblock 10010").click()
    expect(app.get_by_role("listitem")).to_have_count(1)
    app.get_by_role("button", name="Back").click()
    app.get_by_role("button", name="Select").click()
    app.get_by_role("button", name="Select all").click()
    app.get_by_role("button", name="Delete", exact=True).click()
    app.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(calls).to_have_count(0)
    app.get_by_role("button", name="Undo").click()
    expect(calls).to_have_count(2)

    app = opened(page, "Contacts")
    app.get_by_role("button", name="李梅").click()
    keep(page, "contacts-reach")
    assert problems(page, "Contacts") == []
    app.get_by_role("button", name=f"Write to {MEI}").click()
    expect(web_app(page, "Messages").locator("header b")).to_have_text("李梅")
    app = opened(page, "Contacts")
    app.get_by_role("button", name=f"Call {MEI}").click()
    expect(during(page).get_by_role("heading", name="李梅")).to_be_visible()
    assert handset.telephony.dialled == [MEI]
    button(during(page), "End").click()


def test_the_same_on_a_tablet_in_chinese(phone: Phone, device: Device, keep: Keep) -> None:
    token = account(phone, "wang")
    came(phone, token, MEI, "到家了吗？", 900)
    came(phone, token, SHOP, "清仓大甩卖，最后一天", 600)
    page = device(1180, 820, locale="zh-CN", color_scheme="dark")
    sign_in(page, phone, "wang", zh=True)
    app = open_web_app(page, "信息")
    rows = app.locator(".list .row .name")
    rows.first.click()
    app.get_by_role("button", name="更多").click()
    app.get_by_role("menuitem", name="拉黑").click()
    expect(app.get_by_role("status")).to_contain_text("已拉黑")
    app.get_by_role("button", name="归档").click()
    app.get_by_role("menuitem", name="黑名单").click()
    rows.first.click()
    keep(page, "messages-blocked-tablet-zh-dark")
    app = opened(page, "电话")
    app.get_by_role("button", name="更多").click()
    app.get_by_role("menuitem", name="黑名单").click()
    expect(app.get_by_role("listitem")).to_have_count(1)
    keep(page, "phone-blocked-tablet-zh-dark")
    app = opened(page, "通讯录")
    app.get_by_role("button", name="李梅").click()
    keep(page, "contacts-reach-tablet-zh-dark")
