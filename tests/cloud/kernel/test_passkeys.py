"""Passkeys: they sign in where they were made for, once for each question, and for nobody else."""

from __future__ import annotations

import asyncio
import base64
import copy
from concurrent.futures import ThreadPoolExecutor

import pytest

from pileus.cloud.kernel.accounts.challenges import LIFE_MS
from pileus.cloud.kernel.accounts.deletion import GRACE_MS
from pileus.cloud.kernel.accounts.passkeys import MOST, RelyingParty, relying_party
from pileus.core.clock import ManualClock
from tests.cloud.authenticator import Authenticator, b64

PASSWORD = "correct horse"


def authenticator(server, **more):
    return Authenticator(server.cloud.settings.shell_origins[0], **more)


def ask_new(client):
    asked = client.post("/account/passkeys/options", json={"present": PASSWORD})
    assert asked.status_code == 200, asked.text
    return asked.json()["public_key"]


def register(client, key, name="Laptop"):
    return client.post("/account/passkeys", json={"name": name, "credential": key.create(ask_new(client))})


def ask(client):
    return client.post("/sign-in/passkey/options").json()["public_key"]


def enter(client, credential):
    return client.post("/sign-in/passkey", json={"credential": credential, "device_name": "tablet"})


def code(answer):
    return answer.status_code, answer.json()["code"]


REFUSED = (401, "wrong-passkey")


@pytest.fixture
def key(server, anna):
    """A passkey of anna's."""
    one = authenticator(server)
    with server.client(anna["token"]) as client:
        made = register(client, one)
        assert made.status_code == 201, made.text
    return one


def test_a_passkey_signs_in_without_a_name(server, anna, key):
    with server.client() as anyone:
        session = enter(anyone, key.get(ask(anyone)))
        assert session.status_code == 200, session.text
        assert session.json()["account"]["name"] == "anna"
        assert enter(anyone, key.get(ask(anyone))).status_code == 200
    with server.client(session.json()["token"]) as client:
        [listed] = client.get("/account/passkeys").json()
        assert listed["name"] == "Laptop"
        assert listed["used_at"] >= listed["made_at"]
        told = [(one["event"], one["about"]) for one in client.get("/account/log").json()["entries"]]
        assert told[:3] == [("passkey-signed-in", "Laptop")] * 2 + [("passkey-added", "Laptop")]


def test_options_ask_for_this_cloud_and_a_verified_owner(server, anna, key):
    with server.client(anna["token"]) as client:
        made = ask_new(client)
        assert made["rp"]["id"] == "pileus.localhost"
        assert made["authenticatorSelection"]["userVerification"] == "required"
        assert made["authenticatorSelection"]["residentKey"] == "required"
        assert [one["id"] for one in made["excludeCredentials"]] == [b64(key.credential_id)]
        assert ask(client)["userVerification"] == "required"
        assert client.get("/server").json()["passkey_origin"] == server.cloud.settings.shell_origins[0]


def test_a_replayed_answer_is_refused(server, key):
    with server.client() as anyone:
        credential = key.get(ask(anyone))
        assert enter(anyone, credential).status_code == 200
        assert code(enter(anyone, credential)) == REFUSED


def test_of_the_same_answer_twice_at_once_one_gets_in(server, key):
    with server.client() as anyone:
        credential = key.get(ask(anyone))

    def one(_number):
        with server.client() as client:
            return enter(client, credential).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [200, 401]


def test_a_copy_of_an_authenticator_that_lags_behind_is_refused(server, anna, key):
    clone = copy.copy(key)
    with server.client() as anyone:
        assert enter(anyone, key.get(ask(anyone))).status_code == 200
        clone.count = 1
        assert code(enter(anyone, clone.get(ask(anyone)))) == REFUSED
        assert enter(anyone, key.get(ask(anyone))).status_code == 200
    with server.client(anna["token"]) as client:
        assert "passkey-refused" in [one["event"] for one in client.get("/account/log").json()["entries"]]


def test_an_authenticator_that_does_not_count_is_believed(server, anna):
    key = authenticator(server, count=0)
    with server.client(anna["token"]) as client:
        assert register(client, key).status_code == 201
        assert enter(client, key.get(ask(client))).status_code == 200
        assert enter(client, key.get(ask(client))).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://pileus.localhost", "https://pileus.localhost:1", "http://mail.apps.pileus.localhost:1"]
)
def test_another_origins_page_is_refused(server, key, origin):
    key.origin = origin
    with server.client() as anyone:
        assert code(enter(anyone, key.get(ask(anyone)))) == REFUSED


def test_what_was_signed_for_another_name_is_refused(server, key):
    with server.client() as anyone:
        assert code(enter(anyone, key.get(ask(anyone) | {"rpId": "evil.localhost"}))) == REFUSED


def test_an_owner_who_was_not_verified_is_refused(server, anna, key):
    key.verifies = False
    with server.client() as anyone:
        assert code(enter(anyone, key.get(ask(anyone)))) == REFUSED
    with server.client(anna["token"]) as client:
        assert code(register(client, authenticator(server, verifies=False))) == (400, "passkey-malformed")


def test_another_key_with_the_same_id_is_refused(server, key):
    other = authenticator(server, credential_id=key.credential_id, user=key.user, count=9)
    with server.client() as anyone:
        assert code(enter(anyone, other.get(ask(anyone)))) == REFUSED


def test_a_passkey_is_its_own_accounts_only(server, key):
    server.account("bob")
    key.user = b64(server.sign_in("bob")["account"]["id"].encode())
    with server.client() as anyone:
        assert code(enter(anyone, key.get(ask(anyone)))) == REFUSED


def test_a_challenge_of_ones_own_is_refused(server, anna, key):
    with server.client(anna["token"]) as client:
        asked = ask(client)
        assert code(enter(client, key.get(asked | {"challenge": b64(bytes(56))}))) == REFUSED
        for_new = ask_new(client)["challenge"]
        assert code(enter(client, key.get(asked | {"challenge": for_new}))) == REFUSED
        end = base64.urlsafe_b64decode(asked["challenge"] + "===")
        later = end[:20] + bytes([end[20] ^ 1]) + end[21:]
        assert code(enter(client, key.get(asked | {"challenge": b64(later)}))) == REFUSED


def test_challenges_end(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        phone, key = server.account("anna"), authenticator(server)
        with server.client(phone["token"]) as client:
            asked = ask_new(client)
            clock.advance(LIFE_MS / 1000)
            late = client.post("/account/passkeys", json={"name": "x", "credential": key.create(asked)})
            assert code(late) == (400, "passkey-late")
            assert register(client, key).status_code == 201
            asked = ask(client)
            clock.advance(LIFE_MS / 1000)
            assert code(enter(client, key.get(asked))) == REFUSED


def test_a_question_for_a_new_passkey_is_one_devices_and_good_once(server, anna):
    key = authenticator(server)
    bob = server.account("bob")
    with server.client(anna["token"]) as client, server.client(bob["token"]) as other:
        credential = key.create(ask_new(client))
        wish = {"name": "x", "credential": credential}
        assert code(other.post("/account/passkeys", json=wish)) == (400, "passkey-late")
        assert client.post("/account/passkeys", json=wish).status_code == 201
        assert code(client.post("/account/passkeys", json=wish)) == (400, "passkey-late")
        assert code(register(other, key)) == (409, "passkey-known")


def test_a_new_passkey_needs_the_password_and_this_origin(server, anna):
    with server.client(anna["token"]) as client:
        wrong = client.post("/account/passkeys/options", json={"present": "not this one"})
        assert code(wrong) == (403, "present-password")
        stranger = Authenticator("https://evil.example")
        assert code(register(client, stranger)) == (400, "passkey-malformed")
        assert code(register(client, authenticator(server), "")) == (400, "passkey-name")
        assert client.get("/account/passkeys").json() == []


def test_an_account_has_so_many_at_most(server, anna):
    with server.client(anna["token"]) as client:
        made = [register(client, authenticator(server)).status_code for _ in range(MOST)]
        assert made == [201] * MOST
        assert code(register(client, authenticator(server))) == (409, "too-many-passkeys")


def test_a_passkey_is_named_and_removed_by_its_account_only(server, anna, key):
    bob = server.account("bob")
    with server.client(anna["token"]) as client, server.client(bob["token"]) as other:
        one = client.get("/account/passkeys").json()[0]["id"]
        assert code(other.patch(f"/account/passkeys/{one}", json={"name": "mine"})) == (404, "no-passkey")
        assert code(other.delete(f"/account/passkeys/{one}")) == (404, "no-passkey")
        assert client.patch(f"/account/passkeys/{one}", json={"name": "Desk"}).json()["name"] == "Desk"
        assert client.delete(f"/account/passkeys/{one}").status_code == 204
        assert code(enter(client, key.get(ask(client)))) == REFUSED
        assert client.post("/account/proof", json={"present": PASSWORD}).status_code == 204
        told = [(one["event"], one["about"]) for one in client.get("/account/log").json()["entries"]]
        assert told[:2] == [("passkey-removed", "Desk"), ("passkey-renamed", "Laptop → Desk")]


@pytest.mark.parametrize(("sign_out", "then"), [(True, 401), (False, 200)])
def test_a_password_set_by_whoever_runs_the_cloud_ends_them(server, key, sign_out, then):
    server.cloud.accounts.set_password_blocking("anna", PASSWORD, sign_out=sign_out)
    with server.client() as anyone:
        assert enter(anyone, key.get(ask(anyone))).status_code == then
    with server.client(server.sign_in("anna")["token"]) as client:
        told = [(one["event"], one["about"]) for one in client.get("/account/log").json()["entries"]]
        assert (("passkey-removed", "Laptop") in told) is sign_out


def test_refusals_of_one_address_wait(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        phone, key = server.account("anna"), authenticator(server)
        stranger = authenticator(server, user=b64(b"nobody"))
        with server.client(phone["token"]) as client:
            assert register(client, key).status_code == 201
            told = [enter(client, stranger.get(ask(client))).status_code for _ in range(31)]
            assert told == [401] * 30 + [429]
            assert code(enter(client, key.get(ask(client)))) == (429, "sign-in-throttled")
            clock.advance(1.1)
            assert enter(client, key.get(ask(client))).status_code == 200


def test_nonsense_is_refused_and_never_an_error(server, anna, key):
    with server.client(anna["token"]) as client:
        good = key.get(ask(client))
        new = authenticator(server).create(ask_new(client))
        deep = b64(b"[" * 20_000)
        for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
            for nonsense in ("", "!", "é", b64(b"\xff"), b64(b"[1]"), b64(b'{"challenge":1}'), deep):
                broken = good | {"response": good["response"] | {part: nonsense}}
                answer = enter(client, broken)
                assert code(answer) in (REFUSED, (429, "sign-in-throttled")), (part, nonsense)
        for nonsense in ("", "!", b64(b"\xa1"), b64(b"\x9f" * 20_000), b64(b"\xbf\x63fmt\xff")):
            asked = authenticator(server).create(ask_new(client))
            broken = new | {"response": asked["response"] | {"attestationObject": nonsense}}
            refused = client.post("/account/passkeys", json={"name": "x", "credential": broken})
            assert code(refused) == (400, "passkey-malformed")


def test_an_account_that_is_being_erased_is_not_entered(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        server.account("keeper")
        phone, key = server.account("anna"), authenticator(server)
        with server.client(phone["token"]) as client:
            register(client, key)
            client.post("/account/deletion", json={"present": PASSWORD})
        with server.client() as anyone:
            kept = enter(anyone, key.get(ask(anyone)))
            assert kept.json()["deletion_undone"] is True
        with server.client(kept.json()["token"]) as client:
            client.post("/account/deletion", json={"present": PASSWORD})
        clock.advance(GRACE_MS / 1000 + 1)
        told = []

        async def meanwhile(_account_id):
            with server.client() as anyone:
                told.append(code(enter(anyone, key.get(ask(anyone)))))

        context = server.cloud.context
        context.departures.outside(meanwhile)
        assert asyncio.run(context.departures.erase_due(context.objects)) == 1
        assert told == [REFUSED]


def test_whom_an_authenticator_signs_for(settings):
    own = settings.changed(port=8080)
    assert relying_party(own) == RelyingParty("pileus.localhost", "http://pileus.localhost:8080")
    named = own.changed(origins="wildcard", domain="cloud.example")
    assert relying_party(named) == RelyingParty("cloud.example", "https://cloud.example")
    for address in ("192.168.1.5", "fd00::5"):
        assert relying_party(own.changed(origins="port", domain=address)) is None


def test_a_cloud_with_a_bare_address_has_none(serve, settings):
    with serve(settings.changed(domain="127.0.0.1")) as server:
        phone = server.account("anna")
        with server.client(phone["token"]) as client:
            assert client.get("/server").json()["passkey_origin"] is None
            asked = client.post("/account/passkeys/options", json={"present": PASSWORD})
            assert code(asked) == (403, "passkeys-need-name")
            assert code(client.post("/sign-in/passkey/options")) == (403, "passkeys-need-name")
