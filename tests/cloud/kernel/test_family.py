"""Parents look after children's accounts and see nothing that is in them; nobody else does either."""

from __future__ import annotations

import pytest

from pileus.cloud.kernel import quota
from pileus.cloud.kernel.accounts.kin import MOST
from pileus.core.errors import Forbidden

PASSWORD = "correct horse"
ROOM = 1_000_000
NOT_PARENT = (403, "not-parent")
NO_CHILD = (404, "no-child")


def code(answer):
    return answer.status_code, answer.json()["code"]


def make(client, name="lili", room=ROOM):
    return client.post("/family/children", json={"name": name, "password": PASSWORD, "quota_bytes": room})


def family(client):
    view = client.get("/family").json()
    return view["kind"], [(one["name"], one["kind"]) for one in view["members"]]


def invite(client, name, present=PASSWORD):
    return client.post("/family/invitations", json={"name": name, "present": present})


def join(parent, client, name):
    made = invite(parent, name).json()
    assert client.post(f"/family/invitations/{made['id']}/accept").status_code == 204


def part(client, account, present=PASSWORD):
    return client.post(f"/family/members/{account}/part", json={"present": present})


def me(client):
    return client.get("/account").json()


def events(client):
    return [(one["event"], one["about"], one["device"]) for one in client.get("/account/log").json()["entries"]]


@pytest.fixture
def people(server):
    """Devices of accounts of this cloud, by name; the first one keeps the cloud."""
    clients = {}

    def people(name):
        if name not in clients:
            made = server.account(name) if name != "lili" else server.sign_in(name)
            clients[name] = server.client(made["token"])
        return clients[name]

    people("keeper")
    yield people
    for client in clients.values():
        client.close()


@pytest.fixture
def anna(people):
    return people("anna")


@pytest.fixture
def lili(anna, people):
    """A child of anna's, and its device."""
    assert make(anna).status_code == 201
    return people("lili")


def test_nobody_is_in_a_family_at_first(anna):
    assert anna.get("/family").json() == {"kind": None, "members": [], "invited": [], "invitations": []}


def test_a_parent_makes_a_childs_account_with_room_of_its_own(server, anna, people):
    before = me(anna)["quota_bytes"]
    made = make(anna).json()
    assert (made["kind"], made["quota_bytes"], made["used_bytes"]) == ("child", ROOM, 0)
    assert me(anna)["quota_bytes"] == before - ROOM
    assert family(anna) == ("parent", [("anna", "parent"), ("lili", "child")])
    lili = people("lili")
    assert (me(lili)["quota_bytes"], me(lili)["role"]) == (ROOM, "member")
    assert family(lili) == ("child", [("anna", "parent"), ("lili", "child")])
    assert events(lili)[-1][:2] == ("account-made", "anna")
    assert events(anna)[0][:2] == ("family-child-made", "lili")


def test_room_goes_to_and_fro_and_in_all_stays_the_same(anna, lili):
    child = me(lili)["id"]
    whole = me(anna)["quota_bytes"] + ROOM
    for room in (5 * ROOM, ROOM // 2, ROOM):
        answer = anna.patch(f"/family/children/{child}", json={"quota_bytes": room})
        assert answer.json()["quota_bytes"] == room
        assert me(lili)["quota_bytes"] == room
        assert me(anna)["quota_bytes"] == whole - room
    assert code(anna.patch(f"/family/children/{child}", json={"quota_bytes": whole + 1})) == (409, "family-room")
    assert code(anna.patch(f"/family/children/{child}", json={"quota_bytes": -1})) == (400, "quota")
    assert me(anna)["quota_bytes"] == whole - ROOM
    assert code(make(anna, "tim", whole)) == (409, "family-room")
    assert events(lili)[0][:2] == ("quota-set", "0.001 GB (anna)")


def test_what_a_parent_uses_is_not_given_away(server, anna):
    own = me(anna)
    server.cloud.db.write(lambda conn: quota.count(conn, own["id"], "files", 5000))
    assert code(make(anna, "lili", own["quota_bytes"] - 4999)) == (409, "family-room")
    assert make(anna, "lili", own["quota_bytes"] - 5000).status_code == 201
    assert me(anna)["quota_bytes"] == 5000


def test_room_that_a_child_uses_is_not_taken_back(server, anna, lili):
    """Whoever could would fill one child's after another's."""
    child = me(lili)["id"]
    server.cloud.db.write(lambda conn: quota.count(conn, child, "files", 5000 - me(lili)["used_bytes"]))
    path = f"/family/children/{child}"
    assert code(anna.patch(path, json={"quota_bytes": 4999})) == (409, "family-room-used")
    assert me(lili)["quota_bytes"] == ROOM
    assert anna.patch(path, json={"quota_bytes": 5000}).status_code == 200


def test_a_child_that_forgot_its_password_chooses_the_new_one(server, anna, lili):
    child = me(lili)["id"]
    path = f"/family/children/{child}/recovery-code"
    assert code(anna.post(path, json={"present": "not the password"})) == (403, "present-password")
    told = anna.post(path, json={"present": PASSWORD})
    assert told.status_code == 201
    # Nothing has changed so far: the child is signed in, with the password that it had.
    assert lili.post("/account/proof", json={"present": PASSWORD}).status_code == 204
    wish = {"name": "lili", "code": told.json()["code"], "password": "a password of her own"}
    with server.client() as anyone:
        assert anyone.post("/recover", json=wish).status_code == 200
        assert code(anyone.post("/recover", json=wish))[0] == 401
    assert lili.get("/account").status_code == 401
    assert events(anna)[0][:2] == ("family-code-made", "lili")
    with server.client() as anyone:
        session = anyone.post("/sign-in", json={"name": "lili", "password": wish["password"]}).json()
    with server.client(session["token"]) as again:
        assert ("family-code-made", "anna") in [one[:2] for one in events(again)]


def test_codes_of_parents_are_bounded_and_leave_a_childs_own(anna, lili):
    lili.post("/account/recovery-codes", json={"present": PASSWORD})
    path = f"/family/children/{me(lili)['id']}/recovery-code"
    for _ in range(12):
        assert anna.post(path, json={"present": PASSWORD}).status_code == 201
    assert lili.get("/account/recovery-codes").json()["left"] == 20


def test_a_parent_finds_a_childs_devices(anna, lili):
    child = me(lili)["id"]
    [device] = anna.get(f"/family/children/{child}/devices").json()
    assert (device["name"], device["current"]) == ("phone", False)
    path = f"/family/children/{child}/devices/{device['id']}"
    assert anna.post(f"{path}/ring").status_code == 204
    assert events(lili)[0] == ("device-rung", "phone", "anna")
    assert anna.post(f"{path}/lock").status_code == 204
    assert code(lili.get("/account")) == (403, "device-locked")
    assert lili.post("/account/proof", json={"present": PASSWORD}).status_code == 204
    assert [one[0] for one in events(lili)[:2]] == ["device-unlocked", "device-locked"]
    own = anna.get("/devices").json()[0]["id"]
    assert code(anna.post(f"/family/children/{child}/devices/{own}/ring")) == (404, "no-device")


def test_nobody_else_looks_after_a_child(anna, lili, people):
    """Neither a stranger, nor a parent of another family, nor the child itself, nor the cloud's owner as such."""
    child, parent = me(lili)["id"], me(anna)["id"]
    bob, keeper = people("bob"), people("keeper")
    assert make(bob, "tim").status_code == 201
    for client, refused in ((lili, NOT_PARENT), (bob, NO_CHILD), (keeper, NOT_PARENT)):
        for account in (child, parent):
            path = f"/family/children/{account}"
            for answer in (
                client.patch(path, json={"quota_bytes": 1}),
                client.post(f"{path}/recovery-code", json={"present": PASSWORD}),
                client.get(f"{path}/devices"),
                client.post(f"{path}/devices/x/ring"),
                client.post(f"{path}/devices/x/lock"),
            ):
                assert code(answer) == refused
    assert code(part(bob, child)) == NO_CHILD
    assert code(make(lili, "eve")) == NOT_PARENT
    assert code(invite(lili, "bob")) == NOT_PARENT
    # Nor do parents look after one another.
    assert code(anna.get(f"/family/children/{parent}/devices")) == NO_CHILD


def test_another_parent_is_asked_and_says_yes(anna, lili, people):
    bob = people("bob")
    assert code(invite(anna, "bob", "not the password")) == (403, "present-password")
    made = invite(anna, "BOB").json()
    assert code(invite(anna, "bob")) == (409, "family-asked")
    assert code(invite(anna, "nobody")) == (404, "no-account")
    assert code(invite(anna, "lili")) == (409, "in-family")
    assert bob.get("/family").json()["invitations"] == [{"id": made["id"], "name": "bob", "by": "anna"}]
    assert anna.get("/family").json()["invited"] == [{"id": made["id"], "name": "bob", "by": "anna"}]
    assert lili.get("/family").json()["invited"] == []
    # It is bob's to answer, and until then he looks after nobody.
    assert code(anna.post(f"/family/invitations/{made['id']}/accept")) == (404, "no-family-invitation")
    assert code(bob.get(f"/family/children/{me(lili)['id']}/devices")) == NOT_PARENT
    assert bob.post(f"/family/invitations/{made['id']}/accept").status_code == 204
    assert family(bob) == ("parent", [("anna", "parent"), ("bob", "parent"), ("lili", "child")])
    assert bob.get(f"/family/children/{me(lili)['id']}/devices").status_code == 200
    assert events(anna)[0][:2] == ("family-joined", "bob")
    assert code(invite(people("eve"), "bob")) == (409, "in-family")


def test_an_invitation_is_declined_or_taken_back(anna, people):
    bob, eve = people("bob"), people("eve")
    for client in (bob, anna):
        made = invite(anna, "bob").json()
        assert code(eve.delete(f"/family/invitations/{made['id']}")) == (404, "no-family-invitation")
        assert client.delete(f"/family/invitations/{made['id']}").status_code == 204
        assert code(bob.post(f"/family/invitations/{made['id']}/accept")) == (404, "no-family-invitation")
    made = invite(anna, "bob").json()
    assert part(anna, me(anna)["id"]).status_code == 204
    assert bob.get("/family").json()["invitations"] == []


def test_a_child_does_not_leave_and_is_let_go(anna, lili, people):
    child = me(lili)["id"]
    assert code(part(lili, child)) == (403, "child-stays")
    assert code(lili.post("/account/deletion", json={"present": PASSWORD})) == (403, "child-stays")
    assert code(part(anna, child, "not the password")) == (403, "present-password")
    assert part(anna, child).status_code == 204
    assert family(lili) == (None, [])
    assert me(lili)["quota_bytes"] == ROOM
    assert code(anna.get(f"/family/children/{child}/devices")) == NO_CHILD
    assert events(lili)[0][:2] == ("family-left", "lili")
    assert events(anna)[0][:2] == ("family-left", "lili")


def test_the_last_parent_does_not_leave_a_child_behind(server, anna, lili, people):
    own = me(anna)["id"]
    assert code(part(anna, own)) == (403, "last-parent")
    assert code(anna.post("/account/deletion", json={"present": PASSWORD})) == (403, "last-parent")
    with pytest.raises(Forbidden):
        server.cloud.context.departures.ask_blocking("anna")
    bob = people("bob")
    join(anna, bob, "bob")
    assert anna.post("/account/deletion", json={"present": PASSWORD}).status_code == 202
    assert family(bob) == ("parent", [("bob", "parent"), ("lili", "child")])
    assert code(bob.post("/account/deletion", json={"present": PASSWORD})) == (403, "last-parent")
    assert code(part(bob, me(bob)["id"])) == (403, "last-parent")
    assert bob.get(f"/family/children/{me(lili)['id']}/devices").status_code == 200


def test_a_child_is_made_no_owner(anna, lili, people):
    keeper, child = people("keeper"), me(lili)["id"]
    wish = {"role": "owner", "present": PASSWORD}
    assert code(keeper.patch(f"/accounts/{child}", json=wish)) == (403, "child-is-member")
    # All else of an account owners do as before.
    assert keeper.patch(f"/accounts/{child}", json={"quota_bytes": 7}).status_code == 200


def test_a_family_is_bounded(anna):
    for number in range(MOST - 1):
        assert make(anna, f"child {number}", 1).status_code == 201
    assert code(make(anna, "one more", 1)) == (409, "family-full")
    assert code(invite(anna, "keeper")) == (409, "family-full")


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"name": ""}, (400, "account-name")),
        ({"password": "short"}, (400, "password-short")),
        ({"quota_bytes": -1}, (400, "quota")),
        ({"name": "ANNA"}, (409, "name-taken")),
    ],
)
def test_what_is_no_child(anna, wish, told):
    child = {"name": "lili", "password": PASSWORD, "quota_bytes": 1} | wish
    assert code(anna.post("/family/children", json=child)) == told
    assert family(anna) == (None, [])
