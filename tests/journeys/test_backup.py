"""The phone is backed up, something is lost, and comes back by itself or with all of its kind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
PUT = """async ([collection, id, fields]) => {
  const { sync } = document.querySelector('pl-phone').phone;
  await (fields ? sync.put(collection, id, fields) : sync.delete(collection, id));
  while (sync.status().unsafe > 0) await new Promise(done => setTimeout(done, 50));
}"""
GET = """async ([collection, id]) => {
  const { sync } = document.querySelector('pl-phone').phone;
  while (!(await sync.get(collection, id))) await new Promise(done => setTimeout(done, 50));
  return (await sync.get(collection, id)).fields;
}"""
STAND = {"address": "+4930123", "thread": "+4930123", "direction": "in", "state": "received"}
STAND |= {"date_ms": 1_700_000_000_000, "contact": "Li Na"}


def put(page: Page, collection: str, record: str, fields: dict[str, object] | None) -> None:
    page.evaluate(PUT, [collection, record, fields])


def test_what_was_lost_comes_back(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("mei")
    page = device()
    sign_in(page, phone, "mei")
    put(page, "notes.note", "tea", {"title": "Tea with Li"})
    put(page, "messages.message", "m", {**STAND, "body": "明天西湖见", "read": True})
    icon(page, "Settings").click()
    page.locator("pl-settings").get_by_role("button", name="Backup").click()
    expect(page.get_by_text("Not backed up yet")).to_be_visible()
    page.get_by_text("Back up now").click()
    # No tap from here on: the page hears by itself of the backup and of what it holds.
    expect(page.get_by_text("Last backup just now")).to_be_visible(timeout=60_000)
    backups = page.locator("pl-backup").get_by_role("button").filter(has_text="kB")
    expect(backups).to_have_count(1)
    keep(page, "backup")
    phone.post("/backups/phone", token, {})
    expect(backups).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("progressbar", name="Backing up…")).to_be_hidden()
    put(page, "notes.note", "tea", None)
    put(page, "messages.message", "m", None)

    page.locator("pl-backup").get_by_role("button").filter(has_text="kB").first.click()
    page.locator("pl-backup-one").get_by_role("button", name="Messages").click()
    expect(page.get_by_text(re.compile(r"Li Na · .*14 Nov.* · Not on the phone"))).to_be_visible()
    keep(page, "backup-one")
    page.get_by_text("Restore", exact=True).click()
    expect(page.get_by_role("status").get_by_text("1 item restored.")).to_be_visible()
    expect(page.get_by_text("On the phone as it was")).to_be_visible()

    tablet = device(1180, 820, "zh-CN")
    sign_in(tablet, phone, "mei", zh=True)
    icon(tablet, "设置").click()
    tablet.locator("pl-settings").get_by_role("button", name="备份").click()
    expect(tablet.get_by_text("上次备份", exact=False).first).to_be_visible()
    tablet.locator("pl-backup").get_by_role("button").filter(has_text="kB").first.click()
    tablet.locator("pl-backup-one").get_by_role("button", name="记事").click()
    keep(tablet, "backup-one-zh")
    tablet.get_by_text("全部恢复").click()
    expect(tablet.get_by_role("status").get_by_text("已恢复 1 项。")).to_be_visible()
    keep(tablet, "backup-restored-zh")
    tablet.get_by_role("button", name="删除此备份").click()
    keep(tablet, "backup-forget-tablet-zh")
    page.locator("pl-backup-one").get_by_role("button", name="Delete this backup").click()
    page.get_by_label("Your password").fill(PASSWORD)
    keep(page, "backup-forget")
    page.get_by_text("Delete for good").click()
    expect(page.get_by_text("The backup was deleted.")).to_be_visible()
    expect(backups).to_have_count(1)
    keep(page, "backup-forgotten")
    assert page.evaluate(GET, ["notes.note", "tea"])["title"] == "Tea with Li"
    assert page.evaluate(GET, ["messages.message", "m"])["body"] == "明天西湖见"
