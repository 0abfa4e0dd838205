"""Android apps on a Chinese tablet: the sheet of apps to choose from, a notice, and a frozen app come back."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Keep, Phone, devices, running_phone
from .errands import ERRANDS, PARCELS, PIGEONS, install, press
from .glass import Glass
from .hand import Hand, icon, open_phone, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.android, pytest.mark.xdist_group("journeys")]
UNTIL_FROZEN = """async (phone, app) => {
  const frozen = one => one.app === app && one.state === 'paused';
  const until = Date.now() + 150_000;  // a freeze that was refused is tried again after a minute
  while (true) {
    const sessions = await phone.phone.api.get('/sessions');
    if (sessions.some(frozen)) return;
    if (Date.now() > until) throw new Error(`Not frozen: ${JSON.stringify(sessions)}`);
    await new Promise(done => setTimeout(done, 100));
  }
}"""


@pytest.fixture(scope="module")
def phone(samples: ModuleType) -> Iterator[Phone]:
    """Apps that nobody looks at are frozen as soon as may be."""
    with running_phone(PILEUS_FREEZE_SECONDS="1") as started:
        install(started, samples, "mei")
        yield started


@pytest.fixture(scope="module")
def tablet(browser: Browser, phone: Phone) -> Iterator[Page]:
    with devices(browser) as make:
        page = make(1180, 820, "zh-CN")
        sign_in(page, phone, "mei", zh=True)
        yield page


def test_the_owner_chooses_in_their_language(tablet: Page, keep: Keep) -> None:
    errands, parcels = Glass(tablet, ERRANDS), Glass(tablet, PARCELS)
    icon(tablet, "Errands").click()
    errands.wait_for_picture()
    keep(tablet, "tablet-zh-errands")
    press(errands, 1)
    sheet = tablet.get_by_role("dialog", name="打开方式")
    expect(sheet.get_by_role("button")).to_have_count(2)
    keep(tablet, "tablet-zh-choice")
    sheet.get_by_role("button").first.click()
    parcels.wait_for_picture()
    keep(tablet, "tablet-zh-parcels")


def test_a_notice_speaks_the_tablet_s_language(tablet: Page, keep: Keep) -> None:
    tablet.keyboard.press("Home")
    pigeons = Glass(tablet, PIGEONS)
    icon(tablet, "Pigeons").click()
    pigeons.wait_for_picture()
    press(pigeons, 0)
    tablet.locator("pl-status-bar").focus()
    tablet.keyboard.press("Enter")
    expect(tablet.locator("pl-shade pl-notice").get_by_role("button")).not_to_have_count(0)
    keep(tablet, "tablet-zh-notice")
    tablet.keyboard.press("Escape")


def test_a_frozen_app_shows_its_last_picture_and_comes_back(tablet: Page, keep: Keep) -> None:
    tablet.keyboard.press("Home")
    tablet.reload()
    tablet.locator("pl-phone").evaluate(UNTIL_FROZEN, PIGEONS)
    open_phone(tablet, zh=True)
    tablet.keyboard.press("F4")
    card = tablet.locator("pl-stage .others").get_by_role("button", name="Pigeons")
    expect(card.locator("img")).to_be_visible()
    keep(tablet, "tablet-zh-recents-frozen")
    pigeons = Glass(tablet, PIGEONS)
    box = card.bounding_box()
    assert box is not None
    Hand(tablet).tap((box["x"] + box["width"] / 2, box["y"] + 20))
    pigeons.wait_for_picture()
    keep(tablet, "tablet-zh-back-from-frozen")
