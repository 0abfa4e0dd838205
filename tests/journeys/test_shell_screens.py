"""The screens of the phone, as a finger and a keyboard meet them; pictures are kept in build/screens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, ROOT, Device, Keep, Phone
from .hand import STEPS, Mouse, Point

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("journeys"),
    pytest.mark.skipif(not (ROOT / "web/dist/shell/index.html").exists(), reason="node tools/web/build.mjs first"),
]


def sign_up(page: Page, phone: Phone) -> None:
    page.goto(phone.url)
    page.locator("#name input").fill("mei")
    page.locator("#password input").fill(PASSWORD)
    page.locator("#again input").fill(PASSWORD)
    page.locator("#enter").click()
    expect(page.locator("pl-home [data-app=settings]")).to_be_visible()


def sign_in(page: Page, phone: Phone) -> None:
    page.goto(phone.url)
    expect(page.locator("#again")).to_have_count(0)
    page.locator("#name input").fill("mei")
    page.locator("#password input").fill(PASSWORD)
    page.locator("#enter").click()
    expect(page.locator("pl-home [data-app=settings]")).to_be_visible()


def swipe(page: Page, start: Point, end: Point, *, rest: bool = False) -> None:
    # The pause itself is the gesture: it ends when the finger has not moved for 300 ms.
    Mouse(page).flick(start, end, STEPS, rest=300 if rest else 0)


@pytest.mark.parametrize(
    ("name", "width", "height", "locale", "scheme"),
    [
        ("phone-en-light", 390, 844, "en-GB", "light"),
        ("phone-zh-dark", 390, 844, "zh-CN", "dark"),
        ("small-en-light", 480, 800, "en-GB", "light"),
        ("tablet-zh-light", 1180, 820, "zh-CN", "light"),
        ("desktop-en-dark", 1280, 800, "en-GB", "dark"),
    ],
)
def test_every_screen(
    new_phone: Phone, device: Device, keep: Keep, name: str, width: int, height: int, locale: str, scheme: str
) -> None:
    page = device(width, height, locale, touch=not name.startswith("desktop"))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(new_phone.url)
    expect(page.locator("#again")).to_be_visible()
    keep(page, f"{name}-welcome")
    sign_up(page, new_phone)
    keep(page, f"{name}-home")

    page.locator("pl-home [data-app=settings]").click()
    expect(page.locator("pl-settings")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if locale.startswith("zh") else "en")
    page.get_by_role("button", name="设备" if locale.startswith("zh") else "Devices", exact=True).click()
    expect(page.locator("pl-devices .device")).to_have_count(1)
    keep(page, f"{name}-settings")

    page.keyboard.press("F4")
    expect(page.locator("pl-stage .cover")).to_be_visible()
    keep(page, f"{name}-recents")
    page.keyboard.press("Home")
    expect(page.locator("pl-stage .box.front")).to_have_count(0)

    page.locator("pl-status-bar").focus()
    page.keyboard.press("Enter")
    expect(page.locator("pl-shade .toggle").first).to_be_focused()
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    keep(page, f"{name}-shade")
    page.locator("pl-shade .toggle").last.click()
    expect(page.locator("pl-lock")).to_be_visible()
    keep(page, f"{name}-lock")
    page.locator("pl-lock .body").press("Enter")
    expect(page.locator("pl-lock")).to_have_count(0)

    page.locator("pl-home [data-app=settings]").click(button="right")
    page.locator(".menu button").first.click()
    expect(page.locator(".sheet")).to_be_visible()
    keep(page, f"{name}-app-info")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.locator(".search input").fill("zzz")
    expect(page.locator(".search p")).to_be_visible()
    keep(page, f"{name}-search")
    assert broken == []


def test_a_finger_finds_its_way(new_phone: Phone, device: Device) -> None:
    page = device()
    sign_up(page, new_phone)
    page.locator("pl-home [data-app=settings]").click()
    box = page.locator("pl-stage .box.front")
    expect(box).to_be_visible()
    swipe(page, (195, 832), (195, 560), rest=True)
    expect(page.locator("pl-stage .stage.recents")).to_be_visible()
    page.locator("pl-stage .cover").click()
    expect(box).to_be_visible()
    swipe(page, (195, 832), (195, 300))
    expect(box).to_have_count(0)

    page.locator("pl-home [data-app=settings]").click()
    page.locator("pl-settings .row").first.click()
    expect(page.locator("pl-settings header .back")).to_be_visible()
    swipe(page, (4, 400), (160, 402))
    expect(page.locator("pl-settings header .back")).to_have_count(0)
    swipe(page, (4, 400), (160, 402))
    expect(box).to_have_count(0)

    swipe(page, (195, 10), (195, 600))
    expect(page.locator("pl-shade.open")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("pl-shade.open")).to_have_count(0)

    page.locator("pl-home [data-app=settings]").click()
    page.keyboard.press("F4")
    cover = page.locator("pl-stage .cover")
    expect(cover).to_be_visible()
    cover.hover()  # waits until the card has come to rest
    swipe(page, (195, 500), (195, 80))
    expect(cover).to_have_count(0)


def test_the_same_home_screen_on_a_second_device(new_phone: Phone, device: Device) -> None:
    first = device()
    sign_up(first, new_phone)
    icon = first.locator("pl-home [data-app=settings]").bounding_box()
    cell = first.locator("pl-home .cell[data-cell='9']").bounding_box()
    assert icon is not None
    assert cell is not None
    first.mouse.move(icon["x"] + 40, icon["y"] + 30)
    first.mouse.down()
    expect(first.locator(".menu")).to_be_visible()
    first.mouse.move(icon["x"] + 60, icon["y"] + 60)
    first.mouse.move(cell["x"] + 40, cell["y"] + 40)
    first.mouse.up()
    moved = ".cell[data-cell='9'] [data-app=settings]"
    expect(first.locator(moved)).to_be_visible()
    expect(first.locator(".menu")).to_have_count(0)

    second = device(locale="zh-CN")
    sign_in(second, new_phone)
    expect(second.locator(moved)).to_be_visible()


def test_the_phone_starts_without_its_cloud(new_phone: Phone, device: Device, keep: Keep) -> None:
    page = device()
    sign_up(page, new_phone)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.emulate_media(reduced_motion="reduce")
    new_phone.stop()
    page.reload()
    page.locator("pl-lock .body").press("Enter")
    page.locator("pl-home [data-app=settings]").click()
    page.locator("pl-settings .row").first.click()
    page.locator("pl-settings .skies button").last.click()
    page.keyboard.press("Home")
    expect(page.locator("pl-home .glance b")).to_have_text("1 item not yet safe")
    keep(page, "phone-offline-home")
    new_phone.start()
    expect(page.locator("pl-home .glance b")).to_have_text("All safe")


def test_a_wrong_password_is_told_in_words(new_phone: Phone, device: Device) -> None:
    new_phone.account("mei")
    page = device(locale="zh-CN")
    page.goto(new_phone.url)
    page.locator("#name input").fill("mei")
    page.locator("#password input").fill("not the password")
    page.locator("#enter").click()
    expect(page.locator(".problem")).to_have_text("用户名或密码不正确。")
