"""What costs much is bounded for each account, in what its devices ask for together."""

from __future__ import annotations

import base64
from typing import Any, get_args

import httpx
import pytest

from pileus.cloud.kernel.http import paces
from pileus.cloud.kernel.http.paces import LIMITS
from pileus.cloud.kernel.service import Costly
from pileus.core.clock import ManualClock
from pileus.core.pace import Bucket


def search(client: httpx.Client) -> httpx.Response:
    return client.get("/files/search", params={"q": "西湖"})


def test_too_many_are_refused_until_it_is_time_again(
    serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "search", (3, 60))  # type: ignore[arg-type]
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        anna, ben = server.account("anna"), server.account("ben")
        tablet = server.sign_in("anna", "tablet")
        with (
            server.client(anna["token"]) as phone,
            server.client(tablet["token"]) as other,
            server.client(ben["token"]) as somebody,
        ):
            assert [search(one).status_code for one in (phone, other, phone)] == [200] * 3
            refused = search(other)
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
            assert refused.headers["Retry-After"] == "1"
            assert search(somebody).status_code == 200, "each account for itself"
            assert phone.get("/files/usage").status_code == 200, "what costs little goes on"
            assert phone.get("/messages/search", params={"q": "x"}).status_code == 429, "one kind"
            clock.advance(1)
            assert [search(phone).status_code for _ in range(2)] == [200, 429]


def test_names_of_accounts_are_not_guessed_without_pace(
    serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "look-up", (3, 60))  # type: ignore[arg-type]
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        anna, ben = server.account("anna"), server.account("ben")
        with server.client(anna["token"]) as guessing, server.client(ben["token"]) as somebody:
            share = {"account": "nobody"}
            guesses = (
                lambda one: one.get("/calendar/guests/nobody"),
                lambda one: one.get("/files/vault/people/nobody"),
                lambda one: one.post("/files/a/shares", json=share),
            )
            assert [guess(guessing).status_code for guess in guesses] == [404] * 3
            for guess in guesses:
                refused = guess(guessing)
                assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
                assert refused.headers["Retry-After"] == "1"
            assert guesses[0](somebody).status_code == 404, "each account for itself"
            clock.advance(1)
            assert [guesses[0](guessing).status_code for _ in range(2)] == [404, 429]


def test_asks_to_be_let_into_the_vault_are_bounded_since_each_is_pushed(
    serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "let-in", (2, 12))  # type: ignore[arg-type]
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        token = server.account("anna")["token"]
        short = base64.b64encode(bytes(32)).decode()
        ask = {"salt": short, "proof": short}
        with server.client(token) as phone:
            assert [phone.post("/files/vault/asks", json=ask).status_code for _ in range(3)] == [404, 404, 429]
            assert phone.get("/files/vault").status_code == 200
            assert phone.post("/files/vault/asks", json=ask).headers["Retry-After"] == "5"
            clock.advance(5)
            assert phone.post("/files/vault/asks", json=ask).json()["code"] == "no-vault"


def test_words_for_the_relay_of_calls_are_given_so_often(
    serve: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "relay", (2, 30))  # type: ignore[arg-type]
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        anna, ben = server.account("anna"), server.account("ben")
        with server.client(anna["token"]) as caller, server.client(ben["token"]) as other:
            assert [caller.get("/calls/servers").status_code for _ in range(2)] == [200, 200]
            refused = caller.get("/calls/servers")
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
            assert refused.headers["Retry-After"] == "2"
            assert other.get("/calls/servers").status_code == 200, "each account for itself"
            call = {"id": "one", "to": "@ben", "offer": "v=0\r\n"}
            assert caller.post("/calls", json=call).status_code == 201, "calls are counted apart"
            clock.advance(2)
            assert [caller.get("/calls/servers").status_code for _ in range(2)] == [200, 429]


def test_every_kind_has_a_limit_and_operations(server: Any) -> None:
    kinds = set(get_args(Costly))
    assert kinds == LIMITS.keys()
    assert {one.costly for one in server.cloud.operations} - {None} == kinds
    asked = {(one.method, one.path) for one in server.cloud.operations if one.costly}
    assert {("POST", "/backups/phone"), ("POST", "/messages/send"), ("POST", "/account/export")} <= asked
    assert all(burst >= 60 and per_minute >= 12 for burst, per_minute in paces.LIMITS.values()), "generous"


def test_a_bucket_gives_whole_ones() -> None:
    bucket = Bucket(1.0, 2.0)
    assert [bucket.take_one(0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert bucket.take_one(0.5) == pytest.approx(0.5)
    assert bucket.take_one(1.0) == 0.0
