"""The cloud as a push service: what is posted to an app's address reaches that device, and nothing else does."""

from __future__ import annotations

import asyncio
import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import connect

from pileus.cloud.kernel.push import encryption
from pileus.cloud.kernel.push.distributor import OF_ACCOUNT, WAITING
from pileus.cloud.kernel.push.vapid import VapidKey
from pileus.core.clock import ManualClock
from pileus.core.pace import KEYS, Pace
from tests.cloud.push_service import Browser
from tests.conftest import running


@pytest.fixture
def clock():
    return ManualClock(int(time.time() * 1000))


@pytest.fixture
def server(settings, clock):
    with running(settings, clock=clock) as one:
        yield one


@pytest.fixture
def anybody(server):
    """A server of an app: nobody whom the cloud knows."""
    with server.client() as one:
        yield one


def register(client, app="Chat", vapid=None):
    answer = client.post("/push/registrations", json={"app": app, "vapid": vapid})
    assert answer.status_code == 201, answer.text
    return answer.json()


def path(server, made):
    """The address as this test reaches it."""
    origin = server.cloud.settings.shell_origins[0]
    assert made["endpoint"].startswith(f"{origin}/api/v1/push/to/")
    return made["endpoint"].removeprefix(f"{origin}/api/v1")


def post(anybody, to, body=b"hello", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return anybody.post(to, content=body, headers={"ttl": "600"} | named)


def came(client, after=0):
    found = client.get("/push/messages", params={"after": after}).json()
    return [base64.b64decode(one["body"]) for one in found]


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_a_message_goes_from_a_server_to_the_device(server, client, anybody):
    made = register(client)
    to = path(server, made)
    assert anybody.get(to).json() == {"unifiedpush": {"version": 1}}
    keys = Browser("")
    sealed = encryption.encrypt(b"a letter", keys.p256dh, keys.auth)
    answer = post(anybody, to, sealed, content_encoding="aes128gcm")
    assert (answer.status_code, answer.headers["ttl"]) == (201, "600")
    [one] = client.get("/push/messages").json()
    assert (one["registration"], one["encoding"]) == (made["registration"]["id"], "aes128gcm")
    assert keys.decrypt(base64.b64decode(one["body"])) == b"a letter"
    assert client.delete("/push/messages", params={"upto": one["number"]}).status_code == 204
    assert came(client) == []


def test_the_devices_open_connection_says_that_something_came(server, client, anna, anybody):
    to = path(server, register(client))

    async def visit():
        url = f"ws://127.0.0.1:{server.cloud.settings.port}/api/v1/journal/doorbell"
        async with connect(url, proxy=None) as bell:
            await bell.send(json.dumps({"token": anna["token"]}))
            assert "push" not in json.loads(await bell.recv())
            await asyncio.to_thread(post, anybody, to)
            async with asyncio.timeout(20):
                told = json.loads(await bell.recv())
            await asyncio.to_thread(client.delete, f"/push/messages?upto={told['push']}")
            await asyncio.to_thread(post, anybody, to)
            async with asyncio.timeout(20):
                return told, json.loads(await bell.recv())

    first, second = asyncio.run(visit())
    assert second["push"] > first["push"] > 0


def test_an_address_is_the_devices_own_and_is_revoked(server, client, anybody):
    made = register(client)
    to = path(server, made)
    with server.client(server.sign_in("anna", "tablet")["token"]) as other:
        post(anybody, to)
        assert came(other) == []
        own = f"/push/registrations/{made['registration']['id']}"
        assert code(other.delete(own)) == (404, "no-registration")
        assert client.delete(own).status_code == 204
    assert code(post(anybody, to)) == (404, "no-endpoint")
    assert came(client) == []
    assert client.get("/push/registrations").json() == []


def test_a_device_that_is_signed_out_is_not_reached(server, client, anybody):
    tablet = server.sign_in("anna", "tablet")
    with server.client(tablet["token"]) as other:
        to = path(server, register(other))
    assert post(anybody, to).status_code == 201
    client.delete(f"/devices/{tablet['device']['id']}")
    assert code(post(anybody, to)) == (404, "no-endpoint")


def test_the_address_is_not_in_the_database(server, client):
    token = register(client)["endpoint"].rpartition("/")[2]
    kept = server.cloud.db.read(lambda conn: repr(conn.exec_driver_sql("SELECT * FROM push_registration").all()))
    assert token not in kept


@pytest.mark.parametrize("size", [0, 4096])
def test_messages_have_4096_bytes_at_most(server, client, anybody, size):
    to = path(server, register(client))
    assert post(anybody, to, b"x" * size).status_code == 201
    assert code(post(anybody, to, b"x" * 4097)) == (413, "body-too-large")
    assert [len(one) for one in came(client)] == [size]


@pytest.mark.parametrize(
    "headers", [{"ttl": "soon"}, {"topic": "a b"}, {"topic": "x" * 33}, {"content_encoding": "a b"}]
)
def test_headers_that_no_server_sends_are_refused(server, client, anybody, headers):
    assert code(post(anybody, path(server, register(client)), **headers)) == (400, "push-header")


def test_a_topic_takes_the_place_of_the_one_before_and_time_ends_both(server, client, anybody, clock):
    to = path(server, register(client))
    post(anybody, to, b"1", topic="score")
    post(anybody, to, b"2", topic="score")
    post(anybody, to, b"now or never", ttl="0")
    assert came(client) == [b"2", b"now or never"]
    clock.advance(61)
    assert came(client) == [b"2"]
    clock.advance(600)
    assert came(client) == []


def test_of_more_than_fifty_the_oldest_go_and_too_many_at_once_wait(server, client, anybody, clock):
    to = path(server, register(client))
    answers = [post(anybody, to, str(n).encode()) for n in range(61)]
    assert [one.status_code for one in answers] == [201] * 60 + [429]
    assert int(answers[-1].headers["retry-after"]) == 1
    assert came(client) == [str(n).encode() for n in range(60 - WAITING, 60)]
    clock.advance(1)
    assert post(anybody, to).status_code == 201


def test_guessing_addresses_is_slow(anybody):
    answers = [post(anybody, f"/push/to/guess-{n}").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]


def test_an_account_has_a_hundred_addresses(client):
    for n in range(OF_ACCOUNT):
        register(client, f"app {n}")
    assert code(client.post("/push/registrations", json={"app": "more"})) == (409, "too-many-registrations")


@pytest.mark.parametrize("wish", [{"app": ""}, {"app": "x" * 201}, {"app": "a\nb"}, {"app": "a", "vapid": "AAAA"}])
def test_a_registration_names_an_app_and_a_key(client, wish):
    assert client.post("/push/registrations", json=wish).status_code == 400


def test_a_server_that_the_app_named_is_the_only_one(server, client, anybody, tmp_path, clock):
    one, other = (VapidKey(tmp_path / name, "") for name in ("one", "other"))
    made = register(client, vapid=one.public())
    to, now = path(server, made), clock.now_ms()
    good = one.authorization(made["endpoint"], now)
    bad = [
        {},
        {"authorization": other.authorization(made["endpoint"], now)},
        {"authorization": one.authorization("https://elsewhere.example/x", now)},
        {"authorization": one.authorization(made["endpoint"], now - 13 * 3600_000)},
        {"authorization": good.replace("vapid t=", "vapid t=x")},
        {"authorization": good[:-4] + "AAAA"},
        {"authorization": "vapid t=a.b.c, k=" + one.public()},
    ]
    for headers in bad:
        assert code(post(anybody, to, **headers)) == (403, "push-vapid")
    assert post(anybody, to, authorization=good).status_code == 201
    assert came(client) == [b"hello"]


def test_a_pace_lets_a_burst_go_and_forgets_the_oldest():
    pace = Pace(2, 60)
    assert [pace.take("a", 0.0) for _ in range(3)] == [0, 0, 1]
    assert pace.take("a", 0.5) == pytest.approx(0.5)
    assert pace.take("a", 1.0) == 0
    for n in range(KEYS):
        pace.take(str(n), 1.0)
    assert [pace.take("a", 1.0) for _ in range(2)] == [0, 0]


def test_a_curve_point_of_another_form_is_no_key():
    from pileus.cloud.kernel.push.vapid import key_of

    assert key_of("x") is None
    assert isinstance(key_of(VapidKey.__name__), type(None))
    point = Browser("", ec.generate_private_key(ec.SECP256R1())).p256dh
    assert key_of(base64.urlsafe_b64encode(point).decode()) is not None
