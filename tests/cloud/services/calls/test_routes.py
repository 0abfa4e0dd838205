"""Calls over real HTTP, between devices of two accounts."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.services.calls import routes, rules, store
from pileus.cloud.services.calls.waiting import Ears
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, all_sent, push_service, until
from tests.conftest import PASSWORD, running

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
ANSWER = "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\n"


class People:
    """`anna` calls, `mei` is called on two devices, `tom` is neither."""

    def __init__(self, server: Any, rooms: contextlib.ExitStack) -> None:
        self.server = server
        tokens = {name: server.account(name)["token"] for name in ("anna", "mei", "tom")}
        tokens |= {"mei 2": server.sign_in("mei", "tablet")["token"]}
        tokens |= {"anna 2": server.sign_in("anna", "tablet")["token"]}
        self.clients = {name: rooms.enter_context(server.client(token)) for name, token in tokens.items()}

    def ask(self, who: str, method: str, path: str, **body: Any) -> Any:
        """JSON, or a problem's code."""
        answer = self.clients[who].request(method, path, **({"json": body} if body else {}))
        return (answer.json() if answer.content else None) if answer.is_success else answer.json()["code"]

    def call(self, who: str = "anna", to: str = "@mei", chosen: str = "") -> Any:
        return self.ask(who, "POST", "/calls", id=chosen or str(uuid.uuid4()), to=to, offer=OFFER)

    def look(self, who: str, call: str, **query: Any) -> Any:
        answer = self.clients[who].get(f"/calls/{call}", params=query)
        return answer.json() if answer.is_success else answer.json()["code"]

    def answer(self, who: str, call: str) -> Any:
        return self.ask(who, "POST", f"/calls/{call}/answer", answer=ANSWER)

    def end(self, who: str, call: str, reason: str = "hung-up") -> Any:
        return self.ask(who, "POST", f"/calls/{call}/end", reason=reason)

    def say(self, who: str, call: str, *said: tuple[str, str]) -> Any:
        signals = [{"kind": kind, "body": body} for kind, body in said]
        return self.ask(who, "POST", f"/calls/{call}/signals", signals=signals)

    def records(self, who: str, collection: str) -> list[Any]:
        changes = self.clients[who].get("/journal/changes?since=0").json()["changes"]
        return [one["fields"] for one in changes if one["collection"] == collection and not one["deleted"]]

    def rings(self, who: str) -> str:
        """Who does, at the devices of an account."""
        return next((one["from"] for one in self.records(who, "calls.line")), "")

    def log(self, who: str) -> list[tuple[str, str, int, bool]]:
        found = self.records(who, "messages.call")
        return [(one["address"], one["kind"], one["duration_s"], one["seen"]) for one in found]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def people(settings: Settings, clock: ManualClock) -> Iterator[People]:
    with running(settings, clock=clock) as server, contextlib.ExitStack() as rooms:
        yield People(server, rooms)


def test_a_call_from_ring_to_hang_up(people: People, clock: ManualClock) -> None:
    made = people.call(to=" @mei ", chosen="first")
    call = made["call"]
    assert (made["state"], made["side"], made["other"], made["offer"]) == ("ringing", "caller", "@mei", "")
    assert people.call(chosen="first") == made, "asked again it is the same call"
    assert people.rings("mei") == "@anna"
    assert people.say("anna", call, ("candidate", "{}")) is None
    coming = people.look("mei", call)
    assert (coming["state"], coming["offer"], coming["signals"]) == ("ringing", OFFER, [])
    assert people.look("mei 2", call)["offer"] == OFFER
    assert people.look("anna", call)["state"] == "ringing"
    assert people.say("mei", call, ("candidate", "{}")) == "call-not-answered"

    taken = people.answer("mei", call)
    assert (taken["state"], [one["kind"] for one in taken["signals"]]) == ("active", ["candidate"])
    assert people.rings("mei") == "", "the other devices ring no more"
    assert people.answer("mei 2", call) == people.look("mei 2", call) == "call-elsewhere"
    assert people.say("mei", call, ("candidate", ""), ("hold", "on")) is None
    heard = people.look("anna", call)
    assert [(one["kind"], one["body"]) for one in heard["signals"]] == [
        ("answer", ANSWER),
        ("candidate", ""),
        ("hold", "on"),
    ]
    last = heard["signals"][-1]["number"]
    assert people.look("anna", call, after=last)["signals"] == []

    clock.advance(30)
    people.look("mei", call)
    assert (people.end("anna", call)["reason"], people.end("mei", call)["state"]) == ("hung-up", "ended")
    assert people.say("anna", call, ("hold", "off")) == "call-over"
    assert people.log("anna") == [("@mei", "out", 30, True)]
    assert people.log("mei") == [("@anna", "in", 30, True)]
    assert people.look("mei", call)["signals"] == []
    clock.advance(rules.KEPT_MS / 1000 + 1)
    assert people.end("anna", call) == "no-call"


@pytest.mark.parametrize(
    ("who", "reason", "kind"),
    [("anna", "cancelled", "missed"), ("mei 2", "declined", "rejected")],
)
def test_one_that_is_not_answered(people: People, who: str, reason: str, kind: str) -> None:
    call = people.call()["call"]
    assert people.look("mei", call)["state"] == "ringing"
    assert people.end(who, call)["reason"] == reason
    assert people.rings("mei") == ""
    assert people.look("mei", call)["reason"] == people.look("anna", call)["reason"] == reason
    assert people.answer("mei", call) == "call-over"
    assert people.log("anna") == [("@mei", "out", 0, True)]
    assert people.log("mei") == [("@anna", kind, 0, kind != "missed")]


def test_its_caller_ends_it_by_the_id_that_was_chosen(people: People) -> None:
    call = people.call(chosen="mine")["call"]
    assert people.end("tom", "mine") == people.end("mei", "mine") == "no-call"
    assert people.end("anna", "mine")["call"] == call
    assert people.look("mei", call)["reason"] == "cancelled"


def test_an_answer_that_is_given_again_is_one(people: People) -> None:
    call = people.call()["call"]
    taken = people.answer("mei", call)
    assert people.answer("mei", call) == taken
    assert [one["body"] for one in people.look("anna", call)["signals"]] == [ANSWER]
    other = people.ask("mei", "POST", f"/calls/{call}/answer", answer=ANSWER + "a=sendrecv")
    assert other == "call-elsewhere", "of another page of that device"


def test_one_that_nobody_answers_or_asks_after_ends(people: People, clock: ManualClock) -> None:
    call = people.call()["call"]
    clock.advance(20)
    assert people.look("anna", call)["state"] == "ringing"
    clock.advance(rules.RING_MS / 1000 - 20)
    assert people.look("anna", call)["reason"] == "no-answer"
    call = people.call()["call"]
    assert people.answer("mei", call)["state"] == "active"
    clock.advance(rules.LOST_MS / 1000)
    assert people.look("mei", call)["reason"] == "lost"
    assert [kind for _, kind, _, _ in people.log("mei")] == ["missed", "in"]


def test_the_cloud_ends_it_where_nobody_asks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RING_MS", 300)
    with running(settings) as server, contextlib.ExitStack() as rooms:
        people = People(server, rooms)
        assert people.call()["state"] == "ringing"
        until(lambda: people.log("mei") == [("@anna", "missed", 0, False)])
        assert people.rings("mei") == ""


def test_who_speaks_goes_on_when_the_cloud_was_away(settings: Settings, clock: ManualClock) -> None:
    with running(settings, clock=clock) as server, contextlib.ExitStack() as rooms:
        people = People(server, rooms)
        tokens = {name: people.clients[name].headers["authorization"] for name in ("anna", "mei")}
        call = people.call()["call"]
        people.answer("mei", call)
    clock.advance(rules.LOST_MS / 1000 + 1)
    with running(settings, clock=clock) as server, server.client() as client:
        asked = [client.get(f"/calls/{call}", headers={"authorization": tokens[who]}) for who in ("anna", "mei")]
        assert [one.json()["state"] for one in asked] == ["active", "active"]
        clock.advance(rules.LOST_MS / 1000)
        ended = client.get(f"/calls/{call}", headers={"authorization": tokens["anna"]}).json()
        assert ended["reason"] == "lost"


def test_a_call_that_is_over_is_forgotten_without_a_question(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "KEPT_MS", 200)
    with running(settings) as server, contextlib.ExitStack() as rooms:
        people = People(server, rooms)
        call = people.call()["call"]
        people.end("anna", call)
        people.call("tom")  # which has the cloud look when the next is due
        count = "SELECT COUNT(*) FROM calls_call"
        until(lambda: server.cloud.db.read(lambda conn: conn.exec_driver_sql(count).scalar()) == 1)


def test_who_speaks_is_busy(people: People) -> None:
    call = people.call()["call"]
    people.answer("mei", call)
    second = people.call("tom")
    assert (second["state"], second["reason"]) == ("ended", "busy")
    assert people.log("tom") == [("@mei", "out", 0, True)]
    assert people.log("mei") == [("@tom", "missed", 0, False)]
    assert people.call("mei 2", "@tom") == "call-under-way"
    assert people.call("anna 2", "@tom") == "call-under-way"
    third = people.call("anna", "@tom")
    assert third["state"] == "ringing", "a page that was opened anew begins anew"
    assert people.look("mei", call)["reason"] == "hung-up"
    people.end("anna", third["call"])
    call = people.call()["call"]
    people.answer("mei", call)
    assert people.call("mei 2", "@tom") == "call-under-way"
    assert people.call("mei", "@tom")["state"] == "ringing", "of a call that it answered, too"
    assert people.look("anna", call)["reason"] == "hung-up"


def test_whom_the_other_blocked_rings_nowhere(people: People, clock: ManualClock) -> None:
    fields = {"address": "@Anna", "since_ms": 1}
    wish = {"id": "x", "base": 0, "collection": "messages.block", "record": "b-anna", "fields": fields}
    put = people.clients["mei"].post("/journal/mutations", json={"mutations": [wish | {"op": "put"}]})
    assert [one["status"] for one in put.json()["outcomes"]] == ["applied"], put.text
    made = people.call()
    call = made["call"]
    assert made["state"] == people.look("anna", call)["state"] == "ringing", "as anybody is told"
    assert (people.rings("mei"), people.look("mei", call), people.answer("mei", call)) == (
        "",
        "no-call",
        "no-call",
    )
    second = people.call("tom")
    assert second["state"] == "ringing", "who is blocked keeps nobody's line busy"
    assert people.rings("mei") == "@tom"
    assert people.end("tom", second["call"])["reason"] == "cancelled"
    back = people.call("mei", "@anna")
    assert (back["state"], people.rings("anna")) == ("ringing", "@mei"), (
        "who calls in vain is not busy for that one"
    )
    people.end("mei", back["call"])
    clock.advance(30)
    people.look("anna", call)
    clock.advance(15)
    assert people.look("anna", call)["reason"] == "no-answer", "as anybody whom nobody answers"
    assert people.log("mei")[-1] == ("@anna", "blocked", 0, True)


def test_nobody_else_has_a_word_in_it(people: People) -> None:
    call = people.call()["call"]
    for who, code in (("tom", "no-call"), ("anna 2", "call-elsewhere")):
        told = [people.look(who, call), people.end(who, call), people.say(who, call, ("hold", "on"))]
        assert told == [code] * 3
    assert people.answer("anna", call) == "call-own"
    assert people.look("anna", "0" * 32) == "no-call"
    assert people.look("mei", call)["state"] == "ringing"


def test_whom_no_call_reaches(people: People) -> None:
    assert people.call(to="@nobody") == people.call(to="@") == people.call(to="mei") == "no-account"
    assert people.call(to="@Anna") == "call-self"
    tom = people.clients["tom"].get("/account").json()["id"]
    shut = people.clients["anna"].patch(f"/accounts/{tom}", json={"disabled": True, "present": PASSWORD})
    assert shut.status_code == 200, shut.text
    assert people.call(to="@tom") == "no-account"
    assert people.log("anna") == []


def test_what_is_too_much_or_of_another_form_is_refused(people: People) -> None:
    wish = {"id": "a", "to": "@mei", "offer": OFFER}
    for change, code in (
        ({"id": "a b"}, "malformed-id"),
        ({"offer": "hello"}, "call-description"),
        ({"offer": OFFER + "a" * rules.DESCRIPTION_LONGEST}, "call-description"),
        ({"offer": OFFER + "a" * routes.BODY_LIMIT}, "body-too-large"),
    ):
        assert people.ask("anna", "POST", "/calls", **(wish | change)) == code
    call = people.call()["call"]
    assert people.say("anna", call, *[("hold", "on")] * (rules.MOST_AT_ONCE + 1)) == "call-signals"
    assert people.say("anna", call) == "call-signals"
    assert people.say("anna", call, ("candidate", "a" * 2000)) == "call-signal"
    assert people.say("anna", call, ("bye", "")) == "malformed-body"
    while people.say("anna", call, *[("hold", "on")] * 25) is None:
        pass
    assert people.say("anna", call, *[("hold", "on")] * 25) == "call-signals"
    assert len(people.answer("mei", call)["signals"]) == rules.MOST_SIGNALS


def test_nobody_has_another_ring_all_day(people: People, clock: ManualClock) -> None:
    for _ in range(routes.PER_PAIR[0]):
        people.end("anna", people.call()["call"])
    answer = people.clients["anna"].post("/calls", json={"id": "more", "to": "@mei", "offer": OFFER})
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-calls")
    assert int(answer.headers["retry-after"]) == 60
    clock.advance(60)
    assert people.call()["state"] == "ringing"


def test_a_device_hears_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Ears] = []

    def ears(events: Any) -> Ears:
        made.append(Ears(events))
        return made[0]

    monkeypatch.setattr(routes, "Ears", ears)
    with running(settings) as server, contextlib.ExitStack() as rooms:
        people = People(server, rooms)
        anna = people.clients["anna"].get("/account").json()["id"]
        heard: list[Any] = []

        def hears(act: Callable[[], Any], **query: Any) -> Any:
            waiting = threading.Thread(target=lambda: heard.append(people.look("anna", call, **query)))
            waiting.start()
            until(lambda: made[0].count(anna) == 1)
            act()
            waiting.join(5)
            return heard.pop()

        call = people.call()["call"]
        active = hears(lambda: people.answer("mei", call), state="ringing")
        assert (active["state"], [one["kind"] for one in active["signals"]]) == ("active", ["answer"])
        query = {"state": "active", "after": active["signals"][-1]["number"]}
        said = hears(lambda: people.say("mei", call, ("hold", "on")), **query)
        assert [one["body"] for one in said["signals"]] == ["on"]


def test_a_restored_database_has_no_call_going_on(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    call = people.call()["call"]
    people.answer("mei", call)
    news = iter([True])
    monkeypatch.setattr("pileus.cloud.services.calls.store.hear_restore", lambda *_: next(news, False))
    assert people.end("anna", call)["reason"] == "lost"
    assert people.log("mei") == [("@anna", "in", 0, True)]


def test_an_account_that_goes_takes_its_calls_along(people: People) -> None:
    call = people.call()["call"]
    people.say("anna", call, ("hold", "on"))
    tom = people.clients["tom"].get("/account").json()["id"]
    anna = people.clients["anna"].get("/account").json()["id"]
    assert people.server.cloud.db.write(lambda conn: store.leave(conn, tom)) == 0
    assert people.server.cloud.db.write(lambda conn: store.leave(conn, anna)) == 1
    assert people.look("mei", call) == "no-call"


def test_closed_devices_are_told_who_rings_and_what_was_missed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with push_service(tmp_path / "service", settings) as service:
        monkeypatch.setenv("SSL_CERT_FILE", str(service.certificate))
        with running(settings.changed(push_networks=LOOPBACK)) as server, contextlib.ExitStack() as rooms:
            people, browser = People(server, rooms), service.browser()
            client: httpx.Client = people.clients["mei 2"]
            assert client.put("/push/subscription", json=browser.wish()).status_code == 200
            # One after the other: of two that wait the newer one takes the older one's place.
            call = people.call()["call"]
            pushed = [browser.read(service.next())]
            people.end("anna", call)
            pushed.append(browser.read(service.next()))
            assert [(one["kind"], one["tag"], one["data"]["from"]) for one in pushed] == [
                ("call", "missed-@anna", "@anna"),
                ("missed-call", "missed-@anna", "@anna"),
            ]
            call = people.call()["call"]
            assert browser.read(service.next())["kind"] == "call"
            people.answer("mei", call)
            over = browser.read(service.next())
            assert (over["kind"], over["tag"]) == ("call-over", "missed-@anna")
            assert over["data"] == {"call": call, "from": "@anna", "answered": True}
            until(lambda: all_sent(server))
            assert service.quiet
