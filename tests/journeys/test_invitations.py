"""Two people of one cloud: one invites, the other answers, and both see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, expect

from .conftest import Device, Keep, Phone
from .hand import open_web_app, sign_in, web_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def open_event(app: FrameLocator, name: str) -> None:
    app.get_by_role("button", name=name).first.click()


def test_an_invitation_its_answer_and_its_end(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("mei")
    phone.account("li")
    page, tablet = device(), device(1180, 820, "zh-CN")
    sign_in(page, phone, "mei")
    sign_in(tablet, phone, "li", zh=True)
    mei = open_web_app(page, "Calendar")

    mei.get_by_role("button", name="New event").click()
    mei.get_by_label("Title").fill("Tea at West Lake")
    mei.get_by_placeholder("Account name").fill("@li")
    mei.get_by_role("button", name="Add", exact=True).click()
    mei.get_by_placeholder("Account name").fill("nobody")
    expect(mei.get_by_text("@li")).to_be_visible()
    keep(page, "calendar-guests")
    mei.get_by_text("Save", exact=True).click()  # takes the name that is still in the field

    tablet.get_by_role("button", name="打开通知").click()
    shade = tablet.locator("pl-shade")
    expect(shade.get_by_text("@mei 邀请你")).to_be_visible(timeout=20_000)
    keep(tablet, "shade-invitation-zh")
    shade.get_by_text("@mei 邀请你").click()
    li = web_app(tablet, "日历")
    open_event(li, "Tea at West Lake")
    expect(li.get_by_text("@mei 邀请你").first).to_be_visible()
    keep(tablet, "calendar-invited-zh")
    li.get_by_role("button", name="接受").click()

    open_event(mei, "Tea at West Lake")
    expect(mei.get_by_text("Accepted")).to_be_visible(timeout=20_000)
    expect(mei.get_by_text("There is no such account")).to_be_visible()
    keep(page, "calendar-answered")
    mei.get_by_role("button", name="Delete").click()
    expect(mei.get_by_role("alertdialog")).to_contain_text("will see that it is cancelled")
    keep(page, "calendar-tell-guests")
    mei.get_by_role("alertdialog").get_by_text("Delete", exact=True).click()
    expect(li.get_by_text("已取消")).to_be_visible(timeout=20_000)
    keep(tablet, "calendar-cancelled-zh")
    open_event(li, "Tea at West Lake")
    expect(li.get_by_role("status")).to_contain_text("此日程已取消")
    expect(li.get_by_role("button", name="接受")).to_be_hidden()
    keep(tablet, "calendar-cancelled-event-zh")
