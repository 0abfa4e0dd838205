"""What a phone is kept for: messages brought from an old one, and files."""

from __future__ import annotations

import hashlib
import io
import json
import math
import random
import re
import struct
import wave
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.cloud.services.files.heic import heic

from .access import problems
from .conftest import PASSWORD, Device, Keep, Phone
from .hand import Hand, choose_files, open_phone, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
XML = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<smses count="4">
  <sms address="+86 138 0013 8000" date="1700000000000" type="1" read="0" contact_name="Mei"
    body="周六去西湖边喝茶吗？" />
  <sms address="+8613800138000" date="1700000060000" type="2" read="1" contact_name="Mei" body="好，十点断桥见" />
  <sms address="+44 20 7946 0018" date="1699990000000" type="1" read="1" contact_name="Clinic"
    body="Your appointment is on 3 March at 09:30." />
  <sms address="10086" date="soon" type="1" body="x" />
</smses>
"""
LINES = [
    {
        "address": "+4915112345678",
        "date_ms": 1700000300000,
        "direction": "in",
        "body": "Zug ist da",
        "contact": "Jonas",
    },
    {"address": "+4915112345678", "date_ms": 1700000360000, "direction": "out", "body": "Bin gleich am Gleis"},
]
MB = 1_000_000
DECODED = "async (one) => { await one.decode(); return one.naturalWidth; }"
LENGTH = """(one) => new Promise((done) => {
  const told = () => done(one.duration);
  if (one.duration) told(); else one.addEventListener('loadedmetadata', told);
})"""
LITTLE = re.compile(r"^\s*[\d.]+ (bytes|kB) of 100 GB\s*$")


def test_messages_of_an_old_phone(phone: Phone, device: Device, keep: Keep, tmp_path: Path) -> None:
    phone.account("mei")
    page = device()
    sign_in(page, phone, "mei")
    messages = open_web_app(page, "Messages")
    keep(page, "messages-empty")
    choose_files(page, messages.get_by_role("button", name="Import a file").last, ("sms.xml", XML.encode()))
    report = messages.locator(".report")
    expect(report).to_contain_text("3 messages imported.")
    expect(report).to_contain_text("1 was skipped:")
    expect(report).to_contain_text("Line 8")
    messages.get_by_role("searchbox").fill("西湖")
    expect(messages.locator(".list mark")).to_have_text(["西湖"])
    expect(report).to_have_count(0)
    messages.get_by_role("searchbox").fill("")
    messages.get_by_role("button", name="Import and export").click()
    expect(messages.get_by_role("menuitem")).to_have_text(
        ["Archived", "Blocked", "Import a file", "Export messages"]
    )
    choose_files(page, messages.get_by_role("menuitem", name="Import a file"), ("sms.xml", XML.encode()))
    expect(report).to_contain_text("3 were here already.")
    report.get_by_role("button", name="Close").click()
    expect(report).to_have_count(0)

    file = tmp_path / "more.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in LINES))
    phone.cli("login", phone.url, "--name", "mei", "--password-file", "-", enter=f"{PASSWORD}\n")
    assert "2 imported, 0 were there already, 0 skipped." in phone.cli("messages", "import", str(file))
    assert "0 imported, 2 were there already, 0 skipped." in phone.cli("messages", "import", str(file))

    rows = messages.locator(".list .row .name")
    expect(rows).to_have_text(["Jonas", "Mei", "Clinic"])
    keep(page, "messages-threads")
    messages.get_by_role("button", name=re.compile("Mei")).click()
    expect(messages.locator(".bubble")).to_have_text(["周六去西湖边喝茶吗？", "好，十点断桥见"])
    keep(page, "messages-thread")
    Hand(page).drag((3, 400), (180, 402))
    messages.get_by_role("searchbox").fill("西湖")
    expect(messages.locator(".list mark")).to_have_text(["西湖"])
    keep(page, "messages-search")
    messages.locator(".list .row").click()
    expect(messages.locator(".bubble.found")).to_have_text("周六去西湖边喝茶吗？")
    Hand(page).drag((3, 400), (180, 402))
    messages.get_by_role("searchbox").fill("")
    messages.get_by_role("combobox", name="With whom").select_option(label="Mei")
    expect(messages.locator(".list .last")).to_have_count(2)
    messages.get_by_role("combobox", name="When").select_option("between")
    messages.get_by_label("To", exact=True).fill("2001-01-01")
    expect(messages.get_by_text("No messages there")).to_be_visible()
    messages.get_by_label("To", exact=True).fill("2100-01-01")
    expect(messages.locator(".list .last")).to_have_count(2)
    assert problems(page, "Messages") == []
    keep(page, "messages-search-within")
    messages.get_by_role("button", name="End search").click()
    expect(messages.locator(".list .row .name")).to_have_text(["Jonas", "Mei", "Clinic"])


def test_files_go_up_and_come_back(phone: Phone, device: Device, keep: Keep, tmp_path: Path) -> None:
    token = phone.account("lin")
    data = random.Random(7).randbytes(6 * MB)
    page = device()
    sign_in(page, phone, "lin")
    files = open_web_app(page, "Files")
    expect(files.locator(".usage")).to_have_text(LITTLE)
    keep(page, "files-empty")
    cut = cut_once(page)
    choose_files(
        page,
        files.get_by_role("button", name="Upload files").last,
        ("holiday.bin", data),
        ("list.txt", "牛奶\n".encode()),
    )
    expect(files.get_by_text("No connection. It goes on by itself.")).to_be_visible()
    keep(page, "files-waiting")
    row = files.locator(".row").filter(has_text="holiday.bin")
    expect(row.get_by_role("button", name="Download holiday.bin")).to_be_visible()
    assert cut[0] > 1, "what was cut was sent again"
    expect(files.get_by_text("6 MB of 100 GB")).to_be_visible()
    expect(files.locator(".row").filter(has_text="list.txt")).to_contain_text("7 bytes")
    # It is shown in two parts, and read as one.
    expect(row.locator("button.what")).to_have_accessible_name(re.compile(r"^holiday\.bin 6 MB"))
    keep(page, "files-list")
    with page.expect_download() as download:
        row.get_by_role("button", name="Download holiday.bin").click()
    assert hashlib.sha256(Path(download.value.path()).read_bytes()).digest() == hashlib.sha256(data).digest()
    search = files.get_by_label("Search names and texts")
    search.fill("牛奶")
    expect(files.locator(".row")).to_have_count(1)
    expect(files.locator(".row")).to_contain_text("list.txt")
    keep(page, "files-search")
    search.fill("nothing of this")
    expect(files.get_by_text("Nothing found.")).to_be_visible()
    search.fill("")
    again = b"new words"
    files.get_by_role("button", name="list.txt", exact=False).filter(has_text="7 bytes").click()
    expect(files.get_by_text("There are no earlier versions.")).to_be_visible()
    choose_files(page, files.get_by_role("button", name="Upload a new version"), ("other.txt", again))
    expect(files.get_by_role("button", name=re.compile("^Go back to the version of"))).to_be_visible()
    expect(files.locator("h1")).to_contain_text("9 bytes")
    expect(files.locator("files-preview")).to_contain_text("new words")
    keep(page, "files-versions")
    files.get_by_role("button", name=re.compile("^Go back to the version of")).click()
    expect(files.locator("h1")).to_contain_text("7 bytes")
    expect(files.locator("files-preview")).to_contain_text("牛奶")
    box, text = files.locator("files-preview").bounding_box(), files.locator("files-preview pre").bounding_box()
    assert box is not None
    assert text is not None
    assert (box["y"], box["height"]) == (text["y"], 200), "a short text begins at the top"
    files.get_by_role("button", name="Back", exact=True).click()

    files.get_by_role("button", name="Delete list.txt").click()
    expect(files.get_by_text("“list.txt” is in the trash.")).to_be_visible()
    files.get_by_role("button", name="Undo").click()
    expect(files.get_by_role("button", name="Delete list.txt")).to_be_visible()
    row.get_by_role("button", name="Delete holiday.bin").click()
    files.get_by_role("button", name="Delete list.txt").click()
    expect(files.get_by_role("button", name="Download list.txt")).to_have_count(0)
    files.get_by_role("button", name="Trash", exact=False).last.click()
    keep(page, "files-trash")
    files.get_by_role("button", name="Restore list.txt").click()
    expect(files.get_by_role("button", name="Restore list.txt")).to_have_count(0)
    files.get_by_role("button", name="Empty").click()
    files.get_by_role("button", name="Delete", exact=True).click()
    expect(files.get_by_text("The trash is empty.")).to_be_visible()
    files.get_by_role("button", name="Back").click()
    expect(files.locator(".usage")).to_have_text(LITTLE)
    expect(files.get_by_role("button", name="Download list.txt")).to_be_visible()
    assert phone.get("/files/usage", token)["used"] < MB


def test_files_are_renamed_and_moved_without_the_cloud(phone: Phone, device: Device, keep: Keep) -> None:
    """What was done offline is on another device; what is not possible is said."""
    phone.account("an")
    page = device()
    sign_in(page, phone, "an")
    files = open_web_app(page, "Files")
    choose_files(
        page,
        files.get_by_role("button", name="Upload files").last,
        ("photo.png", picture()),
        ("list.txt", "牛奶\n".encode()),
    )
    expect(files.get_by_role("button", name="Download list.txt")).to_be_visible()

    def press(name: str) -> None:
        files.get_by_role("button", name=name, exact=True).click()

    def row(name: str) -> Locator:
        return files.locator("button.what").filter(has_text=name)

    def enter(name: str) -> None:
        row(name).click()
        expect(files.locator("h1")).to_have_text(name)

    page.context.set_offline(True)
    for name in ("Trips", "West Lake"):
        press("New folder")
        expect(files.get_by_label("Name of the folder")).to_be_focused()
        files.get_by_label("Name of the folder").fill(name)
        press("Create")
        expect(row(name)).to_be_visible()
    row("photo.png").click()
    press("Rename photo.png")
    name = files.get_by_label("New name")
    expect(name).to_be_focused()
    name.fill("list.txt")
    name.press("Enter")
    expect(files.locator(".failed")).to_contain_text("has something of this name already")
    keep(page, "files-rename")
    name.fill("Broken Bridge.png")
    press("Rename")
    expect(files.locator("h1")).to_contain_text("Broken Bridge.png")
    keep(page, "files-page")
    press("Move to…")
    expect(files.get_by_role("button", name="Move here")).to_be_disabled()
    keep(page, "files-move")
    enter("Trips")
    keep(page, "files-move-inside")
    press("Move here")
    expect(files.locator(".told")).to_have_text("“Broken Bridge.png” is in “Trips” now.")
    press("Back")
    expect(row("Broken Bridge.png")).to_have_count(0)

    enter("Trips")
    expect(row("Broken Bridge.png")).to_be_visible()
    press("More about Trips")
    keep(page, "files-folder-more")
    press("Move to…")
    expect(row("Trips")).to_have_count(0)
    enter("West Lake")
    press("Move here")
    expect(files.locator(".told")).to_contain_text("is in “West Lake” now.")
    keep(page, "files-moved")
    assert problems(page, "Files") == []
    press("Back")
    press("Rename Trips")
    files.get_by_label("New name").fill("杭州")
    press("Rename")
    expect(row("杭州")).to_be_visible()

    page.context.set_offline(False)
    tablet = device(1180, 820, "zh-CN")
    sign_in(tablet, phone, "an", zh=True)
    files = open_web_app(tablet, "文件")
    enter("West Lake")
    enter("杭州")
    row("Broken Bridge.png").click()
    keep(tablet, "files-page-tablet-zh")
    press("移动到…")
    keep(tablet, "files-move-tablet-zh")


@pytest.mark.parametrize("zh", [False, True], ids=["phone", "tablet-zh"])
def test_a_file_is_shown(phone: Phone, device: Device, keep: Keep, *, zh: bool) -> None:
    """Pictures, texts, sound; what a browser cannot show is said; nothing in a file runs."""
    name = "mei zh" if zh else "mei en"
    phone.account(name)
    page = device(1180, 820, "zh-CN") if zh else device()
    sign_in(page, phone, name, zh=zh)
    files = open_web_app(page, "文件" if zh else "Files")
    evil = "<script>document.title = 'ran'; parent.postMessage('ran', '*')</script>"
    choose_files(
        page,
        files.get_by_role("button", name="上传文件" if zh else "Upload files").last,
        ("photo.png", picture()),
        ("drawing.svg", f"<svg xmlns='http://www.w3.org/2000/svg' width='100' height='50'>{evil}</svg>".encode()),
        ("page.html", f"<h1>西湖</h1>{evil}".encode()),
        ("tone.wav", tone()),
        ("broken.jpg", b"no picture"),
        ("thing.bin", b"\0\1"),
        ("apple.heic", heic(640, 320, (200, 60, 40))),
    )
    expect(files.locator(".row button.what")).to_have_count(7 + 1)  # the vault
    for name, width in (("photo.png", 256), ("apple.heic", 256)):
        row = files.locator(".row").filter(has_text=name)
        assert row.locator("files-thumbnail img").evaluate(DECODED) == width
    expect(files.locator("files-thumbnail img")).to_have_count(2)
    keep(page, f"files-thumbnails-{'tablet-zh' if zh else 'phone'}")
    shown = files.locator("files-preview")

    def show(file: str) -> Locator:
        files.locator(".row").filter(has_text=file).locator("button.what").click()
        return shown

    def leave() -> None:
        files.get_by_role("button", name="返回" if zh else "Back", exact=True).click()
        expect(shown).to_have_count(0)

    size = "tablet-zh" if zh else "phone"
    assert show("photo.png").locator("img").evaluate(DECODED) == 320
    keep(page, f"files-picture-{size}")
    leave()
    assert show("drawing.svg").locator("img").evaluate(DECODED) == 100
    leave()
    expect(show("page.html").locator("pre")).to_contain_text("<h1>西湖</h1><script>")
    keep(page, f"files-text-{size}")
    leave()
    assert show("tone.wav").locator("audio").evaluate(LENGTH) == pytest.approx(0.5)
    keep(page, f"files-sound-{size}")
    leave()
    expect(show("apple.heic")).to_contain_text("缩小副本" if zh else "a small copy")
    assert shown.locator("img").evaluate(DECODED) == 256
    keep(page, f"files-heic-{size}")
    leave()
    expect(show("broken.jpg")).to_contain_text("已损坏" if zh else "it is damaged")
    leave()
    expect(show("thing.bin")).to_contain_text("无法在此显示" if zh else "cannot be shown here")
    keep(page, f"files-unknown-{size}")
    assert files.locator("html").evaluate("() => document.title") != "ran"
    leave()
    page.context.set_offline(True)
    for one in ("photo.png", "thing.bin"):
        show(one)
        expect(files.get_by_text("连不上云端。" if zh else "The cloud cannot be reached.")).to_have_count(1)
        keep(page, f"files-offline-{size}")
        leave()


def picture() -> bytes:
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((320, 200))
    Image.merge("RGB", (image, image.rotate(180), image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))).save(
        out, "PNG"
    )
    return out.getvalue()


def tone() -> bytes:
    """Half a second."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(n / 3))) for n in range(4000)))
    return out.getvalue()


def test_an_upload_outlives_a_killed_server(phone: Phone, device: Device) -> None:
    phone.account("bo")
    data = random.Random(8).randbytes(6 * MB)
    page = device()
    sign_in(page, phone, "bo")
    files = open_web_app(page, "Files")
    killed = [False]

    def kill(route: Route) -> None:
        if not killed[0] and route.request.method == "PATCH":
            killed[0] = True
            phone.kill("web")
        route.continue_()

    page.route("**/files/uploads/*", kill)
    choose_files(page, files.get_by_role("button", name="Upload files").last, ("big.bin", data))
    expect(files.get_by_role("button", name="Download big.bin")).to_be_visible(timeout=60_000)
    assert killed[0]
    with page.expect_download() as download:
        web_app(page, "Files").get_by_role("button", name="Download big.bin").click()
    assert Path(download.value.path()).read_bytes() == data


def test_an_upload_outlives_its_page(phone: Phone, device: Device) -> None:
    phone.account("yu")
    data = random.Random(9).randbytes(6 * MB)
    page = device()
    sign_in(page, phone, "yu")
    files = open_web_app(page, "Files")
    page.route("**/files/uploads/*", lambda route: route.abort("connectionreset"))
    choose_files(page, files.get_by_role("button", name="Upload files").last, ("big.bin", data))
    expect(files.get_by_text("No connection. It goes on by itself.")).to_be_visible()
    page.unroute("**/files/uploads/*")
    page.reload()
    open_phone(page)
    files = web_app(page, "Files")
    expect(files.get_by_role("button", name="Download big.bin")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        files.get_by_role("button", name="Download big.bin").click()
    assert Path(download.value.path()).read_bytes() == data


def test_a_file_is_shared_by_a_link_and_with_a_person(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("hua")
    page = device()
    sign_in(page, phone, "hua")
    files = open_web_app(page, "Files")
    choose_files(page, files.get_by_role("button", name="Upload files").last, ("list.txt", "牛奶\n".encode()))
    files.get_by_role("button", name="list.txt", exact=False).filter(has_text="7 bytes").click()
    files.get_by_role("button", name="Share a link").click()
    files.get_by_label("Password (if you like)").fill("sesame")
    expect(files.get_by_text("Ends", exact=True)).to_be_visible()
    keep(page, "files-share")
    files.get_by_role("button", name="Share", exact=True).click()
    address = files.get_by_label("The link, shown this once").input_value()
    expect(files.get_by_text("with a password")).to_be_visible()
    files.get_by_role("button", name="Close").click()

    guest = device(locale="zh-CN")
    guest.goto(phone.url + "/api/v1" + address.split("/api/v1", 1)[1])
    keep(guest, "files-link-password")
    guest.get_by_label("密码").fill("sesame")
    guest.get_by_role("button", name="打开").click()
    expect(guest.get_by_role("heading", name="list.txt")).to_be_visible()
    keep(guest, "files-link")
    with guest.expect_download() as download:
        guest.get_by_role("link", name="下载").click()
    assert Path(download.value.path()).read_text() == "牛奶\n"

    phone.account("jun")
    other = device()
    sign_in(other, phone, "jun")
    given = open_web_app(other, "Files")
    expect(given.locator("pl-empty")).to_be_visible()
    files.get_by_role("button", name="Share with…").click()
    files.get_by_label("Name of the account").fill("jun")
    expect(files.get_by_text("What they may do", exact=True)).to_be_visible()
    rights = files.get_by_role("radiogroup", name="What they may do")
    rights.get_by_role("radio", name="May write").click()
    keep(page, "files-share-account")
    files.get_by_role("button", name="Share", exact=True).click()
    expect(files.get_by_role("button", name="End the share: jun")).to_be_visible()
    keep(page, "files-shares")
    files.get_by_role("button", name="End the share: Link").click()
    expect(files.get_by_role("button", name="End the share: Link")).to_have_count(0)
    guest.reload()
    # Without a reload: the app looks for it.
    given.get_by_role("button", name="Shared with me").click()
    row = given.locator("button.what").filter(has_text="list.txt")
    expect(row).to_contain_text("You may change it")
    keep(other, "files-given")
    with other.expect_download() as download:
        given.get_by_role("button", name="Download list.txt").click()
    assert Path(download.value.path()).read_text() == "牛奶\n"
    row.click()
    expect(given.locator("files-preview")).to_contain_text("牛奶")
    choose_files(other, given.get_by_role("button", name="Upload a new version"), ("new.txt", b"milk and tea"))
    expect(given.locator("files-preview")).to_have_text("milk and tea")
    expect(given.locator("h1")).to_contain_text("12 bytes")
    keep(other, "files-given-changed")
    expect(files.locator("files-preview")).to_have_text("milk and tea")
    expect(files.get_by_role("button", name=re.compile("^Go back to the version of"))).to_be_visible()


def cut_once(page: Page) -> list[int]:
    """Breaks the connection of the first piece of an upload; counts the pieces that were tried."""
    pieces = [0]

    def cut(route: Route) -> None:
        if route.request.method != "PATCH":
            return route.continue_()
        pieces[0] += 1
        return route.abort("connectionreset") if pieces[0] == 1 else route.continue_()

    page.route("**/files/uploads/*", cut)
    return pieces
