"""A signed-in device lets a new one in by a code, a number and its owner's yes; everything else is no."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from pileus.core.clock import ManualClock

PASSWORD = "correct horse"
VOID = (403, "pairing-void")
GONE = (404, "no-pairing")
MINUTE = 60


def code(answer):
    return answer.status_code, answer.json()["code"]


def make(client, present=PASSWORD):
    return client.post("/pairings", json={"present": present})


def ask(server, secret, device="Pixel 8"):
    with server.client() as anyone:
        return anyone.post("/pair", json={"code": secret, "device_name": device})


def enter(server, claim):
    with server.client() as anyone:
        return anyone.post("/pair/session", json={"claim": claim})


def answer(client, pairing, number=None):
    wish = {"allow": number is not None, "number": number or ""}
    return client.post(f"/pairings/{pairing}/answer", json=wish)


def state(client, pairing):
    return client.get(f"/pairings/{pairing}").json()["state"]


def events(client):
    return [(one["event"], one["about"]) for one in client.get("/account/log").json()["entries"]]


def names(client):
    return [one["name"] for one in client.get("/devices").json()]


@pytest.fixture
def timed(serve, settings):
    """A served cloud, its clock, and the first account's device."""
    clock = ManualClock(1_800_000_000_000)
    with serve(settings, clock=clock) as server, server.client(server.account("anna")["token"]) as client:
        yield server, clock, client


def test_a_new_device_is_let_in_without_a_password(server, client):
    made = make(client).json()
    pairing = made["pairing"]["id"]
    assert made["path"] == f"/#pair={made['code']}"
    assert made["pairing"]["state"] == "open"
    asked = ask(server, made["code"]).json()
    assert asked["account"] == "anna"
    # The owner is told who asks, and nothing has happened yet.
    told = client.get(f"/pairings/{pairing}").json()
    assert (told["state"], told["device_name"], told["address"]) == ("asked", "Pixel 8", "127.0.0.1")
    assert "number" not in told
    assert enter(server, asked["claim"]).json() == {"session": None}
    assert len(names(client)) == 1
    assert answer(client, pairing, asked["number"]).status_code == 204
    session = enter(server, asked["claim"]).json()["session"]
    assert (session["account"]["name"], session["device"]["name"]) == ("anna", "Pixel 8")
    assert state(client, pairing) == "done"
    with server.client(session["token"]) as phone:
        assert names(phone) == [*names(client)]
        assert phone.get("/account").json()["name"] == "anna"
    by = names(client)[0]
    assert events(client)[:3] == [
        ("device-paired", by),
        ("pairing-allowed", "Pixel 8 (127.0.0.1)"),
        ("pairing-made", ""),
    ]


def test_a_code_is_good_once(server, client):
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    assert code(ask(server, made["code"], "Eve's")) == VOID
    answer(client, made["pairing"]["id"], asked["number"])
    assert enter(server, asked["claim"]).json()["session"]
    assert code(enter(server, asked["claim"])) == VOID
    assert code(ask(server, made["code"])) == VOID
    assert len(names(client)) == 2


def test_of_two_at_once_one_asks_and_one_is_let_in(server, client):
    made = make(client).json()
    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(lambda name: ask(server, made["code"], name), "abcd"))
    assert sorted(one.status_code for one in came) == [201, 403, 403, 403]
    asked = next(one.json() for one in came if one.status_code == 201)
    answer(client, made["pairing"]["id"], asked["number"])
    with ThreadPoolExecutor(4) as pool:
        entered = list(pool.map(lambda _: enter(server, asked["claim"]).status_code, range(4)))
    assert sorted(entered) == [200, 403, 403, 403]
    assert len(names(client)) == 2


def test_a_code_is_typed_as_people_type(server, client):
    secret = make(client).json()["code"]
    typed = secret.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert ask(server, f" {typed} ").status_code == 201


def test_the_owner_says_no(server, client):
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    assert answer(client, made["pairing"]["id"]).status_code == 204
    assert code(enter(server, asked["claim"])) == (403, "pairing-denied")
    # No is for good.
    assert code(answer(client, made["pairing"]["id"], asked["number"])) == (409, "pairing-not-asked")
    assert code(enter(server, asked["claim"])) == (403, "pairing-denied")
    assert events(client)[0] == ("pairing-denied", "Pixel 8 (127.0.0.1)")
    assert len(names(client)) == 1


def test_another_number_keeps_it_out(server, client):
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    other = str(10 + (int(asked["number"]) - 9) % 90)
    assert code(answer(client, made["pairing"]["id"], other)) == (403, "pairing-number")
    assert code(answer(client, made["pairing"]["id"], asked["number"])) == (409, "pairing-not-asked")
    assert code(enter(server, asked["claim"])) == (403, "pairing-denied")
    assert events(client)[0][0] == "pairing-denied"


def test_nobody_is_let_in_before_they_asked(server, client):
    made = make(client).json()
    for number in (None, "", "42"):
        assert answer(client, made["pairing"]["id"], number).status_code in (403, 409)
    assert state(client, made["pairing"]["id"]) == "open"
    assert ask(server, made["code"]).status_code == 201


def test_a_code_expires(timed):
    server, clock, client = timed
    made = make(client).json()
    clock.advance(5 * MINUTE)
    assert code(ask(server, made["code"])) == VOID
    assert code(client.get(f"/pairings/{made['pairing']['id']}")) == GONE


def test_who_is_not_answered_is_not_let_in(timed):
    server, clock, client = timed
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    clock.advance(2 * MINUTE)
    assert code(enter(server, asked["claim"])) == VOID
    assert code(answer(client, made["pairing"]["id"], asked["number"])) == GONE


def test_who_was_let_in_has_to_come(timed):
    server, clock, client = timed
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    assert answer(client, made["pairing"]["id"], asked["number"]).status_code == 204
    clock.advance(2 * MINUTE)
    assert code(enter(server, asked["claim"])) == VOID
    assert len(names(client)) == 1


def test_a_new_code_voids_the_earlier_one(server, client):
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    again = make(client).json()
    assert code(enter(server, asked["claim"])) == VOID
    assert code(answer(client, made["pairing"]["id"], asked["number"])) == GONE
    assert ask(server, again["code"]).status_code == 201


def test_one_that_was_taken_back_is_void(server, client):
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    answer(client, made["pairing"]["id"], asked["number"])
    assert client.delete(f"/pairings/{made['pairing']['id']}").status_code == 204
    assert code(enter(server, asked["claim"])) == VOID
    assert code(client.delete(f"/pairings/{made['pairing']['id']}")) == GONE


def test_it_asks_for_the_password(server, client):
    assert code(make(client, "not the password")) == (403, "present-password")
    for _ in range(5):
        refused = make(client, "not the password")
    assert code(refused)[0] == 429
    with server.client() as anyone:
        assert code(make(anyone)) == (401, "no-token")


def test_no_other_device_answers(server, client):
    """Nor does one of the same account: who answers has the code and the new device before them."""
    bob = server.account("bob")
    made = make(client).json()
    asked = ask(server, made["code"]).json()
    for token in (bob["token"], server.sign_in("anna")["token"]):
        with server.client(token) as other:
            path = f"/pairings/{made['pairing']['id']}"
            assert code(other.get(path)) == GONE
            assert code(other.delete(path)) == GONE
            assert code(answer(other, made["pairing"]["id"], asked["number"])) == GONE
    assert answer(client, made["pairing"]["id"], asked["number"]).status_code == 204


def test_guesses_wait_and_so_do_right_ones(server, client):
    guesses = [ask(server, f"GUES-{number:04}") for number in range(30)]
    assert {code(one) for one in guesses} == {VOID}
    ask(server, "GUES-9999")
    assert code(ask(server, make(client).json()["code"]))[0] == 429
    assert code(enter(server, "no claim")) == VOID


def test_the_device_that_lets_in_has_to_stay(server, client):
    """Signed out or locked meanwhile, it lets nobody in."""
    other = server.sign_in("anna")
    ends = (f"/devices/{other['device']['id']}/lock", None)
    with server.client(other["token"]) as second:
        made = make(second).json()
        asked = ask(server, made["code"]).json()
        assert answer(second, made["pairing"]["id"], asked["number"]).status_code == 204
        assert client.post(ends[0]).status_code == 204
        assert code(enter(server, asked["claim"])) == VOID
        assert second.post("/account/proof", json={"present": PASSWORD}).status_code == 204
        made = make(second).json()
        asked = ask(server, made["code"]).json()
        answer(second, made["pairing"]["id"], asked["number"])
    assert client.delete(f"/devices/{other['device']['id']}").status_code == 204
    assert code(enter(server, asked["claim"])) == VOID
    assert len(names(client)) == 1


def test_nobody_comes_into_a_shut_account(server, client):
    with server.client(server.account("bob")["token"]) as bob:
        made = make(bob).json()
        asked = ask(server, made["code"]).json()
        answer(bob, made["pairing"]["id"], asked["number"])
        member = next(one for one in client.get("/accounts").json() if one["name"] == "bob")
        assert client.patch(f"/accounts/{member['id']}", json={"disabled": True}).status_code == 200
    assert code(enter(server, asked["claim"])) == VOID


def test_secrets_are_kept_as_hashes(server, client):
    made = make(client).json()
    claim = ask(server, made["code"]).json()["claim"]
    row = str(server.cloud.db.read(lambda conn: conn.exec_driver_sql("SELECT * FROM pairing").one()))
    assert made["code"] not in row
    assert claim not in row
    codes = {make(client).json()["code"] for _ in itertools.repeat(None, 3)}
    assert all(len(one) == 9 and one[4] == "-" for one in codes)
    assert len(codes) == 3
