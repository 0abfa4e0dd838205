"""A lost device rings, says where it is to its owner alone, is locked by the cloud, and is wiped."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select

from pileus.cloud.kernel.accounts.finding import SEALED_MOST
from pileus.cloud.kernel.db import tables
from pileus.core.errors import Forbidden
from pileus.sdk import place as places

PASSWORD = "correct horse"
PHRASE = "the heron by the 西湖 at dawn"
HERE = {"lat": 30.2431, "lon": 120.15, "accuracy": 12.0, "at_ms": 1_700_000_000_000}


@pytest.fixture
def lost(server, anna):
    """Another device of anna's."""
    return server.sign_in("anna", "lost phone")


@pytest.fixture
def there(server, lost):
    """What the lost device asks with."""
    with server.client(lost["token"]) as one:
        yield one


def records(client, collection="finding.device"):
    found = client.get("/journal/snapshot", params={"collection": collection}).json()["records"]
    return {one["id"]: one["fields"] for one in found}


def events(client):
    return [(one["event"], one["about"]) for one in client.get("/account/log").json()["entries"]]


def set_key(client, phrase=PHRASE, **more):
    key = places.new_key(phrase)
    answer = client.put("/finding/key", json={"present": PASSWORD, **key, **more})
    return key, answer


def ask(client, lost, what, **body):
    return client.post(f"/devices/{lost['device']['id']}/{what}", json=body or None)


def test_it_rings_until_it_is_stopped_there(client, there, lost):
    assert ask(client, lost, "ring").status_code == 204
    mine = records(there)[lost["device"]["id"]]
    assert (mine["ring_by"], mine.get("ring_end_ms")) == ("phone", None)
    assert events(client)[0] == ("device-rung", "lost phone")
    assert there.post("/finding/ring-ended").status_code == 204
    assert records(client)[lost["device"]["id"]]["ring_end_ms"] >= mine["ring_ms"]


def test_its_place_is_for_its_owners_passphrase_alone(server, client, there, lost):
    assert ask(client, lost, "locate").json()["code"] == "no-place-key"
    _, answer = set_key(client)
    assert answer.status_code == 204
    assert ask(client, lost, "locate").status_code == 204
    [public] = [one["public"] for one in records(there, "finding.key").values()]
    assert there.put("/finding/place", json={"sealed": places.sealed(HERE, public)}).status_code == 204
    told = records(client)[lost["device"]["id"]]
    [kept] = records(client, "finding.key").values()
    assert places.opened(told["place"], places.private_key(kept, PHRASE), public) == HERE
    with pytest.raises(Forbidden, match="not the passphrase"):
        places.private_key(kept, PASSWORD)
    rows = server.cloud.db.read(lambda conn: repr(conn.execute(select(tables.record)).all()))
    assert "30.24" not in rows
    assert "heron" not in rows


def test_another_passphrase_ends_the_places_of_the_one_before(client, there, lost):
    key, _ = set_key(client)
    there.put("/finding/place", json={"sealed": places.sealed(HERE, key["public"])})
    set_key(client, "another one that is long")
    assert not records(client)[lost["device"]["id"]].get("place")
    assert [event for event, _ in events(client)][:2] == ["place-key-set", "place-key-set"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"present": "wrong password"}, "present-password"),
        ({"rounds": 1000}, "place-key"),
        ({"public": "AAAA"}, "place-key"),
        ({"wrapped": "not base64!"}, "place-key"),
    ],
)
def test_a_key_is_set_by_the_password_and_is_one(client, change, code):
    assert set_key(client, **change)[1].json()["code"] == code
    assert not records(client, "finding.key")


@pytest.mark.parametrize("size", [0, 65, SEALED_MOST + 1])
def test_what_is_no_sealed_place_is_refused(there, size):
    sealed = base64.b64encode(b"x" * size).decode()
    assert there.put("/finding/place", json={"sealed": sealed}).json()["code"] == "place-malformed"


def test_a_locked_device_is_answered_to_the_password_alone(client, there, lost):
    assert there.get("/account").status_code == 200  # its token is remembered now
    assert ask(client, lost, "lock").status_code == 204
    for method, path in (
        ("GET", "/account"),
        ("GET", "/journal/changes"),
        ("POST", "/sign-out"),
        ("GET", "/devices"),
    ):
        refused = there.request(method, path)
        assert (refused.status_code, refused.json()["code"]) == (403, "device-locked")
    assert there.post("/account/proof", json={"present": "wrong"}).json()["code"] == "present-password"
    assert there.get("/account").status_code == 403
    assert there.post("/account/proof", json={"present": PASSWORD}).status_code == 204
    assert there.get("/account").status_code == 200
    mine = records(client)[lost["device"]["id"]]
    assert mine["lock_end_ms"] >= mine["lock_ms"]
    assert [event for event, _ in events(client)][:3] == ["device-unlocked", "password-refused", "device-locked"]


def test_a_lock_outlasts_a_restart_and_a_place_is_said_while_it_lasts(settings, serve):
    with serve(settings) as server:
        anna = server.account("anna")
        lost = server.sign_in("anna", "lost phone")
        with server.client(anna["token"]) as client:
            key, _ = set_key(client)
            ask(client, lost, "lock")
    with serve(settings) as server, server.client(lost["token"]) as there:
        assert there.get("/account").json()["code"] == "device-locked"
        sealed = places.sealed(HERE, key["public"])
        assert there.put("/finding/place", json={"sealed": sealed}).status_code == 204


def test_a_wiped_device_is_signed_out_at_once_and_told_once(client, there, lost):
    assert ask(client, lost, "wipe", present="wrong").json()["code"] == "present-password"
    assert there.get("/account").status_code == 200
    assert ask(client, lost, "wipe", present=PASSWORD).status_code == 204
    assert [one["name"] for one in client.get("/devices").json()] == ["phone"]
    for _ in range(2):
        told = there.get("/journal/changes")
        assert (told.status_code, told.json()["code"]) == (401, "device-wiped")
    said = [event for event, _ in events(client)]
    assert said[:2] == ["device-wipe-told", "device-wipe-asked"]
    assert said.count("device-wipe-told") == 1
    assert ask(client, lost, "ring").json()["code"] == "no-device"


def test_a_device_does_not_wipe_itself_nor_another_accounts(server, client, anna, lost):
    assert ask(client, anna, "wipe", present=PASSWORD).json()["code"] == "wipe-itself"
    with server.client(server.account("mei")["token"]) as mei:
        for what in ("ring", "lock", "wipe"):
            assert ask(mei, lost, what, present=PASSWORD).json()["code"] == "no-device"


def test_a_device_that_was_signed_out_leaves_no_record(server, client, lost):
    ask(client, lost, "ring")
    client.delete(f"/devices/{lost['device']['id']}")
    other = server.sign_in("anna", "tablet")
    ask(client, other, "ring")
    assert list(records(client)) == [other["device"]["id"]]
