"""A new device is let in by one that is signed in: a camera reads a code, a number is typed, no password there."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, ROOT, Device, Keep, Phone
from .hand import icon, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
CAMERA = """
import decodeQR from 'qr/decode.js';
const [width, height] = process.argv.slice(1).map(Number);
const parts = [];
for await (const part of process.stdin) parts.push(part);
process.stdout.write(JSON.stringify(decodeQR({ width, height, data: new Uint8Array(Buffer.concat(parts)) })));
"""


def seen(page: Page) -> str:
    """What a camera reads on the page's screen."""
    with Image.open(BytesIO(page.screenshot())) as screen:
        pixels, (width, height) = screen.convert("RGB").tobytes(), screen.size
    command = ["node", "--input-type=module", "-e", CAMERA, str(width), str(height)]
    done = subprocess.run(command, cwd=ROOT, input=pixels, capture_output=True, check=True, timeout=60)
    return str(json.loads(done.stdout))


def show_code(page: Page, *, zh: bool = False) -> str:
    """Opens the page of devices and has it show a code; gives that."""
    icon(page, "设置" if zh else "Settings").click()
    page.get_by_role("button", name="设备" if zh else "Devices", exact=True).click()
    page.get_by_role("button", name="添加设备" if zh else "Add a device").click()
    return show_again(page, zh=zh)


def show_again(page: Page, *, zh: bool = False) -> str:
    page.get_by_label("你的密码" if zh else "Your password").fill(PASSWORD)
    page.get_by_role("button", name="显示配对码" if zh else "Show a code").click()
    return page.locator("pl-pair .code").inner_text()


def number_of(new: Page) -> str:
    return new.locator("pl-paired .number").inner_text()


def test_a_camera_reads_the_code_and_the_new_device_is_in(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("pair-mei")
    page = device()
    sign_in(page, phone, "pair-mei")
    code = show_code(page)
    expect(page.locator("pl-qr svg")).to_be_visible()
    keep(page, "phone-en-pair-code")
    link = seen(page)
    assert link == f"{phone.url}/#pair={code}"
    new = device(1180, 820, "zh-CN")
    new.goto(link)
    expect(new.get_by_label("配对码", exact=True)).to_have_value(code)
    keep(new, "tablet-zh-pair-ask")
    new.get_by_role("button", name="请求登录").click()
    number = number_of(new)
    keep(new, "tablet-zh-pair-number")
    # The owner sees who asks before anything has happened.
    expect(page.get_by_text("wants to sign in")).to_be_visible()
    keep(page, "phone-en-pair-asked")
    page.get_by_label("The number that it shows").fill(number)
    page.get_by_role("button", name="Let in").click()
    expect(icon(new, "设置")).to_be_visible()
    assert "pair" not in new.url
    expect(page.get_by_text("is signed in.")).to_be_visible()
    expect(page.locator("pl-devices .device")).to_have_count(3)
    # The code is used up.
    third = device()
    third.goto(link)
    third.get_by_role("button", name="Ask to sign in").click()
    expect(third.get_by_text("This code was used, was taken back, or has expired.")).to_be_visible()


def test_a_code_is_typed_and_the_owner_keeps_strangers_out(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("pair-lei")
    page = device(1180, 820, "zh-CN")
    sign_in(page, phone, "pair-lei", zh=True)
    code = show_code(page, zh=True)
    keep(page, "tablet-zh-pair-code")
    new = device()
    new.goto(phone.url)
    new.get_by_role("button", name="Sign in with a code").click()
    new.get_by_label("Code", exact=True).fill(code.lower().replace("-", " "))
    new.get_by_role("button", name="Ask to sign in").click()
    number = number_of(new)
    keep(new, "phone-en-pair-number")
    # Not the number that is shown: somebody else asked.
    page.get_by_label("新设备上显示的数字").fill("99" if number != "99" else "98")
    keep(page, "tablet-zh-pair-asked")
    page.get_by_role("button", name="允许").click()
    expect(page.get_by_text("数字与你的新设备不符，已拒绝登录。")).to_be_visible()
    expect(new.get_by_text("The other device kept this one out.")).to_be_visible()
    new.get_by_label("Code", exact=True).fill(show_again(page, zh=True))
    new.get_by_role("button", name="Ask to sign in").click()
    page.get_by_role("button", name="拒绝").click()
    expect(page.get_by_text("已拒绝 ")).to_be_visible()
    expect(new.get_by_text("The other device kept this one out.")).to_be_visible()
    # Whoever leaves the page takes the code back.
    page.get_by_role("button", name="添加设备").click()
    code = show_again(page, zh=True)
    page.get_by_role("button", name="返回", exact=True).click()
    expect(page.locator("pl-devices .device")).to_have_count(2)
    new.get_by_label("Code", exact=True).fill(code)
    new.get_by_role("button", name="Ask to sign in").click()
    expect(new.get_by_text("This code was used, was taken back, or has expired.")).to_be_visible()
    page.get_by_role("button", name="安全").click()
    page.get_by_role("button", name="账户活动").click()
    expect(page.get_by_text("拒绝新设备登录：").first).to_be_visible()
