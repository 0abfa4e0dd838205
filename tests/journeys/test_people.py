"""An owner invites; somebody opens the link and has an account, which its owner gives room and shuts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def invite(page: Page, whom: str, room: str = "") -> str:
    page.get_by_label("For whom?").fill(whom)
    page.get_by_label("Room in GB").fill(room)
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("This link is shown only now.")).to_be_visible()
    return page.locator("pl-people .link").inner_text()


def test_somebody_joins_by_a_link(new_phone: Phone, device: Device, keep: Keep) -> None:
    page, other = device(), device(1180, 820, "zh-CN")
    other.goto(new_phone.url)
    expect(other.get_by_label("再次输入密码")).to_be_visible()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    icon(page, "Settings").click()
    page.get_by_role("button", name="People").click()
    link = invite(page, "Grandma", "2.5")
    keep(page, "phone-en-invitation-link")
    page.locator("#done").click()
    expect(page.get_by_text("Grandma")).to_be_visible()
    keep(page, "phone-en-people")
    she_joins(other, link, keep)
    # A link is good once; it is looked at where the page is open already, too.
    third = device()
    third.goto(new_phone.url)
    expect(third.get_by_role("button", name="I was invited")).to_be_visible()
    third.goto(link)
    expect(third.get_by_text("This invitation was used, was taken back, or has expired.")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="People").click()
    expect(page.get_by_text("Grandma")).to_have_count(0)
    she_is_looked_after(page, keep)
    # Her devices are signed out, and she is told why.
    expect(other.get_by_label("用户名")).to_be_visible()
    other.get_by_label("用户名").fill("奶奶")
    other.get_by_label("密码", exact=True).fill(PASSWORD)
    other.get_by_text("登录", exact=True).last.click()
    expect(other.get_by_text("云端所有者停用了此账户。")).to_be_visible()
    page.get_by_role("switch", name="Shut").click()
    expect(page.get_by_role("switch", name="Shut")).to_have_attribute("aria-checked", "false")
    other.get_by_text("登录", exact=True).last.click()
    expect(icon(other, "设置")).to_be_visible()


def she_joins(other: Page, link: str, keep: Keep) -> None:
    """In a window that was open before there was an account, and that has no address bar."""
    she_chooses(other)
    expect(other.get_by_role("alert").get_by_text("这个云端已有账户，请登录。")).to_be_visible()
    other.get_by_role("button", name="我收到了邀请").click()
    keep(other, "tablet-zh-invitation-link")
    field = other.get_by_label("邀请链接")
    field.fill(link.partition("#")[0])
    other.get_by_text("打开邀请").click()
    expect(other.get_by_role("alert").get_by_text("请粘贴完整的链接")).to_be_visible()
    field.fill(f" {link}\n")
    other.get_by_text("打开邀请").click()
    expect(other.get_by_text("mei 邀请你加入")).to_be_visible()
    keep(other, "tablet-zh-invited")
    she_chooses(other)
    icon(other, "设置").click()
    expect(other.locator("pl-settings").get_by_text("共 2.5 GB")).to_be_visible()
    # A member looks after nobody.
    expect(other.get_by_role("button", name="成员")).to_have_count(0)
    assert "invite" not in other.url


def she_chooses(other: Page) -> None:
    other.get_by_label("用户名").fill("奶奶")
    other.get_by_label("密码", exact=True).fill(PASSWORD)
    other.get_by_label("再次输入密码").fill(PASSWORD)
    other.locator("#enter").click()


def she_is_looked_after(page: Page, keep: Keep) -> None:
    page.get_by_role("button", name="奶奶").click()
    page.get_by_label("Room in GB").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("of 3 GB")).to_be_visible()
    page.get_by_role("button", name="Make an owner").click()
    page.get_by_label("Your password").fill("not the password")
    page.get_by_role("button", name="Make an owner").click()
    expect(page.get_by_text("That is not the present password.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make an owner").click()
    page.get_by_role("button", name="Make a member").click()
    expect(page.get_by_role("button", name="Make an owner")).to_be_visible()
    page.get_by_role("switch", name="Shut").click()
    expect(page.get_by_role("switch", name="Shut")).to_have_attribute("aria-checked", "true")
    keep(page, "phone-en-person")


def test_an_invitation_is_taken_back(new_phone: Phone, device: Device) -> None:
    page = device()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    icon(page, "Settings").click()
    page.get_by_role("button", name="People").click()
    link = invite(page, "Grandma")
    page.locator("#done").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Grandma")).to_have_count(0)
    other = device()
    other.goto(link)
    expect(other.get_by_text("This invitation was used, was taken back, or has expired.")).to_be_visible()
    page.get_by_role("button", name="mei").last.click()
    expect(page.get_by_text("This account keeps the cloud")).to_be_visible()
