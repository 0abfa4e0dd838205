"""The people of a phone: brought from an old one, found, changed, made one, and there without a network."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FrameLocator, Locator, Page, expect

from .access import problems
from .conftest import Device, Keep, Phone
from .hand import choose_files, open_web_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
PEOPLE = """
Anna Berg|Berg;Anna|+49 30 901820|Captain|Tea House|Crew
Ada Lovelace|Lovelace;Ada|+44 20 7946 0018||Analytical Engines|
Ben Okafor|Okafor;Ben|+234 1 2345|||
张伟|张;伟|+86 139 0000 0001||西湖茶社|家人
单田芳|单;田芳|+86 139 0000 0002|评书||
王小明|王;小明|+86 139 0000 0003|||
Zoë Adler|Adler;Zoë|+49 170 5555555|||Crew
Jonas Weber|Weber;Jonas|+49 151 12345678|||
Mei Lin|Lin;Mei|+86 138 0013 8000||Clinic|
Lin Mei|Lin;Mei|138 0013 8000|||
欧阳娜娜|欧阳;娜娜|+86 139 0000 0004|||
Chloé Dubois|Dubois;Chloé|+33 1 23 45 67 89|||
Samir Haddad|Haddad;Samir|+961 1 234567|||
Priya Nair|Nair;Priya|+91 22 1234 5678|||
"""
RICH = """item1.X-ABLabel:Boat
item1.TEL:+49 40 2
EMAIL;TYPE=work:anna@example.org
ADR;TYPE=home:;;Kastanienallee 7;Berlin;;10435;Germany
BDAY:--0412
URL:https://example.org
X-PHONETIC-FIRST-NAME:An-na
NOTE:Sails at dawn.\\nBrings tea.
X-VENDOR-THING:kept
"""


def cards() -> bytes:
    told = []
    for line in PEOPLE.strip().splitlines():
        name, parts, number, title, org, label = line.split("|")
        rich = RICH if name == "Anna Berg" else ""
        told.append(
            f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nN:{parts};;;\nTEL;TYPE=cell:{number}\n{rich}"
            + (f"TITLE:{title}\n" if title else "")
            + (f"ORG:{org}\n" if org else "")
            + (f"CATEGORIES:{label}\n" if label else "")
            + "END:VCARD\n"
        )
    return ("".join(told) + "BEGIN:VCARD\nVERSION:3.0\nFN:Broken\nno colon\nEND:VCARD\n").encode()


def portrait() -> bytes:
    noise = Image.frombytes("RGB", (8, 6), random.Random(2).randbytes(8 * 6 * 3))
    out = io.BytesIO()
    noise.resize((1600, 1200)).save(out, "JPEG")
    return out.getvalue()


def row(app: FrameLocator, name: str) -> Locator:
    return app.locator(".row").filter(has=app.locator(".name", has_text=re.compile(f"^{name}$")))


def names(app: FrameLocator) -> list[str]:
    return app.locator("contacts-app .row .name").all_inner_texts()


def bring(page: Page, app: FrameLocator) -> None:
    choose_files(page, app.get_by_role("button", name="Import a file").last, ("old.vcf", cards()))
    expect(app.locator(".report")).to_contain_text("14 contacts imported.")


def test_people_of_an_old_phone(phone: Phone, device: Device, keep: Keep, tmp_path: Path) -> None:
    phone.account("mei")
    page = device()
    sign_in(page, phone, "mei")
    app = open_web_app(page, "Contacts")
    expect(app.get_by_text("No contacts yet.")).to_be_visible()
    keep(page, "contacts-empty")
    bring(page, app)
    expect(app.locator(".report")).to_contain_text("Line 103, Broken: a line is not a vCard's")
    app.get_by_role("button", name="Close").click()
    assert names(app) == [
        "Ada Lovelace",
        "Anna Berg",
        "Ben Okafor",
        "Chloé Dubois",
        "Jonas Weber",
        "Lin Mei",
        "Mei Lin",
        "欧阳娜娜",
        "Priya Nair",
        "Samir Haddad",
        "单田芳",
        "王小明",
        "张伟",
        "Zoë Adler",
    ]
    keep(page, "contacts-list")
    assert problems(page, "Contacts") == []
    search = app.get_by_role("searchbox")
    for query, found in [
        ("shantian", "单田芳"),
        ("zw", "张伟"),
        ("0013", "Lin Mei"),
        ("西湖", "张伟"),
        ("zoe", "Zoë Adler"),
    ]:
        search.fill(query)
        expect(app.locator(".row .name").first).to_have_text(found)
    search.fill("")
    app.get_by_role("button", name="Crew").click()
    expect(app.locator(".row .name")).to_have_text(["Anna Berg", "Zoë Adler"])
    app.get_by_role("button", name="All", exact=True).click()

    row(app, "Anna Berg").click()
    for text in [
        "Boat",
        "+49 40 2",
        "Kastanienallee 7",
        "12 April",
        "Sails at dawn.",
        "Captain · Tea House",
        "An-na",
    ]:
        expect(app.locator("contact-detail").get_by_text(text, exact=False).first).to_be_visible()
    keep(page, "contacts-detail")
    assert problems(page, "Contacts") == []
    app.get_by_role("button", name="Favourite").click()
    expect(app.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    app.get_by_role("button", name="Edit contact").click()
    keep(page, "contacts-form")
    assert problems(page, "Contacts") == []
    app.get_by_label("Given name", exact=True).fill("Anne")
    app.get_by_label("Phone", exact=True).first.fill("+49 30 77")
    app.get_by_role("button", name="Add website").click()
    choose_files(page, app.get_by_role("button", name="Add photo"), ("me.jpg", portrait()))
    expect(app.locator("contact-editor pl-avatar img")).to_be_visible()
    app.get_by_role("button", name="Save").click()
    detail = app.locator("contact-detail")
    expect(detail.get_by_role("heading", name="Anne Berg")).to_be_visible()
    expect(detail.locator("pl-avatar img")).to_be_visible()
    keep(page, "contacts-photo")
    with page.expect_download() as download:
        detail.get_by_role("button", name="Save as a file").click()
    written = Path(download.value.path()).read_text(encoding="utf-8").replace("\r\n ", "")
    for line in [
        "FN:Anne Berg",
        "X-VENDOR-THING:kept",
        "item1.X-ABLabel:Boat",
        "TEL;TYPE=cell:+49 30 77",
        "BDAY:--0412",
    ]:
        assert line in written, line
    assert "PHOTO:data:image/jpeg;base64," in written


def test_two_that_are_one(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("lin")
    page = device()
    sign_in(page, phone, "lin")
    app = open_web_app(page, "Contacts")
    bring(page, app)
    app.get_by_role("button", name="Close").click()
    app.get_by_role("button", name="More").click()
    keep(page, "contacts-menu")
    app.get_by_role("menuitem", name="Find duplicates").click()
    found = app.locator("contact-duplicates")
    expect(found.locator("section h2")).to_have_text("Same name · Same number")
    keep(page, "contacts-duplicates")
    assert problems(page, "Contacts") == []
    found.get_by_role("button", name="Merge", exact=True).click()
    expect(found.get_by_text("No contacts look like duplicates.")).to_be_visible()
    found.get_by_role("button", name="Undo").click()
    expect(found.locator("section h2")).to_have_count(1)
    found.get_by_role("button", name="Not the same").click()
    expect(found.get_by_text("No contacts look like duplicates.")).to_be_visible()
    found.get_by_role("button", name="Back").click()
    assert {"Mei Lin", "Lin Mei"} <= set(names(app))


def test_people_without_a_network_and_on_a_tablet(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("bo")
    page = device(1280, 800, locale="zh-CN", color_scheme="dark")
    sign_in(page, phone, "bo", zh=True)
    app = open_web_app(page, "通讯录")
    choose_files(page, app.get_by_role("button", name="导入文件").last, ("old.vcf", cards()))
    expect(app.locator(".report")).to_contain_text("已导入 14 位联系人。")
    app.get_by_role("button", name="关闭").click()
    assert problems(page, "通讯录") == []
    expect(app.locator(".index span").last).to_be_in_viewport()
    page.context.set_offline(True)
    app.get_by_role("button", name="新建联系人").click()
    assert problems(page, "通讯录") == []
    app.get_by_label("姓", exact=True).fill("李")
    app.get_by_label("名", exact=True).fill("雷")
    app.get_by_label("电话", exact=True).fill("+86 139 0000 0009")
    app.get_by_role("button", name="保存").click()
    expect(app.locator("contact-detail").get_by_role("heading", name="李雷")).to_be_visible()
    expect(row(app, "李雷").get_by_role("img", name="尚未同步到云端")).to_be_visible()
    keep(page, "contacts-tablet-zh-dark")
    row(app, "王小明").click()
    app.get_by_role("button", name="删除").click()
    expect(row(app, "王小明")).to_have_count(0)
    app.get_by_role("button", name="撤销").click()
    expect(row(app, "王小明")).to_have_count(1)
    app.get_by_role("button", name="更多").click()
    app.get_by_role("menuitem", name="查找重复联系人").click()
    expect(app.get_by_text("查找重复联系人需要连接云端")).to_be_visible()
    page.context.set_offline(False)
    expect(row(app, "李雷").get_by_role("img", name="尚未同步到云端")).to_have_count(0)
    expect(app.locator("contact-duplicates section")).to_have_count(0)
