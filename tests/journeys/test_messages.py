"""Groups, pictures, drafts, and a laptop that sends through a phone's card."""

from __future__ import annotations

import base64
import io
import re
import uuid
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Route, expect

from tests.cloud.services.messages.handset import Handset

from .access import problems
from .conftest import Device, Keep, Phone
from .hand import choose_files, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def lake() -> bytes:
    """A small picture: sky, hills, water."""
    picture = Image.new("RGB", (480, 320), "#bcd8f5")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 210), (130, 120), (260, 200), (380, 140), (480, 205), (480, 320), (0, 320)], "#5f8f6b")
    draw.rectangle((0, 230, 480, 320), "#3b6fa8")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def backup() -> str:
    data = base64.b64encode(lake()).decode()
    return f"""<smses>
  <mms date="1700000000000" msg_box="1" address="+8613800138000~+8613800138001" sub="null" read="1"
    contact_name="Mei, Lin"><parts><part ct="text/plain" text="西湖今天真美"/>
    <part ct="image/jpeg" cl="lake.jpg" data="{data}"/></parts>
    <addrs><addr address="+8613800138001" type="137"/></addrs></mms>
  <mms date="1700000060000" msg_box="2" address="+8613800138000~+8613800138001" contact_name="Mei, Lin"><parts>
    <part ct="text/plain" text="明天一起去吧"/></parts></mms>
  <sms address="+8613800138000" date="1700000120000" type="1" body="See you at the bridge" contact_name="Mei"/>
</smses>"""


def signed_in(phone: Phone, token: str) -> httpx.Client:
    return httpx.Client(base_url=phone.api, headers=phone.headers(token), timeout=30, trust_env=False)


def test_groups_pictures_drafts_and_sending(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("mei")
    phone.account("lin")
    with signed_in(phone, token) as client:
        report = client.post("/messages/import?region=CN", content=backup().encode()).raise_for_status().json()
        assert (report["imported"], report["attachments"], report["skipped_count"]) == (3, 1, 0)
        page = device()
        sign_in(page, phone, "mei")
        messages = open_web_app(page, "Messages")
        rows = messages.locator(".list .row .name")
        expect(rows).to_have_text(["Mei", "Mei, Lin"])
        messages.get_by_role("button", name=re.compile("Mei, Lin")).click()
        picture = messages.get_by_role("img", name="lake.jpg")
        expect(picture).to_be_visible()
        expect(messages.locator("message-part img")).to_have_js_property("naturalWidth", 480)
        expect(messages.locator(".from")).to_have_text("+8613800138001")
        expect(messages.locator("header small")).to_have_text("2 people")
        keep(page, "messages-group")
        assert problems(page, "Messages") == []
        large = messages.get_by_role("dialog", name="lake.jpg")
        messages.get_by_role("button", name="lake.jpg").click()
        expect(large.get_by_role("img")).to_have_js_property("naturalWidth", 480)
        keep(page, "messages-picture-large")
        assert problems(page, "Messages") == []
        with page.expect_download() as saved:
            large.get_by_role("button", name="Save").click()
        assert saved.value.suggested_filename == "lake.jpg"
        large.get_by_role("button", name="Close").click()
        expect(large).to_have_count(0)
        messages.get_by_role("button", name="lake.jpg").click()
        page.keyboard.press("Escape")
        expect(large).to_have_count(0)
        expect(messages.locator("message-thread")).to_have_count(1)
        # What scrolls fades by itself: the shell lays nothing over the line that is written in.
        over = page.locator("pl-window .place").first
        assert over.evaluate("place => getComputedStyle(place, '::after').content") == "none"
        assert "gradient" in messages.locator(".list").evaluate("list => getComputedStyle(list).maskImage")
        messages.get_by_role("button", name="Back to all conversations").click()

        messages.get_by_role("button", name=re.compile("See you")).click()
        box = messages.get_by_role("textbox", name="Message")
        box.fill("On my way 好")
        messages.get_by_role("button", name="Back to all conversations").click()
        expect(messages.locator(".list .row").first).to_contain_text("Draft: On my way 好")
        keep(page, "messages-draft")
        messages.locator(".list .row").first.click()
        expect(box).to_have_value("On my way 好")

        handset = Handset(client)
        handset.announce("a")
        messages.get_by_role("button", name="Send", exact=True).click()
        expect(box).to_have_value("")
        expect(messages.locator(".at").last).to_contain_text("Waiting for a phone")
        assert handset.turn() == 1
        expect(messages.locator(".at").last).to_contain_text("Sent")

        box.fill("Did it go?")
        messages.get_by_role("button", name="Send", exact=True).click()
        expect(messages.locator(".at").last).to_contain_text("Waiting for a phone")
        [lease] = client.post("/messages/outgoing/lease").json()["messages"]
        start = {"token": lease["token"]}
        client.post(f"/messages/outgoing/{lease['message']}/start", json=start).raise_for_status()
        silent = {**start, "outcome": "unknown"}
        client.post(f"/messages/outgoing/{lease['message']}/report", json=silent).raise_for_status()
        expect(messages.get_by_text("The phone went silent while it sent this.")).to_be_visible()
        keep(page, "messages-unsure")
        messages.get_by_role("button", name="Send again").click()
        expect(messages.locator(".at").last).to_contain_text("Waiting for a phone")
        assert handset.turn() == 1
        expect(messages.locator(".at").last).to_contain_text("Sent")
        messages.get_by_role("button", name="Back to all conversations").click()

        messages.get_by_role("button", name="New message").click()
        messages.get_by_role("textbox", name=re.compile("number")).fill("nobody")
        messages.get_by_role("button", name="Write", exact=True).click()
        expect(messages.get_by_text("No contact has this name.")).to_be_visible()
        keep(page, "messages-new")
        messages.get_by_role("textbox", name=re.compile("number")).fill("@nobody")
        expect(messages.get_by_text("Nobody in this cloud is called @nobody.")).to_be_visible()
        keep(page, "messages-new-unknown")
        messages.get_by_role("button", name="Write", exact=True).click()
        expect(messages.locator("message-thread")).to_have_count(0)
        messages.get_by_role("button", name="Cancel", exact=True).click()
        expect(messages.get_by_role("textbox", name=re.compile("number"))).to_have_count(0)
        messages.get_by_role("button", name="New message").click()
        to = messages.get_by_role("textbox", name=re.compile("number"))
        to.fill("@lin, +8613800138000")
        expect(messages.get_by_text("numbers or to accounts here, not to both")).to_be_visible()
        keep(page, "messages-new-mixed")
        messages.get_by_role("button", name="Write", exact=True).click()
        expect(messages.locator("message-thread")).to_have_count(0)
        to.fill("+8613800138001，+8613800138000")  # a group that is there
        messages.get_by_role("button", name="Write", exact=True).click()
        expect(messages.locator("message-thread header b")).to_have_text("Mei, Lin")
        messages.get_by_role("button", name="Back to all conversations").click()
        messages.get_by_role("button", name="New message").click()
        to.fill("+8613800138002; Mei")
        messages.get_by_role("group", name="Contacts").get_by_role("button").first.click()
        expect(to).to_have_value("+8613800138002, Mei, ")
        messages.get_by_role("button", name="Write", exact=True).click()
        expect(messages.locator("header small")).to_have_text("2 people")
        box.fill("For you two")
        messages.get_by_role("button", name="Send", exact=True).click()
        expect(messages.locator(".bubble")).to_have_text("For you two")
        expect(messages.locator(".at").last).to_contain_text("Waiting for a phone")
        keep(page, "messages-new-group")
        assert handset.turn() == 1
        expect(messages.locator(".at").last).to_contain_text("Sent")
        messages.get_by_role("button", name="Back to all conversations").click()
        expect(messages.locator(".list .row .name", has_text="+8613800138002")).to_have_count(1)
        messages.get_by_role("button", name="New message").click()
        to.fill("@lin")
        expect(messages.get_by_text("@lin is in this cloud.")).to_be_visible()
        messages.get_by_role("button", name="Write", exact=True).click()
        box.fill("晚上喝茶？")
        messages.get_by_role("button", name="Send", exact=True).click()
        expect(messages.locator(".at").last).to_contain_text("Delivered")

    tablet = device(1180, 820, "zh-CN", color_scheme="dark")
    sign_in(tablet, phone, "lin", zh=True)
    other = open_web_app(tablet, "信息")
    other.get_by_role("button", name=re.compile("mei")).click()
    expect(other.locator(".bubble")).to_have_text("晚上喝茶？")
    other.get_by_role("textbox", name="信息").fill("好")
    other.get_by_role("button", name="发送", exact=True).click()
    expect(other.locator(".at").last).to_contain_text("已送达")
    keep(tablet, "messages-tablet-zh-dark")

    other.get_by_role("button", name="新信息").click()
    other.get_by_role("textbox", name=re.compile("姓名")).fill("@m")
    expect(other.get_by_role("group", name="联系人").get_by_role("button")).to_have_count(1)
    keep(tablet, "messages-new-tablet-zh-dark")
    other.get_by_role("button", name="取消", exact=True).click()

    # An address opens outside, in a window that knows nothing of the phone; one that reads as another is text.
    write = messages.get_by_role("textbox", name="Message")
    page.context.route("https://example.org/**", lambda route: route.fulfill(body="tea"))
    write.fill("At https://example.org/tea, not https://bank.example@evil.example/")
    messages.get_by_role("button", name="Send", exact=True).click()
    expect(messages.get_by_role("link")).to_have_count(1)
    with page.context.expect_page() as opened:
        messages.get_by_role("link", name="https://example.org/tea").click()
    told = opened.value.evaluate("[location.href, document.referrer, opener]")
    assert told == ["https://example.org/tea", "", None]
    opened.value.close()
    expect(other.get_by_role("link")).to_have_text("https://example.org/tea")
    keep(page, "messages-link")
    keep(tablet, "messages-link-tablet-zh-dark")

    # Without a network a message waits in its conversation, and goes out once by itself; before, it can be
    # taken back.
    connection = page.locator("pl-status-bar pl-icon").last
    page.context.set_offline(True)
    expect(connection).to_have_attribute("aria-label", "Offline")
    for body in ("五点", "四点"):
        write.fill(body)
        messages.get_by_role("button", name="Send", exact=True).click()
        expect(write).to_have_value("")
        expect(messages.locator(".bubble").last).to_have_text(body)
        expect(messages.locator(".at").last).to_contain_text("Waiting for network")
    assert problems(page, "Messages") == []
    keep(page, "messages-waiting")
    messages.get_by_role("button", name="Take back").last.click()
    expect(messages.locator(".bubble").last).to_have_text("五点")
    expect(write).to_have_value("四点")
    write.fill("")
    messages.get_by_role("button", name="Back to all conversations").click()
    expect(messages.locator(".list .row").first).to_contain_text("Waiting for network: 五点")
    keep(page, "messages-waiting-list")
    page.context.set_offline(False)
    expect(other.locator(".bubble").last).to_have_text("五点")
    messages.locator(".list .row").first.click()
    expect(messages.locator(".at").last).to_contain_text("Delivered")

    # What comes into the open conversation is read; what comes while the app is not in front is when it is again.
    for body, unread in (("六点", 0), ("还是七点", 1)):
        if unread:
            other.locator("message-thread header b").click()
            tablet.keyboard.press("Home")  # which a field that is written in keeps
            expect(tablet.locator("pl-home[inert]")).to_have_count(0)
        write.fill(body)
        messages.get_by_role("button", name="Send", exact=True).click()
        expect(other.locator(".bubble").last).to_have_text(body)
        expect(other.locator(".list .dot")).to_have_count(unread)
    open_web_app(tablet, "信息")
    expect(other.locator(".list .dot")).to_have_count(0)

    # A group that is begun without a network gets its name from the cloud: what is typed next stays where it is.
    messages.get_by_role("button", name="Back to all conversations").click()
    page.context.set_offline(True)
    expect(connection).to_have_attribute("aria-label", "Offline")
    messages.get_by_role("button", name="New message").click()
    to.fill("+8613800138003, +8613800138004")
    messages.get_by_role("button", name="Write", exact=True).click()
    write.fill("Hi")
    messages.get_by_role("button", name="Send", exact=True).click()
    expect(messages.locator(".at").last).to_contain_text("Waiting for network")
    write.press_sequentially("And then")
    begun = messages.locator(".list .row", has_text="+8613800138003")
    expect(begun).to_contain_text("Draft: And then")
    page.context.set_offline(False)
    expect(messages.locator(".at").last).to_contain_text("Waiting for a phone")
    expect(begun).to_have_count(1)
    expect(begun).to_contain_text("Draft: And then")
    expect(write).to_have_value("And then")
    expect(write).to_be_focused()


def test_pictures_go_along(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("ming")
    phone.account("yue")
    page = device()
    sign_in(page, phone, "ming")
    messages = open_web_app(page, "Messages")
    attach = messages.get_by_role("button", name="Add pictures")
    previews = messages.get_by_role("list", name="Pictures that go along").get_by_role("listitem")
    send = messages.get_by_role("button", name="Send", exact=True)

    messages.get_by_role("button", name="New message").click()
    messages.get_by_role("textbox", name=re.compile("number")).fill("@yue")
    messages.get_by_role("button", name="Write", exact=True).click()
    expect(send).to_be_disabled()
    choose_files(page, attach, ("notes.jpg", b"no picture"))
    expect(messages.get_by_role("alert")).to_have_text("notes.jpg cannot be read as a picture.")
    choose_files(page, attach, ("lake.jpg", lake()), ("sea.jpg", lake()))
    expect(previews).to_have_count(2)
    messages.get_by_role("button", name="Remove sea.jpg").click()
    expect(previews).to_have_count(1)
    messages.get_by_role("textbox", name="Message").fill("By the lake")
    keep(page, "messages-compose-picture")
    assert problems(page, "Messages") == []
    messages.get_by_role("button", name="Back to all conversations").click()
    messages.locator(".list .row").first.click()
    expect(previews).to_have_count(1)  # with its draft
    held: list[Route] = []
    page.route("**/api/v1/messages/parts", lambda route: held.append(route))
    send.click()
    expect(messages.get_by_text("Sending picture 1 of 1")).to_be_visible()
    messages.get_by_role("button", name="Back to all conversations").click()
    messages.locator(".list .row").first.click()
    expect(previews).to_have_count(1)
    expect(send).to_be_disabled()  # it is on its way
    messages.get_by_role("textbox", name="Message").fill("And then")
    for one in held:
        one.continue_()
    page.unroute("**/api/v1/messages/parts")
    expect(previews).to_have_count(0)
    expect(messages.locator(".bubble")).to_have_text("By the lake")
    expect(messages.get_by_role("textbox", name="Message")).to_have_value("And then")
    messages.get_by_role("textbox", name="Message").fill("")
    expect(messages.locator(".at").last).to_contain_text("Delivered")
    expect(messages.locator("message-part img")).to_have_js_property("naturalWidth", 480)
    keep(page, "messages-picture-sent")

    # Without a network a picture waits as a text does.
    page.context.set_offline(True)
    expect(page.locator("pl-status-bar pl-icon").last).to_have_attribute("aria-label", "Offline")
    choose_files(page, attach, ("lake.jpg", lake()))
    expect(previews).to_have_count(1)
    send.click()
    expect(messages.locator(".at").last).to_contain_text("Waiting for network")
    expect(messages.locator("message-part img")).to_have_count(2)
    keep(page, "messages-picture-waiting")
    messages.get_by_role("button", name="Take back").click()
    expect(previews).to_have_count(1)
    send.click()
    expect(previews).to_have_count(0)
    page.get_by_role("button", name="Home", exact=True).press("Enter")
    expect(page.locator("pl-home .glance b")).to_contain_text("not yet safe")
    page.context.set_offline(False)
    expect(page.locator("pl-home .glance b")).to_have_text("All safe")
    messages = open_web_app(page, "Messages")
    expect(messages.locator(".at").last).to_contain_text("Delivered")
    expect(messages.locator("message-part img")).to_have_count(2)
    messages.get_by_role("button", name="Back to all conversations").click()
    expect(messages.locator(".list .row").first).to_contain_text("Picture")

    messages.get_by_role("button", name="New message").click()
    messages.get_by_role("textbox", name=re.compile("number")).fill("+8613800138000")
    messages.get_by_role("button", name="Write", exact=True).click()
    large = speckled()
    assert len(large) > 1_000_000, "more than a network carries"
    choose_files(page, attach, ("speckled.png", large))
    send.click()
    expect(messages.locator(".at").last).to_contain_text("Waiting for a phone")
    with signed_in(phone, token) as client:
        handset = Handset(client)
        handset.announce("a")
        assert handset.turn() == 1
        [[taken]] = handset.taken.values()
        assert taken.startswith(b"\xff\xd8\xff")
        assert len(taken) <= 1_000_000
    expect(messages.locator(".at").last).to_contain_text("Sent")
    keep(page, "messages-picture-through-handset")

    tablet = device(1180, 820, "zh-CN", color_scheme="dark")
    sign_in(tablet, phone, "yue", zh=True)
    other = open_web_app(tablet, "信息")
    other.get_by_role("button", name=re.compile("ming")).click()
    expect(other.locator(".bubble")).to_have_text("By the lake")
    expect(other.locator("message-part img").first).to_have_js_property("naturalWidth", 480)
    choose_files(tablet, other.get_by_role("button", name="添加图片"), ("湖.jpg", lake()), ("海.jpg", lake()))
    expect(other.get_by_role("button", name="移除 海.jpg")).to_be_visible()
    keep(tablet, "messages-compose-picture-tablet-zh-dark")
    other.get_by_role("button", name="发送", exact=True).click()
    expect(other.locator(".at").last).to_contain_text("已送达")
    expect(other.locator("message-part img")).to_have_count(4)
    expect(other.locator(".at").last).to_be_in_viewport()
    keep(tablet, "messages-picture-tablet-zh-dark")


def speckled() -> bytes:
    """A picture that nothing makes small but fewer of its pixels."""
    out = io.BytesIO()
    Image.effect_noise((1600, 1200), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def test_two_cards_are_to_choose_from(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("ada")
    with signed_in(phone, token) as client:
        line = {"id": uuid.uuid4().hex, "people": ["+8613800138000"], "body": "好", "contact": "Mei"}
        client.post("/messages/send", json=line).raise_for_status()
        handset = Handset(client)
        handset.announce("a", "b")
        assert handset.turn() == 1
        page = device(480, 800, "zh-CN", color_scheme="dark")
        sign_in(page, phone, "ada", zh=True)
        messages = open_web_app(page, "信息")
        messages.get_by_role("button", name=re.compile("Mei")).click()
        messages.get_by_role("combobox", name="SIM 卡").select_option("Card b")
        messages.get_by_role("textbox", name="信息").fill("西湖见")
        keep(page, "messages-cards-zh-dark")
        messages.get_by_role("button", name="发送", exact=True).click()
        expect(messages.locator(".at").last).to_contain_text("等待手机发送")
        handset.announce("a")
        assert handset.turn() == 0
        handset.announce("b")
        assert handset.turn() == 1
        expect(messages.locator(".at").last).to_contain_text("已发送")


CARDS = """BEGIN:VCARD
VERSION:3.0
FN:王小明
N:王;小明;;;
TEL;TYPE=CELL:138 0013 8000
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Anna Berg
TEL:tel:+49-30-1234567
END:VCARD
"""
CALLS = """<calls>
  <call number="+8613800138000" duration="125" date="1795000000000" type="1"/>
  <call number="+49301234567" duration="0" date="1795000600000" type="3"/>
  <call number="10086" duration="8" date="1795001200000" type="2"/>
</calls>"""
ANSWERED = """<calls><call number="+49301234567" duration="9" date="1795000500000" type="1"/>
  <call number="" presentation="2" duration="0" date="1795001300000" type="5"/></calls>"""


def test_people_and_calls_have_the_names_of_the_contacts(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("hua")
    with signed_in(phone, token) as client:
        client.post("/contacts/import", content=CARDS.encode()).raise_for_status()
        client.post("/messages/import?region=CN", content=backup().encode()).raise_for_status()
        assert client.post("/messages/import?region=CN", content=CALLS.encode()).json()["calls"] == 3
    page = device()
    sign_in(page, phone, "hua")
    messages = open_web_app(page, "Messages")
    expect(messages.locator(".list .row .name").first).to_have_text("王小明")
    messages.get_by_role("button", name="New message").click()
    box = messages.get_by_role("textbox", name=re.compile("Name, number"))
    suggestions = messages.get_by_role("group", name="Contacts").get_by_role("button")
    box.fill("小明")
    expect(suggestions).to_have_text(re.compile("王小明.*138 0013 8000", re.DOTALL))
    keep(page, "messages-suggestions")
    box.fill("30 12")
    expect(suggestions).to_contain_text("Anna Berg")
    box.fill("小明")
    suggestions.click()
    expect(messages.locator(".bubble").last).to_have_text("See you at the bridge")
    expect(messages.locator("header b")).to_have_text("王小明")
    keep(page, "messages-thread-of-contact")
    messages.get_by_role("button", name="Back to all conversations").click()

    messages.get_by_role("radio", name="Calls").click()
    rows = messages.locator("pl-call-list .row")
    expect(rows.locator(".name")).to_have_text(["10086", "Anna Berg", "王小明"])
    expect(rows.last).to_contain_text("Incoming · 2 mins 5 secs")
    assert problems(page, "Messages") == []
    keep(page, "messages-calls")
    jpeg = base64.b64encode(lake()).decode()
    for kind, name, told in (("calls", "calls.xml", 'duration="125"'), ("messages", "sms.xml", jpeg)):
        messages.get_by_role("button", name="Import and export").click()
        expect(messages.get_by_role("menuitem")).to_have_text(
            ["Archived", "Blocked", "Import a file", "Export messages", "Export calls"]
        )
        keep(page, "messages-menu")
        with page.expect_download() as download:
            messages.get_by_role("menuitem", name=f"Export {kind}").click()
        assert download.value.suggested_filename == name
        written = Path(download.value.path()).read_text(encoding="utf-8")
        assert len(re.findall("<(call|sms|mms) ", written)) == 3
        assert told in written
    messages.get_by_role("button", name="Import and export").click()
    assert problems(page, "Messages") == []
    page.context.set_offline(True)
    messages.get_by_role("menuitem", name="Export messages").click()
    expect(messages.locator(".report")).to_contain_text("The cloud does not answer.")
    keep(page, "messages-export-offline")
    page.context.set_offline(False)
    messages.locator(".report").get_by_role("button", name="Close").click()
    rows.last.click(button="right")
    messages.get_by_role("button", name="Select all").click()
    rows.first.press("Enter")
    expect(messages.get_by_role("status")).to_have_text("2 selected")
    assert problems(page, "Messages") == []
    keep(page, "messages-calls-selected")
    messages.get_by_role("button", name="Delete", exact=True).click()
    sure = messages.get_by_role("alertdialog", name="Delete 2 calls?")
    sure.get_by_role("button", name="Delete", exact=True).click()
    expect(rows.locator(".name")).to_have_text(["10086"])
    keep(page, "messages-calls-deleted")
    messages.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(3)
    messages.get_by_role("button", name="Missed", exact=True).click()
    expect(rows.locator(".name")).to_have_text(["Anna Berg"])
    with signed_in(phone, token) as client:
        client.post("/messages/import?region=CN", content=ANSWERED.encode()).raise_for_status()
    messages.get_by_role("button", name="All", exact=True).click()
    expect(rows.locator(".name")).to_have_text(["Private number", "10086", "Anna Berg", "Anna Berg", "王小明"])
    expect(rows.first).to_be_disabled()  # nobody can be written to
    assert problems(page, "Messages") == []
    messages.get_by_role("button", name="Missed", exact=True).click()
    rows.click(button="right")  # of her calls one was missed, and no other is shown
    expect(messages.get_by_role("button", name="All with this number")).to_be_disabled()
    messages.get_by_role("button", name="End selecting").click()
    rows.click()
    expect(messages.locator("header b")).to_have_text("Anna Berg")

    tablet = device(1180, 820, "zh-CN", color_scheme="dark")
    sign_in(tablet, phone, "hua", zh=True)
    other = open_web_app(tablet, "信息")
    other.get_by_role("radio", name="通话").click()
    expect(other.locator("pl-call-list .row .name").first).to_have_text("隐藏号码")
    other.get_by_role("button", name="选择", exact=True).click()
    other.locator("pl-call-list .row").first.click()
    keep(tablet, "messages-calls-selected-tablet-zh-dark")
    messages.get_by_role("button", name="Back to all conversations").click()
    messages.get_by_role("button", name="All", exact=True).click()
    rows.last.click(button="right")
    messages.get_by_role("button", name="Select all").click()
    messages.get_by_role("button", name="Delete", exact=True).click()
    messages.get_by_role("alertdialog").get_by_role("button", name="Delete", exact=True).click()
    expect(other.get_by_role("radio", name="通话")).to_have_count(0)
    expect(other.get_by_role("button", name="结束选择")).to_have_count(0)
    messages.get_by_role("button", name="Undo").click()
    expect(other.locator("pl-call-list .row")).to_have_count(5)
    other.locator("pl-call-list .row").last.click()
    expect(other.locator(".bubble").last).to_have_text("See you at the bridge")
    keep(tablet, "messages-calls-tablet-zh-dark")
    other.get_by_role("button", name="导入和导出").click()
    words = ["已归档", "黑名单", "导入文件", "导出信息", "导出通话记录"]
    expect(other.get_by_role("menuitem")).to_have_text(words)
    keep(tablet, "messages-menu-tablet-zh-dark")
    tablet.keyboard.press("Escape")
    expect(other.get_by_role("menuitem")).to_have_count(0)
    colour = "avatar => getComputedStyle(avatar.shadowRoot.querySelector('.round')).backgroundColor"
    here = other.locator("pl-call-list pl-avatar").last.evaluate(colour)
    tablet.keyboard.press("Home")
    contacts = open_web_app(tablet, "通讯录")
    there = contacts.locator(".row").filter(has_text="王小明")
    assert there.locator("pl-avatar").evaluate(colour) == here, "a person has one colour"
    there.click()
    keep(tablet, "contacts-tablet-zh-dark")


def test_messages_and_conversations_are_deleted_and_brought_back(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("noa")
    with signed_in(phone, token) as client:
        client.post("/messages/import?region=CN", content=backup().encode()).raise_for_status()
        page = device()
        sign_in(page, phone, "noa")
        messages = open_web_app(page, "Messages")
        messages.get_by_role("button", name=re.compile("Mei, Lin")).click()
        expect(messages.locator("message-part img")).to_be_visible()
        messages.locator(".bubble").last.click(button="right")
        picks = messages.get_by_role("checkbox")
        expect(picks).to_have_count(2)
        picks.first.click()
        expect(messages.get_by_role("status")).to_have_text("2 selected")
        assert problems(page, "Messages") == []
        keep(page, "messages-selected")
        picks.last.press(" ")
        messages.get_by_role("button", name="Delete", exact=True).click()
        keep(page, "messages-sure")
        sure = messages.get_by_role("alertdialog", name="Delete this message?")
        sure.get_by_role("button", name="Delete", exact=True).click()
        expect(messages.locator(".bubble")).to_have_text(["明天一起去吧"])
        keep(page, "messages-deleted")
        messages.get_by_role("button", name="Undo").click()
        expect(messages.locator(".bubble")).to_have_text(["西湖今天真美", "明天一起去吧"])
        expect(messages.locator("message-part img")).to_have_js_property("naturalWidth", 480)
        messages.get_by_role("button", name="Back to all conversations").click()

        # On the tablet a conversation goes with its draft, and the phone hears of it.
        tablet = device(1180, 820, "zh-CN", color_scheme="dark")
        sign_in(tablet, phone, "noa", zh=True)
        other = open_web_app(tablet, "信息")
        other.get_by_role("button", name=re.compile("Mei, Lin")).click()
        other.get_by_role("textbox", name="信息").fill("好")
        expect(other.locator(".list .row").first).to_contain_text("草稿")
        other.get_by_role("button", name="更多").click()
        keep(tablet, "messages-actions-tablet-zh-dark")
        other.get_by_role("menuitem", name="删除会话").click()
        keep(tablet, "messages-sure-tablet-zh-dark")
        other.get_by_role("alertdialog").get_by_role("button", name="删除").click()
        rows = messages.locator(".list .row .name")
        expect(rows).to_have_text(["Mei"])
        expect(other.locator(".list .row .name")).to_have_text(["Mei"])
        keep(tablet, "messages-deleted-tablet-zh-dark")

        # The same file again says what it leaves out, and brings it back when it is told to.
        file = ("sms.xml", backup().encode())
        messages.get_by_role("button", name="Import and export").click()
        choose_files(page, messages.get_by_role("menuitem", name="Import a file"), file)
        report = messages.locator(".report")
        expect(report).to_contain_text("2 were deleted here and stay deleted.")
        keep(page, "messages-stay-deleted")
        report.get_by_role("button", name="Bring back what was deleted").click()
        expect(rows).to_have_text(["Mei", "Mei, Lin"])
        report.get_by_role("button", name="Close").click()

        messages.get_by_role("button", name="Select", exact=True).click()
        for one in messages.get_by_role("checkbox").all():
            one.click()
        messages.get_by_role("button", name="Mark as unread").click()
        expect(messages.locator(".dot")).to_have_text(["1", "1"])
        messages.get_by_role("button", name=re.compile("See you")).click(button="right")
        keep(page, "messages-selected-conversations")
        messages.get_by_role("button", name="Delete", exact=True).click()
        sure = messages.get_by_role("alertdialog", name="Delete this conversation?")
        sure.get_by_role("button", name="Cancel").click()
        expect(rows).to_have_count(2)
        messages.get_by_role("button", name="Delete", exact=True).click()
        sure.get_by_role("button", name="Delete", exact=True).click()
        expect(rows).to_have_text(["Mei, Lin"])
        messages.get_by_role("button", name="Undo").click()
        expect(rows).to_have_count(2)


def test_a_notice_leads_to_its_conversation(phone: Phone, device: Device) -> None:
    senders = {name: phone.account(name) for name in ("an", "bin")}
    phone.account("chen")
    page = device()
    sign_in(page, phone, "chen")
    for name, token in senders.items():  # the second one where the app shows the first one's
        page.get_by_role("button", name="Home", exact=True).press("Enter")
        phone.post("/messages/send", token, {"id": uuid.uuid4().hex, "people": ["@chen"], "body": f"of {name}"})
        page.get_by_role("button", name="Open notifications").click()
        page.locator("pl-shade").get_by_text(f"of {name}").click()
        expect(web_app(page, "Messages").locator(".bubble")).to_have_text(f"of {name}")
