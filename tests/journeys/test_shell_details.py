"""Small things of the shell that a new owner meets: clocks, keys, covers, a full disk."""

from __future__ import annotations

import datetime
import json

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import Device, Keep, Phone
from .hand import icon, open_ghost, open_web_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
TAKE_OVER = "surface => surface.dispatchEvent(new CustomEvent('detached', {detail: {reason: 0, device: 'Pixel'}}))"


@pytest.mark.parametrize(("locale", "before", "after"), [("en-US", "2:05", "2:09"), ("zh-CN", "14:05", "14:09")])
def test_every_clock_has_the_hours_of_the_place(
    phone: Phone, device: Device, keep: Keep, locale: str, before: str, after: str
) -> None:
    phone.account(f"clock-{locale}")
    page = device(locale=locale)
    set_clock(page, 14, 5)
    sign_in(page, phone, f"clock-{locale}", zh=locale == "zh-CN")
    expect(page.locator("pl-status-bar time")).to_have_text(before)
    open_shade(page)
    expect(page.locator("pl-shade time")).to_have_text(before)
    page.keyboard.press("Escape")
    expect(page.locator("pl-shade.open")).to_have_count(0)
    # No minute passes for the page's timers: the shade has to look by itself.
    set_clock(page, 14, 9)
    open_shade(page)
    expect(page.locator("pl-shade time")).to_have_text(after)
    page.locator("pl-shade .toggle").last.click()
    expect(page.locator("pl-lock time")).to_have_text(after)
    keep(page, f"lock-{locale}")


def test_the_phones_keys_work_from_within_an_app(phone: Phone, device: Device) -> None:
    phone.account("keys")
    page = device(touch=False)
    sign_in(page, phone, "keys")
    front = page.locator("pl-stage .box.front")
    notes = open_web_app(page, "Notes")
    notes.get_by_role("button", name="New note").first.click()
    area = notes.get_by_role("textbox", name="Text of the note")
    expect(area).to_be_editable()
    area.press_sequentially("tea")
    area.press("Home")
    area.press_sequentially("green ")
    expect(area).to_have_value("green tea")
    area.press("Escape")
    expect(area).to_have_count(0)
    expect(front).to_have_attribute("aria-label", "Notes")
    search = notes.get_by_role("searchbox")
    search.press("F4")
    expect(page.get_by_role("list", name="Recent apps")).to_be_visible()
    page.get_by_role("button", name="Open Notes").press("Enter")
    expect(front).to_be_visible()
    search.press("Escape")
    expect(front).to_have_count(0)
    icon(page, "Notes").click()
    notes.get_by_role("button", name="New note").first.focus()
    page.keyboard.press("Home")
    expect(front).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_cover_is_not_seen_through_to_the_start_screen(
    phone: Phone, device: Device, keep: Keep, scheme: str
) -> None:
    phone.account(f"ghost-{scheme}")
    page = device(color_scheme=scheme)
    page.route("**/apps/*/open", lambda _route: None)  # it goes on starting
    sign_in(page, phone, f"ghost-{scheme}")
    open_ghost(page)
    start = page.locator("pl-stage .box.front .start")
    expect(start).to_be_visible()
    page.locator("pl-stage .box.front pileus-surface").evaluate(TAKE_OVER)
    expect(page.get_by_text("Continues on Pixel")).to_be_visible()
    keep(page, f"elsewhere-{scheme}")
    expect(start).to_have_css("opacity", "0")
    expect(page.locator("pl-status-bar")).to_have_attribute("style", "color: var(--pl-ink);")


def test_a_full_disk_of_the_cloud_is_said(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("full")
    page = device()
    problem = {"code": "storage-full", "status": 507, "detail": "The disk is full."}

    def refuse(route: Route) -> None:
        route.fulfill(status=507, content_type="application/problem+json", body=json.dumps(problem))

    sign_in(page, phone, "full")
    page.route("**/journal/mutations", refuse)
    icon(page, "Settings").click()
    page.locator("pl-settings .row").first.click()
    page.locator("pl-settings .skies button").last.click()
    page.keyboard.press("Home")
    glance = page.locator("pl-home .glance")
    expect(glance).to_contain_text("not yet safe")  # one item, or two where the windows were told meanwhile
    expect(glance).to_contain_text("The cloud's disk is full. Whoever runs it has to make room.")
    keep(page, "home-storage-full")
    page.unroute("**/journal/mutations", refuse)
    expect(glance).to_contain_text("All safe")


def set_clock(page: Page, hour: int, minute: int) -> None:
    """What the page's own clock says; its timers go on as they do."""
    here = datetime.datetime.now().astimezone().replace(hour=hour, minute=minute, second=0)
    page.clock.set_fixed_time(here)


def open_shade(page: Page) -> None:
    page.locator("pl-status-bar").focus()
    page.keyboard.press("Enter")
    expect(page.locator("pl-shade.open")).to_have_count(1)
