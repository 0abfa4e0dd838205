"""The phone is backed up, something is lost, and comes back by itself or with all of its kind."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pileus.sdk.config import Config, write_config

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
    told = page.locator("pl-backup .row.still small").inner_text()
    keep(page, "backup")
    phone.post("/backups/phone", token, {})
    expect(backups).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("progressbar", name="Backing up…")).to_be_hidden()
    put(page, "notes.note", "tea", None)
    put(page, "messages.message", "m", None)

    page.locator("pl-backup").get_by_role("button").filter(has_text="kB").first.click()
    expect(page.locator("pl-backup-one .row small")).to_have_text(["1 item", "1 item"])
    assert told.startswith("2 items, "), "as many as are listed inside"
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


def shade(page: Page, *, zh: bool = False) -> Locator:
    page.get_by_role("button", name="打开通知" if zh else "Open notifications").click()
    return page.locator("pl-shade")


def show_backup(page: Page, *, zh: bool = False) -> None:
    icon(page, "设置" if zh else "Settings").click()
    page.locator("pl-settings").get_by_role("button", name="备份" if zh else "Backup").click()


def back_up(phone: Phone, page: Page, token: str) -> None:
    """Until the device has heard that it is done."""
    phone.post("/backups/phone", token, {})
    page.evaluate(GET, ["backups.phone", "state"])


def age(database: Path, days: int) -> None:
    """The last backup of every phone lies so much further back."""
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(
            "UPDATE journal_record"
            " SET fields = json_set(fields, '$.last_ms', json_extract(fields, '$.last_ms') - ?)"
            " WHERE collection = 'backups.phone' AND id = 'state'",
            (days * 24 * 3600_000,),
        )


def test_a_phone_that_is_not_backed_up_says_so_loudly(phone: Phone, device: Device, keep: Keep) -> None:
    """In the shade and in red in the settings, until there is a backup again."""
    token = phone.account("lin")
    page = device()
    sign_in(page, phone, "lin")
    back_up(phone, page, token)
    phone.stop()
    age(phone.folder / "data" / "pileus.db", days=9)
    phone.start()
    # Devices that come now: the others have heard of the record before it was aged.
    page, tablet = device(), device(1180, 820, locale="zh-CN", color_scheme="dark")
    sign_in(page, phone, "lin")
    sign_in(tablet, phone, "lin", zh=True)
    expect(shade(page).get_by_text("Last backup 9 days ago")).to_be_visible()
    keep(page, "backup-old-shade")
    expect(shade(tablet, zh=True).get_by_text("上次备份：9天前")).to_be_visible()
    keep(tablet, "tablet-backup-old-shade-zh-dark")
    for one in (page, tablet):
        one.keyboard.press("Escape")
    show_backup(page)
    expect(page.locator("pl-backup .alarm")).to_contain_text("Last backup 9 days ago")
    keep(page, "backup-old")
    show_backup(tablet, zh=True)
    expect(tablet.locator("pl-backup .alarm")).to_contain_text("上次备份：9天前")
    keep(tablet, "tablet-backup-old-zh-dark")
    page.get_by_text("Back up now").click()
    for one in (page, tablet):
        expect(one.locator("pl-backup .alarm")).to_have_count(0, timeout=60_000)
    expect(tablet.locator("pl-shade").get_by_text("9天前")).to_have_count(0)


def test_a_computers_folder_is_looked_into(phone: Phone, device: Device, keep: Keep, tmp_path: Path) -> None:
    """Named by its path, not by its computer alone; what has no time is given none."""
    write_config(Config(phone.url, phone.account("wen")), phone.folder / "config" / "pileus" / "client.json")
    folder = tmp_path / "Photos"
    (folder / "Hangzhou").mkdir(parents=True)
    (folder / "lake.txt").write_text("西湖" * 500)
    for _ in range(2):
        phone.cli("backup", str(folder), "--host", "laptop", "-q")
    page, tablet = device(color_scheme="dark"), device(1180, 820, locale="zh-CN")
    for one, zh in ((page, False), (tablet, True)):
        sign_in(one, phone, "wen", zh=zh)
        show_backup(one, zh=zh)
        row = one.locator("pl-backup").get_by_role("button").filter(has_text="laptop")
        expect(row).to_have_count(1)
        expect(row.locator("b")).to_have_text(str(folder))
        keep(one, "tablet-backup-computers-zh" if zh else "backup-computers-dark")
        row.click()
        rows = one.locator("pl-backup-folder .card .row")
        for name in folder.parts[1:]:
            expect(rows.filter(has_text=name)).to_have_count(1)
            expect(one.locator("pl-backup-folder")).not_to_contain_text("1970")
            keep(one, "tablet-backup-top-zh" if zh else "backup-top-dark")
            rows.filter(has_text=name).click()
        expect(rows.filter(has_text="lake.txt").locator("small")).to_contain_text("3 kB")
        expect(one.get_by_role("combobox").locator("option")).to_have_count(2)
        keep(one, "tablet-backup-folder-zh" if zh else "backup-folder-dark")
