"""Accounts: names, throttling, tokens."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.db import tables
from pileus.core.clock import ManualClock
from pileus.core.errors import Invalid

PASSWORD = "correct horse"


def sign_in(client, password, name="anna"):
    return client.post("/sign-in", json={"name": name, "password": password, "device_name": "x"})


def test_too_many_wrong_passwords_wait_and_survive_a_restart(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        server.account("anna")
        with server.client() as client:
            codes = [sign_in(client, "wrong password").status_code for _ in range(6)]
            assert codes == [401, 401, 401, 401, 401, 429]
            assert sign_in(client, PASSWORD, "bob").status_code == 401
    with serve(settings, clock=clock) as server, server.client() as client:
        blocked = sign_in(client, PASSWORD)
        assert blocked.status_code == 429
        assert blocked.headers["retry-after"] == "1"
        assert blocked.json()["code"] == "sign-in-throttled"
        clock.advance(1.1)
        assert sign_in(client, PASSWORD).status_code == 200
        assert [sign_in(client, "wrong").status_code for _ in range(5)] == [401] * 5


def test_names_that_look_alike_are_one_account(server):
    server.account("Ánna")
    with server.client() as client:
        assert sign_in(client, PASSWORD, "ÁNNA").status_code == 200
        assert sign_in(client, PASSWORD, "  ánna ").status_code == 200


def test_only_the_keeper_makes_accounts(server):
    keeper = server.account("anna")
    with server.client(keeper["token"]) as client:
        made = client.post("/accounts", json={"name": "bob", "password": PASSWORD, "device_name": "b"})
        assert made.status_code == 201
        again = client.post("/accounts", json={"name": "BOB", "password": PASSWORD})
        assert (again.status_code, again.json()["code"]) == (409, "name-taken")
        short = client.post("/accounts", json={"name": "eve", "password": "short"})
        assert short.json()["code"] == "password-short"
    with server.client(made.json()["token"]) as client:
        assert client.post("/accounts", json={"name": "eve", "password": PASSWORD}).status_code == 403


def test_tokens_and_passwords_are_kept_as_hashes_only(server):
    session = server.account("anna")
    kept = [[*row] for table in (tables.account, tables.device) for row in server.cloud.db.read(rows_of(table))]
    dump = repr(kept).encode()
    assert session["device"]["id"].encode() in dump
    assert session["token"].encode() not in dump
    assert PASSWORD.encode() not in dump
    assert b"$argon2id$" in dump


def rows_of(table):
    return lambda conn: conn.execute(select(table)).all()


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "a\u202eb"])
def test_names_of_devices_that_nobody_can_read_are_refused(name):
    with pytest.raises(Invalid):
        rules.visible_name("device-name", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "x" * 65,
        "a\nb",
        "a\u202eb",
        "Bob/../x",
        "@bob",
        "-bob",
        "bob.",
        "a..b",
        "a  b",
        "a@b",
        "🙂",
        "<b>",
    ],
)
def test_names_that_nobody_can_read_or_write_are_refused(name):
    with pytest.raises(Invalid) as refused:
        rules.account_name(name)
    assert refused.value.code == "account-name"


@pytest.mark.parametrize(
    "name", ["a", "Anna Berg", "O'Neil", "王小明", "阿里·巴巴", "user_7", "मीरा", "7", "x" * 64]
)
def test_names_as_people_write_them_are_taken(name):
    assert rules.account_name(f" {name} ") == name


def test_each_further_failure_doubles_the_wait():
    tries, now = rules.Tries(), 0
    waits = []
    for _ in range(20):
        tries = rules.failed(tries, rules.PAIR, now)
        waits.append(rules.wait_ms(tries, now))
        now += waits[-1]
    assert waits[:9] == [0, 0, 0, 0, 1000, 2000, 4000, 8000, 16000]
    assert max(waits) == rules.BLOCK_LONGEST_MS
    assert rules.failed(tries, rules.PAIR, now + rules.WINDOW_MS * 2).failures == 1


def at_once(count, ask):
    """The answers to the same question, asked by many threads in the same moment."""
    gate = threading.Barrier(count)

    def one(number):
        gate.wait()
        return ask(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_two_that_make_the_first_account_at_once_one_does(server):
    def make(number):
        with server.client() as client:
            wish = {"name": f"owner{number}", "password": PASSWORD, "device_name": "x"}
            answer = client.post("/accounts", json=wish)
            return answer.status_code, answer.json().get("code")

    answers = at_once(4, make)
    assert sorted(answers, key=str) == [(201, None), *[(401, "setup-done")] * 3]


def test_many_tries_at_once_are_no_more_than_one_after_the_other(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        server.account("anna")

        def guess(number):
            with server.client() as client:
                return sign_in(client, f"wrong guess {number}").status_code

        answers = at_once(12, guess)
        assert sorted(answers) == [401] * 5 + [429] * 7


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed-body"),
        (b"[]", 400, "malformed-body"),
        (b'{"name": 1, "password": "x"}', 400, "malformed-body"),
        (b'{"name": "\xff", "password": "x"}', 400, "malformed-body"),
        (b"[" * 100_000, 413, "body-too-large"),
        (b"[" * 10_000, 400, "malformed-body"),
    ],
)
def test_what_is_no_sign_in_is_named(server, body, status, code):
    with server.client() as client:
        answer = client.post("/sign-in", content=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
