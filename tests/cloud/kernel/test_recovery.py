"""Recovery codes: shown once, each good once, and worth guessing no more than a password."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pileus.cloud.kernel.accounts import recovery
from pileus.core.clock import ManualClock
from pileus.core.codes import new_code

PASSWORD = "correct horse"
NEW = "battery staple"


def codes_of(server, session):
    with server.client(session["token"]) as client:
        made = client.post("/account/recovery-codes", json={"present": PASSWORD})
        assert made.status_code == 201, made.text
        return made.json()["codes"]


def recover(client, code, password=NEW, name="anna", **more):
    wish = {"name": name, "code": code, "password": password, "device_name": "laptop", **more}
    return client.post("/recover", json=wish)


def test_a_code_sets_a_forgotten_password_once(server):
    phone = server.account("anna")
    codes = codes_of(server, phone)
    assert len(set(codes)) == 10
    with server.client() as anyone, server.client(phone["token"]) as old:
        assert old.get("/account/recovery-codes").json()["left"] == 10
        session = recover(anyone, codes[3])
        assert session.status_code == 200
        assert old.get("/account").status_code == 401
        again = recover(anyone, codes[3], "another password")
        assert (again.status_code, again.json()["code"]) == (401, "wrong-recovery-code")
        wish = {"name": "anna", "password": PASSWORD, "device_name": "x"}
        assert anyone.post("/sign-in", json=wish).status_code == 401
        assert anyone.post("/sign-in", json=wish | {"password": NEW}).status_code == 200
    with server.client(session.json()["token"]) as new:
        assert new.get("/account/recovery-codes").json()["left"] == 9
        told = [(one["event"], one["device"]) for one in new.get("/account/log").json()["entries"]]
        assert told[2:6] == [
            ("recovery-refused", ""),
            ("device-signed-out", "laptop"),
            ("recovered", "laptop"),
            ("recovery-codes-made", "phone"),
        ]


def test_other_devices_stay_where_that_is_wanted(server):
    phone = server.account("anna")
    codes = codes_of(server, phone)
    with server.client() as anyone, server.client(phone["token"]) as old:
        assert recover(anyone, codes[0], sign_out_others=False).status_code == 200
        assert old.get("/account").status_code == 200


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_is_read_as_people_type_it(server, typed):
    code = codes_of(server, server.account("anna"))[0]
    with server.client() as anyone:
        assert recover(anyone, typed(code)).status_code == 200


def test_letters_that_look_like_digits_are_read_as_those():
    assert recovery.hash_code("a", "OIL0-1234-5678-9ABC") == recovery.hash_code("a", "0110123456789abc")
    assert recovery.hash_code("a", "0110") != recovery.hash_code("b", "0110")
    assert all(
        re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", new_code(recovery.LENGTH))
        for _ in range(50)
    )


def test_new_codes_void_the_earlier_ones_and_need_the_password(server):
    phone = server.account("anna")
    first = codes_of(server, phone)
    second = codes_of(server, phone)
    with server.client(phone["token"]) as client, server.client() as anyone:
        refused = client.post("/account/recovery-codes", json={"present": "not this one"})
        assert (refused.status_code, refused.json()["code"]) == (403, "present-password")
        assert recover(anyone, first[0]).status_code == 401
        assert recover(anyone, second[0]).status_code == 200


def test_codes_are_kept_as_hashes_only(server):
    codes = codes_of(server, server.account("anna"))
    dump = b"".join(path.read_bytes() for path in server.cloud.settings.data_dir.glob("pileus.db*"))
    assert recovery.hash_code("x", "y").encode() not in dump
    for code in codes:
        assert code.encode() not in dump
        assert code.replace("-", "").encode() not in dump


def test_guesses_wait_and_nobody_learns_which_names_exist(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        codes = codes_of(server, server.account("anna"))
        with server.client() as anyone:
            wrong = new_code(recovery.LENGTH)
            known = [recover(anyone, wrong) for _ in range(6)]
            unknown = [recover(anyone, wrong, name="bob") for _ in range(6)]
            assert [one.status_code for one in known] == [401] * 5 + [429]
            assert [one.json() for one in unknown] == [one.json() for one in known]
            assert recover(anyone, codes[0]).status_code == 429
            clock.advance(1.1)
            assert recover(anyone, codes[0], "short").json()["code"] == "password-short"
            assert recover(anyone, codes[0]).status_code == 200


def test_another_accounts_code_is_none(server):
    codes_of(server, server.account("anna"))
    codes = codes_of(server, server.account("bob"))
    with server.client() as anyone:
        assert recover(anyone, codes[0]).status_code == 401


def test_of_two_with_the_same_code_at_once_one_gets_in(server):
    code = codes_of(server, server.account("anna"))[0]
    gate = threading.Barrier(2)

    def one(number):
        with server.client() as anyone:
            gate.wait()
            return recover(anyone, code, f"battery staple {number}").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [200, 401]
