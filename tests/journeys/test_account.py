"""The owner looks after the account: another password, the devices, what happened."""

from __future__ import annotations

import zipfile

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import icon, sign_in, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
NEW = "a longer battery staple"


def test_another_password_and_the_devices(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    other = device(1180, 820, "zh-CN")
    sign_in(other, new_phone, "mei", zh=True)
    icon(page, "Settings").click()
    the_other_device_gets_a_name(page, keep)
    the_password_is_changed(page, keep)
    # The other device was signed out, and the old password is worth nothing.
    expect(other.get_by_label("用户名")).to_be_visible()
    other.get_by_label("用户名").fill("mei")
    other.get_by_label("密码", exact=True).fill(PASSWORD)
    other.get_by_text("登录", exact=True).last.click()
    expect(other.get_by_text("用户名或密码不正确。")).to_be_visible()
    other.get_by_label("密码", exact=True).fill(NEW)
    other.get_by_text("登录", exact=True).last.click()
    expect(icon(other, "设置")).to_be_visible()
    what_happened_is_told(page, keep)
    the_same_on_a_chinese_tablet(other, keep)


def the_other_device_gets_a_name(page: Page, keep: Keep) -> None:
    page.get_by_role("button", name="Devices").click()
    names = page.locator("pl-devices .device b")
    expect(names).to_have_text(["Chrome on Linux", "Chrome on Linux 2"])
    keep(page, "phone-en-devices")
    page.get_by_role("button", name="Chrome on Linux 2").click()
    page.get_by_label("Device name").fill("Kitchen tablet")
    keep(page, "phone-en-device")
    page.get_by_role("button", name="Save").click()
    expect(names).to_have_text(["Chrome on Linux", "Kitchen tablet"])
    page.get_by_role("button", name="Back", exact=True).click()


def the_password_is_changed(page: Page, keep: Keep) -> None:
    page.get_by_role("button", name="Security").click()
    keep(page, "phone-en-security")
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Present password").fill("not the password")
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    expect(page.get_by_role("switch", name="Sign out my other devices")).to_be_checked()
    keep(page, "phone-en-password")
    page.locator("#change").click()
    expect(page.get_by_text("That is not the present password.")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    page.locator("#change").click()
    expect(page.get_by_text("Your password was changed.")).to_be_visible()


def what_happened_is_told(page: Page, keep: Keep) -> None:
    page.get_by_role("button", name="Activity").click()
    told = page.locator("pl-activity .row b")
    expect(told).to_have_text(
        [
            "Signed in",
            "Sign-in with a wrong password",
            "Kitchen tablet signed out",
            "Password changed",
            "Wrong present password",
            "Device renamed: Chrome on Linux 2 → Kitchen tablet",
            "Signed in",
            "Account made",
        ]
    )
    keep(page, "phone-en-activity")


def the_same_on_a_chinese_tablet(page: Page, keep: Keep) -> None:
    icon(page, "设置").click()
    page.get_by_role("button", name="设备", exact=True).click()
    expect(page.locator("pl-devices .device")).to_have_count(2)
    keep(page, "tablet-zh-devices")
    page.get_by_role("button", name="安全", exact=True).click()
    page.get_by_role("button", name="更改密码").click()
    page.get_by_label("当前密码").fill(PASSWORD)
    page.locator("#change").click()
    expect(page.get_by_text("请输入密码")).to_be_visible()
    keep(page, "tablet-zh-password")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="账户活动").click()
    expect(page.locator("pl-activity .row").first).to_be_visible()
    keep(page, "tablet-zh-activity")


def test_a_forgotten_password(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    icon(page, "Settings").click()
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Recovery codes").click()
    page.get_by_label("Your password").fill(PASSWORD)
    keep(page, "phone-en-recovery")
    page.locator("#make").click()
    codes = page.locator("pl-recovery li")
    expect(codes).to_have_count(10)
    keep(page, "phone-en-recovery-codes")
    code = codes.nth(3).inner_text()
    page.locator("#done").click()
    expect(page.get_by_text("10 codes left")).to_be_visible()

    tablet = device(1180, 820, "zh-CN")
    tablet.goto(new_phone.url)
    tablet.get_by_role("button", name="忘记密码？").click()
    keep(tablet, "tablet-zh-forgot")
    tablet.get_by_label("用户名").fill("mei")
    tablet.get_by_label("恢复码").fill("0000-0000-0000-0000")
    tablet.get_by_label("新密码", exact=True).fill(NEW)
    tablet.get_by_label("再次输入新密码").fill(NEW)
    tablet.locator("#enter").click()
    expect(tablet.get_by_text("用户名或恢复码不正确。")).to_be_visible()
    keep(tablet, "tablet-zh-forgot-wrong")
    tablet.get_by_label("恢复码").fill(code.lower())
    tablet.locator("#enter").click()
    expect(icon(tablet, "设置")).to_be_visible()
    # The phone that was signed in is not any more.
    expect(page.get_by_role("button", name="Forgot your password?")).to_be_visible()
    keep(page, "phone-en-sign-in")
    page.get_by_role("button", name="Forgot your password?").click()
    keep(page, "phone-en-forgot")
    icon(tablet, "设置").click()
    tablet.get_by_role("button", name="安全", exact=True).click()
    expect(tablet.get_by_text("还剩 9 个")).to_be_visible()
    keep(tablet, "tablet-zh-security")


def test_a_pin_opens_the_lock_screen_without_a_network(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(new_phone.url)
    sign_up(page, "mei")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    icon(page, "Settings").click()
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Screen lock").click()
    page.get_by_label("New PIN", exact=True).fill("1234")
    page.get_by_label("PIN again").fill("1234")
    expect(page.get_by_text("This one is tried first.")).to_be_visible()
    keep(page, "phone-en-pin")
    page.get_by_label("New PIN", exact=True).fill("2580")
    page.get_by_label("PIN again").fill("2580")
    page.locator("#choose").click()
    expect(page.get_by_text("The PIN is set.")).to_be_visible()
    keep(page, "phone-en-security-all")

    new_phone.stop()
    page.reload()
    page.locator("pl-lock .body").click(position={"x": 195, "y": 600})
    expect(page.locator("pl-pin-pad")).to_be_visible()
    keep(page, "phone-en-lock-pin")
    for digit in "2581":
        page.locator("pl-pin-pad button", has_text=digit).click()
    page.locator("pl-pin-pad #done").click()
    expect(page.get_by_text("Wrong PIN. 4 more tries without a wait.")).to_be_visible()
    keep(page, "phone-en-lock-pin-wrong")
    page.keyboard.type("2580")
    page.keyboard.press("Enter")
    expect(page.locator("pl-lock")).to_have_count(0)
    new_phone.start()


def test_who_guesses_a_pin_waits_and_needs_the_password(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device(1180, 820, "zh-CN")
    page.clock.install()
    # What a test asks of the page counts as a user's activation.
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'userActivation', { get: () => undefined })")
    new_phone.account("mei")
    sign_in(page, new_phone, "mei", zh=True)
    icon(page, "设置").click()
    page.get_by_role("button", name="安全", exact=True).click()
    page.get_by_role("button", name="屏幕锁定").click()
    for label in ("新 PIN 码", "再次输入 PIN 码"):
        page.get_by_label(label, exact=True).fill("2580")
    page.locator("#choose").click()
    expect(page.get_by_text("PIN 码已设置。")).to_be_visible()
    page.get_by_role("button", name="屏幕锁定").click()
    expect(page.get_by_role("radiogroup", name="无操作多久后锁定")).to_be_visible()
    keep(page, "tablet-zh-pin")
    # Nobody touches it for five minutes.
    page.clock.run_for(5 * 60_000 + 3_000)
    expect(page.locator("pl-lock")).to_be_visible()
    page.locator("pl-lock .body").click(position={"x": 590, "y": 600})
    for wrong in range(10):
        page.keyboard.type("0000")
        page.keyboard.press("Enter")
        if 5 <= wrong < 9:
            expect(page.get_by_text("错误次数过多，请等待")).to_be_visible()
            if wrong == 5:
                keep(page, "tablet-zh-lock-wait")
            page.clock.run_for(10 * 60_000)
        elif wrong < 5:
            expect(page.get_by_text("PIN 码错误")).to_be_visible()
            expect(page.locator("pl-pin-pad .dots i[on]")).to_have_count(0)
    expect(page.get_by_text("PIN 码错误次数过多，请用账户密码打开手机。")).to_be_visible()
    keep(page, "tablet-zh-lock-password")
    page.locator("pl-proof #proof input").fill(PASSWORD)
    page.locator("#prove").click()
    expect(page.locator("pl-lock")).to_have_count(0)


def test_an_account_is_given_up_and_kept(new_phone: Phone, device: Device, keep: Keep) -> None:
    new_phone.account("mei")
    page = device()
    sign_in(page, new_phone, "mei")
    icon(page, "Settings").click()
    page.get_by_role("button", name="Account and storage").click()
    keep(page, "phone-en-account")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all my data").click()
    assert "contacts.vcf" in zipfile.ZipFile(download.value.path()).namelist()
    page.get_by_role("button", name="Delete account").click()
    page.get_by_label("Your password").fill(PASSWORD)
    keep(page, "phone-en-delete")
    page.locator("#confirm").click()
    expect(page.get_by_text("Your account will be erased on")).to_be_visible()
    keep(page, "phone-en-deleted")

    tablet = device(1180, 820, "zh-CN")
    sign_in(tablet, new_phone, "mei", zh=True)
    tablet.locator("pl-status-bar").focus()
    tablet.keyboard.press("Enter")
    expect(tablet.get_by_text("你的账户已保留")).to_be_visible()
    keep(tablet, "tablet-zh-kept")
    tablet.keyboard.press("Escape")
    icon(tablet, "设置").click()
    tablet.get_by_role("button", name="账户与存储空间").click()
    tablet.get_by_role("button", name="删除账户").click()
    expect(tablet.get_by_label("你的密码")).to_be_visible()
    keep(tablet, "tablet-zh-delete")
