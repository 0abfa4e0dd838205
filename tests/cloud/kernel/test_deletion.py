"""An account that its owner gave up: kept by signing in, else gone with all that was its own, and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest
from sqlalchemy import inspect

from pileus.cloud.app import open_database
from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.accounts.deletion import GRACE_MS, Deletion
from pileus.cloud.kernel.db.dialect import is_postgresql
from pileus.core.clock import ManualClock
from pileus.core.errors import Forbidden

PASSWORD = "correct horse"
VCARD = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Mei Xihu\r\nTEL:+8613800138000\r\nEND:VCARD\r\n"
EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART:20260329T100000Z\r\nSUMMARY:tea\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
MESSAGE = b'{"address":"+8613800138000","date_ms":5000,"direction":"in","body":"xihu in spring"}\n'


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def cloud(serve, settings, clock):
    with serve(settings, clock=clock) as server:
        server.keeper = server.account("keeper")
        yield server


def give_up(server, session, password=PASSWORD):
    with server.client(session["token"]) as client:
        return client.post("/account/deletion", json={"present": password})


def erase(server):
    context = server.cloud.context
    return asyncio.run(context.departures.erase_due(context.objects))


def sign_in(server, name="anna"):
    with server.client() as client:
        return client.post("/sign-in", json={"name": name, "password": PASSWORD, "device_name": "x"})


def put_file(client, name, content):
    upload = client.post("/files/uploads", json={"name": name, "size": len(content)}).json()["upload"]
    done = client.patch(f"/files/uploads/{upload}", content=content, headers={"Upload-Offset": "0"})
    return done.json()["file"]


def live(server, session, friend):
    """Leaves something of everything in an account; `friend` shares a file with it and gets a message."""
    account = session["account"]["id"]
    with server.client(session["token"]) as client, server.client(friend["token"]) as other:
        put_file(client, "letter.txt", b"xihu in spring")
        begun = client.post("/files/uploads", json={"name": "half.bin", "size": 100}).json()["upload"]
        client.patch(f"/files/uploads/{begun}", content=b"half", headers={"Upload-Offset": "0"})
        assert client.post("/contacts/import", content=VCARD).status_code == 200
        assert client.post("/calendar/import", content=EVENT).status_code == 200
        assert client.post("/messages/import", content=MESSAGE).status_code == 200
        client.put("/messages/sims", json={"sims": [{"id": "a"}]})
        sent = client.post("/messages/send", json={"id": "m1", "people": ["@keeper"], "body": "hello"})
        assert sent.status_code in (200, 201, 202), sent.text
        client.post("/account/recovery-codes", json={"present": PASSWORD})
        theirs = put_file(other, "shared.txt", b"for anna")
        assert other.post(f"/files/{theirs}/shares", json={"account": "anna"}).status_code == 201
        client.get("/files/search?q=xihu")
    folder = server.cloud.settings.data_dir / "android" / "accounts" / account / "org.example" / "files"
    folder.mkdir(parents=True)
    (folder / "diary").write_text("secret")
    return account, theirs


def mentions(server, account):
    """Every place of the database where an account's id is."""

    def look(conn):
        names = inspect(conn).get_table_names()
        found = []
        for name in names:
            for row in conn.exec_driver_sql(f'SELECT * FROM "{name}"'):
                if any(account in str(value) for value in row):
                    found.append((name, row))
        if not is_postgresql(conn):  # which sees to it itself
            assert conn.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        return found

    return server.cloud.db.read(look)


def words(server):
    def look(conn):
        found = "CAST({0} AS text) LIKE '%xihu%'" if is_postgresql(conn) else "{0} MATCH 'xihu'"
        return [
            conn.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE {found.format(table)}").scalar_one()
            for table in ("messages_search", "files_search")
        ]

    return server.cloud.db.read(look)


def test_all_of_it_goes_and_nothing_else(cloud, clock):
    session = cloud.account("anna")
    blobs = cloud.cloud.settings.data_dir / "objects"
    account, theirs = live(cloud, session, cloud.keeper)
    assert words(cloud) == [1, 1]
    before = {path for path in blobs.rglob("*") if path.is_file()}
    answer = give_up(cloud, session)
    assert (answer.status_code, answer.json()["at"]) == (202, clock.now_ms() + GRACE_MS)
    with cloud.client(session["token"]) as client:
        assert client.get("/account").status_code == 401
    clock.advance(GRACE_MS / 1000 - 1)
    assert erase(cloud) == 0
    assert {one[0] for one in mentions(cloud, account)} >= {"journal_record", "object", "files_share"}
    clock.advance(2)
    assert erase(cloud) == 1
    # What the keeper has of her stays: the message that she sent is theirs.
    left = {name for name, _ in mentions(cloud, account)}
    assert left <= {"journal_record"}, left
    assert words(cloud) == [0, 0]
    assert not (cloud.cloud.settings.data_dir / "android" / "accounts" / account).exists()
    assert list((cloud.cloud.settings.data_dir / "files" / "uploads").glob("*")) == []
    after = {path for path in blobs.rglob("*") if path.is_file()}
    assert after < before
    assert len([path for path in after if path.parent.name == "keys"]) == 1
    assert sign_in(cloud).status_code == 401
    with cloud.client(cloud.keeper["token"]) as keeper:
        assert keeper.get(f"/files/{theirs}/content").content == b"for anna"
        # The name is free, and what has it then is another account.
        made = keeper.post("/accounts", json={"name": "anna", "password": PASSWORD}).json()
        assert made["account"]["id"] != account
        assert made["account"]["used_bytes"] == 0


def test_signing_in_keeps_it(cloud, clock):
    session = cloud.account("anna")
    give_up(cloud, session)
    clock.advance(GRACE_MS / 1000 - 60)
    back = sign_in(cloud)
    assert (back.status_code, back.json()["deletion_undone"]) == (200, True)
    assert sign_in(cloud).json()["deletion_undone"] is False
    clock.advance(GRACE_MS / 1000)
    assert erase(cloud) == 0
    with cloud.client(back.json()["token"]) as client:
        told = [one["event"] for one in client.get("/account/log").json()["entries"]]
        assert told[:5] == ["signed-in", "deletion-undone", "signed-in", "device-signed-out", "deletion-asked"]


def test_a_recovery_code_keeps_it_too(cloud):
    session = cloud.account("anna")
    with cloud.client(session["token"]) as client:
        codes = client.post("/account/recovery-codes", json={"present": PASSWORD}).json()["codes"]
    give_up(cloud, session)
    with cloud.client() as client:
        wish = {"name": "anna", "code": codes[0], "password": "battery staple"}
        assert client.post("/recover", json=wish).json()["deletion_undone"] is True


def test_the_password_is_needed_and_the_keeper_goes_last(cloud, clock):
    session = cloud.account("anna")
    wrong = give_up(cloud, session, "not this one")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "present-password")
    stays = give_up(cloud, cloud.keeper)
    assert (stays.status_code, stays.json()["code"]) == (403, "keeper-stays")
    with cloud.client(session["token"]) as client:
        assert client.get("/account").status_code == 200
    give_up(cloud, session)
    clock.advance(GRACE_MS / 1000 + 1)
    assert erase(cloud) == 1
    assert give_up(cloud, cloud.sign_in("keeper")).status_code == 202
    clock.advance(GRACE_MS / 1000 + 1)
    assert erase(cloud) == 1
    with cloud.client() as client:
        assert client.get("/server").json()["setup_needed"] is True


def test_what_was_cut_off_is_taken_by_the_next_run(cloud, clock):
    session = cloud.account("anna")
    account, _ = live(cloud, session, cloud.keeper)
    give_up(cloud, session)
    clock.advance(GRACE_MS / 1000 + 1)
    broken = [True]

    async def fails_once(_account):
        if broken.pop():
            broken.append(False)
            raise OSError("the disk is away")

    cloud.cloud.context.departures.outside(fails_once)
    assert erase(cloud) == 0
    # It is too late to come back: part of it may be gone.
    assert sign_in(cloud).status_code == 401
    assert mentions(cloud, account)
    broken[:] = [False]
    assert erase(cloud) == 1
    assert {name for name, _ in mentions(cloud, account)} <= {"journal_record"}


def test_whoever_runs_the_cloud_gives_an_account_up(settings, clock):
    with closing(open_database(settings)) as db:
        accounts = Accounts(db, clock, 1)
        accounts.create_blocking("keeper", PASSWORD)
        accounts.create_blocking("anna", PASSWORD)
        deletion = Deletion(db, clock, accounts)
        assert deletion.ask_blocking("Anna") == clock.now_ms() + GRACE_MS
        with pytest.raises(Forbidden):
            deletion.ask_blocking("keeper")
