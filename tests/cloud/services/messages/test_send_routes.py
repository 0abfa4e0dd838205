"""Sending over real HTTP: through a simulated handset, and between accounts of one cloud."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.objects import open_blobs
from pileus.cloud.kernel.objects.rebuild import rebuild
from pileus.cloud.kernel.objects.second import open_copy, restore_copy
from pileus.cloud.services.messages import letters, sending
from pileus.core.clock import ManualClock
from tests.cloud.services.messages.handset import Handset


def send(client: httpx.Client, number: str, people: list[str], body: str = "西湖见", **more: Any) -> Any:
    answer = client.post("/messages/send", json={"id": number, "people": people, "body": body, **more})
    return answer.json() if answer.status_code == 202 else answer.json()["code"]


def states(client: httpx.Client) -> dict[str, str]:
    changes = client.get("/journal/changes?since=0").json()["changes"]
    return {one["id"]: one["fields"]["state"] for one in changes if one["collection"] == "messages.message"}


def decide(client: httpx.Client, message: str, decision: str) -> Any:
    answer = client.post(f"/messages/outgoing/{message}/decide", json={"decision": decision})
    return answer.json()["state" if answer.status_code == 200 else "code"]


def test_a_laptop_sends_through_the_card_of_a_handset(server: Any) -> None:
    laptop, phone = server.account("mei", "laptop"), server.sign_in("mei", "phone")
    with server.client(laptop["token"]) as client, server.client(phone["token"]) as other:
        assert send(client, "m1", ["138 0013 8000"], region="CN") == {"message": "m1", "state": "queued"}
        assert send(client, "m1", ["138 0013 8000"], region="CN") == {"message": "m1", "state": "queued"}
        handset = Handset(other)
        assert handset.turn() == 0, "without a card nothing goes"
        handset.announce("a")
        assert [one["id"] for one in client.get("/messages/sims").json()["sims"] if one["online"]] == ["a"]
        assert send(client, "m2", ["+86139"], sim="b")["state"] == "queued"
        assert handset.turn() == 1
        assert states(client) == {"m1": "sent", "m2": "queued"}
        handset.announce("a", "b")
        assert handset.turn() == 1
        assert handset.sent == {"m1": 1, "m2": 1}
        assert send(client, "m1", ["138 0013 8000"], region="CN")["state"] == "sent"
        changes = client.get("/journal/changes?since=0").json()["changes"]
        assert {one["fields"]["thread"] for one in changes} == {"+8613800138000", "+86139"}
        assert all(one["fields"]["sent_ms"] for one in changes)


def test_of_what_a_handset_does_not_report_the_owner_is_asked(settings: Any, serve: Any) -> None:
    clock = ManualClock()
    with serve(settings, clock=clock) as server, server.client(server.account("mei")["token"]) as client:
        Handset(client).announce("a")
        send(client, "m1", ["+86138"])
        [lease] = client.post("/messages/outgoing/lease").json()["messages"]
        assert (lease["people"], lease["body"]) == (["+86138"], "西湖见")
        start = {"token": lease["token"]}
        assert client.post("/messages/outgoing/m1/start", json=start).json()["hand_over_ms"] > 0
        assert decide(client, "m1", "again") == "nothing-to-decide"
        clock.advance(sending.SEND_MS / 1000 + 1)
        assert client.post("/messages/outgoing/lease").json()["messages"] == []
        assert states(client) == {"m1": "unknown"}
        assert decide(client, "m1", "again") == "queued"
        late = {**start, "outcome": "sent"}
        assert client.post("/messages/outgoing/m1/report", json=late).json()["code"] == "lease-lost"
        assert [one["message"] for one in client.post("/messages/outgoing/lease").json()["messages"]] == ["m1"]
        clock.advance(sending.LEASE_MS / 1000 + 1)
        client.get("/messages/sims")
        assert states(client) == {"m1": "queued"}
        assert decide(client, "m1", "cancel") == "unsent"
        assert client.post("/messages/outgoing/lease").json()["messages"] == []


def test_a_message_that_was_deleted_is_not_sent(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        handset = Handset(client)
        handset.announce("a")
        for number in ("m1", "m2"):
            send(client, number, ["+86138"])
        gone = {"id": "d", "base": 99, "collection": "messages.message", "record": "m1", "op": "delete"}
        client.post("/journal/mutations", json={"mutations": [gone]})
        [lease] = client.post("/messages/outgoing/lease").json()["messages"]
        assert lease["message"] == "m2"
        client.post("/journal/mutations", json={"mutations": [{**gone, "id": "e", "record": "m2"}]})
        answer = client.post("/messages/outgoing/m2/start", json={"token": lease["token"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "lease-lost")


def test_a_message_that_was_sent_and_deleted_is_not_sent_again(server: Any) -> None:
    mei, lin = server.account("mei"), server.account("lin")
    with server.client(mei["token"]) as client, server.client(lin["token"]) as other:
        assert send(client, "m1", ["@lin"])["state"] == "delivered"
        gone = {"id": "d1", "base": 99, "collection": "messages.message", "record": "m1", "op": "delete"}
        client.post("/journal/mutations", json={"mutations": [gone]}).raise_for_status()
        head = other.get("/journal/changes?since=0").json()["next"]
        assert send(client, "m1", ["@lin"]) == "message-known"  # asked again by a device whose answer was lost
        assert send(client, "m1", ["@nobody"]) == "message-known"  # the account is gone by then
        assert other.get("/journal/changes?since=0").json()["next"] == head
        assert send(client, "m2", ["+86138"])["state"] == "queued"
        client.post("/journal/mutations", json={"mutations": [{**gone, "id": "d2", "record": "m2"}]})
        assert send(client, "m2", ["+86138"]) == "message-known", "through a handset, too"


def test_a_message_that_is_brought_back_after_its_deletion_waits_for_its_owners_word(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        handset = Handset(client)
        handset.announce("a")
        send(client, "m1", ["+86138"])
        [made] = client.get("/journal/changes?since=0").json()["changes"]
        wish = {"base": 99, "collection": "messages.message", "record": "m1"}
        back = {**wish, "id": "e", "op": "put", "fields": {**made["fields"], "state": "unsent"}}
        client.post("/journal/mutations", json={"mutations": [{**wish, "id": "d", "op": "delete"}, back]})
        assert states(client) == {"m1": "unsent"}
        assert handset.turn() == 0
        assert decide(client, "m1", "again") == "queued"
        assert handset.turn() == 1


def test_what_happened_is_known_though_the_account_is_full(settings: Any, serve: Any) -> None:
    with serve(settings) as server, server.client(server.account("mei")["token"]) as client:
        account = client.get("/account").json()
        handset = Handset(client)
        handset.announce("a")
        send(client, "m1", ["+86138"])

        def limit(size: int) -> None:
            query = f"UPDATE account SET quota_bytes = {size}"
            server.cloud.db.write(lambda conn: conn.exec_driver_sql(query))

        limit(0)
        assert handset.turn() == 1
        assert states(client) == {"m1": "queued"}
        assert client.post("/messages/outgoing/lease").json()["messages"] == []
        limit(account["quota_bytes"])
        client.get("/messages/sims")
        assert states(client) == {"m1": "sent"}
        assert handset.sent == {"m1": 1}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"id": "../x"}, "malformed-id"),
        ({"people": []}, "message-empty"),
        ({"body": " "}, "message-empty"),
        ({"people": ["@lin", "+86138"]}, "message-people"),
        ({"people": ["@nobody"]}, "no-account"),
        ({"people": ["@mei"]}, "message-self"),
        ({"people": ["@nobody-at-all", "@mei"]}, "message-self"),
        ({"region": "XX"}, "unknown-region"),
        ({"body": "x" * 300_000}, "message-too-large"),
        ({"people": [" "]}, "message-address"),
    ],
)
def test_what_cannot_be_sent_is_refused(shared_server: Any, wish: dict[str, Any], code: str) -> None:
    if not getattr(shared_server, "mei", None):
        shared_server.mei = shared_server.account("mei")
    with shared_server.client(shared_server.mei["token"]) as client:
        answer = client.post("/messages/send", json={"id": "m", "people": ["+86138"], "body": "x", **wish})
        assert answer.json()["code"] == code
        assert states(client) == {}


def test_accounts_of_one_cloud_write_to_each_other(server: Any) -> None:
    mei, lin, ada = server.account("Mei"), server.account("lin"), server.account("ada")
    with (
        server.client(mei["token"]) as first,
        server.client(lin["token"]) as second,
        server.client(ada["token"]) as third,
    ):
        for _ in range(2):
            assert send(first, "m1", ["@LIN"])["state"] == "delivered"
        [came] = second.get("/journal/changes?since=0").json()["changes"]
        fields = came["fields"]
        assert (fields["address"], fields["thread"], fields["contact"]) == ("@Mei", "@mei", "Mei")
        assert (fields["direction"], fields["read"], fields["via"]) == ("in", False, "cloud")
        assert second.get("/messages/search?q=西湖").json()["messages"][0]["id"] == came["id"]
        [sent] = first.get("/journal/changes?since=0").json()["changes"]
        assert (sent["fields"]["thread"], sent["fields"]["state"]) == ("@lin", "delivered")
        assert send(second, "m1", ["@mei"], "好")["state"] == "delivered", "ids are an account's own"
        assert send(first, "g1", ["@lin", "@ada"], "all")["state"] == "delivered"
        assert third.get("/journal/changes?since=0").json()["changes"][0]["fields"]["people"] == ["@Mei", "@lin"]
        assert third.post("/messages/outgoing/g1/decide", json={"decision": "again"}).status_code == 404


def test_a_full_account_gets_nothing_and_its_sender_is_told(server: Any) -> None:
    mei = server.account("mei")
    server.cloud.accounts.create_blocking("lin", "correct horse", 10)
    lin = server.sign_in("lin")
    with server.client(mei["token"]) as first, server.client(lin["token"]) as second:
        assert send(first, "m1", ["@lin"])["state"] == "failed"
        [sent] = first.get("/journal/changes?since=0").json()["changes"]
        assert sent["fields"]["error"] == "recipient-full @lin"
        assert second.get("/journal/changes?since=0").json()["changes"] == []


@pytest.mark.parametrize(
    ("by_hand", "database"),
    [(True, "sqlite"), (False, "sqlite"), (False, "postgresql")],  # by hand means SQLite's file
    indirect=["database"],
)
def test_what_was_sent_since_the_copy_is_not_sent_again(settings: Any, serve: Any, by_hand: bool) -> None:
    """The database is put back from before the handset sent: nothing leaves again without its owner's word."""
    settings = settings.changed(copy_to=str(settings.data_dir.parent / "copy"))
    old = settings.data_dir.parent / "old.db"
    with serve(settings) as server, server.client(server.account("mei", "phone")["token"]) as client:
        handset = Handset(client)
        handset.announce("a")
        send(client, "m1", ["+86138"])
        send(client, "m2", ["+86139"])
        [lease, other] = client.post("/messages/outgoing/lease").json()["messages"]
        server.cloud.db.snapshot(old)
        assert list(server.cloud.context.objects.copy.steps())[-1].stamp
        client.post("/messages/outgoing/m2/report", json={"token": other["token"], "outcome": "released"})
        assert client.post("/messages/outgoing/m1/start", json={"token": lease["token"]}).status_code == 200
        assert handset.turn() == 1
    if by_hand:
        there = settings
        for end in ("", "-wal", "-shm"):
            (settings.data_dir / f"pileus.db{end}").unlink(missing_ok=True)
        old.rename(settings.data_dir / "pileus.db")
    else:
        there = settings.changed(data_dir=settings.data_dir.parent / "there", copy_to="", database="")
        there.make_dirs()
        key = (settings.data_dir / "keys" / "server.key").read_bytes()
        for told in restore_copy(open_copy(settings.copy_to), key, there.data_dir, open_blobs(there)):
            assert told.left == {}
    with serve(there) as server:
        if by_hand:
            rebuild(server.cloud.context.objects)
        with server.client(server.sign_in("mei", "phone")["token"]) as client:
            handset = Handset(client)
            handset.announce("a")
            assert handset.turn() == 0
            start = client.post("/messages/outgoing/m1/start", json={"token": lease["token"]})
            assert start.json()["code"] == "lease-lost"
            assert states(client) == {"m1": "unknown", "m2": "unknown"}
            assert decide(client, "m1", "sent") == "sent"
            assert decide(client, "m2", "again") == "queued"
            assert handset.turn() == 1, "the owner's word holds: a restore is heard once"
            assert states(client) == {"m1": "sent", "m2": "sent"}


@pytest.mark.parametrize(("bound", "most"), [("LETTERS_A_DAY", 2), ("BYTES_A_DAY", 20)])
def test_one_account_fills_no_other_in_a_day(
    settings: Any, serve: Any, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(letters, bound, most)
    clock = ManualClock(letters.DAY_MS * 20_000)
    with serve(settings, clock=clock) as server:
        mei, lin, _ada = (server.account(name) for name in ("mei", "lin", "ada"))
        with server.client(mei["token"]) as first, server.client(lin["token"]) as second:
            for number in ("1", "2"):
                assert send(first, number, ["@lin"])["state"] == "delivered"
            wish = {"id": "3", "people": ["@lin"], "body": "西湖见"}
            refused = first.post("/messages/send", json=wish)
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-letters")
            assert refused.headers["retry-after"] == "86401"
            assert len(states(second)) == 2
            assert send(first, "1", ["@lin"])["state"] == "delivered", "the same one again costs nothing"
            assert send(first, "4", ["@ada"])["state"] == "delivered"
            clock.advance(letters.DAY_MS / 1000)
            assert send(first, "3", ["@lin"])["state"] == "delivered"
            assert len(states(second)) == 3
