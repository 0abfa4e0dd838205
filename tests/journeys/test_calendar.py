"""A calendar: brought from elsewhere, seen by month, week and day, changed by one day or all, and offline."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.cloud.processes import wait

from .access import problems
from .conftest import Device, Keep, Phone
from .hand import choose_files, open_phone, open_web_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
EVENTS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:stand-up
DTSTART;TZID=Europe/Berlin:{day}T091500
DTEND;TZID=Europe/Berlin:{day}T093000
RRULE:FREQ=DAILY
SUMMARY:Stand-up
END:VEVENT
BEGIN:VEVENT
UID:lake
DTSTART;TZID=Europe/Berlin:{day}T090000
DTEND;TZID=Europe/Berlin:{day}T113000
SUMMARY:West Lake
LOCATION:断桥
END:VEVENT
BEGIN:VEVENT
UID:holiday
DTSTART;VALUE=DATE:{day}
SUMMARY:Holiday
END:VEVENT
BEGIN:VEVENT
UID:fair
DTSTART;VALUE=DATE:{fair}
DTEND;VALUE=DATE:{after_fair}
SUMMARY:Book fair in Frankfurt with all the others
END:VEVENT
BEGIN:VEVENT
UID:early
DTSTART;TZID=Europe/Berlin:{fair}T053000
DTEND;TZID=Europe/Berlin:{fair}T060000
SUMMARY:Train
END:VEVENT
END:VCALENDAR
"""

DUE = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:tea
DTSTART;TZID=Asia/Shanghai:{start}
SUMMARY:西湖喝茶
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER;VALUE=DATE-TIME:{due}
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_of_another_phone(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("mei")
    page = device(zone="Europe/Berlin")
    sign_in(page, phone, "mei")
    app = open_web_app(page, "Calendar")
    berlin = datetime.now(ZoneInfo("Europe/Berlin")).date()
    today = f"{berlin:%Y%m%d}"
    # From Tuesday to Thursday of the next week.
    fair = berlin + timedelta(days=8 - berlin.weekday())
    days = {"fair": f"{fair:%Y%m%d}", "after_fair": f"{fair + timedelta(days=3):%Y%m%d}"}
    file = EVENTS.format(day=today, **days).encode()
    app.get_by_role("button", name="More").click()
    choose_files(page, app.get_by_role("menuitem", name="Import a file"), ("old.ics", file))
    expect(app.get_by_text("5 events imported.")).to_be_visible()
    expect(app.locator(".list .row .name")).to_have_text(["Holiday", "West Lake", "Stand-up"])
    expect(app.locator(".list .row").nth(1)).to_contain_text("09:00")
    assert problems(page, "Calendar") == []
    keep(page, "calendar-month")
    for view in ("Week", "Day", "Agenda"):
        app.get_by_role("radio", name=view, exact=True).click()
        expect(app.get_by_text("West Lake").first).to_be_visible()
        if view != "Agenda":  # by the time of day a short event may lie half under the head: from 8:00 none does
            app.locator(".hours").evaluate("hours => hours.scrollTo(0, 8 * 48)")
        assert problems(page, "Calendar") == []
        keep(page, f"calendar-{view.lower()}")
    the_whole_calendar_goes_out(page, app, keep)
    app.get_by_role("radio", name="Week").click()
    expect(app.locator(".line")).to_be_in_viewport()
    app.get_by_role("radio", name="Month").click()
    app.get_by_role("button", name="Later").click()
    app.get_by_role("button", name="Earlier").click()
    week_with_the_fair(app, page, keep)
    page.reload()
    open_phone(page)
    expect(app.get_by_role("radio", name="Week")).to_be_checked()
    app.get_by_role("button", name="Today").click()
    app.get_by_role("radio", name="Month").click()

    page.context.set_offline(True)
    app.get_by_role("button", name="More").click()
    app.get_by_role("menuitem", name="Export all").click()
    expect(app.locator(".said")).to_contain_text("The cloud does not answer.")
    keep(page, "calendar-export-offline")
    app.locator(".said").get_by_role("button", name="Close").click()
    app.locator(".list").get_by_role("button", name="Stand-up").click()
    expect(app.locator(".moment b").first).to_contain_text("9:15")
    keep(page, "calendar-form")
    assert problems(page, "Calendar") == []
    app.get_by_label("Title").fill("Stand-up with tea")
    app.get_by_role("button", name="Save").click()
    app.get_by_role("button", name="This one").click()
    expect(app.locator(".list .row .name").last).to_have_text("Stand-up with tea")
    page.context.set_offline(False)
    app.get_by_role("radio", name="Agenda").click()
    sections = app.locator(".list section")
    expect(sections.nth(0)).to_contain_text("Stand-up with tea")
    expect(sections.nth(1)).to_contain_text("Stand-up")
    expect(sections.nth(1)).not_to_contain_text("with tea")
    sections.nth(1).get_by_role("button", name="Stand-up").click()
    app.get_by_role("button", name="Delete").click()
    asked = app.get_by_role("alertdialog", name="Delete this repeating event?")
    expect(asked.locator("pl-button[kind=danger]")).to_have_text(["Only this one", "This and later ones", "All"])
    keep(page, "calendar-delete-which")
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_have_count(0)
    app.get_by_role("button", name="Delete").click()
    asked.get_by_role("button", name="All", exact=True).click()
    expect(app.get_by_text("Stand-up")).to_have_count(0)

    lake = app.locator(".list .row", has_text="West Lake")
    lake.click()
    app.get_by_role("button", name="Delete").click()
    expect(lake).to_have_count(0)
    keep(page, "calendar-deleted")
    pill, new = app.locator(".undo").bounding_box(), app.get_by_role("button", name="New event").bounding_box()
    assert pill is not None
    assert new is not None
    assert pill["y"] + pill["height"] <= new["y"], "both can be pressed"
    app.get_by_role("button", name="Undo").click()
    expect(lake).to_be_visible()
    lake.click()
    app.get_by_role("button", name="Delete").click()
    with page.expect_response("**/journal/mutations"):
        app.get_by_role("status").filter(has_text="Event deleted").wait_for(state="detached")
    expect(lake).to_have_count(0)
    changes = phone.get("/journal/changes?since=0", token)["changes"]
    assert sum(one["deleted"] for one in changes if one["collection"] == "calendar.event") == 2


def the_whole_calendar_goes_out(page: Page, app: FrameLocator, keep: Keep) -> None:
    app.get_by_role("button", name="More").click()
    assert problems(page, "Calendar") == []
    cut = app.get_by_role("heading", level=1).evaluate("one => one.scrollWidth > one.clientWidth")
    assert not cut, "month and year can be read"
    keep(page, "calendar-menu")
    with page.expect_download() as download:
        app.get_by_role("menuitem", name="Export all").click()
    assert download.value.suggested_filename == "calendar.ics"
    written = Path(download.value.path()).read_text(encoding="utf-8")
    assert written.count("BEGIN:VEVENT") == 5
    for line in ("UID:stand-up", "RRULE:FREQ=DAILY", "SUMMARY:West Lake", "LOCATION:断桥"):
        assert line in written, line
    expect(app.get_by_role("menu")).to_have_count(0)


def week_with_the_fair(app: FrameLocator, page: Page, keep: Keep) -> None:
    """One bar lies over its three days; the hours begin where the first event is."""
    app.get_by_role("button", name="Today").click()
    app.get_by_role("radio", name="Day", exact=True).click()
    app.get_by_role("radio", name="Week").click()
    app.get_by_role("button", name="Later").click()
    bar = app.get_by_role("button", name="Book fair")
    expect(bar).to_have_count(1)
    box, column = bar.bounding_box(), app.locator(".column").first.bounding_box()
    assert box is not None
    assert column is not None
    assert abs(box["width"] - 3 * column["width"]) < 4
    app.get_by_role("radio", name="Month").click()
    app.get_by_role("radio", name="Week").click()
    expect(app.get_by_role("button", name="Train")).to_be_in_viewport()
    keep(page, "calendar-week-fair")


def test_an_event_is_made_on_a_tablet(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("lin")
    page = device(1280, 800, locale="zh-CN", color_scheme="dark", zone="Asia/Shanghai")
    sign_in(page, phone, "lin", zh=True)
    app = open_web_app(page, "日历")
    app.get_by_role("button", name="新建日程").click()
    app.get_by_label("标题").fill("西湖喝茶")
    app.get_by_label("地点").fill("断桥")
    app.get_by_role("textbox", name="开始").fill("2026-11-29T09:00")
    expect(app.locator(".moment b").first).to_have_text("2026年11月29日周日 9:00")
    expect(app.locator(".moment b").last).to_have_text("2026年11月29日周日 10:00")
    keep(page, "calendar-form-tablet-zh-dark")
    app.get_by_role("combobox", name="重复", exact=True).select_option("WEEKLY")
    app.get_by_label("间隔").fill("2")
    app.get_by_role("button", name="星期三", exact=True).click()
    app.get_by_label("结束重复").select_option("count")
    app.get_by_label("次数").fill("6")
    app.get_by_label("次数").blur()
    keep(page, "calendar-repeat-tablet-zh-dark")
    app.get_by_role("button", name="保存").click()
    app.get_by_role("radio", name="日程").click()
    expect(app.locator(".list .row .name").first).to_have_text("西湖喝茶")
    app.get_by_role("radio", name="月", exact=True).click()
    heads, numbers = app.locator(".weekdays span"), app.locator(".cell .number")
    for column in range(7):
        head, number = heads.nth(column).bounding_box(), numbers.nth(column).bounding_box()
        assert head is not None
        assert number is not None
        assert abs(head["x"] + head["width"] / 2 - number["x"] - number["width"] / 2) < 2
    keep(page, "calendar-tablet-zh-月")
    for view in ("周", "日"):
        app.get_by_role("radio", name=view, exact=True).click()
        keep(page, f"calendar-tablet-zh-{view}")
    page.set_viewport_size({"width": 390, "height": 844})
    app.get_by_role("radio", name="周", exact=True).click()
    keep(page, "calendar-week-zh-dark")
    app.get_by_role("button", name="更多").click()
    keep(page, "calendar-menu-zh-dark")
    page.keyboard.press("Escape")
    expect(app.get_by_role("menu")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 800})
    app.get_by_role("button", name="更多").click()
    page.keyboard.press("ArrowUp")
    expect(app.get_by_role("menuitem").last).to_be_focused()
    keep(page, "calendar-menu-tablet-zh-dark")
    app.get_by_role("heading", level=1).click()
    expect(app.get_by_role("menu")).to_have_count(0)
    assert problems(page, "日历") == []
    keep(page, "calendar-tablet-zh-dark")
    changes = phone.get("/journal/changes?since=0", token)["changes"]
    [event] = [one["fields"] for one in changes if one["collection"] == "calendar.event"]
    rule = {"freq": "WEEKLY", "interval": 2, "byday": ["WE", "SU"], "count": 6}
    assert event["rrule"] == [["rrule", {}, "recur", rule]]
    assert event["dtstart"][0][1] == {"tzid": "Asia/Shanghai"}
    assert event["_parts"][0][0] == "valarm"


def test_a_series_is_cut_in_two_and_ends(phone: Phone, device: Device, keep: Keep) -> None:
    token = phone.account("eva")
    zone = ZoneInfo("Europe/Berlin")
    # It began with the last day of the month before: the next one is within the agenda's two months.
    begin = datetime.now(zone).replace(day=1, hour=19, minute=30) - timedelta(days=1)
    end = begin + timedelta(days=210)
    page = device(zone="Europe/Berlin")
    sign_in(page, phone, "eva")
    app = open_web_app(page, "Calendar")
    app.get_by_role("button", name="New event").click()
    app.get_by_label("Title").fill("Choir")
    app.get_by_role("textbox", name="Begins").fill(f"{begin:%Y-%m-%dT%H:%M}")
    app.get_by_role("combobox", name="Repeat", exact=True).select_option("MONTHLY")
    app.get_by_role("combobox", name="On", exact=True).select_option("last")
    app.get_by_role("combobox", name="Stops").select_option("until")
    app.get_by_label("Last day").fill(f"{begin - timedelta(days=9):%Y-%m-%d}")
    expect(app.get_by_label("Last day")).to_have_value(f"{begin:%Y-%m-%d}")
    early = app.get_by_text("A series cannot end before it begins")
    expect(early).to_be_visible()
    keep(page, "calendar-repeat-early")
    app.get_by_label("Last day").fill(f"{end:%Y-%m-%d}")
    expect(early).to_be_hidden()
    app.get_by_role("heading", name="New event").scroll_into_view_if_needed()
    assert problems(page, "Calendar") == []
    keep(page, "calendar-repeat")
    app.get_by_role("button", name="Save").click()
    app.get_by_role("radio", name="Agenda").click()
    app.locator(".list .row", has_text="Choir").first.click()
    app.get_by_label("Title").fill("Choir and tea")
    app.get_by_role("button", name="Save").click()
    asked = app.get_by_role("alertdialog")
    expect(asked.locator("pl-button")).to_have_text(["This one", "This and later ones", "All", "Cancel"])
    keep(page, "calendar-which")
    asked.get_by_role("button", name="This and later ones").click()
    expect(app.locator(".list .row", has_text="Choir and tea").first).to_be_visible()

    def cut() -> Any:
        """Both series, once the cloud has heard of both: the new one may come before the old one's end."""
        changes = phone.get("/journal/changes?since=0", token)["changes"]
        events = [one["fields"] for one in changes if one["collection"] == "calendar.event"]
        return len({event["rrule"][0][3]["until"] for event in events}) == 2 and events

    first, second = sorted(wait(cut), key=lambda event: str(event["dtstart"]))
    assert first["rrule"][0][3]["byday"] == second["rrule"][0][3]["byday"] == f"-1{begin:%a}"[:4].upper()
    last = end.replace(hour=23, minute=59, second=59).astimezone(ZoneInfo("UTC"))
    assert first["rrule"][0][3]["until"] < second["rrule"][0][3]["until"] == f"{last:%Y-%m-%dT%H:%M:%SZ}"


def test_a_reminder_is_told_when_it_falls_due(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("yun")
    page = device(locale="zh-CN", zone="Asia/Shanghai")
    sign_in(page, phone, "yun", zh=True)
    app = open_web_app(page, "日历")
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    start, due = now + timedelta(minutes=20), (now + timedelta(seconds=8)).astimezone(ZoneInfo("UTC"))
    file = DUE.format(start=f"{start:%Y%m%dT%H%M00}", due=f"{due:%Y%m%dT%H%M%SZ}").encode()
    app.get_by_role("button", name="更多").click()
    choose_files(page, app.get_by_role("menuitem", name="导入文件"), ("tea.ics", file))
    expect(app.get_by_role("status").filter(has_text="已导入")).to_be_visible()
    page.keyboard.press("Home")
    page.locator("pl-status-bar").focus()
    page.keyboard.press("Enter")
    notice = page.locator("pl-shade pl-notice")
    expect(notice).to_contain_text("西湖喝茶", timeout=60_000)
    expect(notice).to_contain_text("开始")
    keep(page, "shade-reminder-zh")
    notice.locator("article").click()
    expect(page.locator("pl-stage .box.front")).to_have_attribute("data-app", "calendar")
