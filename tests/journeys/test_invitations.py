"""Two people of one cloud: one invites, the other answers, and both see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
    # A press as the focus moves into the app's process may leave it outside.
    expect(page.locator("iframe[title='Calendar']")).to_be_focused()
    mei.get_by_role("button", name="New event").click()
    expect(mei.get_by_label("Title")).to_be_focused()
    mei.get_by_label("Title").fill("Tea at West Lake")
    mei.get_by_placeholder("Account name").fill("@li")
    mei.get_by_role("button", name="Add", exact=True).click()
    field = mei.get_by_placeholder("Account name")
    expect(mei.get_by_text("@li")).to_be_visible()
    field.fill("nobody")
    mei.get_by_text("Save", exact=True).click()  # means the name that is still in the field, too
    expect(mei.get_by_role("alert")).to_have_text("There is no such account")
    keep(page, "calendar-guests")
    field.fill("li@example.org")
    mei.get_by_role("button", name="Add", exact=True).click()
    expect(mei.get_by_role("alert")).to_contain_text("not mail addresses")
    field.fill("LI")
    mei.get_by_text("Save", exact=True).click()

    tablet.get_by_role("button", name="打开通知").click()
    shade = tablet.locator("pl-shade")
    expect(shade.get_by_text("@mei 邀请你")).to_be_visible(timeout=20_000)
    keep(tablet, "shade-invitation-zh")
    shade.get_by_text("@mei 邀请你").click()
    li = web_app(tablet, "日历")  # the notice leads to the event
    expect(li.get_by_text("@mei 邀请你").first).to_be_visible()
    expect(li.get_by_text("Tea at West Lake").first).to_be_visible()
    expect(li.get_by_label("标题")).to_have_count(0)  # it is mei's to change
    keep(tablet, "calendar-invited-zh")
    li.get_by_role("button", name="接受").click()

    open_event(mei, "Tea at West Lake")
    expect(mei.get_by_text("Accepted")).to_be_visible(timeout=20_000)
    expect(mei.get_by_text("@li", exact=True)).to_have_count(1)
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


def test_one_day_of_a_series_is_declined(phone: Phone, device: Device, keep: Keep) -> None:
    host, _guest = phone.account("ada"), phone.account("bo")
    begin = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    fields = {
        "_calendar": "calendar",
        "_component": "vevent",
        "uid": [["uid", {}, "text", "run"]],
        "dtstart": [["dtstart", {}, "date-time", f"{begin:%Y-%m-%dT%H:%M:%SZ}"]],
        "rrule": [["rrule", {}, "recur", {"freq": "DAILY", "count": 3}]],
        "summary": [["summary", {}, "text", "Run around the lake"]],
        "attendee": [["attendee", {"partstat": "NEEDS-ACTION"}, "cal-address", "pileus:bo"]],
    }
    wish = {"id": "run-1", "base": 0, "collection": "calendar.event", "record": "uid-run", "op": "put"}
    phone.post("/journal/mutations", host, {"mutations": [{**wish, "fields": fields}]})
    page = device()
    sign_in(page, phone, "bo")
    app = open_web_app(page, "Calendar")
    app.get_by_role("radio", name="Agenda").click()
    rows = app.locator(".list .row", has_text="Run around the lake")
    expect(rows).to_have_count(3)
    rows.first.click()
    app.get_by_role("button", name="Accept").click()
    app.get_by_role("alertdialog").get_by_role("button", name="All").click()
    rows.nth(1).click()
    app.get_by_role("button", name="Decline").click()
    keep(page, "calendar-decline-which")
    app.get_by_role("alertdialog").get_by_role("button", name="This one").click()
    expect(rows.nth(1)).to_contain_text("Declined")
    expect(app.get_by_text("Declined")).to_have_count(1)
    keep(page, "calendar-declined")

    other = device(1180, 820, "zh-CN")
    sign_in(other, phone, "ada", zh=True)
    calendar = open_web_app(other, "日历")
    calendar.get_by_role("radio", name="日程").click()
    calendar.locator(".list .row", has_text="Run around the lake").nth(1).click()
    expect(calendar.get_by_text("已拒绝")).to_be_visible()
    keep(other, "calendar-declined-zh")
