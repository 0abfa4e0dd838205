"""The vault: made on a phone, opened on a tablet, and nothing of it anywhere on the cloud."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FrameLocator, Page, expect

from pileus.sdk import vault as format_

from .access import problems
from .conftest import PASSWORD, Device, Keep, Phone
from .hand import choose_files, drop_file, icon, open_phone, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
MARK = "heron at dawn 白鹭"
NAME = "secret-heron-名.txt"
CODE = re.compile(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 40)).save(out, "PNG")
    return out.getvalue()


def open_vault(page: Page) -> FrameLocator:
    files = open_web_app(page, "Files")
    files.get_by_role("button", name=re.compile("Vault")).click()
    return files


def make(page: Page, keep: Keep) -> str:
    files = open_vault(page)
    keep(page, "vault-none")
    files.get_by_text("Make the vault").click()
    code = files.locator("#code").inner_text()
    assert CODE.fullmatch(code)
    end = files.get_by_label(re.compile("last four"))
    end.fill("0000" if not code.endswith("0000") else "1111")
    files.get_by_text("I have kept it").click()
    expect(files.get_by_text("These are not its last four characters.")).to_be_visible()
    end.fill(code[-4:].lower())
    keep(page, "vault-code")
    assert problems(page, "Files") == []
    files.get_by_text("I have kept it").click()
    expect(files.get_by_text("Nothing in the vault yet.")).to_be_visible()
    return code


def put(page: Page, name: str, data: bytes) -> None:
    files = page.frame_locator("iframe[title='Files']")
    choose_files(page, files.locator("files-vault").get_by_role("button", name="Upload files").first, (name, data))
    expect(files.get_by_role("button", name=f"Delete {name}")).to_be_visible()


def read(page: Page, name: str) -> None:
    """Shows a text of the vault."""
    files = page.frame_locator("iframe[title='Files']")
    files.locator("button.what").filter(has_text=name[:8]).click()
    expect(files.locator("files-preview pre")).to_contain_text(MARK)


def back(page: Page) -> None:
    page.frame_locator("iframe[title='Files']").locator("files-vault").get_by_role(
        "button", name="Back"
    ).first.click()


def test_a_vault_of_two_devices(phone: Phone, device: Device, keep: Keep, tmp_path: Path) -> None:
    token = phone.account("vera")
    page = device()
    sign_in(page, phone, "vera")
    code = make(page, keep)
    text = f"{MARK}\n".encode() * 6000
    put(page, NAME, text)
    put(page, "red.png", picture())
    keep(page, "vault-list")
    read(page, NAME)
    keep(page, "vault-text")
    a_new_version_and_back(page)
    files = page.frame_locator("iframe[title='Files']")
    files.locator("button.what").filter(has_text="red.png").click()
    shown = files.locator("files-preview img")
    assert shown.evaluate("async (one) => { await one.decode(); return one.naturalWidth; }") == 64
    back(page)
    into_the_trash_and_back(page, keep)
    nothing_is_readable(phone, token, code, text, tmp_path)
    page.reload()
    expect(page.get_by_role("navigation", name="Dock").or_(page.locator("pl-lock")).first).to_be_attached()

    tablet = device(1180, 820)
    sign_in(tablet, phone, "vera")
    the_code_opens_it(tablet, code, keep)
    laptop = device(1280, 800)
    sign_in(laptop, phone, "vera")
    another_device_lets_it_in(laptop, tablet, keep)
    signed_out_it_has_nothing(phone, token, laptop)


def a_new_version_and_back(page: Page) -> None:
    files = page.frame_locator("iframe[title='Files']")
    choose_files(page, files.get_by_role("button", name="Upload a new version"), (NAME, b"the second one"))
    expect(files.locator("files-preview pre")).to_have_text("the second one")
    files.get_by_role("button", name=re.compile("Go back to the version")).first.click()
    expect(files.locator("files-preview pre")).to_contain_text(MARK)
    back(page)


def into_the_trash_and_back(page: Page, keep: Keep) -> None:
    files = page.frame_locator("iframe[title='Files']")
    files.get_by_role("button", name=f"Delete {NAME}").click()
    expect(files.get_by_role("button", name=f"Delete {NAME}")).to_have_count(0)
    back(page)
    files.get_by_role("button", name=re.compile("Trash")).click()
    expect(files.locator("files-trash .row").filter(has_text="Vault")).to_have_count(1)
    keep(page, "vault-trash")
    files.get_by_role("button", name=f"Restore {NAME}").click()
    expect(files.get_by_text("The trash is empty.")).to_be_visible()
    files.get_by_role("button", name="Back").click()
    files.get_by_role("button", name=re.compile("Vault")).click()
    expect(files.get_by_role("button", name=f"Delete {NAME}")).to_be_visible()


def nothing_is_readable(phone: Phone, token: str, code: str, text: bytes, tmp_path: Path) -> None:
    """In the data folder, and in what the cloud gives of the account with its own keys; the code opens that."""
    path = phone.post("/account/export", token, None)["path"]
    with zipfile.ZipFile(io.BytesIO(phone.raw(path))) as archive:
        told = {name: archive.read(name) for name in archive.namelist()}
        archive.extractall(tmp_path)
    data = [one.read_bytes() for one in (phone.folder / "data").rglob("*") if one.is_file()]
    assert any(b"vera" in one for one in data), "the database is among them"
    secrets = [one.encode() for one in (MARK, NAME, "secret-heron", "red.png", code)] + [picture()]
    for found in (*data, *told.values(), *(name.encode() for name in told)):
        assert not any(one in found for one in secrets)
    assert sum(name.startswith("vault/") for name in told) == 3
    out = phone.cli(
        "vault", "decrypt", str(tmp_path / "vault"), str(tmp_path / "clear"), "--code-file", "-", enter=code
    )
    assert "2 files" in out
    assert (tmp_path / "clear" / NAME).read_bytes() == text
    assert (tmp_path / "clear" / "red.png").read_bytes() == picture()


def the_code_opens_it(tablet: Page, code: str, keep: Keep) -> None:
    files = open_vault(tablet)
    keep(tablet, "tablet-vault-closed")
    field = files.get_by_label("The code that you kept")
    field.fill(code[:-1])
    files.get_by_role("button", name="Open", exact=True).click()
    expect(files.get_by_text("That is no recovery code of a vault.")).to_be_visible()
    field.fill(format_.new_code())
    files.get_by_role("button", name="Open", exact=True).click()
    expect(files.get_by_text("This recovery code is not this vault's.")).to_be_visible()
    field.fill(code.replace("-", " ").lower())
    files.get_by_role("button", name="Open", exact=True).click()
    read(tablet, NAME)
    keep(tablet, "tablet-vault-text")
    back(tablet)


def another_device_lets_it_in(laptop: Page, tablet: Page, keep: Keep) -> None:
    new, old = open_vault(laptop), tablet.frame_locator("iframe[title='Files']")
    new.get_by_role("button", name="Ask", exact=True).click()
    code = new.locator("#ask-code").inner_text()
    tablet.get_by_role("button", name="Open notifications").click()
    notice = tablet.locator("pl-shade").get_by_text("asks to be let into the vault")
    expect(notice).to_be_visible()
    keep(tablet, "tablet-vault-ask-shade")
    notice.click()
    typed = old.get_by_label("The code that it shows")
    typed.fill("0000-0000-0000")
    old.get_by_role("button", name="Let in").click()
    expect(old.get_by_text("That is not the code that the other device shows.")).to_be_visible()
    keep(tablet, "tablet-vault-asks")
    keep(laptop, "laptop-vault-code")
    typed.fill(code)
    old.get_by_role("button", name="Let in").click()
    read(laptop, NAME)
    expect(typed).to_have_count(0)


def signed_out_it_has_nothing(phone: Phone, token: str, laptop: Page) -> None:
    keys = "async () => (await indexedDB.databases()).filter(({name}) => name.startsWith('pileus-vault-')).length"
    assert laptop.evaluate(keys) == 1
    holders = phone.get("/files/vault", token)["holders"]
    assert len(holders) == 3
    phone.delete(f"/devices/{holders[-1]}", token)
    expect(laptop.get_by_label("Name", exact=True)).to_be_visible()
    laptop.wait_for_function(f"async () => await ({keys})() === 0")
    assert len(phone.get("/files/vault", token)["holders"]) == 2


def test_a_file_of_the_vault_for_somebody_else(phone: Phone, device: Device, keep: Keep) -> None:
    for name in ("nina", "otto"):
        phone.account(name)
    theirs, mine = device(), device(1180, 820)
    sign_in(theirs, phone, "otto")
    make(theirs, keep)
    to = theirs.frame_locator("iframe[title='Files']")
    to.get_by_role("button", name="Codes and keys").click()
    expect(to.locator("#number")).to_have_text(re.compile(r"^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$"))
    number = to.locator("#number").inner_text()
    keep(theirs, "vault-keys")
    sign_in(mine, phone, "nina")
    make(mine, keep)
    put(mine, NAME, f"{MARK}\n".encode())
    read(mine, NAME)
    files = mine.frame_locator("iframe[title='Files']")
    files.get_by_role("button", name="Share with…").click()
    files.get_by_label("Name of the account").fill("otto")
    files.get_by_label("Their sharing number").fill("0000-0000-0000-0000")
    files.get_by_role("button", name="Share", exact=True).click()
    expect(files.get_by_text("This is not that account's sharing number.")).to_be_visible()
    files.get_by_label("Their sharing number").fill(number.lower())
    keep(mine, "tablet-vault-share")
    files.get_by_role("button", name="Share", exact=True).click()
    expect(files.get_by_role("button", name="End the share: otto")).to_be_visible()

    theirs.reload()
    open_phone(theirs)
    given = web_app(theirs, "Files")
    given.get_by_role("button", name=re.compile("Shared with me")).click()
    given.get_by_role("button", name=re.compile("secret-h")).first.click()
    expect(given.locator("files-preview pre")).to_contain_text(MARK)
    keep(theirs, "vault-given")
    files.get_by_role("button", name="End the share: otto").click()
    expect(files.get_by_role("button", name="End the share: otto")).to_have_count(0)


def test_the_vault_in_chinese(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("wei")
    page = device(locale="zh-CN")
    sign_in(page, phone, "wei", zh=True)
    files = open_web_app(page, "文件")
    files.get_by_role("button", name=re.compile("保险箱")).click()
    keep(page, "vault-none-zh")
    files.get_by_text("创建保险箱").click()
    code = files.locator("#code").inner_text()
    keep(page, "vault-code-zh")
    files.get_by_label("输入最后四个字符，确认已保存").fill(code[-4:])
    files.get_by_text("已保存", exact=True).click()
    expect(files.get_by_text("保险箱里还没有内容。")).to_be_visible()
    files.get_by_role("button", name="恢复码与密钥").click()
    keep(page, "vault-keys-zh")
    expect(files.get_by_text("1 台设备持有密钥。")).to_be_visible()
    start_over(phone, page, device, keep, code)


def start_over(phone: Phone, page: Page, device: Device, keep: Keep, lost: str) -> None:
    files = page.frame_locator("iframe[title='文件']")
    files.get_by_role("button", name="返回").first.click()
    drop_file(files, "files-app", "a.txt", "a")
    expect(files.get_by_role("button", name="删除 a.txt")).to_be_visible()
    keep(page, "vault-list-zh")
    an_export_first(page, keep)
    tablet = device(1180, 820)
    sign_in(tablet, phone, "wei")
    icon(tablet, "Settings").click()
    settings = tablet.locator("pl-settings")
    settings.get_by_role("button", name="Security").click()
    settings.get_by_role("button", name="Vault").click()
    expect(settings.get_by_text("1 file (1 byte) is deleted for good")).to_be_visible()
    expect(settings.locator("#first")).to_have_count(0)  # it does not open the vault
    settings.get_by_label("Your password").fill(PASSWORD)
    settings.get_by_label("Type “delete”").fill("delete")
    keep(tablet, "tablet-vault-anew")
    settings.get_by_role("button", name="Show the new code").click()
    fresh = settings.locator("#code").inner_text()
    assert CODE.fullmatch(fresh)
    assert fresh != lost
    settings.get_by_label("Its last four characters").fill(fresh[-4:])
    keep(tablet, "tablet-vault-anew-code")
    settings.get_by_role("button", name="Delete for good and start over").click()
    expect(settings.get_by_role("status")).to_contain_text("The vault is empty")
    expect(files.get_by_label("输入你保存的恢复码")).to_be_visible()
    keep(page, "vault-closed-zh")
    page.keyboard.press("Home")
    page.get_by_role("button", name="打开通知").click()
    notice = page.locator("pl-shade").get_by_text("清空了保险箱并重新开始")
    expect(notice).to_be_visible()
    keep(page, "vault-anew-shade-zh")
    notice.click()
    expect(files.get_by_label("输入你保存的恢复码")).to_be_visible()


def an_export_first(page: Page, keep: Keep) -> None:
    """Where the vault is open, its owner is told how to keep what is in it."""
    page.keyboard.press("Home")
    icon(page, "设置").click()
    settings = page.locator("pl-settings")
    settings.get_by_role("button", name="安全").click()
    settings.get_by_role("button", name="保险箱").click()
    first = settings.locator("#first")
    expect(first).to_contain_text("本机仍能打开保险箱")
    keep(page, "vault-anew-open-zh")
    first.get_by_text("下载我的全部数据").click()
    expect(settings.locator("#export")).to_be_visible()
    page.keyboard.press("Home")
    open_web_app(page, "文件")
