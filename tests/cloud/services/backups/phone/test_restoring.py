"""A restore of the phone as a job: all of it, cancelled, cut off, and its report item by item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from pileus.cloud.services.backups.phone.reports import KEPT
from pileus.cloud.services.backups.phone.restoring import JOB
from pileus.core.ids import new_id
from pileus.core.settings import Settings
from tests.cloud.names import of_test
from tests.cloud.services.backups.phone.phones import (
    back_up,
    bring_back,
    delete_many,
    ended,
    put,
    put_notes,
    record,
    restore,
)
from tests.conftest import PASSWORD, running


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def delete_notes(phone: httpx.Client) -> None:
    found = phone.get("/journal/snapshot", params={"collection": "notes.note"}).json()["records"]
    delete_many(phone, [one["id"] for one in found])


def test_everything_comes_back_at_once(phone: httpx.Client) -> None:
    put(phone, "notes.note", "n", {"title": "Tea"})
    put(phone, "shell.home", "look", {"wallpaper": "dusk"})
    snapshot = back_up(phone)
    put(phone, "notes.note", "n", {}, "delete")
    put(phone, "shell.home", "look", {"wallpaper": "dawn"})
    report = bring_back(phone, snapshot, {"all": True})
    assert (report["restored"], report["cancelled"]) == (2, False)
    assert (record(phone, "notes.note", "n"), record(phone, "shell.home", "look")) == (
        {"title": "Tea"},
        {"wallpaper": "dusk"},
    )
    assert bring_back(phone, snapshot, {"all": True})["restored"] == 0


def test_the_report_has_every_item_and_is_its_owner_s(phone: httpx.Client, shared_server: Any) -> None:
    put_notes(phone, 450)
    snapshot = back_up(phone)
    delete_notes(phone)
    report = restore(phone, snapshot, notes__note=None)
    assert report["restored"] == len(report["entries"]) == 450
    assert {one["item"] for one in report["entries"]} == {f"notes.note/n{n}" for n in range(450)}
    path = f"/backups/phone/restores/{report['job']}"
    assert len(phone.get(path).json()["entries"]) == 200
    file = phone.get(f"{path}/file")
    assert file.headers["content-disposition"].startswith("attachment")
    assert [msgspec.json.decode(line) for line in file.content.splitlines()] == report["entries"]
    other = shared_server.account(f"other {report['job'][-8:]}")
    with shared_server.client(other["token"]) as stranger:
        for address in (path, f"{path}/file", "/backups/phone/restores/..%2F..", "/backups/phone/restores/x"):
            assert stranger.get(address).status_code == 404
        assert stranger.delete(path).json()["code"] == "no-restore"


def interrupted(server: Any, account: str, snapshot: str, wanted: dict[str, Any]) -> str:
    """A restore that was begun, whose server stopped before it came to do something: its job."""
    job, payload = new_id(), {"snapshot": snapshot, "wanted": wanted}
    insert = text(
        "INSERT INTO job (id, account_id, name, payload, state, runs, created_ms, updated_ms)"
        " VALUES (:id, :account, :name, :payload, 'running', 1, 1, 1)"
    )
    row = {"id": job, "account": account, "name": JOB, "payload": msgspec.json.encode(payload).decode()}
    server.cloud.db.write(lambda conn: conn.execute(insert, row))
    return job


def test_what_a_restart_cut_off_goes_on_and_is_told_once(settings: Settings) -> None:
    with running(settings) as server:
        session = server.account("mei")
        account, token = session["account"]["id"], session["token"]
        with server.client(token) as phone:
            put_notes(phone, 450)
            snapshot = back_up(phone)
            delete_notes(phone)
            wanted = {"records": {"notes.note": None, "files.file": None}}
            first = bring_back(phone, snapshot, wanted)
            assert (first["restored"], first["skipped"]) == (450, 1)
            # A kill in its midst: a part of the notes is back and told of, a line is torn.
            delete_many(phone, [f"n{n}" for n in range(200)])
            gone = {f"notes.note/n{n}" for n in range(200)}
            path = settings.data_dir / "services/backups/phone/reports" / account / f"{first['job']}.jsonl"
            kept = [one for one in first["entries"] if one["item"] not in gone]
            lines = [msgspec.json.encode(one) + b"\n" for one in kept]
            path.write_bytes(b"".join(lines) + b'{"item":"notes.no')
        again = text("UPDATE job SET state = 'running' WHERE id = :id")
        server.cloud.db.write(lambda conn: conn.execute(again, {"id": first["job"]}))
        server.cloud.db.write(
            lambda conn: server.cloud.context.journal.put(
                conn, account, "jobs.job", first["job"], {"state": "running", "result": None}
            )
        )
    with running(settings) as server, server.client(token) as phone:
        told = ended(phone, first["job"])
        assert told["result"] == {name: first[name] for name in told["result"]}
        entries = path.read_bytes().splitlines()
        assert sorted(entries) == sorted({msgspec.json.encode(one) for one in first["entries"]})
        assert record(phone, "notes.note", "n7") == {"title": "note 7"}


def test_one_that_is_cancelled_ends_and_another_one_waits_for_it(settings: Settings) -> None:
    with running(settings) as server:
        session = server.account("mei")
        account, token = session["account"]["id"], session["token"]
        with server.client(token) as phone:
            put_notes(phone, 3)
            snapshot = back_up(phone)
            delete_notes(phone)
            job = interrupted(server, account, snapshot, {"all": True})
            refused = phone.post(f"/backups/phone/{snapshot}/restore", json={"all": True})
            assert (refused.status_code, refused.json()["code"]) == (409, "restore-running")
            assert phone.delete(f"/backups/phone/restores/{job}").status_code == 204
    with running(settings) as server, server.client(token) as phone:
        told = ended(phone, job)
        assert told["state"] == "done", told
        assert (told["result"]["cancelled"], told["result"]["restored"]) == (True, 0)
        assert record(phone, "notes.note", "n0") is None
        assert phone.delete(f"/backups/phone/restores/{job}").json()["code"] == "no-restore"
        assert bring_back(phone, snapshot, {"all": True})["restored"] == 3


def test_a_backup_is_kept_until_what_is_restored_from_it_has_ended(settings: Settings) -> None:
    def kept(phone: httpx.Client) -> list[str]:
        return [one["id"] for one in phone.get("/backups/phone").json()["snapshots"]]

    with running(settings) as server:
        session = server.account("mei")
        account, token = session["account"]["id"], session["token"]
        with server.client(token) as phone:
            put_notes(phone, 3)
            first, second = back_up(phone), back_up(phone)
            delete_notes(phone)
            job = interrupted(server, account, second, {"all": True})
            for ids in ([second], [first, second]):
                refused = phone.post("/backups/forget", json={"ids": ids, "present": PASSWORD})
                assert (refused.status_code, refused.json()["code"]) == (409, "backup-in-use")
            third = back_up(phone)
            assert kept(phone) == [third, second, first], "no rule keeps the second one of a day, but it is needed"
            assert forget(phone, first) == {"forgotten": 1}
    with running(settings) as server, server.client(token) as phone:
        assert ended(phone, job)["result"]["restored"] == 3
        fourth = back_up(phone)
        assert kept(phone) == [fourth, second], "it is the oldest, and the third is of a day that has a newer one"
        assert forget(phone, second) == {"forgotten": 1}


def forget(phone: httpx.Client, snapshot: str) -> Any:
    return phone.post("/backups/forget", json={"ids": [snapshot], "present": PASSWORD}).json()


def test_only_so_many_reports_are_kept(phone: httpx.Client) -> None:
    put_notes(phone, 1)
    snapshot = back_up(phone)
    jobs = [restore(phone, snapshot, notes__note=None)["job"] for _ in range(KEPT + 1)]
    statuses = [phone.get(f"/backups/phone/restores/{job}").status_code for job in jobs]
    assert statuses == [404] + [200] * KEPT
