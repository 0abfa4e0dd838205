"""The phone's own backup: what it holds, what comes back, and what is said of what does not."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from pileus.cloud.services.backups.phone.records import Records
from pileus.sdk.backup import tree
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.wire import Chunk, Commit, Facts
from tests.cloud.names import of_test
from tests.cloud.services.backups.phone.phones import back_up, ended, put, put_notes, record, restore

MESSAGE = {
    "address": "+861381234567",
    "thread": "+861381234567",
    "date_ms": 1_700_000_000_000,
    "direction": "out",
    "state": "sent",
    "body": "明天西湖见",
    "read": True,
}
OWNER = (0, 0, "", "")
CARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Wang Mei\r\nTEL:+861381234567\r\nEND:VCARD\r\n"


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def test_what_is_lost_comes_back_and_what_is_new_stays(phone: httpx.Client) -> None:
    assert phone.get("/backups/phone").json() == {"state": {}, "snapshots": [], "held": 0}
    assert phone.post("/contacts/import", content=CARD.encode()).status_code == 200
    put(phone, "messages.message", "m1", MESSAGE)
    put(phone, "shell.home", "notes", {"area": "dock", "page": 0, "cell": 1})
    put(phone, "notes.note", "n1", {"title": "Tea", "edited_ms": 5})
    snapshot = back_up(phone)
    about = phone.get(f"/backups/phone/{snapshot}").json()
    assert {"contacts.contact": 1, "messages.message": 1, "notes.note": 1}.items() <= about["collections"].items()
    [contact] = phone.get("/journal/snapshot", params={"collection": "contacts.contact"}).json()["records"]

    put(phone, "messages.message", "m1", {}, "delete")
    put(phone, "contacts.contact", contact["id"], {}, "delete")
    put(phone, "notes.note", "n1", {"title": "Coffee", "edited_ms": None, "pinned": True})
    put(phone, "notes.note", "n2", {"title": "New"})
    items = phone.get(f"/backups/phone/{snapshot}/items", params={"collection": "notes.note"}).json()
    assert items == [{"id": "n1", "label": "Tea", "state": "differs", "who": "", "at_ms": 5}]
    found = {"collection": "messages.message", "q": "西湖"}
    [lost] = phone.get(f"/backups/phone/{snapshot}/items", params=found).json()
    assert (lost["id"], lost["label"], lost["state"]) == ("m1", "明天西湖见", "missing")
    assert (lost["who"], lost["at_ms"]) == (MESSAGE["address"], MESSAGE["date_ms"])

    report = restore(phone, snapshot, messages__message=["m1", "m9"], notes__note=None)
    assert (report["restored"], report["unchanged"], report["skipped"]) == (2, 0, 1)
    assert report["entries"] == [
        {"item": "messages.message/m1", "label": "明天西湖见", "outcome": "restored"},
        {"item": "messages.message/m9", "label": "", "outcome": "skipped", "code": "not-in-backup"},
        {"item": "notes.note/n1", "label": "Tea", "outcome": "restored"},
    ]
    [newest, *_] = phone.get("/account/log").json()["entries"]
    assert (newest["event"], newest["about"]) == ("phone-restored", "2")
    assert record(phone, "messages.message", "m1") == MESSAGE
    assert record(phone, "notes.note", "n1") == {"title": "Tea", "edited_ms": 5}
    assert record(phone, "notes.note", "n2") == {"title": "New"}
    assert record(phone, "contacts.contact", contact["id"]) is None, "only what was asked for"
    restore(phone, snapshot, contacts__contact=[contact["id"]])
    assert record(phone, "contacts.contact", contact["id"]) == contact["fields"]
    assert restore(phone, snapshot, notes__note=None)["unchanged"] == 1


ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example//EN\r
BEGIN:VEVENT\r
UID:tea@example.org\r
DTSTAMP:20260301T080000Z\r
DTSTART:20260320T080000Z\r
SUMMARY;LANGUAGE=en:"Tea" class\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_each_kind_is_told_by_its_name_and_found_by_it(phone: httpx.Client) -> None:
    """Records as imports and the apps write them."""
    employed = CARD.replace("TEL:", "TITLE:Engineer\r\nORG:Example;Tea\r\nTEL:")
    assert phone.post("/contacts/import", content=employed.encode()).status_code == 200
    assert phone.post("/calendar/import?calendar=home&name=Home", content=ICS.encode()).status_code == 200
    draft = {"people": ["+861381234567"], "thread": "+861381234567", "body": "See\nyou", "changed_ms": 7}
    put(phone, "messages.draft", "d1", draft)
    call = {"address": "+861381234567", "thread": "+861381234567", "contact": "Mei", "kind": "in", "date_ms": 8}
    put(phone, "messages.call", "c1", call)
    put(phone, "messages.message", "m1", MESSAGE)
    put(phone, "notes.note", "n1", {"title": "Tea", "edited_ms": 5, "created_ms": 5, "pinned": False})
    put(phone, "calendar.calendar", "calendar", {"name": "日历"})
    wanted = {
        "contacts.contact": ("Wang Mei", "wang"),
        "calendar.event": ('"Tea" class', '"tea" CLASS'),
        "calendar.calendar": ("日历", "日历"),
        "messages.draft": ("See you", "see you"),
        "messages.call": ("+861381234567", "mei"),
        "messages.message": ("明天西湖见", "西湖"),
        "notes.note": ("Tea", "tea"),
    }
    snapshot = back_up(phone)
    told: dict[str, tuple[str, str]] = {}
    for collection, (_, words) in wanted.items():
        asked = {"collection": collection, "q": words}
        [item] = phone.get(f"/backups/phone/{snapshot}/items", params=asked).json()
        told[collection] = (item["label"], words)
    assert told == wanted


def test_a_text_comes_back_as_it_was(phone: httpx.Client, shared_server: Any) -> None:
    account = phone.get("/account").json()["id"]
    cloud = shared_server.cloud
    journal = cloud.context.journal
    cloud.db.write(
        lambda conn: journal.put(conn, account, "notes.note", "n", {"title": "a", "body": "first words"})
    )
    before = record(phone, "notes.note", "n")
    snapshot = back_up(phone)
    cloud.db.write(lambda conn: journal.put(conn, account, "notes.note", "n", {"body": "other words"}))
    assert record(phone, "notes.note", "n") != before
    assert restore(phone, snapshot, notes__note=None)["restored"] == 1
    assert record(phone, "notes.note", "n") == before


def test_a_text_that_was_empty_is_empty_again(phone: httpx.Client, shared_server: Any) -> None:
    account = phone.get("/account").json()["id"]
    cloud = shared_server.cloud
    journal = cloud.context.journal
    cloud.db.write(lambda conn: journal.put(conn, account, "notes.note", "n", {"title": "a"}))
    snapshot = back_up(phone)
    cloud.db.write(lambda conn: journal.put(conn, account, "notes.note", "n", {"body": "written since"}))
    assert restore(phone, snapshot, notes__note=None)["restored"] == 1
    assert (record(phone, "notes.note", "n") or {}).get("body", "") == ""
    assert restore(phone, snapshot, notes__note=None)["unchanged"] == 1


def test_what_is_lost_is_told_before_all_that_is_there(phone: httpx.Client) -> None:
    put_notes(phone, 450)
    snapshot = back_up(phone)
    put(phone, "notes.note", "n99", {}, "delete")
    items = phone.get(f"/backups/phone/{snapshot}/items", params={"collection": "notes.note"}).json()
    assert len(items) == 200
    assert (items[0]["id"], items[0]["state"]) == ("n99", "missing")
    assert {one["state"] for one in items[1:]} == {"same"}


def test_asking_twice_makes_one_backup(phone: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    go, write = threading.Event(), Records.write

    def held(records: Records, collection: str) -> None:
        assert go.wait(60)
        write(records, collection)

    monkeypatch.setattr(Records, "write", held)
    jobs = {phone.post("/backups/phone").json()["job"] for _ in range(20)}
    go.set()
    [job] = jobs
    assert ended(phone, job)["state"] == "done"
    assert len(phone.get("/backups/phone").json()["snapshots"]) == 1


def test_a_forged_backup_is_refused_and_costs_no_memory(phone: httpx.Client) -> None:
    """An account may make any snapshot; one that says it is the phone's is read within bounds."""
    hole = tree.Piece(b"", 0, 1 << 30, 0)
    naming = Naming(bytes.fromhex(phone.get("/backups/area").json()["naming"]))
    about = tree.Node(b"about.json", tree.FILE, 0o600, *OWNER, 0, 0, 1, 0, 1, 1 << 30, [hole], b"", b"", 0, [])
    listed = tree.encode_folder(b"", [about])
    root = tree.encode_root([naming.name(listed)], [])
    chunks = [Chunk(naming.name(one), len(one), False, memoryview(one)) for one in (root, listed)]
    facts = Facts(
        time_ms=1,
        host="phone",
        user="",
        paths=["/about.json", "/apps", "/records"],
        tags=["phone"],
        tree=chunks[0].name.hex(),
    )
    wish = Commit(id="f" * 32, facts=facts, names=[one.name for one in chunks], chunks=chunks)
    made = phone.post("/backups/snapshots", content=msgspec.msgpack.encode(wish))
    assert made.status_code == 201, made.text
    answer = phone.get(f"/backups/phone/{'f' * 32}")
    assert (answer.status_code, answer.json()["code"]) == (422, "backup-unreadable")


def test_what_waited_to_be_sent_is_not_sent_by_coming_back(phone: httpx.Client, shared_server: Any) -> None:
    account = phone.get("/account").json()["id"]
    cloud = shared_server.cloud
    journal = cloud.context.journal
    queued = {**MESSAGE, "state": "queued"}
    cloud.db.write(lambda conn: journal.put(conn, account, "messages.message", "m", queued))
    snapshot = back_up(phone)
    cloud.db.write(lambda conn: journal.delete(conn, account, "messages.message", "m"))
    restore(phone, snapshot, messages__message=None)
    assert (record(phone, "messages.message", "m") or {})["state"] == "unsent"


def test_what_cannot_come_back_says_why(phone: httpx.Client) -> None:
    phone.get("/apps/catalog")
    put(phone, "shell.home", "look", {"wallpaper": "dusk"})
    snapshot = back_up(phone)
    about = phone.get(f"/backups/phone/{snapshot}").json()
    assert not [name for name in about["collections"] if name.startswith(("backups.", "jobs."))]
    report = restore(phone, snapshot, apps__app=None, files__file=None, jobs__job=None, strange__thing=None)
    assert report["restored"] == 0
    why = {one["item"]: one["code"] for one in report["entries"]}
    assert why == dict.fromkeys(("apps.app", "files.file", "jobs.job", "strange.thing"), "not-restorable")
    for path in (f"/backups/phone/{'0' * 32}", "/backups/phone/strange"):
        assert phone.get(path).json()["code"] == "no-backup"
        assert phone.post(f"{path}/restore", json={"records": {"notes.note": None}}).json()["code"] == "no-backup"
    lacking = phone.get(f"/backups/phone/{snapshot}/items", params={"collection": "notes.note"})
    assert (lacking.status_code, lacking.json()["code"]) == (404, "not-in-backup")
    assert phone.post(f"/backups/phone/{snapshot}/restore", json={"records": {}}).status_code == 400


def test_nothing_new_costs_nothing_and_the_list_is_bounded(phone: httpx.Client) -> None:
    put_notes(phone, 300)
    first = back_up(phone)
    used = phone.get("/account").json()["used_bytes"]
    again = back_up(phone)
    after = phone.get("/account").json()["used_bytes"]
    assert after - used < 3000, "records of the backup itself only"
    overview = phone.get("/backups/phone").json()
    third = back_up(phone)
    kept = [one["id"] for one in phone.get("/backups/phone").json()["snapshots"]]
    assert kept == [third, first], "of one day the newest, and the oldest while no rule has its number"
    assert overview["state"]["snapshot"] == again
    assert overview["state"]["records"] >= 300
    assert "failed_code" not in overview["state"]
    made = phone.get("/account").json()["created_ms"]
    assert 0 <= overview["state"]["last_ms"] - made < 600_000, "how old a phone without a backup is"


def test_a_backup_that_fails_is_told_and_the_last_one_stays(phone: httpx.Client, shared_server: Any) -> None:
    put(phone, "notes.note", "n", {"title": "kept"})
    snapshot = back_up(phone)
    account = phone.get("/account").json()["id"]
    put(phone, "messages.message", "m", {**MESSAGE, "body": "x" * 5000})
    used = phone.get("/account").json()["used_bytes"]
    sql = f"UPDATE account SET quota_bytes = {used} WHERE id = '{account}'"
    shared_server.cloud.db.write(lambda conn: conn.exec_driver_sql(sql))
    told = ended(phone, phone.post("/backups/phone").json()["job"])
    assert (told["state"], told["code"]) == ("failed", "quota-exceeded")
    overview = phone.get("/backups/phone").json()
    assert overview["state"]["failed_code"] == "quota-exceeded"
    assert overview["state"]["failed_ms"] >= overview["state"]["last_ms"]
    assert [one["id"] for one in overview["snapshots"]] == [snapshot]


def test_another_account_s_backup_is_none(shared_server: Any, phone: httpx.Client) -> None:
    put(phone, "notes.note", "n", {"title": "mine"})
    snapshot = back_up(phone)
    other = shared_server.account(f"other {uuid.uuid4().hex[:8]}")
    with shared_server.client(other["token"]) as stranger:
        assert stranger.get(f"/backups/phone/{snapshot}").json()["code"] == "no-backup"
