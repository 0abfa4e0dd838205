"""Import, export and expansion of calendars, by their rules and over the real journal and HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st

from pileus.cli import calendar as command
from pileus.cloud.services.calendar import reading
from pileus.cloud.services.calendar.events import Found, calendar_of, records, whole_calendar
from pileus.cloud.services.calendar.expansion import occurrences, reminders
from pileus.cloud.services.calendar.reading import Block, BlockReader, Broken
from pileus.cloud.services.calendar.rules import check_calendar, check_event
from pileus.core.errors import Invalid, PileusError, TooLarge
from pileus.sdk.client import Client
from tests.cloud.names import of_test
from tests.conftest import PASSWORD

BERLIN = ZoneInfo("Europe/Berlin")
ZONE = """BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""
WEEKLY = """BEGIN:VEVENT
UID:tea
DTSTAMP:20260101T000000Z
SEQUENCE:1
DTSTART;TZID=Office:20260320T090000
DTEND;TZID=Office:20260320T100000
RRULE:FREQ=WEEKLY;COUNT=5
EXDATE;TZID=Office:20260327T090000
SUMMARY:Tee\\, Kuchen
ATTENDEE;CN="Lin, Mei";PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:mei@example.org
ORGANIZER:mailto:anna@example.org
X-ODD;A="2;3":a\\,b\\;c\\nd
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Tea
TRIGGER:-PT15M
X-SOUND:bell
END:VALARM
END:VEVENT
"""
MOVED = """BEGIN:VEVENT
UID:tea
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Office:20260403T090000
DTSTART;TZID=Office:20260403T110000
DTEND;TZID=Office:20260403T120000
SUMMARY:Moved
END:VEVENT
"""
HOLIDAY = "BEGIN:VEVENT\nUID:day\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:20260329\nSUMMARY:Uhr\nEND:VEVENT\n"


def ics(*parts: str) -> str:
    return (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nX-WR-CALNAME:Home\n"
        + "".join(parts)
        + "END:VCALENDAR\n"
    )


def read(text: str, size: int = 1 << 16) -> list[Found | Broken]:
    reader, data = BlockReader(), text.encode()
    items = [
        item for at in range(0, len(data), size) for item in reader.feed(data[at : at + size])
    ] + reader.close()
    broken: list[Found | Broken] = [item for item in items if isinstance(item, Broken)]
    return broken + records([item for item in items if isinstance(item, Block)], "home")


def fields(text: str) -> dict[str, dict[str, Any]]:
    found = read(text)
    for item in found:
        assert isinstance(item, Found), item
        check_event(item.fields)
    return {item.id: item.fields for item in found if isinstance(item, Found)}


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]


def starts(
    events: dict[str, Any], start: datetime, end: datetime, zone: ZoneInfo = BERLIN
) -> list[tuple[str, str]]:
    found, _ = occurrences(events, start, end, zone)
    return [(one.summary, datetime.fromtimestamp(one.start_ms / 1000, UTC).isoformat()[:16]) for one in found]


def test_an_event_with_its_exceptions_is_one_record() -> None:
    [(record, event)] = fields(ics(MOVED, ZONE, WEEKLY)).items()
    assert record.startswith("uid-")
    assert event["_calendar"] == "home"
    assert event["summary"] == [["summary", {}, "text", "Tee, Kuchen"]]
    assert event["x-odd"] == [["x-odd", {"a": "2;3"}, "unknown", r"a\,b\;c\nd"]]
    assert event["attendee"][0][1] == {"cn": "Lin, Mei", "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
    assert [part[0] for part in event["_parts"]] == ["valarm"]
    assert event["@20260403T090000"][0] == "vevent"
    assert [zone[0] for zone in event["_zones"]] == ["vtimezone"]


def test_nothing_is_lost_by_writing_and_reading_again() -> None:
    events = fields(ics(ZONE, WEEKLY, MOVED, HOLIDAY))
    assert fields(calendar_of(events.values()).to_ical().decode()) == events


def test_occurrences_keep_their_hour_when_the_clocks_change() -> None:
    events = fields(ics(ZONE, WEEKLY, MOVED))
    assert starts(events, at(2026, 3, 1), at(2026, 5, 1)) == [
        ("Tee, Kuchen", "2026-03-20T08:00"),
        ("Moved", "2026-04-03T09:00"),
        ("Tee, Kuchen", "2026-04-10T07:00"),
        ("Tee, Kuchen", "2026-04-17T07:00"),
    ]
    found, _ = occurrences(events, at(2026, 4, 1), at(2026, 4, 11), BERLIN)
    assert [one.recurrence for one in found] == ["20260403T090000", "20260410T090000"]


@pytest.mark.parametrize(
    ("zone", "start"), [("Europe/Berlin", "2026-03-28T23:00"), ("Asia/Shanghai", "2026-03-28T16:00")]
)
def test_a_whole_day_is_the_readers_day(zone: str, start: str) -> None:
    events = fields(ics(HOLIDAY))
    [one], _ = occurrences(events, at(2026, 3, 28, 12), at(2026, 3, 29, 12), ZoneInfo(zone))
    assert one.all_day
    assert datetime.fromtimestamp(one.start_ms / 1000, UTC).isoformat()[:16] == start
    hours = (one.end_ms - one.start_ms) / 3_600_000
    assert hours == (23 if zone == "Europe/Berlin" else 24)


def test_times_without_a_zone_are_the_readers() -> None:
    events = fields(ics("BEGIN:VEVENT\nUID:a\nDTSTART:20260701T080000\nSUMMARY:Up\nEND:VEVENT\n"))
    assert starts(events, at(2026, 6, 30), at(2026, 7, 2)) == [("Up", "2026-07-01T06:00")]
    assert starts(events, at(2026, 6, 30), at(2026, 7, 2), ZoneInfo("Asia/Shanghai")) == [
        ("Up", "2026-07-01T00:00")
    ]


def test_reminders_fall_due_before_each_occurrence() -> None:
    due, _ = reminders(fields(ics(ZONE, WEEKLY, MOVED)), at(2026, 3, 1), at(2026, 5, 1), BERLIN)
    told = [datetime.fromtimestamp(one.due_ms / 1000, UTC).isoformat()[:16] for one in due]
    assert told == ["2026-03-20T07:45", "2026-04-10T06:45", "2026-04-17T06:45"]
    assert {one.summary for one in due} == {"Tee, Kuchen"}


@pytest.mark.parametrize(
    ("start", "rule", "times"),
    [
        ("20260701T080000Z", "FREQ=SECONDLY", 1),
        ("20200101T080000Z", "FREQ=MINUTELY;INTERVAL=5", 1),
        ("20260701T080000Z", "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), 4416),
        (
            "20260101T080000Z",
            "FREQ=DAILY;BYMINUTE={0};BYSECOND={0};BYHOUR=1,2".format(",".join(map(str, range(60)))),
            1,
        ),
        ("19000101T080000Z", "FREQ=HOURLY", 1),
        ("19000101T080000Z", "FREQ=DAILY", 365),
    ],
)
def test_a_rule_that_is_too_dense_happens_once_and_is_named(start: str, rule: str, times: int) -> None:
    dense = fields(ics(f"BEGIN:VEVENT\nUID:a\nDTSTART:{start}\nRRULE:{rule}\nSUMMARY:Tick\nEND:VEVENT\n"))
    found, unread = occurrences(dense, at(2026, 1, 1), at(2027, 1, 1), BERLIN)
    assert [one.code for one in unread] == (["rule-too-dense"] if times == 1 else [])
    if times > 1:
        assert len(found) == min(times, 2000)
    elif start > "2026":
        assert len(found) == 1


def test_an_exception_has_no_rule_of_its_own() -> None:
    [event] = fields(ics(ZONE, WEEKLY, MOVED.replace("SUMMARY", "RRULE:FREQ=SECONDLY\nSUMMARY"))).values()
    assert "rrule" in [prop[0] for prop in event["@20260403T090000"][1]], "it is kept"
    told = starts({"a": event}, at(2026, 3, 1), at(2026, 5, 1))
    assert [summary for summary, _ in told].count("Moved") == 1


def test_one_event_that_cannot_be_expanded_spoils_no_other() -> None:
    events = fields(ics(HOLIDAY))
    [event] = events.values()
    broken = {**event, "dtstart": [["dtstart", {}, "date", "someday"]]}
    check_event(broken)
    found, unread = occurrences({"broken": broken, **events}, at(2026, 3, 1), at(2026, 5, 1), BERLIN)
    assert [one.summary for one in found] == ["Uhr"]
    assert [(one.event, one.code) for one in unread] == [("broken", "event-unreadable")]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYSETPOS=2",
        "FREQ=DAILY;BYSETPOS=2",
    ],
)
def test_a_rule_that_never_matches_is_not_looked_for_until_the_year_9999(rule: str) -> None:
    events = fields(
        ics(f"BEGIN:VEVENT\nUID:a\nDTSTART:20260701T080000Z\nRRULE:{rule}\nSUMMARY:Tick\nEND:VEVENT\n")
    )
    found, unread = occurrences(events, at(2026, 1, 1), at(2027, 1, 1), BERLIN)
    assert ([one.summary for one in found], [one.code for one in unread]) == (["Tick"], ["rule-too-dense"])


def test_a_rule_that_matches_rarely_is_expanded() -> None:
    leap = "BEGIN:VEVENT\nUID:a\nDTSTART:20000229T080000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\nEND:VEVENT\n"
    found, unread = occurrences(fields(ics(leap)), at(2028, 1, 1), at(2029, 1, 1), BERLIN)
    assert (len(found), unread) == (1, [])


def test_no_more_is_expanded_than_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the range at a time: the library makes a list of all that it is asked for."""
    asked: list[float] = []
    between = recurring_ical_events.CalendarQuery.between

    def counted(query: Any, start: datetime, end: datetime) -> Any:
        asked.append((end - start).days)
        return between(query, start, end)

    monkeypatch.setattr(recurring_ical_events.CalendarQuery, "between", counted)
    hours, minutes = ",".join(map(str, range(24))), "0,3,6,9,12,15,18,21,24,27,30,33,36,39,42,45,48,51,54,57"
    rule = f"FREQ=DAILY;BYHOUR={hours};BYMINUTE={minutes}"
    event = f"BEGIN:VEVENT\nUID:a\nDTSTART:20260101T000000Z\nRRULE:{rule}\nSUMMARY:Tick\nEND:VEVENT\n"
    found, _ = occurrences(fields(ics(event)), at(2026, 1, 1), at(2027, 1, 1), ZoneInfo("UTC"))
    assert len(found) == 2000
    assert sum(asked) <= 8


def test_reminders_of_whole_days_count_from_the_readers_midnight() -> None:
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT6H\nEND:VALARM\n"
    day = "BEGIN:VEVENT\nUID:d\nDTSTAMP:20260101T000000Z\n"
    series = f"{day}DTSTART;VALUE=DATE:20260321\nDTEND;VALUE=DATE:20260322\nRRULE:FREQ=DAILY;UNTIL=20260324\n"
    series += f"EXDATE;VALUE=DATE:20260323\nSUMMARY:Fest\n{alarm}END:VEVENT\n"
    moved = (
        f"{day}RECURRENCE-ID;VALUE=DATE:20260322\nDTSTART;VALUE=DATE:20260325\nSUMMARY:Spät\n{alarm}END:VEVENT\n"
    )
    found, unread = reminders(
        fields(ics(series, moved)), at(2026, 3, 19), at(2026, 3, 31), ZoneInfo("Asia/Shanghai")
    )
    due = [(one.summary, datetime.fromtimestamp(one.due_ms / 1000, UTC).isoformat()[:13]) for one in found]
    assert (due, unread) == (
        [("Fest", "2026-03-20T10"), ("Fest", "2026-03-23T10"), ("Spät", "2026-03-24T10")],
        [],
    )


def test_an_alarm_without_end_rings_once() -> None:
    event = WEEKLY.replace("ACTION", "REPEAT:1000000000\nDURATION:PT1S\nACTION", 1)
    due, _ = reminders(fields(ics(ZONE, event, MOVED)), at(2026, 3, 1), at(2026, 5, 1), BERLIN)
    assert len(due) == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("DTSTART:nonsense\n", "ical-malformed"),
        ("no colon\n", "ical-malformed"),
        ("DTSTART:20260101T000000Z\nRRULE:FREQ=SOMETIMES\n", "ical-malformed"),
        ("", "ical-no-start"),
    ],
)
def test_a_broken_event_is_named_and_the_next_one_read(body: str, code: str) -> None:
    broken, fine = read(ics(f"BEGIN:VEVENT\nUID:b\nSUMMARY:Broken\n{body}END:VEVENT\n", HOLIDAY))
    assert isinstance(broken, Broken)
    assert (broken.line, broken.name, broken.code) == (5, "Broken", code)
    assert isinstance(fine, Found)


def test_what_does_not_end_or_is_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    [broken] = read("BEGIN:VCALENDAR\n" + WEEKLY[:-12])
    assert isinstance(broken, Broken)
    assert broken.code == "ical-unfinished"
    monkeypatch.setattr(reading, "MAX_COMPONENT_BYTES", 500)
    large = HOLIDAY.replace("SUMMARY", "COMMENT:" + "x" * 400 + "\nSUMMARY")
    assert [getattr(item, "code", "") for item in read(ics(large, HOLIDAY))] == ["ical-too-large", ""]
    with pytest.raises(Invalid):
        read("milk\n")


def test_a_file_of_endless_events_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_COMPONENTS", 3)
    assert len(read(ics(*[HOLIDAY] * 3))) == 1
    with pytest.raises(TooLarge):
        read(ics(*[HOLIDAY] * 4))


def test_a_calendars_name_is_cut_by_bytes() -> None:
    reader = BlockReader()
    reader.feed(ics(HOLIDAY).replace("Home", "历" * 200).encode())
    assert reader.properties["X-WR-CALNAME"] == "历" * 85
    check_calendar({"name": reader.properties["X-WR-CALNAME"]})


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pieces_of_any_size_give_the_same(size: int) -> None:
    text = ics(ZONE, WEEKLY, MOVED, HOLIDAY)
    assert read(text, size) == read(text)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    for item in read(ics(f"BEGIN:VEVENT\nUID:x\nDTSTART:20260101\n{text}\nEND:VEVENT\n", HOLIDAY)):
        assert isinstance(item, Found | Broken)


def deep(levels: int) -> Any:
    part: Any = ["valarm", [], []]
    for _ in range(levels):
        part = ["valarm", [], [part]]
    return part


@pytest.mark.parametrize(
    "change",
    [
        {"_component": "valarm"},
        {"_calendar": "../x"},
        {"summary": "Tea"},
        {"summary": [["summary", {}, "text"]]},
        {"summary": [["other", {}, "text", "x"]]},
        {"_parts": [["valarm", []]]},
        {"@20260403T090000": ["vtodo", [], []]},
        {"@friday": ["vevent", [], []]},
        {"UPPER": []},
        {"rrule": [["rrule", {}, "recur", "FREQ=DAILY"]]},
        {"rrule": [["rrule", {}, "recur", {"freq": "SOMETIMES"}]]},
        {"rrule": [["rrule", {}, "recur", {"freq": "DAILY", "interval": 0}]]},
        {"_parts": [deep(200)]},
        {"_parts": [["valarm", [], []]] * 1001},
    ],
)
def test_what_is_no_event_is_refused(change: dict[str, Any]) -> None:
    [event] = fields(ics(HOLIDAY)).values()
    with pytest.raises(PileusError):
        check_event({**event, **change})


def test_what_is_no_calendar_is_refused() -> None:
    check_calendar({"name": "Home", "colour": "#2f7bf6", "hidden": False})
    for wrong in (
        {},
        {"name": " "},
        {"name": "x", "colour": "blue"},
        {"name": "x", "more": 1},
        {"name": "x", "hidden": 1},
    ):
        with pytest.raises(Invalid):
            check_calendar(wrong)


@pytest.fixture
def person(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def bring(client: httpx.Client, text: str, calendar: str = "home") -> Any:
    answer = client.post("/calendar/import", content=text.encode(), params={"calendar": calendar})
    assert answer.status_code == 200, answer.text
    return answer.json()


def live(client: httpx.Client, collection: str) -> dict[str, Any]:
    changes = client.get("/journal/changes?since=0").json()["changes"]
    return {one["id"]: one["fields"] for one in changes if one["collection"] == collection and not one["deleted"]}


def test_what_is_imported_is_there_once_and_comes_out_again(person: httpx.Client) -> None:
    text = ics(ZONE, WEEKLY, MOVED, HOLIDAY, "BEGIN:VEVENT\nUID:b\nSUMMARY:Broken\nEND:VEVENT\n")
    report = bring(person, text)
    assert (report["imported"], report["skipped_count"]) == (2, 1)
    assert (report["skipped"][0]["name"], report["skipped"][0]["code"]) == ("Broken", "ical-no-start")
    assert bring(person, text)["same"] == 2
    assert live(person, "calendar.calendar") == {"home": {"name": "Home"}}
    written = person.get("/calendar/export").text
    assert fields(written) == live(person, "calendar.event") == fields(ics(ZONE, WEEKLY, MOVED, HOLIDAY))
    assert person.get("/calendar/export", params={"calendar": "other"}).text.count("VEVENT") == 0


def test_an_export_brings_the_zones_that_a_phone_named_alone() -> None:
    [event] = fields(ics("BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Asia/Shanghai:20260701T080000\nEND:VEVENT\n")).values()
    assert "_zones" not in event
    written = whole_calendar([event]).to_ical().decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai" in written
    [again] = fields(written).values()
    assert starts({"a": again}, at(2026, 6, 30), at(2026, 7, 2)) == [("", "2026-07-01T00:00")]


def test_a_newer_version_replaces_an_event_and_an_older_one_does_not(person: httpx.Client) -> None:
    bring(person, ics(ZONE, WEEKLY, MOVED))
    newer = WEEKLY.replace("SEQUENCE:1", "SEQUENCE:2").replace("Kuchen", "Torte").replace("X-ODD", "X-NEW")
    assert bring(person, ics(ZONE, newer), "elsewhere")["updated"] == 1
    [event] = live(person, "calendar.event").values()
    assert (event["summary"][0][3], event["_calendar"]) == ("Tee, Torte", "home")
    assert not {"x-odd", "@20260403T090000"} & set(event)
    assert bring(person, ics(ZONE, WEEKLY, MOVED))["same"] == 1
    assert list(live(person, "calendar.event").values()) == [event]


def test_occurrences_and_reminders_over_http(person: httpx.Client) -> None:
    bring(person, ics(ZONE, WEEKLY, MOVED))
    span = {"from": int(at(2026, 3, 1).timestamp() * 1000), "to": int(at(2026, 5, 1).timestamp() * 1000)}
    found = person.get("/calendar/occurrences", params={**span, "zone": "Europe/Berlin"}).json()["occurrences"]
    assert [one["summary"] for one in found] == ["Tee, Kuchen", "Moved", "Tee, Kuchen", "Tee, Kuchen"]
    assert len(person.get("/calendar/reminders", params=span).json()["reminders"]) == 3
    for wrong in ({"zone": "Mars/Base"}, {"zone": "../etc/passwd"}, {"to": 0}, {"from": "x"}, {"to": 10**13}):
        answer = person.get("/calendar/occurrences", params={**span, **wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "query-parameter"), wrong


def test_an_account_sees_nothing_of_another(shared_server: Any, person: httpx.Client) -> None:
    bring(person, ics(HOLIDAY))
    with shared_server.client(shared_server.account("other-calendar")["token"]) as other:
        assert "VEVENT" not in other.get("/calendar/export").text
        assert live(other, "calendar.event") == {}


def test_what_came_before_a_full_account_is_told(server: Any) -> None:
    server.cloud.accounts.create_blocking("full", PASSWORD, 28_000)
    with server.client(server.sign_in("full")["token"]) as client:
        events = [HOLIDAY.replace("UID:day", f"UID:d{number}") for number in range(160)]
        answer = client.post("/calendar/import", content=ics(*events).encode())
        assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        assert answer.json()["report"]["imported"] == len(live(client, "calendar.event")) > 0


def test_the_commands_bring_and_give(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = server.account("anna")["token"]
    monkeypatch.setattr(Client, "from_config", classmethod(lambda cls: cls(server.url, token)))
    file = tmp_path / "a.ics"
    file.write_text(ics(HOLIDAY))
    command.import_file(file, "home")
    assert "1 imported" in capsys.readouterr().out
    command.export_file(tmp_path / "b.ics")
    assert "SUMMARY:Uhr" in (tmp_path / "b.ics").read_text()
