"""Owners look after the accounts of a cloud without seeing into them, and invite; members do neither."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pileus.cloud.kernel.accounts.invitations import MOST
from pileus.cloud.kernel.accounts.invitations import Wish as InvitationWish
from pileus.cloud.kernel.accounts.members import Change
from pileus.core.clock import ManualClock
from pileus.core.errors import Forbidden

PASSWORD = "correct horse"


def code(answer):
    return answer.status_code, answer.json()["code"]


def invite(client, **more):
    return client.post("/invitations", json={"name": "Grandma"} | more)


def accept(server, secret, name="mei", **more):
    with server.client() as anyone:
        wish = {"secret": secret, "name": name, "password": PASSWORD, "device_name": "tablet"} | more
        return anyone.post("/invited/account", json=wish)


def events(client):
    return [(one["event"], one["about"]) for one in client.get("/account/log").json()["entries"]]


def member(client, name):
    return next(one for one in client.get("/accounts").json() if one["name"] == name)


NOT_OWNER = (403, "not-owner")
VOID = (403, "invitation-void")


@pytest.fixture
def anna(server):
    """The first account's device."""
    with server.client(server.account("anna")["token"]) as client:
        yield client


@pytest.fixture
def bob(server, anna):
    """A member's device."""
    with server.client(server.account("bob")["token"]) as client:
        yield client


def test_an_invitation_makes_one_account(server, anna):
    made = invite(anna, quota_bytes=5000, days=2).json()
    assert made["path"] == f"/#invite={made['secret']}"
    [listed] = anna.get("/invitations").json()
    assert listed == made["invitation"]
    assert (listed["by"], listed["role"], listed["quota_bytes"]) == ("anna", "member", 5000)
    assert listed["expires_at"] - listed["made_at"] == 2 * 24 * 3600_000
    with server.client() as anyone:
        told = anyone.post("/invited", json={"secret": made["secret"]}).json()
        assert told == {"by": "anna", "expires_at": listed["expires_at"]}
    session = accept(server, made["secret"])
    assert session.status_code == 201, session.text
    assert session.json()["account"]["quota_bytes"] == 5000
    assert session.json()["account"]["role"] == "member"
    assert anna.get("/invitations").json() == []
    assert code(accept(server, made["secret"], "eve")) == VOID
    assert events(anna)[:2] == [("invitation-used", "mei"), ("invitation-made", "Grandma")]
    with server.client(session.json()["token"]) as mei:
        assert events(mei) == [("account-made", "anna")]


def test_its_secret_is_kept_as_a_hash(server, anna):
    secret = invite(anna).json()["secret"]
    assert len(secret) == 32
    row = server.cloud.db.read(lambda conn: conn.exec_driver_sql("SELECT * FROM invitation").one())
    assert secret not in str(row)
    assert secret not in anna.get("/invitations").text


def test_of_two_at_once_one_gets_an_account(server, anna):
    secret = invite(anna).json()["secret"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda name: accept(server, secret, name).status_code, ("mei", "lei")))
    assert sorted(answers) == [201, 403]
    assert len(anna.get("/accounts").json()) == 2


def test_a_try_that_fails_leaves_it(server, anna):
    secret = invite(anna).json()["secret"]
    assert code(accept(server, secret, "ANNA")) == (409, "name-taken")
    assert code(accept(server, secret, "")) == (400, "account-name")
    assert code(accept(server, secret, password="short")) == (400, "password-short")
    assert accept(server, secret).status_code == 201


def test_one_that_was_taken_back_or_has_expired_is_void(serve, settings):
    clock = ManualClock(1_800_000_000_000)
    with serve(settings, clock=clock) as server, server.client(server.account("anna")["token"]) as anna:
        made = invite(anna).json()
        assert anna.delete(f"/invitations/{made['invitation']['id']}").status_code == 204
        assert code(anna.delete(f"/invitations/{made['invitation']['id']}")) == (404, "no-invitation")
        assert code(accept(server, made["secret"])) == VOID
        secret = invite(anna, days=1).json()["secret"]
        clock.advance(24 * 3600)
        assert code(accept(server, secret)) == VOID
        assert anna.get("/invitations").json() == []


def test_guesses_wait(server, anna):
    with server.client() as anyone:
        tries = [anyone.post("/invited", json={"secret": f"guess {number}"}) for number in range(33)]
    assert [code(one) for one in tries[:30]] == [VOID] * 30
    assert code(tries[-1])[0] == 429
    assert accept(server, invite(anna).json()["secret"]).status_code == 201


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"name": " "}, (400, "invitation-name")),
        ({"days": 0}, (400, "invitation-days")),
        ({"days": 91}, (400, "invitation-days")),
        ({"quota_bytes": -1}, (400, "quota")),
        ({"quota_bytes": 1 << 70}, (400, "quota")),
        ({"role": "keeper"}, (400, "malformed-body")),
        ({"role": "owner"}, (403, "present-password")),
    ],
)
def test_what_is_no_wish_for_one(anna, wish, told):
    assert code(invite(anna, **wish)) == told
    assert anna.get("/invitations").json() == []


def test_their_number_is_bounded(anna, server):
    invitations = [f"('{one}', 'n', '{one}', 'member', 1, 1, {1 << 60})" for one in range(MOST)]
    columns = "(id, name, secret_hash, role, quota_bytes, made_ms, expires_ms)"
    fill = f"INSERT INTO invitation {columns} VALUES {', '.join(invitations)}"
    server.cloud.db.write(lambda conn: conn.exec_driver_sql(fill))
    assert code(invite(anna)) == (409, "too-many-invitations")


def test_a_member_looks_after_nobody(server, anna, bob):
    assert code(bob.get("/accounts")) == NOT_OWNER
    assert code(bob.get("/invitations")) == NOT_OWNER
    assert code(invite(bob)) == NOT_OWNER
    assert code(invite(bob, role="owner", present=PASSWORD)) == NOT_OWNER
    assert code(bob.post("/accounts", json={"name": "eve", "password": PASSWORD})) == NOT_OWNER
    mine = bob.get("/account").json()["id"]
    for wish in ({"quota_bytes": 1 << 50}, {"role": "owner", "present": PASSWORD}, {"disabled": False}):
        assert code(bob.patch(f"/accounts/{mine}", json=wish)) == NOT_OWNER
    made = invite(anna).json()["invitation"]
    assert code(bob.delete(f"/invitations/{made['id']}")) == NOT_OWNER
    assert len(anna.get("/invitations").json()) == 1


def test_an_owner_sees_names_and_room_and_nothing_else(anna, bob):
    bob.post("/files/bulk")
    listed = anna.get("/accounts").json()
    assert [one["name"] for one in listed] == ["anna", "bob"]
    assert listed[1].keys() == {"id", "name", "role", "keeper", "disabled", "quota_bytes", "used_bytes"}
    assert [(one["role"], one["keeper"]) for one in listed] == [("owner", True), ("member", False)]


def test_room_is_set(anna, bob):
    changed = anna.patch(f"/accounts/{member(anna, 'bob')['id']}", json={"quota_bytes": 2_500_000_000})
    assert changed.json()["quota_bytes"] == 2_500_000_000
    assert bob.get("/account").json()["quota_bytes"] == 2_500_000_000
    assert events(bob)[0] == ("quota-set", "2.5 GB")
    for size in (-1, 1 << 70):
        assert code(anna.patch(f"/accounts/{member(anna, 'bob')['id']}", json={"quota_bytes": size})) == (
            400,
            "quota",
        )
    assert code(anna.patch("/accounts/nobody", json={})) == (404, "no-account")


def test_an_account_that_is_shut_lets_nobody_in(server, anna, bob):
    made = bob.post(
        "/account/app-passwords", json={"name": "x", "present": PASSWORD, "scopes": {"files": "read"}}
    ).json()
    codes = bob.post("/account/recovery-codes", json={"present": PASSWORD}).json()["codes"]
    path = f"/accounts/{member(anna, 'bob')['id']}"
    assert anna.patch(path, json={"disabled": True}).json()["disabled"] is True
    assert bob.get("/account").status_code == 401
    with server.client(made["secret"]) as app:
        assert app.get("/files/usage").status_code == 401
    with server.client() as anyone:
        right = anyone.post("/sign-in", json={"name": "bob", "password": PASSWORD})
        assert code(right) == (403, "account-disabled")
        wrong = anyone.post("/sign-in", json={"name": "bob", "password": "not this one"})
        assert code(wrong) == (401, "wrong-password")
        wish = {"name": "bob", "code": codes[0], "password": "battery staple"}
        assert code(anyone.post("/recover", json=wish)) == (403, "account-disabled")
    assert anna.patch(path, json={"disabled": False}).json()["disabled"] is False
    with server.client(server.sign_in("bob")["token"]) as again:
        told = [one for one, _ in events(again)]
        assert {"disabled", "enabled", "device-signed-out", "app-password-removed"} <= set(told)
        # The code is not spent by a try that led nowhere.
        assert again.get("/account/recovery-codes").json()["left"] == len(codes)


def test_a_second_owner_is_made_with_the_password_only(server, anna, bob):
    path = f"/accounts/{member(anna, 'bob')['id']}"
    assert code(anna.patch(path, json={"role": "owner"})) == (403, "present-password")
    assert anna.patch(path, json={"role": "owner", "present": PASSWORD}).json()["role"] == "owner"
    assert events(bob)[0] == ("made-owner", "anna")
    secret = invite(bob).json()["secret"]
    keeper = f"/accounts/{member(bob, 'anna')['id']}"
    for wish in ({"role": "member"}, {"disabled": True}):
        assert code(bob.patch(keeper, json=wish)) == (403, "keeper-is-owner")
        assert code(bob.patch(path, json=wish)) == (403, "own-account")
    assert anna.patch(path, json={"role": "member"}).json()["role"] == "member"
    # What somebody invited as an owner goes with that.
    assert code(accept(server, secret)) == VOID
    assert code(bob.get("/accounts")) == NOT_OWNER


def test_an_owner_is_invited(server, anna):
    secret = invite(anna, role="owner", present=PASSWORD).json()["secret"]
    with server.client(accept(server, secret).json()["token"]) as mei:
        assert mei.get("/account").json()["role"] == "owner"
        assert mei.get("/account").json()["keeper"] is False
        assert len(mei.get("/accounts").json()) == 2


def test_invitations_go_with_who_made_them(server, anna, bob):
    path = f"/accounts/{member(anna, 'bob')['id']}"
    owner = {"role": "owner", "present": PASSWORD}
    for end in ("shut", "given up", "taken back"):
        anna.patch(path, json=owner)
        with server.client(server.sign_in("bob")["token"]) as client:
            secret = invite(client).json()["secret"]
            if end == "shut":
                anna.patch(path, json={"disabled": True})
                anna.patch(path, json={"disabled": False})
            elif end == "given up":
                client.post("/account/deletion", json={"present": PASSWORD})
            else:
                server.cloud.accounts.set_password_blocking("bob", PASSWORD, sign_out=True)
        assert code(accept(server, secret)) == VOID, end


def test_whoever_runs_the_cloud_needs_no_owner(server, anna, bob):
    from pileus.cloud.kernel.accounts.invitations import Invitations
    from pileus.cloud.kernel.accounts.members import Members

    cloud = server.cloud
    members = Members(cloud.db, cloud.context.clock, cloud.accounts)
    assert members.change_blocking("bob", Change(role="owner")).role == "owner"
    with pytest.raises(Forbidden, match="keeper-is-owner"):
        members.change_blocking("anna", Change(disabled=True))
    invitations = Invitations(cloud.db, cloud.context.clock, cloud.accounts, 777)
    secret, made = invitations.make_blocking(InvitationWish("Lei"))
    assert made.by == ""
    session = accept(server, secret, "lei").json()
    assert session["account"]["quota_bytes"] == 777
    assert events(bob)[0] == ("made-owner", "")
