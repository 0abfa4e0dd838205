"""An app is thrown away at once, and nothing that its owner did in it is lost or comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .conftest import Device, Phone
from .hand import icon, open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
NEVER_BY_ITSELF = """() => {
  const later = window.setTimeout.bind(window);
  window.setTimeout = (run, ms, ...more) => later(run, ms >= 250 ? 1e9 : ms, ...more);
}"""


def test_what_was_deleted_stays_deleted_and_what_was_typed_stays(phone: Phone, device: Device) -> None:
    token = phone.account("yun")
    page = device()
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, phone, "yun")
    notes = open_web_app(page, "Notes")
    act_at_once(page)
    notes.get_by_role("button", name="New note").first.click()
    area = notes.get_by_role("textbox", name="Text of the note")
    expect(area).to_be_editable()
    area.fill("Bread\nand tea")
    throw_away(page)

    notes = open_web_app(page, "Notes")
    act_at_once(page)
    open_note(notes, "Bread")
    expect(notes.get_by_role("textbox", name="Text of the note")).to_have_value("Bread\nand tea")
    notes.get_by_role("button", name="Delete").click()
    expect(notes.get_by_role("button", name="Undo")).to_be_visible()
    throw_away(page)

    expect(page.locator("pl-home .glance b")).to_have_text("All safe")
    changes = phone.get("/journal/changes?since=0", token)["changes"]
    assert [one["deleted"] for one in changes if one["collection"] == "notes.note"] == [True]
    notes = open_web_app(page, "Notes")
    expect(notes.get_by_role("button", name="New note").first).to_be_visible()
    expect(notes.locator(".row")).to_have_count(0)


def act_at_once(page: Page) -> None:
    """Whatever Notes keeps back from now on, it does not send because time has passed."""
    expect(web_app(page, "Notes").get_by_role("button", name="New note").first).to_be_attached()
    frame = page.locator("iframe[title='Notes']").element_handle().content_frame()
    assert frame is not None
    frame.evaluate(NEVER_BY_ITSELF)


def throw_away(page: Page) -> None:
    page.locator("pl-status-bar").press("F4")
    page.get_by_role("button", name="Open Notes").press("Delete")
    expect(page.locator("iframe[title='Notes']")).to_have_count(0)
    page.keyboard.press("Home")
    expect(icon(page, "Notes")).to_be_visible()


def open_note(notes: FrameLocator, title: str) -> None:
    notes.get_by_role("button", name=re.compile(title)).click()
