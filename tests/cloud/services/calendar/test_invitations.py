"""Guests of this cloud get an event, answer it and hear of its end; answers by mail are taken from files."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from pileus.cloud.services.calendar import invitations, scheduling
from pileus.cloud.services.calendar.expansion import occurrences, reminders
from pileus.cloud.services.calendar.invitations import Deliverer
from tests.cloud.installs import records

RECORD = "uid-tea"
Fields = dict[str, Any]


def attendee(address: str, answer: str = "NEEDS-ACTION", **more: str) -> list[Any]:
    return ["attendee", {"partstat": answer, **more}, "cal-address", address]


def event(*people: list[Any], **more: Any) -> Fields:
    base = {
        "_calendar": "work",
        "_component": "vevent",
        "uid": [["uid", {}, "text", "tea"]],
        "dtstart": [["dtstart", {}, "date-time", "2026-03-20T09:00:00Z"]],
        "summary": [["summary", {}, "text", "西湖 tea"]],
        "_parts": [["valarm", [["trigger", {}, "duration", "-PT5M"], ["action", {}, "text", "DISPLAY"]], []]],
    }
    return {**base, **({"attendee": list(people)} if people else {}), **more}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "LOOK_SECONDS", 0.05)


@pytest.fixture
def people(server: Any) -> Iterator[dict[str, httpx.Client]]:
    names = ("mei", "li", "eve")
    clients = {name: server.client(server.account(name)["token"]) for name in names}
    yield clients
    for one in clients.values():
        one.close()


def put(client: httpx.Client, fields: Fields | None, record: str = RECORD) -> None:
    wish = {"id": str(uuid.uuid4()), "base": 2**50, "collection": "calendar.event", "record": record}
    more = {"op": "delete"} if fields is None else {"op": "put", "fields": fields}
    [outcome] = client.post("/journal/mutations", json={"mutations": [{**wish, **more}]}).json()["outcomes"]
    assert outcome["status"] != "refused", outcome


def of(client: httpx.Client, record: str = RECORD) -> Fields | None:
    return records(client, "calendar.event").get(record)


def until(seen: Callable[[], Any]) -> Any:
    end, pause = time.monotonic() + 20, threading.Event()
    while time.monotonic() < end:
        if found := seen():
            return found
        pause.wait(0.05)
    raise AssertionError("it did not come")


def test_who_can_be_invited_is_asked_by_name(people: dict[str, httpx.Client]) -> None:
    assert people["mei"].get("/calendar/guests/LI").json() == {"name": "li"}
    nobody = people["mei"].get("/calendar/guests/nobody")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no-account")


def answers(fields: Fields | None) -> dict[str, str]:
    found = (fields or {}).get("attendee", [])
    return {prop[3]: prop[1]["partstat"] for prop in found}


def test_a_guest_gets_the_event_answers_and_hears_of_its_end(people: dict[str, httpx.Client]) -> None:
    mei, li = people["mei"], people["li"]
    put(mei, event(attendee("pileus:li"), attendee("pileus:nobody"), attendee("mailto:x@example.org")))
    got = until(lambda: of(li))
    assert got["_me"] == "pileus:li"
    assert got["organizer"] == [["organizer", {"cn": "mei"}, "cal-address", "pileus:mei"]]
    assert (got["_calendar"], "_parts" in got) == ("calendar", False), "reminders are everybody's own"
    assert records(li, "calendar.calendar")["calendar"]
    mine = until(lambda: (of(mei) or {}).get("_me") and of(mei))
    assert [prop[1].get("schedule-status") for prop in mine["attendee"]] == [None, "3.7", None]

    put(li, scheduling.with_answer(got, "pileus:li", "ACCEPTED") | {"_parts": event()["_parts"]})
    until(lambda: answers(of(mei))["pileus:li"] == "ACCEPTED")
    put(mei, {"summary": [["summary", {}, "text", "West Lake"]]})
    got = until(lambda: (now := of(li)) and now["summary"][0][3] == "West Lake" and now)
    assert answers(got)["pileus:li"] == "ACCEPTED"
    assert got["_parts"] == event()["_parts"]
    put(mei, {"dtstart": [["dtstart", {}, "date-time", "2026-03-21T09:00:00Z"]]})
    until(lambda: answers(of(li))["pileus:li"] == "NEEDS-ACTION")  # at another time it may be another answer

    put(mei, None)
    until(lambda: (of(li) or {}).get("status") == scheduling.CANCELLED)


def test_days_of_a_cancelled_series_that_were_changed_are_cancelled_too(people: dict[str, httpx.Client]) -> None:
    mei, li = people["mei"], people["li"]
    series = event(attendee("pileus:li"), rrule=[["rrule", {}, "recur", {"freq": "WEEKLY"}]])
    name = "@20260327T090000Z"
    one = scheduling._component(series, name) | {"summary": [["summary", {}, "text", "Cake"]]}
    put(mei, {**series, name: scheduling._exception(series, name, one)})
    got = until(lambda: of(li))
    assert name in got
    put(mei, None)
    got = until(lambda: (now := of(li)) and now.get("status") == scheduling.CANCELLED and now)
    kept = {prop[0]: prop for prop in got[name][1]}
    assert ([kept["status"]], kept["summary"][3]) == (scheduling.CANCELLED, "Cake")
    assert scheduling.cancelled(got) == {}


def test_a_message_that_cancels_a_series_cancels_its_changed_days() -> None:
    """RFC 5546 §3.2.5; one that names a day cancels that alone."""
    host = [["organizer", {}, "cal-address", "mailto:mei@example.org"]]
    series = event(organizer=host, rrule=[["rrule", {}, "recur", {"freq": "WEEKLY"}]])
    first, second = "@20260320T090000Z", "@20260327T090000Z"
    days = {
        name: scheduling._exception(series, name, scheduling._component(series, name)) for name in (first, second)
    }
    there = {**series, **days}
    message = {"organizer": host, "sequence": [["sequence", {}, "integer", 1]]}
    became, put = scheduling.applied(there, message, "CANCEL")
    assert (became, sorted(put)) == ("updated", [first, second, "sequence", "status"])
    assert all(scheduling.CANCELLED[0] in put[name][1] for name in days)
    assert [prop for prop in put[second][1] if prop[0] == "summary"] == series["summary"]
    assert scheduling.applied({**there, **put}, message, "CANCEL") == ("same", {})

    at = [["recurrence-id", {}, "date-time", "2026-03-27T09:00:00Z"]]
    became, put = scheduling.applied(there, {**message, "recurrence-id": at}, "CANCEL")
    assert (became, sorted(put)) == ("updated", [second])


def test_a_series_that_is_shortened_asks_nobody_anew(people: dict[str, httpx.Client]) -> None:
    mei, li = people["mei"], people["li"]
    put(mei, event(attendee("pileus:li"), rrule=[["rrule", {}, "recur", {"freq": "DAILY"}]]))
    got = until(lambda: of(li))
    put(li, scheduling.with_answer(got, "pileus:li", "ACCEPTED"))
    until(lambda: answers(of(mei))["pileus:li"] == "ACCEPTED")
    shorter = {"freq": "DAILY", "until": "2026-04-01T00:00:00Z"}
    left = [["exdate", {}, "date-time", "2026-03-22T09:00:00Z"]]
    put(mei, {"rrule": [["rrule", {}, "recur", shorter]], "exdate": left})
    got = until(lambda: (now := of(li)) and now.get("exdate") == left and now)
    assert (answers(got)["pileus:li"], got["rrule"][0][3]) == ("ACCEPTED", shorter)
    put(mei, {"rrule": [["rrule", {}, "recur", {**shorter, "freq": "WEEKLY"}]]})
    until(lambda: answers(of(li))["pileus:li"] == "NEEDS-ACTION")


def test_a_guest_who_deletes_the_event_declines_it_and_does_not_get_it_again(
    people: dict[str, httpx.Client],
) -> None:
    mei, li = people["mei"], people["li"]
    put(mei, event(attendee("pileus:li")))
    until(lambda: of(li))
    put(li, None)
    until(lambda: answers(of(mei)) == {"pileus:li": "DECLINED"})
    put(mei, {"summary": [["summary", {}, "text", "Please"]]})
    put(mei, event(attendee("pileus:eve")), "uid-marker")
    until(lambda: of(people["eve"], "uid-marker"))
    assert of(li) is None


def test_one_who_is_no_guest_any_more_hears_that_it_is_cancelled(people: dict[str, httpx.Client]) -> None:
    mei, li, eve = people["mei"], people["li"], people["eve"]
    put(mei, event(attendee("pileus:li"), attendee("pileus:eve")))
    until(lambda: of(li) and of(eve))
    put(mei, {"attendee": [attendee("pileus:eve")]})
    until(lambda: (of(li) or {}).get("status") == scheduling.CANCELLED)
    assert "status" not in (of(eve) or {})


def test_an_invitation_takes_no_event_of_ones_own_away(people: dict[str, httpx.Client]) -> None:
    """Nor does a forged answer change what an organizer did not ask."""
    mei, li, eve = people["mei"], people["li"], people["eve"]
    put(li, event(summary=[["summary", {}, "text", "private"]]))
    put(eve, event(attendee("pileus:li")))
    mine = until(lambda: (now := of(eve)) and now["attendee"][0][1].get("schedule-status") and now)
    assert mine["attendee"][0][1]["schedule-status"] == "5.1"
    assert (of(li) or {})["summary"][0][3] == "private"

    put(mei, event(attendee("pileus:li")), "uid-other")
    until(lambda: of(li, "uid-other"))
    forged = event(attendee("pileus:li", "ACCEPTED"), organizer=[["organizer", {}, "cal-address", "pileus:mei"]])
    put(eve, forged, "uid-other")
    put(eve, event(attendee("pileus:mei")), "uid-marker")
    until(lambda: of(mei, "uid-marker"))
    assert answers(of(mei, "uid-other")) == {"pileus:li": "NEEDS-ACTION"}


def test_more_than_so_many_new_invitations_a_day_do_not_arrive(
    people: dict[str, httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "A_DAY", 1)
    for number in (1, 2):
        put(people["mei"], event(attendee("pileus:li")), f"uid-{number}")
        until(lambda number=number: (of(people["mei"], f"uid-{number}") or {}).get("_me"))  # type: ignore[misc]
    held = [of(people["li"], f"uid-{number}") is not None for number in (1, 2)]
    assert held == [True, False]
    told = (of(people["mei"], "uid-2") or {})["attendee"][0][1]
    assert told["schedule-status"] == "5.1"


def test_names_of_guests_are_tried_no_faster_than_they_may_be_asked_for(
    serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a name that is one too many nobody learns whether an account has it; who is a guest already stays."""
    monkeypatch.setattr(invitations, "TRIED", 3)
    monkeypatch.setattr(invitations, "TRIED_A_MINUTE", 0.001)
    monkeypatch.setattr(invitations, "MOST_GUESTS", 4)

    def statuses(client: httpx.Client) -> list[str | None]:
        return [prop[1].get("schedule-status") for prop in (of(client) or {})["attendee"]]

    with serve(settings) as server:
        names = ("mei", "li", "eve")
        mei, li, eve = clients = [server.client(server.account(name)["token"]) for name in names]
        first = [attendee(f"pileus:{name}") for name in ("li", "nobody", "nobody2")]
        put(mei, event(attendee("pileus:MEI"), *first))
        until(lambda: of(li) and statuses(mei) == [None, None, "3.7", "3.7"])
        put(mei, {"attendee": [attendee("pileus:li"), attendee("pileus:eve"), attendee("pileus:nobody3")]})
        until(lambda: statuses(mei) == [None, "5.1", "5.1"])
        assert of(eve) is None
        put(mei, {"attendee": [attendee(f"pileus:{name}") for name in ("li", "a", "b", "c", "d")]})
        until(lambda: statuses(mei) == [None, *["5.1"] * 4])
        assert (of(li) or {}).get("status") != scheduling.CANCELLED
        for one in clients:
            one.close()


def test_what_waits_is_brought_after_a_restart(serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_self: Deliverer) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as still:
        still.setattr(Deliverer, "keep_delivering", never)
        with serve(settings) as server:
            tokens = [server.account(name)["token"] for name in ("mei", "li")]
            with server.client(tokens[0]) as mei:
                put(mei, event(attendee("pileus:li")))
    with serve(settings) as server, server.client(tokens[1]) as li:
        assert until(lambda: of(li))["summary"][0][3] == "西湖 tea"


def test_a_guest_who_cannot_be_reached_keeps_nothing_from_the_others(
    people: dict[str, httpx.Client], server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is tried again."""
    monkeypatch.setattr(invitations, "AGAIN_MS", 50)
    mei, li, eve = people["mei"], people["li"], people["eve"]
    put(mei, event(attendee("pileus:li"), attendee("pileus:eve")))
    until(lambda: of(li) and of(eve))
    padding = ["x" * 65_000 for _ in range(20)]
    room = (1 << 20) - len(msgspec.json.encode(of(li))) - 200
    text = "".join(padding)[:room]
    put(li, {"comment": [["comment", {}, "text", text]]})
    put(mei, None)
    until(lambda: (of(eve) or {}).get("status") == scheduling.CANCELLED)
    put(li, {"comment": None})
    until(lambda: (of(li) or {}).get("status") == scheduling.CANCELLED)


def test_what_others_write_does_not_spread(people: dict[str, httpx.Client]) -> None:
    """Neither an answer that is none nor an alarm within an occurrence."""
    mei, li, eve = people["mei"], people["li"], people["eve"]
    series = event(rrule=[["rrule", {}, "recur", {"freq": "DAILY", "count": 3}]])
    loud = ["vevent", [["summary", {}, "text", "loud"]], series["_parts"]]
    put(mei, {**event(attendee("pileus:li"), attendee("pileus:eve")), "@20260321T090000Z": loud})
    got = until(lambda: of(li))
    assert got["@20260321T090000Z"] == ["vevent", [["summary", {}, "text", "loud"]], []]
    put(li, {"attendee": [attendee("pileus:li", "x" * 100_000), attendee("pileus:eve")]})
    put(eve, scheduling.with_answer(until(lambda: of(eve)), "pileus:eve", "TENTATIVE"))
    until(lambda: answers(of(mei)) == {"pileus:li": "NEEDS-ACTION", "pileus:eve": "TENTATIVE"})


def test_one_that_is_too_large_to_be_brought_is_told(people: dict[str, httpx.Client]) -> None:
    large = [["description", {}, "text", "x" * invitations.MOST_BYTES]]
    put(people["mei"], event(attendee("pileus:li"), description=large))
    mine = until(lambda: (now := of(people["mei"])) and now["attendee"][0][1].get("schedule-status") and now)
    assert mine["attendee"][0][1]["schedule-status"] == "5.1"
    assert of(people["li"]) is None


HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\n"
MEETING = f"""{HEAD}METHOD:REQUEST\r
BEGIN:VEVENT\r
UID:meeting@example.org\r
DTSTAMP:20260301T080000Z\r
DTSTART;TZID=Europe/Berlin:20260320T090000\r
DTEND;TZID=Europe/Berlin:20260320T093000\r
RRULE:FREQ=DAILY;COUNT=5\r
SUMMARY:Meeting\r
SEQUENCE:2\r
ORGANIZER:mailto:Mei@example.org\r
ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Li:mailto:li@example.org\r
END:VEVENT\r
END:VCALENDAR\r
"""


def message(method: str, *lines: str, sequence: int = 2, stamp: str = "20260302T080000Z") -> str:
    inner = "\r\n".join(lines)
    return (
        f"{HEAD}METHOD:{method}\r\nBEGIN:VEVENT\r\nUID:meeting@example.org\r\nDTSTAMP:{stamp}\r\n"
        f"DTSTART:20260320T080000Z\r\nSEQUENCE:{sequence}\r\nORGANIZER:MAILTO:mei@example.org\r\n{inner}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def take(client: httpx.Client, text: str) -> tuple[int, list[str]]:
    answer = client.post("/calendar/import?calendar=work", content=text.encode())
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["updated"], [one["code"] for one in told["skipped"]]


def test_replies_and_cancellations_of_files_change_the_event(people: dict[str, httpx.Client]) -> None:
    mei = people["mei"]
    accepted = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:LI@example.org"
    assert take(mei, message("REPLY", accepted)) == (0, ["itip-unknown"])
    assert take(mei, MEETING) == (0, [])
    assert take(mei, message("REPLY", accepted)) == (1, [])
    [meeting] = records(mei, "calendar.event").values()
    assert answers(meeting) == {"mailto:li@example.org": "ACCEPTED"}
    assert meeting["attendee"][0][1]["cn"] == "Li"
    older = message("REPLY", accepted.replace("ACCEPTED", "DECLINED"), stamp="20260301T090000Z")
    assert take(mei, older) == (0, ["itip-stale"])
    assert take(mei, message("REPLY", accepted, sequence=1)) == (0, ["itip-stale"])
    assert take(mei, message("REPLY", accepted.replace("LI@", "eve@"))) == (0, ["itip-uninvited"])

    once = ("RECURRENCE-ID;TZID=Europe/Berlin:20260321T090000", accepted.replace("ACCEPTED", "DECLINED"))
    assert take(mei, message("REPLY", *once, stamp="20260303T080000Z")) == (1, [])
    [meeting] = records(mei, "calendar.event").values()
    assert answers(meeting) == {"mailto:li@example.org": "ACCEPTED"}
    exception = {prop[0]: prop for prop in meeting["@20260321T090000"][1]}
    assert exception["attendee"][1]["partstat"] == "DECLINED"
    assert exception["dtstart"] == ["dtstart", {"tzid": "Europe/Berlin"}, "date-time", "2026-03-21T09:00:00"]
    assert exception["dtend"][3] == "2026-03-21T09:30:00"
    assert "rrule" not in exception
    span = {"from": 1773964800000, "to": 1774656000000, "zone": "Europe/Berlin"}
    assert len(mei.get("/calendar/occurrences", params=span).json()["occurrences"]) == 5

    strange = message("CANCEL", "SUMMARY:Meeting", sequence=3).replace("mei@", "eve@")
    assert take(mei, strange) == (0, ["itip-stranger"])
    assert take(mei, message("CANCEL", "SUMMARY:Meeting", sequence=3)) == (1, [])
    [meeting] = records(mei, "calendar.event").values()
    assert (meeting["status"], meeting["sequence"][0][3]) == (scheduling.CANCELLED, 3)
    assert meeting["summary"][0][3] == "Meeting"
    assert take(mei, message("CANCEL", "SUMMARY:Meeting", sequence=3)) == (0, [])


def test_times_that_cannot_be_read_refuse_the_message() -> None:
    told = event(organizer=[["organizer", {}, "cal-address", "mailto:mei@example.org"]])
    for broken in ({"dtend": [["dtend", {}, "date-time", "soon"]]}, {"dtstart": []}, {"attendee": [["attendee"]]}):
        reply = {**told, "recurrence-id": [["recurrence-id", {}, "date-time", "2026-03-21T09:00:00Z"]]}
        reply["attendee"] = [attendee("mailto:li@example.org", "ACCEPTED")]
        there = {**told, "attendee": [attendee("mailto:li@example.org")], **broken}
        assert scheduling.applied(there, reply, "REPLY") == ("malformed", {})


def test_one_occurrence_of_a_series_moves_its_end_with_it() -> None:
    """Whole days, times of UTC, and of a zone."""
    for start, end, at, wanted in (
        ("2026-03-20", "2026-03-22", "20260401", "2026-04-03"),
        ("2026-03-20T09:00:00Z", "2026-03-20T10:30:00Z", "20260401T090000Z", "2026-04-01T10:30:00Z"),
        ("2026-03-20T23:00:00", "2026-03-21T01:00:00", "20260331T230000", "2026-04-01T01:00:00"),
    ):
        kind = "date" if len(start) == 10 else "date-time"
        series = event(dtstart=[["dtstart", {}, kind, start]], dtend=[["dtend", {}, kind, end]])
        one = scheduling._component(series, f"@{at}")
        assert one["dtend"][0][3] == wanted
        assert one["recurrence-id"][0][3] == one["dtstart"][0][3]


def test_what_is_cancelled_does_not_ring() -> None:
    start, end = (datetime(2026, 3, day, tzinfo=UTC) for day in (19, 25))
    series = event(rrule=[["rrule", {}, "recur", {"freq": "DAILY", "count": 3}]])
    gone = scheduling._exception(series, "@20260321T090000Z", scheduling._component(series, "@20260321T090000Z"))
    gone[1].append(["status", {}, "text", "CANCELLED"])
    gone[2] = series["_parts"]

    def rings(fields: Fields) -> list[int]:
        found, unread = reminders({RECORD: fields}, start, end, UTC)
        assert unread == []
        return [datetime.fromtimestamp(one.due_ms / 1000, UTC).day for one in found]

    assert rings(series) == [20, 21, 22]
    assert rings({**series, "@20260321T090000Z": gone}) == [20, 22]
    assert rings({**series, "status": scheduling.CANCELLED}) == []
    gone[1][-1][3] = "CONFIRMED"
    changed = {**series, "@20260321T090000Z": gone}
    assert rings(changed) == [20, 21, 22]
    assert rings({**changed, "status": scheduling.CANCELLED}) == [], "with the series, each of its days"
    found, _ = occurrences({RECORD: {**changed, "status": scheduling.CANCELLED}}, start, end, UTC)
    assert [one.status for one in found] == ["CANCELLED"] * 3


def test_a_guest_answers_one_day_of_a_series(people: dict[str, httpx.Client]) -> None:
    mei, li, eve = people["mei"], people["li"], people["eve"]
    daily = [["rrule", {}, "recur", {"freq": "DAILY"}]]
    put(mei, event(attendee("pileus:li"), attendee("pileus:eve"), rrule=daily))
    got = until(lambda: of(li))
    put(li, scheduling.with_answer(got, "pileus:li", "ACCEPTED"))
    third, none, early = "_answer20260322T090000Z", "_answer20260322T100000Z", "_answer20260301T090000Z"
    put(li, {name: {"pileus:li": "DECLINED"} for name in (third, none, early)})
    mine = until(lambda: (now := of(mei)) and third in now and now)
    assert (mine[third], answers(mine)["pileus:li"]) == ({"pileus:li": "DECLINED"}, "ACCEPTED")
    assert early not in mine, "what cannot be a day of the series is none of its guests' either"
    assert until(lambda: (of(eve) or {}).get(third)) == {"pileus:li": "DECLINED"}

    put(eve, {third: {"pileus:li": "ACCEPTED", "pileus:eve": "TENTATIVE"}})
    both = {"pileus:li": "DECLINED", "pileus:eve": "TENTATIVE"}
    assert until(lambda: (now := of(mei)) and len(now[third]) == 2 and now)[third] == both, "only one's own counts"
    put(mei, {"summary": [["summary", {}, "text", "West Lake"]]})
    got = until(lambda: (now := of(li)) and now["summary"][0][3] == "West Lake" and now)
    assert (got[third], answers(got)["pileus:li"]) == (both, "ACCEPTED")
    told = li.get("/calendar/export").text.replace("\r\n ", "").split("BEGIN:VEVENT")
    [day] = [part for part in told if "RECURRENCE-ID:20260322T090000Z" in part]
    assert not [part for part in told if "RECURRENCE-ID:20260322T100000Z" in part], "no day of the series"
    [said] = [line for line in day.splitlines() if line.startswith("ATTENDEE") and line.endswith("pileus:li")]
    assert "PARTSTAT=DECLINED" in said
    put(li, {third: {"pileus:eve": "TENTATIVE"}})
    until(lambda: (of(mei) or {}).get(third) == {"pileus:eve": "TENTATIVE"})
    put(eve, None)
    mine = until(lambda: (now := of(mei)) and third not in now and now)
    assert answers(mine)["pileus:eve"] == "DECLINED", "all of it, days answered by themselves too"
    put(mei, {"rrule": [["rrule", {}, "recur", {"freq": "WEEKLY"}]]})
    got = until(lambda: (now := of(li)) and now["rrule"][0][3]["freq"] == "WEEKLY" and none not in now and now)
    assert answers(got)["pileus:li"] == "NEEDS-ACTION"


def test_what_is_no_answer_to_one_day(people: dict[str, httpx.Client]) -> None:
    for name, value in (("_answer20260322", ["DECLINED"]), ("_answer20260322", {"a": "no"}), ("_answerx", {})):
        wish = {"id": str(uuid.uuid4()), "base": 0, "collection": "calendar.event", "record": RECORD, "op": "put"}
        [outcome] = (
            people["mei"]
            .post("/journal/mutations", json={"mutations": [{**wish, "fields": event(**{name: value})}]})
            .json()["outcomes"]
        )
        assert outcome["status"] == "refused"
