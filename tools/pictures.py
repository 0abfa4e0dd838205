"""Draw the pictures of docs/pictures anew: `.venv/bin/python tools/pictures.py` after `make setup-test`.

A Pileus of its own with the real ApiDemos on it, in a real Chromium; nothing is painted over.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.conftest import AT_REST, PASSWORD, Phone, chromium, devices, running_phone  # noqa: E402
from tests.journeys.glass import Glass  # noqa: E402
from tests.journeys.hand import icon, open_web_app, sign_in  # noqa: E402
from tests.journeys.test_messages_and_files import XML  # noqa: E402

OUT = ROOT / "docs" / "pictures"
APK = ROOT / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
APP, LABEL = "io.appium.android.apis", "API Demos"
WINDOW = (700, 880)
PHONE = 480


def main() -> None:
    OUT.mkdir(exist_ok=True)
    with running_phone() as phone, sync_playwright() as playwright:
        furnish(phone)
        browser = chromium(playwright.chromium)
        draw(phone, browser)
        browser.close()


def furnish(phone: Phone) -> None:
    phone.account("mei")
    phone.cli("login", phone.url, "--name", "mei", "--password-file", "-", enter=f"{PASSWORD}\n")
    phone.cli("app", "install", str(APK))
    backup = phone.folder / "sms.xml"
    backup.write_text(XML)
    phone.cli("messages", "import", str(backup))


def draw(phone: Phone, browser: Browser) -> None:
    with devices(browser) as make:
        page = make(*WINDOW, touch=False, device_scale_factor=1.1)
        sign_in(page, phone, "mei")
        expect(icon(page, LABEL)).to_be_visible()
        keep(page, "home")
        glass = Glass(page, APP)
        icon(page, LABEL).click()
        glass.wait_for_picture()
        glass.until_still()
        keep(page, "android")
        page.get_by_role("button", name="Home", exact=True).press("Enter")
        messages = open_web_app(page, "Messages")
        messages.get_by_role("button", name=re.compile("Mei")).click()
        expect(messages.locator(".bubble")).to_have_count(2)
        keep(page, "messages")
        dark = make(*WINDOW, touch=False, device_scale_factor=1.1, color_scheme="dark", locale="zh-CN")
        sign_in(dark, phone, "mei", zh=True)
        icon(dark, "设置").click()
        dark.locator("pl-settings .row").first.click()
        keep(dark, "settings-zh-dark")


def keep(page: Page, name: str) -> None:
    page.evaluate(AT_REST)
    # The phone alone, without the choice of its shape beside it.
    left = (WINDOW[0] - PHONE) // 2
    picture = page.screenshot(clip={"x": left, "y": 0, "width": PHONE, "height": WINDOW[1]})
    Image.open(io.BytesIO(picture)).convert("RGB").save(OUT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
