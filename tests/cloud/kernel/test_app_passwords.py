"""App passwords: each opens what its scopes say, and nothing that no scope names."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from itertools import product
from pathlib import Path

import pytest
from websockets.sync.client import connect

from pileus.cloud.kernel.accounts.app_passwords import DAY_MS, MOST, is_secret
from pileus.cloud.kernel.openapi import document
from pileus.core.clock import ManualClock

PASSWORD = "correct horse"
DOCUMENT = json.loads(Path("contracts/http/openapi.json").read_text(encoding="utf-8"))
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]
SCOPES = ("calendar", "contacts", "files", "messages", "notes")
SAFE = ("GET", "HEAD", "OPTIONS")
JOURNAL = "/api/v1/journal/"
DEVICES_ONLY = {
    ("POST", "/api/v1/files/{file}/shares"),
    ("GET", "/api/v1/files/{file}/shares"),
    ("GET", "/api/v1/files/shares"),
    ("DELETE", "/api/v1/files/shares/{share}"),
    ("DELETE", "/api/v1/files/trash"),
    ("DELETE", "/api/v1/files/trash/{file}"),
    ("DELETE", "/api/v1/files/{file}/versions/{version}"),
    ("GET", "/api/v1/calendar/guests/{name}"),
    ("PUT", "/api/v1/messages/sims"),
    ("POST", "/api/v1/messages/arrivals"),
    ("POST", "/api/v1/messages/outgoing/lease"),
    ("POST", "/api/v1/messages/outgoing/{message}/start"),
    ("POST", "/api/v1/messages/outgoing/{message}/report"),
    ("POST", "/api/v1/messages/outgoing/{message}/decide"),
    ("GET", "/api/v1/calls/servers"),
    ("POST", "/api/v1/calls"),
    ("GET", "/api/v1/calls/{call}"),
    ("POST", "/api/v1/calls/{call}/answer"),
    ("POST", "/api/v1/calls/{call}/signals"),
    ("POST", "/api/v1/calls/{call}/end"),
}
"""What outlasts an app password, cannot be undone, or is a handset's own."""
VAULT = "/api/v1/files/vault"
"""Its keys are devices'."""


def make(client, scopes, name="thunderbird", **more):
    return client.post(
        "/account/app-passwords", json={"name": name, "present": PASSWORD, "scopes": scopes, **more}
    )


def secret_of(client, scopes, **more):
    made = make(client, scopes, **more)
    assert made.status_code == 201, made.text
    return made.json()["secret"]


def basic(server, name, secret):
    return server.plain(auth=(name, secret))


def code(answer):
    return answer.status_code, answer.json()["code"]


def put(collection, record="r", **fields):
    return {"id": f"m-{record}", "base": 0, "collection": collection, "record": record, "fields": fields}


WRONG = (401, "wrong-app-password")
OUT = (403, "out-of-scope")


@pytest.fixture
def anna(server):
    with server.client(server.account("anna")["token"]) as client:
        yield client


def test_a_secret_is_told_once_and_comes_in_both_ways(server, anna):
    made = make(anna, {"contacts": "read", "files": "write"}, days=30).json()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", made["secret"])
    assert made["password"]["expires_at"] == made["password"]["made_at"] + 30 * DAY_MS
    listed = anna.get("/account/app-passwords")
    assert listed.json()["scopes"] == list(SCOPES)
    assert [one["scopes"] for one in listed.json()["passwords"]] == [{"contacts": "read", "files": "write"}]
    assert listed.json()["passwords"][0]["used_at"] is None
    assert made["secret"] not in listed.text
    typed = made["secret"].lower().replace("-", " ")
    with server.client(made["secret"]) as bearer, basic(server, "ANNA", typed) as dav:
        assert bearer.get("/files/usage").status_code == 200
        assert dav.get("/files/usage").status_code == 200
    [used] = anna.get("/account/app-passwords").json()["passwords"]
    assert used["used_at"] >= used["made_at"]
    told = [(one["event"], one["about"]) for one in anna.get("/account/log").json()["entries"]]
    assert told[0] == ("app-password-made", "thunderbird")


def test_it_is_kept_as_a_hash(server, anna):
    secret = secret_of(anna, {"files": "read"})
    row = server.cloud.db.read(lambda conn: conn.exec_driver_sql("SELECT * FROM app_password").one())
    assert secret not in str(row)
    assert secret.replace("-", "") not in str(row)


def test_a_devices_token_has_another_form(server, anna):
    token = server.sign_in("anna")["token"]
    assert not is_secret(token)
    assert is_secret(secret_of(anna, {"files": "read"}))


@pytest.fixture(scope="module")
def walked(shared_server):
    """A secret for every scope and access, of an account in which there is nothing."""
    with shared_server.client(shared_server.account("walker")["token"]) as client:
        return shared_server, {
            (scope, access): secret_of(client, {scope: access}, name=f"{scope} {access}")
            for scope, access in product(SCOPES, ("read", "write"))
        }


def test_the_walk_is_over_all_that_is_there(walked):
    server, _ = walked
    assert document(server.cloud.operations)["paths"].keys() == DOCUMENT["paths"].keys()
    assert set(OPERATIONS) >= DEVICES_ONLY


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_is_closed_to_every_other_scope(walked, method, path):
    """Whether one is in a scope is told here by its address alone: what is new is closed, or fails."""
    server, secrets = walked
    asked = re.sub(r"\{\w+\}", "x", path).removeprefix("/api/v1")
    for (scope, access), secret in secrets.items():
        closed = (method, path) in DEVICES_ONLY or path.startswith(VAULT)
        own = path.startswith((f"/api/v1/{scope}/", JOURNAL)) and not closed
        opened = own and (access == "write" or method in SAFE)
        with server.client(secret) as client, basic(server, "walker", secret) as dav:
            for one in (client, dav):
                answer = one.request(method, asked)
                body = answer.text if method != "HEAD" else ""
                assert (answer.status_code == 403) == (not opened), (scope, access, answer.status_code, body)
                assert opened or method == "HEAD" or code(answer) == OUT


def test_records_of_other_scopes_are_neither_seen_nor_changed(server, anna):
    wishes = [put("notes.note", "n", title="secret note"), put("shell.setting", "s", v="secret")]
    for _ in range(2):
        told = anna.post("/journal/mutations", json={"mutations": wishes}).json()
        assert {one["status"] for one in told["outcomes"]} <= {"applied", "merged"}, told
        wishes = [
            {**put("notes.note", "n", title="newer"), "id": "m-2"},
            {**put("shell.setting", "s", v="new"), "id": "m-3"},
        ]
        anna.headers["authorization"] = f"Bearer {server.sign_in('anna', 'other')['token']}"
    assert len(anna.get("/journal/history").json()["values"]) >= 2
    with server.client(secret_of(anna, {"notes": "write", "files": "read"})) as app:
        for path in ("/journal/snapshot", "/journal/changes?since=0", "/journal/history"):
            found = app.get(path).json()
            seen = found.get("records") or found.get("changes") or found.get("values")
            assert {one["collection"] for one in seen} == {"notes.note"}, path
        assert code(app.get("/journal/snapshot?collection=shell.setting")) == OUT
        assert app.get("/journal/history?collection=shell.setting").json()["values"] == []
        first = app.get("/journal/snapshot?limit=1").json()
        assert {one["collection"] for one in first["records"]} == {"notes.note"}
        wishes = [
            put("shell.setting", "new", v=1),
            put("contacts.contact", "new", name="Mei"),
            put("files.file", "new", name="x", parent="", type="inode/directory"),
            put("notes.note", "new", title="mine"),
        ]
        told = app.post("/journal/mutations", json={"mutations": wishes}).json()["outcomes"]
        assert [(one["status"], one.get("code")) for one in told] == [
            ("refused", "out-of-scope"),
            ("refused", "out-of-scope"),
            ("refused", "out-of-scope"),
            ("applied", None),
        ]


def test_a_page_of_all_records_opens_no_other_scope(server, anna):
    for number in range(3):
        wishes = [put("notes.note", f"n{number}", title="t"), put("shell.setting", f"s{number}", v="secret")]
        anna.post("/journal/mutations", json={"mutations": [one | {"id": one["record"]} for one in wishes]})
    with server.client(secret_of(anna, {"notes": "read"})) as app:
        page = anna.get("/journal/snapshot?limit=1").json()["next"]
        answer = app.get("/journal/snapshot", params={"page": page})
        assert "secret" not in answer.text
        seen, page = [], None
        while True:
            found = app.get("/journal/snapshot", params={"limit": 1} | ({"page": page} if page else {})).json()
            seen += [one["collection"] for one in found["records"]]
            page = found["next"]
            if page is None:
                break
        assert seen == ["notes.note"] * 3


def test_it_rings_no_doorbell(server, anna):
    secret = secret_of(anna, dict.fromkeys(SCOPES, "write"))
    url = f"{server.url.replace('http', 'ws', 1)}/api/v1/journal/doorbell"
    with connect(url, additional_headers={"Authorization": f"Bearer {secret}"}) as socket_:
        socket_.send(json.dumps({"token": secret}))
        with pytest.raises(Exception, match="4401"):
            socket_.recv(timeout=10)


def test_a_removed_one_is_worth_nothing_at_once(server, anna):
    made = make(anna, {"files": "write"}).json()
    with server.client(made["secret"]) as app:
        assert app.get("/files/usage").status_code == 200
        assert anna.delete(f"/account/app-passwords/{made['password']['id']}").status_code == 204
        assert code(app.get("/files/usage")) == WRONG
    assert code(anna.delete(f"/account/app-passwords/{made['password']['id']}")) == (404, "no-app-password")
    assert anna.get("/account/app-passwords").json()["passwords"] == []
    assert anna.get("/account/log").json()["entries"][0]["event"] == "app-password-removed"


def test_a_request_under_way_ends_with_it(server, anna):
    made = make(anna, {"files": "write"}).json()
    with server.client(made["secret"]) as app:
        upload = app.post("/files/uploads", json={"name": "a", "size": 12}).json()["upload"]
        sent, removed = threading.Event(), threading.Event()

        def body():
            yield b"first "
            sent.set()
            assert removed.wait(20)
            yield b"second"

        def remove():
            assert sent.wait(20)
            anna.delete(f"/account/app-passwords/{made['password']['id']}")
            removed.set()

        other = threading.Thread(target=remove)
        other.start()
        answer = app.patch(f"/files/uploads/{upload}", content=body(), headers={"Upload-Offset": "0"})
        other.join(20)
        assert code(answer) == WRONG
    state = anna.get(f"/files/uploads/{upload}")
    assert state.json().get("offset", 0) < 12


def test_a_download_under_way_breaks_off(server, anna):
    size = 24 << 20
    upload = anna.post("/files/uploads", json={"name": "big", "size": size}).json()["upload"]
    done = anna.patch(f"/files/uploads/{upload}", content=b"x" * size, headers={"Upload-Offset": "0"}).json()
    made = make(anna, {"files": "read"}).json()
    host, port = server.url.removeprefix("http://").split(":")
    # A plain socket, which takes no more than it is asked for.
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        head = f"GET /api/v1/files/{done['file']}/content HTTP/1.1\r\nHost: {host}\r\n"
        raw.sendall(f"{head}Authorization: Bearer {made['secret']}\r\nConnection: close\r\n\r\n".encode())
        taken = len(raw.recv(4096))
        assert anna.delete(f"/account/app-passwords/{made['password']['id']}").status_code == 204
        while part := raw.recv(1 << 20):
            taken += len(part)
    assert taken < size


def test_wrong_ones_wait_longer_and_longer_and_never_keep_a_right_one_out(server, anna):
    right = secret_of(anna, {"files": "read"})
    wrong = "0000-" * 6 + "0000"
    with basic(server, "anna", wrong) as dav, basic(server, "anna", right) as app:
        tries = [dav.get("/files/usage") for _ in range(7)]
        assert [one.status_code for one in tries[:5]] == [401] * 5
        assert code(tries[-1]) == (429, "sign-in-throttled")
        assert int(tries[-1].headers["retry-after"]) >= 1
        assert app.get("/files/usage").status_code == 200
    entry = next(one for one in anna.get("/account/log").json()["entries"] if one["times"] > 1)
    assert entry["event"] == "app-password-refused"
    # What signs a device in is counted apart.
    assert server.sign_in("anna")["token"]


def test_bearers_are_counted_by_address(server):
    with server.client("0000" * 7) as nobody:
        statuses = [nobody.get("/files/usage").status_code for _ in range(33)]
    assert statuses[:30] == [401] * 30
    assert 429 in statuses[30:]


@pytest.mark.parametrize("name", ["bob", "", "nobody", "anna:"])
def test_it_is_of_its_own_account_only(server, anna, name):
    server.account("bob")
    with basic(server, name, secret_of(anna, {"files": "read"})) as app:
        assert code(app.get("/files/usage")) == WRONG


def test_the_accounts_own_password_does_not_come_in_so(server, anna):
    with basic(server, "anna", PASSWORD) as app:
        assert code(app.get("/files/usage")) == WRONG


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YQ==", "Basic /w==", "Digest a", "Bearer"])
def test_a_strange_header_is_none(server, header):
    with server.client() as client:
        answer = client.get("/files/usage", headers={"Authorization": header})
        assert code(answer) == (401, "no-token")
        # A browser would ask for a name and a password by a window of its own.
        assert answer.headers["www-authenticate"] == "Bearer"


def test_its_end_comes_by_the_clock(serve, settings):
    clock = ManualClock(1_800_000_000_000)
    with serve(settings, clock=clock) as server, server.client(server.account("anna")["token"]) as anna:
        made = make(anna, {"files": "read"}, days=1).json()
        with server.client(made["secret"]) as app:
            clock.advance(24 * 3600 - 1)
            assert app.get("/files/usage").status_code == 200
            clock.advance(1)
            assert code(app.get("/files/usage")) == WRONG
        [listed] = anna.get("/account/app-passwords").json()["passwords"]
        assert listed["expires_at"] == made["password"]["expires_at"]


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"present": "not this"}, (403, "present-password")),
        ({"name": " "}, (400, "app-password-name")),
        ({"scopes": {}}, (400, "app-password-scopes")),
        ({"scopes": {"shell": "read"}}, (400, "app-password-scopes")),
        ({"scopes": {"*": "write"}}, (400, "app-password-scopes")),
        ({"scopes": {"": "write"}}, (400, "app-password-scopes")),
        ({"scopes": {"files": "all"}}, (400, "malformed-body")),
        ({"days": 0}, (400, "app-password-days")),
        ({"days": 3651}, (400, "app-password-days")),
    ],
)
def test_what_is_no_wish_for_one(anna, wish, told):
    asked = {"name": "x", "present": PASSWORD, "scopes": {"files": "read"}} | wish
    assert code(anna.post("/account/app-passwords", json=asked)) == told
    assert anna.get("/account/app-passwords").json()["passwords"] == []


def test_their_number_is_bounded(server, anna):
    account = anna.get("/account").json()["id"]

    def fill(conn):
        for number in range(MOST):
            conn.exec_driver_sql(
                "INSERT INTO app_password (id, account_id, name, secret_hash, scopes, made_ms)"
                f" VALUES ('{number}', '{account}', 'n', '{number}', '{{}}', 1)"
            )

    server.cloud.db.write(fill)
    assert code(make(anna, {"files": "read"})) == (409, "too-many-app-passwords")


def test_another_accounts_is_not_to_be_removed(server, anna):
    made = make(anna, {"files": "read"}).json()
    with server.client(server.account("bob")["token"]) as bob:
        path = f"/account/app-passwords/{made['password']['id']}"
        assert code(bob.delete(path)) == (404, "no-app-password")
    with server.client(made["secret"]) as app:
        assert app.get("/files/usage").status_code == 200


def test_they_go_where_other_devices_are_signed_out(server, anna):
    secret = secret_of(anna, {"files": "read"})
    change = {"present": PASSWORD, "new": "battery staple", "sign_out_others": False}
    with server.client(secret) as app:
        assert anna.post("/account/password", json=change).status_code == 204
        assert app.get("/files/usage").status_code == 200
        change = {"present": "battery staple", "new": PASSWORD, "sign_out_others": True}
        assert anna.post("/account/password", json=change).status_code == 204
        assert code(app.get("/files/usage")) == WRONG
    assert anna.get("/account/log").json()["entries"][0]["event"] == "app-password-removed"


def test_they_go_where_whoever_runs_the_cloud_takes_an_account_back(server, anna):
    secret = secret_of(anna, {"files": "read"})
    with server.client(secret) as app:
        server.cloud.accounts.set_password_blocking("anna", PASSWORD, sign_out=False)
        assert app.get("/files/usage").status_code == 200
        server.cloud.accounts.set_password_blocking("anna", PASSWORD, sign_out=True)
        assert code(app.get("/files/usage")) == WRONG


def test_an_account_that_is_given_up_has_none(server, anna):
    secret = secret_of(anna, {"files": "read"})
    assert anna.post("/account/deletion", json={"present": PASSWORD}).status_code == 202
    with server.client(secret) as app:
        assert code(app.get("/files/usage")) == WRONG


def test_a_copy_of_a_conflict_is_named_after_it(server, anna):
    folder = {"name": "Plans", "parent": "", "type": "inode/directory"}
    anna.post("/journal/mutations", json={"mutations": [put("files.file", "f", **folder)]})
    with server.client(secret_of(anna, {"files": "write"}, name="rclone")) as app:
        seq = app.get("/journal/changes?since=0").json()["next"]
        newer = {**put("files.file", "f", **(folder | {"name": "Hers"})), "id": "hers", "base": seq}
        anna.post("/journal/mutations", json={"mutations": [newer]})
        late = {**put("files.file", "f", **(folder | {"name": "Late"})), "id": "late", "base": seq}
        told = app.post("/journal/mutations", json={"mutations": [late]}).json()["outcomes"]
        assert told[0]["status"] in ("merged", "applied"), told
        names = {one["fields"]["name"] for one in app.get("/journal/snapshot").json()["records"]}
    assert any("rclone" in one for one in names), names


def test_credentials_of_a_browsers_form_are_read_as_they_are(server, anna):
    secret = secret_of(anna, {"files": "read"})
    header = "basic " + base64.b64encode(f"anna:{secret}".encode()).decode()
    with server.client() as client:
        assert client.get("/files/usage", headers={"authorization": header}).status_code == 200
