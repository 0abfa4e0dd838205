"""A parent adds a child, gives it room, finds its tablet and helps it back in; another parent joins; they part."""

from __future__ import annotations

import json

import httpx
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, open_web_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
NEW = "a password of her own"


def open_family(page: Page, *, zh: bool = False) -> None:
    icon(page, "设置" if zh else "Settings").click()
    page.get_by_role("button", name="家庭" if zh else "Family", exact=True).click()


def add_child(page: Page, name: str, room: str) -> None:
    page.get_by_role("button", name="Add a child").click()
    page.get_by_label("The child's name").fill(name)
    page.get_by_label("The child's first password").fill(PASSWORD)
    page.get_by_label("Room in GB").fill(room)
    page.locator("#make-child").click()


def test_a_parent_looks_after_a_child(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("family-anna")
    page = device()
    sign_in(page, phone, "family-anna")
    open_family(page)
    expect(page.get_by_text("They see nothing that is in a child's account.")).to_be_visible()
    add_child(page, "小丽", "100000")
    expect(page.get_by_text("you have not so much left")).to_be_visible()
    page.get_by_label("Room in GB").fill("2.5")
    page.locator("#make-child").click()
    expect(page.get_by_text("Child · 0 bytes of 2.5 GB")).to_be_visible()
    keep(page, "phone-en-family")

    child = device(1180, 820, "zh-CN")
    sign_in(child, phone, "小丽", zh=True)
    open_family(child, zh=True)
    expect(child.get_by_text("家长可以分给你存储空间")).to_be_visible()
    expect(child.get_by_role("button", name="添加孩子")).to_have_count(0)
    keep(child, "tablet-zh-family-child")

    page.get_by_role("button", name="小丽").click()
    page.get_by_label("Room in GB").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("of 3 GB")).to_be_visible()
    page.get_by_role("button", name="Ring", exact=True).click()
    expect(child.locator("pl-ringing")).to_have_count(1)
    expect(page.get_by_text("rings as soon as it hears of it.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make a code").click()
    code = page.locator("pl-child .code").inner_text()
    keep(page, "phone-en-family-person")
    she_comes_back(device(), phone, code)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Let go").click()
    expect(page.get_by_text("小丽 was let go.")).to_be_visible()
    expect(page.get_by_role("button", name="小丽")).to_have_count(0)


def she_comes_back(page: Page, phone: Phone, code: str) -> None:
    page.goto(phone.url)
    page.get_by_role("button", name="Forgot your password?").click()
    page.get_by_label("Name", exact=True).fill("小丽")
    page.get_by_label("Recovery code").fill(code)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.locator("#enter").click()
    icon(page, "Settings").click()
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Activity").click()
    # That a parent made the code is hers to see.
    expect(page.get_by_text("Code for a new password made by a parent: family-anna")).to_be_visible()


def test_another_parent_is_asked_and_joins(phone: Phone, device: Device, keep: Keep) -> None:
    for name in ("family-bob", "family-eve"):
        phone.account(name)
    page, other = device(), device(1180, 820, "zh-CN")
    sign_in(page, phone, "family-bob")
    open_family(page)
    add_child(page, "tim", "1")
    expect(page.get_by_role("button", name="tim")).to_be_visible()
    page.get_by_role("button", name="Leave the family").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Leave the family").click()
    expect(page.get_by_text("The family's children need a parent")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Ask another parent").click()
    page.get_by_label("Account of this cloud").fill("family-eve")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Asked to be a parent")).to_be_visible()
    sign_in(other, phone, "family-eve", zh=True)
    open_family(other, zh=True)
    expect(other.get_by_text("family-bob 邀请你成为家长")).to_be_visible()
    keep(other, "tablet-zh-family-asked")
    other.get_by_role("button", name="加入家庭").click()
    expect(other.get_by_role("button", name="tim")).to_be_visible()
    keep(other, "tablet-zh-family-parent")


def open_list(page: Page, phone: Phone) -> FrameLocator:
    """Files of a device that signs in, with what may be done with a file."""
    sign_in(page, phone, "family-hua")
    files = open_web_app(page, "Files")
    files.get_by_role("button", name="list.txt", exact=False).filter(has_text="7 bytes").click()
    expect(files.get_by_role("button", name="Share a link")).to_be_visible()
    return files


def test_a_file_is_shared_with_the_family_by_one_choice(phone: Phone, device: Device, keep: Keep) -> None:
    tokens = [phone.account(name) for name in ("family-hua", "family-jun")]
    answer = httpx.post(
        f"{phone.api}/files/bulk", headers=phone.headers(tokens[0]), content=packed("list.txt", "牛奶\n".encode())
    )
    answer.raise_for_status()
    # Who has no family is not offered one.
    expect(open_list(device(), phone).get_by_role("button", name="Share with the family")).to_have_count(0)
    asked = phone.post("/family/invitations", tokens[0], {"name": "family-jun", "present": PASSWORD})
    path = f"{phone.api}/family/invitations/{asked['id']}/accept"
    httpx.post(path, headers=phone.headers(tokens[1])).raise_for_status()
    page, other = device(), device(1180, 820, "zh-CN")
    files = open_list(page, phone)
    files.get_by_role("button", name="Share with the family").click()
    files.get_by_role("button", name="Share", exact=True).click()
    expect(files.get_by_role("button", name="End the share: Family")).to_be_visible()
    keep(page, "phone-en-family-share")
    sign_in(other, phone, "family-jun", zh=True)
    given = open_web_app(other, "文件")
    given.get_by_role("button", name="与我共享").click()
    expect(given.get_by_text("list.txt")).to_be_visible()
    # What is for the whole family is its owner's to end.
    expect(given.get_by_role("button", name="退出 list.txt")).to_have_count(0)
    keep(other, "tablet-zh-family-given")
    files.get_by_role("button", name="End the share: Family").click()
    expect(files.get_by_role("button", name="End the share: Family")).to_have_count(0)


def packed(name: str, data: bytes) -> bytes:
    """A file as `POST files/bulk` takes it."""
    header = json.dumps({"name": name, "size": len(data), "parent": "", "type": "text/plain"}).encode()
    return len(header).to_bytes(4, "little") + header + data
