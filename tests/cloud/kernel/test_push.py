"""Web Push: what is told reaches the browser that subscribed, readable by it alone, and no other address."""

from __future__ import annotations

import time

import pytest

from pileus.cloud.kernel.push import encryption, rows, rules
from pileus.cloud.kernel.push.store import MOST
from pileus.cloud.kernel.service import PushNote
from pileus.core.clock import ManualClock
from pileus.core.errors import Invalid, TooLarge
from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, Browser, b64, check_vapid, push_service, unb64, until
from tests.conftest import running

RFC = {
    "plain": b"When I grow up, I want to be a watermelon",
    "sender": "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    "browser": "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "salt": "DGv6ra1nlYgDCS1FRnbzlw",
    "body": "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
}
"""RFC 8291, appendix A."""


def private(text):
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int.from_bytes(unb64(text), "big"), ec.SECP256R1())


@pytest.fixture
def service(tmp_path, settings, monkeypatch):
    with push_service(tmp_path / "service", settings) as one:
        monkeypatch.setenv("SSL_CERT_FILE", str(one.certificate))
        yield one


@pytest.fixture
def clock():
    return ManualClock(int(time.time() * 1000))


@pytest.fixture
def server(settings, service, clock):
    with running(settings.changed(push_networks=LOOPBACK), clock=clock) as one:
        yield one


@pytest.fixture
def browser(client, service):
    one = service.browser()
    subscribe(client, one)
    return one


def subscribe(client, browser, **more):
    answer = client.put("/push/subscription", json=browser.wish(**more))
    assert answer.status_code == 200, answer.text
    return answer.json()


def tell(server, account, tag, data=None, **more):
    note = PushNote("note", tag, data or {}, **more)
    server.cloud.db.write(lambda conn: server.cloud.context.push.tell(conn, account["account"]["id"], note))


def later(server, clock, seconds):
    clock.advance(seconds)
    server.cloud.context.push.wake()


def waiting(server):
    from sqlalchemy import func, select

    from pileus.cloud.kernel.db import tables

    count = select(func.count()).select_from(tables.push_message)
    return server.cloud.db.read(lambda conn: conn.execute(count).scalar_one())


def subscribed(client):
    return client.get("/push/subscription").json()["subscribed"]


def test_the_example_of_the_rfc_is_encrypted_as_it_says_and_decrypted():
    told = encryption.encrypt(
        RFC["plain"],
        unb64(RFC["p256dh"]),
        unb64(RFC["auth"]),
        padded=False,
        key=private(RFC["sender"]),
        salt=unb64(RFC["salt"]),
    )
    assert b64(told) == RFC["body"]
    assert Browser("", private(RFC["browser"]), unb64(RFC["auth"])).decrypt(told) == RFC["plain"]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 3000, encryption.MOST - 1, encryption.MOST])
def test_messages_of_all_sizes_are_padded_and_fit_a_push_service(size):
    one = Browser("")
    sealed = encryption.encrypt(b"m" * size, one.p256dh, one.auth)
    assert one.decrypt(sealed) == b"m" * size
    assert len(sealed) <= 4096
    bare = len(sealed) - encryption.HEADER - encryption.TAG - 1
    assert bare % 256 == 0 or bare == encryption.MOST


def test_a_message_that_is_too_long_is_refused(server, anna, browser):
    with pytest.raises(ValueError, match="at most"):
        encryption.encrypt(b"m" * (encryption.MOST + 1), browser.p256dh, browser.auth)
    with pytest.raises(TooLarge):
        tell(server, anna, "long", {"text": "x" * encryption.MOST})


def test_a_note_reaches_the_browser_and_says_who_sent_it(client, service, browser, clock):
    key = client.get("/push/key").json()["key"]
    assert client.post("/push/try").status_code == 202
    pushed = service.next()
    assert browser.endpoint == service.origin + pushed.path
    assert browser.read(pushed)["kind"] == "try"
    headers = pushed.headers
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "300", "high")
    assert len(headers["topic"]) == 32
    assert "sub" not in check_vapid(headers["authorization"], service.origin, key, clock.now_ms() / 1000)
    until(lambda: client.get("/push/subscription").json()["taken_at"] == clock.now_ms())


def test_the_key_is_kept_with_the_servers_secrets(client, server):
    key = client.get("/push/key").json()["key"]
    path = server.cloud.settings.data_dir / "keys" / "vapid.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    from pileus.cloud.kernel.push.vapid import VapidKey

    assert VapidKey(path, "").public() == key


def test_what_waits_is_not_to_be_read_in_the_database(server, anna, client, service, browser):
    service.answers.append((503, {}))
    tell(server, anna, "secret-tag", {"text": "secret-text"})
    service.next()
    [message] = server.cloud.db.read(lambda conn: rows.due(conn, 2**60, 9, [], []))
    kept = repr(message)
    assert "secret" not in kept
    assert browser.decrypt(message.body)


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_ended_is_removed(server, anna, client, service, browser, status):
    service.answers.append((status, {}))
    tell(server, anna, "one")
    service.next()
    until(lambda: not subscribed(client))
    assert waiting(server) == 0


def test_it_waits_for_as_long_as_the_push_service_says(server, anna, clock, service, browser):
    service.answers += [(429, {"retry-after": "120"}), (503, {})]
    tell(server, anna, "one", {"n": 1})
    service.next()
    until(lambda: message(server).tries == 1)
    later(server, clock, 119)
    tell(server, anna, "two", {"n": 2})
    assert browser.read(service.next())["data"] == {"n": 2}
    later(server, clock, 2)
    assert browser.read(service.next())["data"] == {"n": 1}


def message(server):
    return server.cloud.db.read(lambda conn: rows.due(conn, 2**60, 1, [], []))[0]


def test_what_failed_is_sent_after_a_restart_too(settings, service):
    clock = ManualClock(int(time.time() * 1000))
    settings = settings.changed(push_networks=LOOPBACK)
    one = service.browser()
    service.answers.append((500, {}))
    with running(settings, clock=clock) as server:
        anna = server.account("anna")
        with server.client(anna["token"]) as client:
            subscribe(client, one)
        tell(server, anna, "one", {"n": 1})
        service.next()
        until(lambda: message(server).tries == 1)
    clock.advance(60)
    with running(settings, clock=clock) as server:
        assert one.read(service.next())["data"] == {"n": 1}
        until(lambda: waiting(server) == 0)


def test_what_nobody_needs_to_be_told_any_more_is_dropped(server, anna, clock, service, browser):
    service.answers.append((503, {}))
    tell(server, anna, "one", ttl_seconds=60)
    service.next()
    until(lambda: message(server).tries == 1)
    later(server, clock, 61)
    until(lambda: waiting(server) == 0)
    assert service.quiet


def test_a_newer_note_of_the_same_tag_takes_the_place_of_what_waits(server, anna, clock, service, browser):
    service.answers += [(503, {}), (503, {})]
    tell(server, anna, "one", {"n": 1})
    first = service.next()
    until(lambda: message(server).tries == 1)
    tell(server, anna, "one", {"n": 2})
    assert service.next().headers["topic"] == first.headers["topic"]
    until(lambda: message(server).tries == 1)
    later(server, clock, 60)
    assert browser.read(service.next())["data"] == {"n": 2}
    until(lambda: waiting(server) == 0)
    assert service.quiet


def test_for_one_device_no_more_than_fifty_wait(server, anna, service, browser):
    service.answers += [(503, {})] * 200
    for n in range(rows.WAITING + 5):
        tell(server, anna, f"tag-{n}", {"n": n})
    assert waiting(server) == rows.WAITING
    service.answers.clear()


@pytest.mark.parametrize(
    "answer",
    [(302, {"location": "/elsewhere"}), (403, {}), (413, {}), (400, {"content-length": str(4 << 20)})],
)
def test_an_answer_that_refuses_ends_the_message_and_no_redirect_is_followed(
    server, anna, service, browser, answer
):
    service.answers.append(answer)
    tell(server, anna, "one")
    assert service.next().path in browser.endpoint
    until(lambda: waiting(server) == 0)
    assert service.quiet
    tell(server, anna, "two", {"n": 2})
    assert browser.read(service.next())["data"] == {"n": 2}


def test_a_device_that_is_signed_out_hears_nothing(server, anna, client, service, browser):
    tablet = server.sign_in("anna", "tablet")
    with server.client(tablet["token"]) as other:
        two = service.browser()
        subscribe(other, two)
        assert client.delete(f"/devices/{tablet['device']['id']}").status_code == 204
    tell(server, anna, "one")
    assert browser.read(service.next())
    until(lambda: waiting(server) == 0)
    assert service.quiet


def test_a_browser_that_another_account_signed_in_on_hears_that_one_alone(server, anna, client, service, browser):
    mei = server.account("mei")
    with server.client(mei["token"]) as other:
        subscribe(other, browser)
    assert not subscribed(client)
    tell(server, anna, "anna's")
    tell(server, mei, "mei's")
    assert browser.read(service.next())["tag"] == "mei's"
    assert waiting(server) <= 1


def test_a_device_unsubscribes(server, anna, client, service, browser):
    assert client.delete("/push/subscription").status_code == 204
    assert not subscribed(client)
    assert client.post("/push/try").json()["code"] == "not-subscribed"


def test_an_account_has_fifty_devices_that_hear(server, anna, client, service, browser):
    for n in range(MOST - 1):
        with server.client(server.sign_in("anna", f"tablet {n}")["token"]) as other:
            subscribe(other, service.browser())
    with server.client(server.sign_in("anna", "one more")["token"]) as other:
        refused = other.put("/push/subscription", json=service.browser().wish())
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-subscriptions")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endpoint": "http://push.example.org/x"}, "push-endpoint"),
        ({"endpoint": "https://user@push.example.org/x"}, "push-endpoint"),
        ({"endpoint": "https://10.1.2.3/x"}, "push-endpoint"),
        ({"endpoint": "https://[::1]:443/x"}, "push-endpoint"),
        ({"endpoint": "https://push.example.org/x\nHost: evil"}, "push-endpoint"),
        ({"endpoint": "https://push.example.org:99999/x"}, "push-endpoint"),
        ({"endpoint": "https://push.example.org/" + "x" * 2000}, "push-endpoint"),
        ({"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, "push-keys"),
        ({"zone": "Nowhere/Land"}, "push-zone"),
        ({"zone": "../../etc/passwd"}, "push-zone"),
    ],
)
def test_a_subscription_that_no_browser_would_make_is_refused(client, service, change, code):
    wish = service.browser().wish() | change
    answer = client.put("/push/subscription", json=wish)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_point_that_is_not_on_the_curve_is_refused():
    with pytest.raises(Invalid):
        rules.keys(b64(b"\x04" + b"\x01" * 64), b64(b"a" * 16))


def test_a_name_that_leads_to_this_machine_gets_nothing(settings, service):
    """A name may be looked up only when something is sent: then it counts where it leads."""
    with running(settings) as server:
        anna = server.account("anna")
        with server.client(anna["token"]) as client:
            one = service.browser()
            one.endpoint = one.endpoint.replace("127.0.0.1", "localhost")
            subscribe(client, one)
            refused = client.put("/push/subscription", json=service.browser().wish())
            assert refused.json()["code"] == "push-endpoint"
        tell(server, anna, "one")
        until(lambda: waiting(server) == 0)
        assert service.quiet


def test_a_locked_device_is_pushed_nothing_but_that_it_is_looked_for(server, anna, client, service, clock):
    mine = server.sign_in("anna", "lost")
    with server.client(mine["token"]) as lost:
        one = service.browser()
        subscribe(lost, one)
    server.cloud.db.write(  # it waits: its push service is told tomorrow
        lambda conn: (
            server.cloud.context.push.tell(conn, anna["account"]["id"], PushNote("note", "early", {})),
            conn.exec_driver_sql("UPDATE push_message SET next_ms = next_ms + 86400000"),
        )
    )
    assert client.post(f"/devices/{mine['device']['id']}/lock").status_code == 204
    assert waiting(server) == 0
    tell(server, anna, "late")
    assert waiting(server) == 0
    assert client.post(f"/devices/{mine['device']['id']}/ring").status_code == 204
    assert one.read(service.next())["kind"] == "ring"


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:a00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("fec0::1", False),
        ("192.168.7.1", True),
        ("192.168.8.1", False),
    ],
)
def test_messages_go_to_public_addresses_and_allowed_networks_only(address, may):
    assert rules.may_reach(address, rules.networks("192.168.7.0/24")) is may


def test_waits_double_and_have_bounds():
    assert [rules.wait_ms(n, None, 0) for n in (0, 1, 2)] == [15_000, 30_000, 60_000]
    assert rules.wait_ms(500, None, 0) == rules.LONGEST_WAIT_MS
    assert rules.wait_ms(0, "Thu, 01 Jan 1970 00:10:00 GMT", 60_000) == 540_000
    assert rules.wait_ms(0, "99999999999999999999", 0) == rules.LONGEST_TOLD_MS
    assert rules.wait_ms(0, "soon", 0) == 15_000


def test_networks_of_the_settings(tmp_path):
    env = {"HOME": str(tmp_path), "PILEUS_PUSH_NETWORKS": "192.168.0.0/16, fd00::/8"}
    assert Settings.from_env(env).push_networks == "192.168.0.0/16,fd00::/8"
    with pytest.raises(Invalid, match="PILEUS_PUSH_NETWORKS"):
        Settings.from_env(env | {"PILEUS_PUSH_NETWORKS": "192.168.0.1/16"})
