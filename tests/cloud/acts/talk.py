"""Messages, contacts, events; and what is pushed to whom."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from pileus.cloud.services.calendar.invitations import Deliverer
from pileus.cloud.services.calendar.telling import Teller
from tests.cloud.everything import PICTURE
from tests.cloud.push_service import Browser

from .act import Scene, Stage
from .sharing import two

messages = Scene()
calls = Scene()
persons = Scene()
push = Scene()
CARDS = "".join(
    f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{name}\r\nFN:Wang Mei\r\nTEL:+8613800138000\r\n{more}END:VCARD\r\n"
    for name, more in (("a", "NOTE:tea\r\n"), ("b", "EMAIL:mei@example.org\r\n"))
)
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//acts//EN
BEGIN:VEVENT
UID:tea@example.org
DTSTAMP:20260101T000000Z
DTSTART:{start}
SUMMARY:Tea
ORGANIZER:pileus:anna
ATTENDEE;PARTSTAT=NEEDS-ACTION:pileus:lin
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Tea
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
"""


@messages.prepares
def two_who_write(stage: Stage) -> None:
    two(stage)


@messages.keyed
def announces_a_card(stage: Stage) -> None:
    stage.ask("anna", "PUT", "/messages/sims", json={"sims": [{"id": "a", "label": "Card"}]})


@messages.keyed
def brings_a_picture(stage: Stage) -> None:
    stage.said["part"] = stage.ask("anna", "POST", "/messages/parts", content=PICTURE)


@messages.keyed
def sends_by_the_card(stage: Stage) -> None:
    wish = {"id": "first", "people": ["+8613800138000"], "body": "tea?", "sim": "a"}
    stage.ask("anna", "POST", "/messages/send", json=wish)


@messages.keyed_parts
def sends_to_lin(stage: Stage) -> None:
    part = {name: stage.said["part"][name] for name in ("object", "name") if name in stage.said["part"]}
    wish: dict[str, Any] = {"id": "second", "people": ["@lin"], "body": "look", "parts": [part]}
    stage.ask("anna", "POST", "/messages/send", json=wish)
    [came] = stage.records("lin", "messages.message")
    assert stage.ask("lin", "GET", f"/messages/{came}/parts/0").content == PICTURE


@messages.keyed
def the_handset_brings_what_came(stage: Stage) -> None:
    came = {"id": "came", "address": "+8613800138000", "body": "at five", "date_ms": 1_700_000_000_000}
    call = {"id": "rang", "address": "+8613800138000", "date_ms": 1_700_000_000_000, "kind": "missed"}
    told = stage.ask("anna", "POST", "/messages/arrivals", json={"messages": [came], "calls": [call]})
    assert told == {"kept": ["came", "rang"], "refused": {}}


@messages.act
def the_handset_takes_it(stage: Stage) -> None:
    [one] = stage.ask("anna", "POST", "/messages/outgoing/lease")["messages"]
    stage.said["lease"] = one["token"]


@messages.keyed
def it_begins(stage: Stage) -> None:
    stage.ask("anna", "POST", "/messages/outgoing/first/start", json={"token": stage.said["lease"]}, also=(409,))


@messages.keyed
def it_was_sent(stage: Stage) -> None:
    wish = {"token": stage.said["lease"], "outcome": "sent"}
    stage.ask("anna", "POST", "/messages/outgoing/first/report", json=wish)


@messages.keyed_parts
def its_time_is_over(stage: Stage) -> None:
    wish = {"id": "third", "people": ["+8613800138000"], "body": "late", "sim": "a"}
    stage.ask("anna", "POST", "/messages/send", json=wish)
    stage.later(8 * 24 * 3600)
    stage.ask("anna", "GET", "/messages/sims")


@messages.keyed_parts
def their_day(stage: Stage) -> None:
    stage.days_work(with_backups=False)


@calls.prepares
def two_who_speak(stage: Stage) -> None:
    two(stage)


@calls.keyed
def anna_calls(stage: Stage) -> None:
    wish = {"id": "first", "to": "@lin", "offer": "v=0\r\n"}
    stage.said["call"] = stage.ask("anna", "POST", "/calls", json=wish)["call"]
    [line] = stage.records("lin", "calls.line").values()
    assert line["from"] == "@anna"


@calls.keyed
def it_rings(stage: Stage) -> None:
    assert stage.ask("lin", "GET", f"/calls/{stage.said['call']}")["state"] == "ringing"


@calls.keyed
def lin_answers(stage: Stage) -> None:
    told = stage.ask("lin", "POST", f"/calls/{stage.said['call']}/answer", json={"answer": "v=0\r\n"})
    assert told["state"] == "active"


@calls.keyed
def anna_hangs_up(stage: Stage) -> None:
    told = stage.ask("anna", "POST", f"/calls/{stage.said['call']}/end", json={})
    assert (told["state"], told["reason"]) == ("ended", "hung-up")
    for who, kind in (("anna", "out"), ("lin", "in")):
        assert [one["kind"] for one in stage.records(who, "messages.call").values()] == [kind]


@persons.prepares
def two_who_know_mei(stage: Stage) -> None:
    two(stage)
    stage.ask("anna", "POST", "/contacts/import", content=CARDS.encode())


@persons.act
def makes_one_of_two(stage: Stage) -> None:
    contacts = sorted(stage.records("anna", "contacts.contact"))
    stage.said["merge"] = stage.ask("anna", "POST", "/contacts/merge", json={"contacts": contacts})["merge"]


@persons.act
def takes_that_back(stage: Stage) -> None:
    stage.ask("anna", "POST", f"/contacts/merges/{stage.said['merge']}/undo")
    assert len(stage.records("anna", "contacts.contact")) == 2


@persons.keyed_parts
def lin_is_invited(stage: Stage) -> None:
    stage.said.setdefault("start", in_an_hour(stage))
    data = EVENT.format(start=stage.said["start"]).replace("\n", "\r\n").encode()
    stage.ask("anna", "POST", "/calendar/import", content=data)
    stage.run(Deliverer(stage.cloud.context).deliver_all())
    assert len(stage.records("lin", "calendar.event")) == 1


@persons.keyed_parts
def months_go_by(stage: Stage) -> None:
    stage.later(100 * 24 * 3600)
    stage.days_work(with_backups=False)


def in_an_hour(stage: Stage) -> str:
    return datetime.fromtimestamp(stage.clock.now_ms() / 1000 + 3600, UTC).strftime("%Y%m%dT%H%M00Z")


@push.prepares
def two_who_hear(stage: Stage) -> None:
    two(stage)
    data = EVENT.format(start=in_an_hour(stage)).replace("\n", "\r\n").encode()
    stage.ask("anna", "POST", "/calendar/import", content=data)


@push.keyed
def subscribes(stage: Stage) -> None:
    wish = Browser(f"{os.environ['PUSH_ORIGIN']}/push/abc").wish()
    stage.ask("anna", "PUT", "/push/subscription", json=wish)


@push.keyed_parts
def tries_it(stage: Stage) -> None:
    stage.ask("anna", "POST", "/push/try")
    stage.rest()


@push.keyed_parts
def hears_of_an_event(stage: Stage) -> None:
    teller = Teller(stage.cloud.context)
    stage.run(teller.look())
    stage.later(50 * 60)
    stage.run(teller.look())
    stage.rest()


@push.keyed_parts
def nobody_answers_there(stage: Stage) -> None:
    stage.ask("lin", "PUT", "/push/subscription", json=Browser("https://127.0.0.1:9/push/x").wish())
    stage.ask("lin", "POST", "/push/try")
    stage.rest()


@push.keyed
def unsubscribes(stage: Stage) -> None:
    stage.ask("anna", "DELETE", "/push/subscription")


@push.act
def registers_an_app(stage: Stage) -> None:
    made = stage.ask("anna", "POST", "/push/registrations", json={"app": "Chat", "vapid": None})
    stage.said["registration"] = made["registration"]["id"]
    stage.said["endpoint"] = made["endpoint"].split("/api/v1", 1)[1]


@push.act
def somebody_posts(stage: Stage) -> None:
    stage.ask("", "POST", stage.said["endpoint"], content=b"hello", headers={"ttl": "600"})


@push.keyed
def takes_what_came(stage: Stage) -> None:
    stage.ask("anna", "DELETE", "/push/messages", params={"upto": 99})


@push.keyed
def unregisters(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/push/registrations/{stage.said['registration']}", also=(404,))
