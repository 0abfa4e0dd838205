"""Android apps that have one another do things, tell of it, and come back: sample apps on a real phone."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from pileus.surfaces import wire

from .conftest import Keep, Phone, devices
from .errands import ERRANDS, PARCELS, PIGEONS, install, press
from .glass import Glass
from .hand import Hand, icon, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.android, pytest.mark.xdist_group("journeys")]
PICK, SHARE, PAINT, FALL = range(4)
SESSIONS = "phone => phone.phone.api.get('/sessions')"


@pytest.fixture(scope="module")
def installed(phone: Phone, samples: ModuleType) -> str:
    """An account with the three apps."""
    return install(phone, samples, "mei")


class Desk:
    """One device, with what its three apps show."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hand = Hand(page)
        self.errands, self.parcels, self.pigeons = (Glass(page, app) for app in (ERRANDS, PARCELS, PIGEONS))

    def front(self, app: str) -> Locator:
        return self.page.locator(f"pl-stage .box.front[data-app='{app}']")

    def open(self, app: Glass, label: str) -> None:
        icon(self.page, label).click()
        app.wait_for_picture()

    def until_gone(self, app: str) -> None:
        """Until a visit that is over has left the cloud too: its process takes no new one on its way out."""
        self.errands.until(lambda: app not in str(self.page.locator("pl-phone").evaluate(SESSIONS)))


@pytest.fixture(scope="module")
def desk(browser: Browser, phone: Phone, installed: str) -> Iterator[Desk]:
    """A phone on which the tests of this module go on one after the other."""
    with devices(browser) as make:
        held = Desk(make())
        sign_in(held.page, phone, installed)
        yield held


def test_a_new_device_is_not_told_of_old_installs(desk: Desk, keep: Keep) -> None:
    for label in ("Errands", "Parcels", "Pigeons"):
        expect(icon(desk.page, label)).to_be_visible()
    colours = {
        icon(desk.page, label).locator(".mask").evaluate("icon => icon.style.background")
        for label in ("Errands", "Parcels", "Pigeons")
    }
    assert len(colours) == 3
    desk.hand.drag((195, 10), (195, 600))
    expect(desk.page.locator("pl-shade.open")).to_be_visible()
    expect(desk.page.locator("pl-shade .empty")).to_be_visible()
    desk.page.keyboard.press("Escape")
    keep(desk.page, "together-home")


def test_another_app_is_asked_and_its_answer_comes_back(desk: Desk, keep: Keep) -> None:
    desk.open(desk.errands, "Errands")
    keep(desk.page, "together-errands")
    press(desk.errands, PICK)
    expect(desk.front(PARCELS)).to_be_visible()
    desk.parcels.wait_for_picture()
    keep(desk.page, "together-parcels")
    press(desk.parcels, 0)
    expect(desk.front(ERRANDS)).to_be_visible()
    until_titled(desk.errands, "On its way: tea")
    expect(desk.parcels.surface).to_have_count(0)
    keep(desk.page, "together-answer")


def test_back_while_the_other_app_starts_leads_to_the_one_that_asked(desk: Desk) -> None:
    desk.until_gone(PARCELS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.page.route(f"**/apps/{PARCELS}/open", hold)
    with desk.page.expect_request(f"**/apps/{PARCELS}/open"):
        press(desk.errands, PICK)
    expect(desk.front(PARCELS)).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.front(ERRANDS)).to_be_visible()
    assert len(held) == 1
    held[0].continue_()
    until_titled(desk.errands, "Nothing was picked")
    expect(desk.front(ERRANDS)).to_be_visible()
    expect(desk.parcels.surface).to_have_count(0)
    desk.page.unroute(f"**/apps/{PARCELS}/open", hold)


def test_the_owner_chooses_which_app_is_to_do_it(desk: Desk, keep: Keep) -> None:
    desk.until_gone(PARCELS)
    press(desk.errands, SHARE)
    sheet = desk.page.get_by_role("dialog", name="Open with")
    expect(sheet.get_by_role("button")).to_have_count(2)
    expect(sheet).to_contain_text("Send by pigeon")
    keep(desk.page, "together-choice")
    sheet.get_by_role("button", name="Parcels").click()
    expect(sheet).to_have_count(0)
    expect(desk.front(PARCELS)).to_be_visible()
    desk.parcels.wait_for_picture()
    until_titled(desk.parcels, "Got: tea, rice")
    press(desk.parcels, 0)
    expect(desk.front(ERRANDS)).to_be_visible()


def test_the_buttons_of_a_notification_reach_its_app(desk: Desk, phone: Phone, installed: str, keep: Keep) -> None:
    page = desk.page
    page.keyboard.press("Home")
    desk.open(desk.pigeons, "Pigeons")
    press(desk.pigeons, 0)
    desk.hand.drag((195, 10), (195, 600))
    notice = page.locator("pl-shade pl-notice")
    expect(notice).to_contain_text("It is hungry")
    keep(page, "together-notice")
    notice.get_by_role("button", name="Feed it").click()
    expect(notice).to_contain_text("Fed")
    notice.get_by_role("button", name="Let it fly").click()
    expect(notice).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    listed = phone.cli("android", "ps", installed).splitlines()
    assert {line.split()[2] for line in listed if PIGEONS in line} == {"cached"}, "it is behind"


def test_back_out_of_an_app_leads_home_and_its_icon_begins_it_anew(desk: Desk) -> None:
    page = desk.page
    desk.open(desk.pigeons, "Pigeons")
    expect(desk.front(PIGEONS)).to_be_visible()
    page.keyboard.press("Escape")
    expect(desk.pigeons.surface).to_have_count(0)
    expect(icon(page, "Pigeons")).to_be_visible()
    desk.until_gone(PIGEONS)
    desk.open(desk.pigeons, "Pigeons")
    page.keyboard.press("Home")


def test_an_app_that_takes_all_memory_is_ended_and_says_so(desk: Desk, keep: Keep) -> None:
    page = desk.page
    page.keyboard.press("Home")
    desk.open(desk.errands, "Errands")
    press(desk.errands, PAINT)
    said = page.locator("pl-stage .box.front").get_by_role("alert")
    told = "Errands needed more memory than an app may have, and was ended."
    expect(said).to_contain_text(told, timeout=60_000)
    keep(page, "together-memory")
    said.get_by_role("button", name="Open again").click()
    expect(said).to_have_count(0)
    desk.errands.wait_for_picture()


def test_an_app_that_falls_over_tells_why_to_whoever_asks(desk: Desk, keep: Keep) -> None:
    press(desk.errands, FALL)
    front = desk.page.locator("pl-stage .box.front")
    said = front.get_by_role("alert")
    expect(said).to_contain_text("Errands stopped unexpectedly.", timeout=60_000)
    words = said.locator("pre")
    expect(words).to_be_hidden()
    keep(desk.page, "together-fallen")
    said.get_by_text("Details").click()
    expect(words).to_contain_text("java.lang.IllegalStateException: The basket is empty")
    expect(words).to_contain_text("org.example.errands.Errands.fall")
    chosen = "pre => { getSelection().selectAllChildren(pre); return getSelection().toString(); }"
    assert "The basket is empty" in words.evaluate(chosen)
    box = words.bounding_box()
    assert box is not None
    assert box["x"] >= 16
    assert box["x"] + box["width"] <= 390 - 16, "long lines scroll inside"
    keep(desk.page, "together-fallen-details")
    desk.page.locator("pl-phone").evaluate("phone => phone.phone.preferences.change({ language: 'zh' })")
    expect(said.get_by_text("详细信息")).to_be_visible()
    keep(desk.page, "together-fallen-zh")
    desk.page.set_viewport_size({"width": 1180, "height": 820})
    keep(desk.page, "together-fallen-tablet")
    desk.page.locator("pl-phone").evaluate("phone => phone.phone.preferences.change({ language: 'en' })")
    said.get_by_role("button", name="Open again").click()
    expect(said).to_have_count(0)
    desk.errands.wait_for_picture()


def until_titled(app: Glass, title: str) -> None:
    """Until some app on this device has had that title."""
    app.until(lambda: any(said.title == title for said in app.said(wire.Title)))
