"""The cloud goes away and comes back: shell and Notes go on, and nothing that was written is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .conftest import Device, Keep, Phone
from .hand import open_phone, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
KEPT = "() => JSON.parse(localStorage.getItem('pileus.kept') ?? '[]').some(origin => origin.includes('notes'))"


def test_a_note_of_a_day_without_the_cloud(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("mei")
    page = device()
    sign_in(page, phone, "mei")
    settle_down(page)
    phone.stop()
    page.reload()
    open_phone(page)
    notes = open_web_app(page, "Notes")
    write(notes, "Bread\nand 茶叶")
    keep(page, "notes-offline")
    page.keyboard.press("Home")
    expect(page.locator("pl-home .glance b")).to_have_text("1 item not yet safe")
    keep(page, "home-not-yet-safe")
    page.reload()
    open_phone(page)
    expect(page.locator("pl-home .glance b")).to_have_text("1 item not yet safe")
    phone.start()
    expect(page.locator("pl-home .glance b")).to_have_text("All safe")
    (kept,) = records(phone, token, "notes.note")
    assert kept["title"] == "Bread"

    other = device()
    sign_in(other, phone, "mei")
    notes = open_web_app(other, "Notes")
    notes.get_by_role("button", name=re.compile("Bread")).click()
    expect(notes.get_by_role("textbox", name="Text of the note")).to_have_value("Bread\nand 茶叶")


def test_a_cloud_that_goes_away_is_noticed_at_once(phone: Phone, device: Device) -> None:
    phone.account("ana")
    page = device()
    sign_in(page, phone, "ana")
    connection = page.locator("pl-status-bar pl-icon").last
    expect(connection).to_have_attribute("aria-label", "Connected to the cloud")
    phone.stop()
    expect(connection).to_have_attribute("aria-label", "Offline")
    phone.start()
    expect(connection).to_have_attribute("aria-label", "Connected to the cloud")


def test_two_devices_edit_one_note_offline(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("lin")
    first, second = device(), device()
    sign_in(first, phone, "lin")
    notes = open_web_app(first, "Notes")
    write(notes, "Shopping\nmilk")
    expect_safe(first)
    sign_in(second, phone, "lin")
    for page in (first, second):
        settle_down(page)
        page.keyboard.press("Home")
        notes = open_web_app(page, "Notes")
        row = notes.get_by_role("button", name=re.compile("Shopping"))
        area = notes.get_by_role("textbox", name="Text of the note")
        expect(row.or_(area).first).to_be_visible()
        if not area.is_visible():
            row.click()
        expect(area).to_have_value("Shopping\nmilk")
    phone.stop()
    add(web_app(first, "Notes"), "Control+Home", "Sunday ")
    add(web_app(second, "Notes"), "Control+End", "\neggs")
    for page in (first, second):
        page.keyboard.press("Home")
    for page in (first, second):
        page.get_by_role("button", name="Home", exact=True).press("Enter")
        expect(page.locator("pl-home .glance b")).to_have_text("1 item not yet safe")
    phone.start()
    for page in (first, second):
        expect(page.locator("pl-home .glance b")).to_have_text("All safe")
        notes = open_web_app(page, "Notes")
        expect(notes.get_by_role("textbox", name="Text of the note")).to_have_value("Sunday Shopping\nmilk\neggs")
    keep(second, "notes-merged")


def test_a_message_waits_over_a_start_and_one_that_is_refused_is_tried_again(
    phone: Phone, device: Device, keep: Keep
) -> None:
    token, bo = phone.account("ada"), phone.account("bo")
    page = device(locale="zh-CN", color_scheme="dark")
    sign_in(page, phone, "ada", zh=True)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.wait_for_function(KEPT.replace("notes", "messages"))
    phone.stop()
    expect(page.locator("pl-status-bar pl-icon").last).to_have_attribute("aria-label", "离线")
    messages = open_web_app(page, "信息")
    for name in ("bo", "nobody"):
        messages.get_by_role("button", name="新信息").click()
        messages.get_by_role("textbox", name=re.compile("姓名")).fill(f"@{name}")
        messages.get_by_role("button", name="写信息", exact=True).click()
        messages.get_by_role("textbox", name="信息").fill(f"茶？ {name}")
        messages.get_by_role("button", name="发送", exact=True).click()
        expect(messages.locator(".at").last).to_contain_text("等待网络")
        messages.get_by_role("button", name="返回全部会话").click()
    page.reload()
    open_phone(page, zh=True)
    row = messages.locator(".list .row")
    expect(row.filter(has_text="nobody")).to_contain_text("等待网络： 茶？")
    phone.start()
    expect(row.filter(has_text="nobody")).to_contain_text("未发送： 茶？")
    expect(row.filter(has_text="茶？ bo")).to_contain_text("我：")
    expect(row.first).to_contain_text("茶？ bo")  # when it left: rows stand still from now on
    row.filter(has_text="nobody").click()
    expect(messages.locator(".ask pl-button")).to_have_text(["重试", "撤回"])
    keep(page, "messages-refused-zh-dark")
    phone.account("nobody")
    messages.get_by_role("button", name="重试").click()
    expect(messages.locator(".at").last).to_contain_text("已送达")
    sent = [one["body"] for one in records(phone, token, "messages.message")]
    assert sorted(sent) == ["茶？ bo", "茶？ nobody"]
    assert [one["body"] for one in records(phone, bo, "messages.message")] == ["茶？ bo"]


def settle_down(page: Page) -> None:
    """Until this device holds the shell and Notes for a start without a network."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.wait_for_function(KEPT)


def write(notes: FrameLocator, text: str) -> None:
    notes.get_by_role("button", name="New note").first.click()
    area = notes.get_by_role("textbox", name="Text of the note")
    expect(area).to_be_editable()
    area.fill(text)


def add(notes: FrameLocator, place: str, text: str) -> None:
    area = notes.get_by_role("textbox", name="Text of the note")
    area.press(place)
    area.press_sequentially(text)


def expect_safe(page: Page) -> None:
    page.get_by_role("button", name="Home", exact=True).press("Enter")
    expect(page.locator("pl-home .glance b")).to_have_text("All safe")


def records(phone: Phone, token: str, collection: str) -> list[dict[str, object]]:
    """The account's live records of a collection, as the cloud has them."""
    answer = phone.get("/journal/snapshot", token)
    return [
        one["fields"] for one in answer["records"] if one["collection"] == collection and not one.get("deleted")
    ]
