"""What a handset's modem got comes into the account once, however often it is handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.services.messages import arrivals
from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, all_sent, push_service, until
from tests.conftest import running

CAME = {"id": "sms-1", "address": "138 0013 8000", "body": "西湖见", "date_ms": 1_700_000_000_500, "sim": "8986"}
MISSED = {"id": "call-1", "address": "+8613800138000", "date_ms": 1_700_000_000_000, "kind": "missed"}


def hand_over(client: httpx.Client, **wish: Any) -> Any:
    answer = client.post("/messages/arrivals", json={"region": "CN", **wish})
    return answer.json() if answer.status_code == 200 else answer.json()["code"]


def records(client: httpx.Client) -> dict[str, Any]:
    changes = client.get("/journal/changes?since=0").json()["changes"]
    return {one["id"]: one["fields"] for one in changes if not one["deleted"]}


def test_what_came_is_kept_once_and_what_was_deleted_stays_so(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        for _ in range(2):
            assert hand_over(client, messages=[CAME], calls=[MISSED]) == {
                "kept": ["sms-1", "call-1"],
                "refused": {},
            }
        found = records(client)
        assert found["sms-1"] == {
            "address": "138 0013 8000",
            "thread": "+8613800138000",
            "date_ms": 1_700_000_000_500,
            "direction": "in",
            "state": "received",
            "body": "西湖见",
            "read": False,
            "sim": "8986",
        }
        assert (found["call-1"]["kind"], found["call-1"]["seen"]) == ("missed", False)
        wish = {"id": "x", "base": 99, "collection": "messages.message", "record": "sms-1", "op": "delete"}
        assert client.post("/journal/mutations", json={"mutations": [wish]}).status_code == 200
        assert hand_over(client, messages=[CAME])["kept"] == ["sms-1"]
        assert set(records(client)) == {"call-1"}


def test_each_is_refused_by_itself(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        wish = [CAME | {"id": "a b"}, CAME | {"id": "none", "address": " "}, CAME]
        odd = [MISSED | {"id": "far", "date_ms": 10**18}, MISSED | {"id": "withheld", "address": ""}]
        assert hand_over(client, messages=wish, calls=odd) == {
            "kept": ["sms-1", "withheld"],
            "refused": {"a b": "malformed-id", "none": "message-address", "far": "call-date"},
        }
        assert hand_over(client, messages=[CAME] * (arrivals.MOST + 1)) == "too-many-arrivals"
        assert hand_over(client, region="XX") == "unknown-region"


@pytest.mark.parametrize("room", [0, 10_000])
def test_without_room_a_handset_keeps_it_until_there_is_some(settings: Any, serve: Any, room: int) -> None:
    with (
        serve(settings.changed(quota_bytes=20_000 + room)) as server,
        server.client(server.account("mei")["token"]) as client,
    ):
        big = [CAME | {"id": f"m{n}", "body": "大" * 3000} for n in range(4)]
        told = hand_over(client, messages=big)
        assert set(told["refused"].values()) <= {"quota-exceeded"}
        assert {*told["kept"], *told["refused"]} == {one["id"] for one in big}
        assert bool(told["refused"])
        assert set(records(client)) == set(told["kept"])


def test_other_devices_are_told_of_messages_and_missed_calls(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with push_service(tmp_path / "service", settings) as service:
        monkeypatch.setenv("SSL_CERT_FILE", str(service.certificate))
        with (
            running(settings.changed(push_networks=LOOPBACK)) as server,
            server.client(server.account("mei")["token"]) as client,
        ):
            browser = service.browser()
            assert client.put("/push/subscription", json=browser.wish()).status_code == 200
            for _ in range(2):
                hand_over(client, messages=[CAME, CAME | {"id": "seen", "read": True}], calls=[MISSED])
            told = [browser.read(service.next()) for _ in range(2)]
            assert sorted((one["kind"], one["tag"], one["data"]["from"]) for one in told) == [
                ("message", "message-+8613800138000", "138 0013 8000"),
                ("missed-call", "missed-+8613800138000", "+8613800138000"),
            ]
            until(lambda: all_sent(server))
            assert service.quiet


def block(client: httpx.Client, address: str) -> str:
    """What became of it: applied, or a code."""
    wish = {"id": f"b-{address}", "base": 0, "collection": "messages.block", "record": f"block-{len(address)}"}
    fields = {"address": address, "since_ms": 1}
    answer = client.post("/journal/mutations", json={"mutations": [wish | {"op": "put", "fields": fields}]}).json()
    [outcome] = answer["outcomes"]
    return str(outcome.get("code") or outcome["status"])


def test_who_is_blocked_is_kept_and_told_of_nowhere(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with push_service(tmp_path / "service", settings) as service:
        monkeypatch.setenv("SSL_CERT_FILE", str(service.certificate))
        with running(settings.changed(push_networks=LOOPBACK)) as server:
            mei, anna = server.account("mei"), server.account("anna")
            with server.client(mei["token"]) as client, server.client(anna["token"]) as sender:
                browser = service.browser()
                assert client.put("/push/subscription", json=browser.wish()).status_code == 200
                assert [block(client, one) for one in ("13800138000", "@Anna", "110", " ")] == [
                    "applied",
                    "applied",
                    "block-emergency",
                    "block-address",
                ]
                assert hand_over(client, messages=[CAME], calls=[MISSED])["kept"] == ["sms-1", "call-1"]
                early = CAME | {"id": "sms-2", "address": "10086", "blocked": True}  # not here yet, but there
                assert hand_over(client, messages=[early])["kept"] == ["sms-2"]
                sent = sender.post("/messages/send", json={"id": "m1", "people": ["@mei"], "body": "hi"})
                assert sent.json()["state"] == "delivered"
                found = records(client)
                assert [(found[one]["read"], found[one]["blocked"]) for one in ("sms-1", "sms-2")] == [
                    (True, True)
                ] * 2
                assert (found["call-1"]["kind"], found["call-1"]["seen"]) == ("blocked", True)
                [letter] = [
                    fields for fields in found.values() if fields.get("address") == "@anna" and "body" in fields
                ]
                assert (letter["body"], letter["read"], letter["blocked"]) == ("hi", True, True)
                assert "blocked" not in records(sender)["m1"]

                other = CAME | {"id": "sms-3", "address": "10010"}
                assert hand_over(client, messages=[other])["kept"] == ["sms-3"]
                assert browser.read(service.next())["data"]["from"] == "10010"
                until(lambda: all_sent(server))
                assert service.quiet


ALONE = {
    "id": "own-1",
    "people": ["138 0013 8000"],
    "body": "没有云也能发",
    "date_ms": 1_700_000_000_000,
    "state": "sent",
    "token": "a-token-of-a-handset",
    "sim": "8986",
    "sent_ms": 1_700_000_000_700,
}


def report(client: httpx.Client, outcome: str) -> Any:
    wish = {"token": ALONE["token"], "outcome": outcome}
    answer = client.post("/messages/outgoing/own-1/report", json=wish)
    return answer.json().get("state") or answer.json()["code"]


def test_what_a_handset_sent_alone_is_here_once_and_followed_as_any_other(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        for _ in range(2):
            assert hand_over(client, sent=[ALONE]) == {"kept": ["own-1"], "refused": {}}
        assert records(client)["own-1"] == {
            "address": "138 0013 8000",
            "thread": "+8613800138000",
            "date_ms": 1_700_000_000_000,
            "direction": "out",
            "state": "sent",
            "body": "没有云也能发",
            "read": True,
            "sim": "8986",
            "sent_ms": 1_700_000_000_700,
        }
        wish = {"id": "own-1", "people": ["138 0013 8000"], "body": "没有云也能发", "region": "CN"}
        assert client.post("/messages/send", json=wish).json()["state"] == "sent", "it is the same message"
        assert client.put("/messages/sims", json={"sims": [{"id": "8986"}]}).status_code == 204
        assert client.post("/messages/outgoing/lease").json()["messages"] == [], "and does not leave again"
        assert report(client, "delivered") == "delivered"


def test_of_what_may_have_left_alone_its_owner_is_asked(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        assert hand_over(client, sent=[ALONE | {"state": "unknown"}])["kept"] == ["own-1"]
        assert hand_over(client, sent=[ALONE])["kept"] == ["own-1"], (
            "its owner said at the handset that it was sent"
        )
        assert records(client)["own-1"]["state"] == "sent"
        hand_over(client, sent=[ALONE | {"id": "own-2", "state": "unknown"}])
        assert (
            client.post("/messages/outgoing/own-2/decide", json={"decision": "again"}).json()["state"] == "queued"
        )
        refused = hand_over(client, sent=[ALONE | {"id": "own-2", "state": "sent"}])["refused"]
        assert refused == {"own-2": "message-known"}, "the handset's word counts no more"
        assert records(client)["own-2"]["state"] == "queued"


def test_what_was_sent_alone_takes_no_other_messages_place(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        wish = {"id": "own-1", "people": ["+8613800138000"], "body": "by the cloud"}
        assert client.post("/messages/send", json=wish).status_code == 202
        assert hand_over(client, sent=[ALONE])["refused"] == {"own-1": "message-known"}
        odd = [
            ALONE | {"id": "no-token", "token": "short"},
            ALONE | {"id": "nobody", "people": [" "]},
            ALONE | {"id": "nothing", "body": "\n"},
            ALONE | {"id": "nowhere", "region": "XX"},
        ]
        assert hand_over(client, sent=odd)["refused"] == {
            "no-token": "malformed-id",
            "nobody": "message-empty",
            "nothing": "message-empty",
            "nowhere": "unknown-region",
        }
        gone = {"id": "x", "base": 99, "collection": "messages.message", "record": "own-1", "op": "delete"}
        client.post("/journal/mutations", json={"mutations": [gone]})
        assert hand_over(client, sent=[ALONE])["kept"] == ["own-1"]
        assert "own-1" not in records(client), "what was deleted stays so"
