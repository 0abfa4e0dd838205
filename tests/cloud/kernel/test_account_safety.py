"""What keeps an account its owner's: another password, its devices' names, and the log of what happened to it."""

from __future__ import annotations

from contextlib import closing

import pytest

from pileus.cloud.app import open_database
from pileus.cloud.kernel.accounts import Accounts, log, rows, rules
from pileus.cloud.kernel.accounts.log import Source
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.errors import Invalid

PASSWORD = "correct horse"
NEW = "battery staple"


def change(client, present, new=NEW, **more):
    return client.post("/account/password", json={"present": present, "new": new, **more})


def sign_in(client, password):
    return client.post("/sign-in", json={"name": "anna", "password": password, "device_name": "x"})


def events(client):
    return [(one["event"], one["device"], one["about"]) for one in client.get("/account/log").json()["entries"]]


def test_another_password_ends_the_old_one_and_the_other_devices(server):
    phone = server.account("anna")
    laptop = server.sign_in("anna", "laptop")
    with server.client(phone["token"]) as mine, server.client(laptop["token"]) as other, server.client() as anyone:
        assert other.get("/account").status_code == 200
        assert change(mine, PASSWORD).status_code == 204
        assert mine.get("/account").status_code == 200
        assert other.get("/account").json()["code"] == "bad-token"
        assert sign_in(anyone, PASSWORD).status_code == 401
        assert sign_in(anyone, NEW).status_code == 200


def test_other_devices_stay_where_that_is_wanted(server):
    phone = server.account("anna")
    laptop = server.sign_in("anna", "laptop")
    with server.client(phone["token"]) as mine, server.client(laptop["token"]) as other:
        assert change(mine, PASSWORD, sign_out_others=False).status_code == 204
        assert other.get("/account").status_code == 200


def test_a_wrong_present_password_changes_nothing_and_signs_nobody_out(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        phone = server.account("anna")
        with server.client(phone["token"]) as mine:
            refused = [change(mine, "not this one") for _ in range(6)]
            assert [one.status_code for one in refused] == [403] * 5 + [429]
            assert refused[0].json()["code"] == "present-password"
            # The right one waits too: a thief with the phone must not try on and on.
            assert change(mine, PASSWORD).status_code == 429
            clock.advance(1.1)
            assert change(mine, PASSWORD, "short").json()["code"] == "password-short"
            assert change(mine, PASSWORD).status_code == 204
            # Right once, the failures are forgotten.
            assert [change(mine, "not this one").status_code for _ in range(5)] == [403] * 5


def test_a_password_is_proven_without_changing_anything(server):
    phone = server.account("anna")
    with server.client(phone["token"]) as mine, server.client() as anyone:
        assert mine.post("/account/proof", json={"present": PASSWORD}).status_code == 204
        tries = [mine.post("/account/proof", json={"present": "guess"}).status_code for _ in range(6)]
        assert tries == [403] * 5 + [429]
        assert mine.post("/account/proof", json={"present": PASSWORD}).status_code == 429
        assert mine.get("/account").status_code == 200
        assert anyone.post("/account/proof", json={"present": PASSWORD}).status_code == 401


def test_two_devices_that_change_the_password_at_once_do_not_both(server):
    phone = server.account("anna")
    with server.client(phone["token"]) as mine:
        # Between the proof and the change another device was faster.
        hashed = server.cloud.accounts.passwords.hash("faster than you")
        seen = server.cloud.accounts.passwords.hash_async

        async def slow(password):
            server.cloud.db.write(lambda conn: rows.set_password(conn, phone["account"]["id"], hashed))
            return await seen(password)

        server.cloud.accounts.passwords.hash_async = slow
        late = change(mine, PASSWORD)
        assert (late.status_code, late.json()["code"]) == (409, "password-changed")
    with server.client() as anyone:
        assert sign_in(anyone, "faster than you").status_code == 200


def test_devices_have_names_that_tell_them_apart(server):
    first = server.account("anna", "Chrome on Linux")
    second = server.sign_in("anna", "Chrome on Linux")
    assert second["device"]["name"] == "Chrome on Linux 2"
    with server.client(second["token"]) as client:
        path = f"/devices/{first['device']['id']}"
        renamed = client.patch(path, json={"name": " Kitchen "}).json()
        assert (renamed["name"], renamed["current"]) == ("Kitchen", False)
        assert {one["name"] for one in client.get("/devices").json()} == {"Kitchen", "Chrome on Linux 2"}
        assert client.patch(path, json={"name": "\u202eevil"}).json()["code"] == "device-name"
        assert client.patch(path, json={"name": "  "}).json()["code"] == "device-name"
        assert ("device-renamed", "Chrome on Linux 2", "Chrome on Linux → Kitchen") in events(client)
    bob = server.account("bob")
    with server.client(bob["token"]) as client:
        assert client.patch(path, json={"name": "mine"}).json()["code"] == "no-device"
        assert client.delete(path).json()["code"] == "no-device"


@pytest.mark.parametrize("name", ["x" * 64, "Pixel"])
def test_a_number_is_added_within_the_bound(name):
    taken = {name}
    for _ in range(12):
        taken.add(rules.free_name(name, taken))
    assert len(taken) == 13
    assert all(rules.visible_name("device-name", one) == one for one in taken)


def test_the_log_tells_what_happened_and_from_where(server):
    phone = server.account("anna")
    laptop = server.sign_in("anna", "laptop")
    with server.client() as anyone:
        for _ in range(3):
            sign_in(anyone, "guess after guess")
    with server.client(phone["token"]) as mine:
        change(mine, "not this one")
        mine.delete(f"/devices/{laptop['device']['id']}")
        change(mine, PASSWORD)
        assert events(mine) == [
            ("password-changed", "phone", ""),
            ("device-signed-out", "phone", "laptop"),
            ("password-refused", "phone", ""),
            ("sign-in-refused", "", ""),
            ("signed-in", "laptop", ""),
            ("signed-in", "phone", ""),
            ("account-made", "", ""),
        ]
        found = mine.get("/account/log").json()["entries"]
        guesses = next(one for one in found if one["event"] == "sign-in-refused")
        assert (guesses["times"], guesses["address"]) == (3, "127.0.0.1")
    bob = server.account("bob")
    with server.client(bob["token"]) as other:
        assert len(events(other)) == 2


def test_the_log_is_read_in_pages(server):
    phone = server.account("anna")
    with server.client(phone["token"]) as mine:
        for number in range(5):
            mine.patch(f"/devices/{phone['device']['id']}", json={"name": f"phone {number}"})
        first = mine.get("/account/log?limit=4").json()
        rest = mine.get(f"/account/log?limit=4&before={first['next']}").json()
        numbers = [one["number"] for one in first["entries"] + rest["entries"]]
        assert len(numbers) == 7
        assert numbers == sorted(numbers, reverse=True)
        assert rest["next"] is None


def test_guesses_do_not_push_out_what_they_led_to(settings):
    with closing(open_database(settings)) as db:
        account = Accounts(db, SystemClock(), 1).create_blocking("anna", PASSWORD)

        def flood(conn):
            for number in range(log.REFUSED_KEPT + log.KEPT):
                log.note(conn, account.id, "sign-in-refused", Source(address=f"10.0.0.{number}"), number)
            return log.entries(conn, account.id, limit=10_000)

        found = db.write(flood)
        assert [one.event for one in found].count("account-made") == 1
        assert len(found) == log.REFUSED_KEPT + 1


def test_the_log_forgets_after_a_year_and_a_thousand(settings):
    with closing(open_database(settings)) as db:
        account = Accounts(db, ManualClock(0), 1).create_blocking("anna", PASSWORD)

        def live(conn):
            for number in range(log.KEPT + 10):
                log.note(conn, account.id, "signed-in", Source(), number)
            kept = log.entries(conn, account.id, limit=10_000)
            log.note(conn, account.id, "signed-in", Source(), log.KEPT_MS + log.KEPT)
            return kept, log.entries(conn, account.id, limit=10_000)

        many, after = db.write(live)
        assert len(many) == log.KEPT
        assert len(after) == 11


def test_a_running_server_hears_of_sign_outs_by_the_command_line(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server, closing(open_database(settings)) as db:
        phone = server.account("anna")
        gone = []
        server.cloud.accounts.on_sign_out(gone.append)
        with server.client(phone["token"]) as mine:
            assert mine.get("/account").status_code == 200
            Accounts(db, clock, 1).set_password_blocking("anna", NEW, sign_out=True)
            clock.advance(11)
            assert mine.get("/account").status_code == 401
            assert gone == [phone["device"]["id"]]
        with server.client() as anyone:
            session = sign_in(anyone, NEW).json()
        with server.client(session["token"]) as mine:
            assert ("password-set", "", "") in events(mine)


def test_a_name_that_nobody_can_read_is_refused():
    with pytest.raises(Invalid):
        rules.visible_name("device-name", "a\u202eb")
