"""What one shares with another, as it is told on the other's devices."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from .conftest import Device, Keep, Phone
from .hand import choose_files, drop_file, open_web_app, sign_in


def shared_folder(phone: Phone, token: str, name: str, **wish: Any) -> tuple[str, str]:
    """Makes a folder and shares it: its id and the share's."""
    fields = {"name": name, "parent": "", "type": "inode/directory", "size": 0, "modified_ms": 1}
    record = name.split()[0]
    made = {"id": record, "base": 0, "collection": "files.file", "record": record, "op": "put"}
    phone.post("/journal/mutations", token, {"mutations": [{**made, "fields": fields}]})
    return record, phone.post(f"/files/{record}/shares", token, wish)["id"]


def shade(page: Page, *, zh: bool = False) -> Locator:
    page.get_by_role("button", name="打开通知" if zh else "Open notifications").click()
    return page.locator("pl-shade")


def test_who_gets_something_is_told_and_led_to_it(phone: Phone, device: Device, keep: Keep) -> None:
    token, _ = phone.account("hua"), phone.account("jun")
    page, tablet = device(), device(1180, 820, locale="zh-CN", color_scheme="dark")
    sign_in(page, phone, "jun")
    sign_in(tablet, phone, "jun", zh=True)
    files = open_web_app(page, "Files")
    expect(files.locator("pl-empty")).to_be_visible()
    _, share = shared_folder(phone, token, "Holidays in Hangzhou", account="jun", write=True)
    notice = shade(page).get_by_text("hua shared a folder with you")
    expect(notice).to_be_visible()
    keep(page, "given-shade")
    other = shade(tablet, zh=True).get_by_text("hua 与你共享了一个文件夹")
    expect(other).to_be_visible()
    keep(tablet, "tablet-given-shade-zh-dark")
    notice.click()
    expect(files.get_by_role("heading", name="Holidays in Hangzhou")).to_be_visible()
    keep(page, "given-folder")
    add_files(page, files, keep)
    phone.delete(f"/files/shares/{share}", token)
    expect(other).to_have_count(0)
    a_taken_name(page, files, keep)


def add_files(page: Page, files: FrameLocator, keep: Keep) -> None:
    """They are in the folder, under names that are free there."""
    expect(files.get_by_text("They count in hua’s storage.")).to_be_visible()
    add = files.locator("files-given").get_by_role("button", name="Upload files")
    choose_files(page, add.first, ("list.txt", "牛奶\n".encode()))
    expect(files.get_by_role("button", name="Download list.txt")).to_be_visible()
    choose_files(page, add.first, ("list.txt", b"tea"), ("map.txt", b"north"))
    expect(files.get_by_role("button", name="Download list (2).txt")).to_be_visible()
    expect(files.get_by_role("button", name="Download map.txt")).to_be_visible()
    expect(files.get_by_role("status").filter(has_text="Saved as “list (2).txt”")).to_be_visible()
    keep(page, "given-added")
    drop_file(files, "files-app", "way.txt", "west")
    expect(files.get_by_role("button", name="Download way.txt")).to_be_visible()


def a_taken_name(page: Page, files: FrameLocator, keep: Keep) -> None:
    """In a folder of one's own, too, it is said what a file is called."""
    for _ in range(2):
        files.get_by_role("button", name="Back").first.click()
    expect(files.get_by_text("way.txt")).to_have_count(0)
    for _ in range(2):
        choose_files(page, files.get_by_role("button", name="Upload files").first, ("a.txt", b"a"))
        expect(files.get_by_role("button", name="Download a.txt")).to_be_visible()
    expect(files.get_by_role("status").filter(has_text="Saved as “a (2).txt”")).to_be_visible()
    keep(page, "files-saved-as")
