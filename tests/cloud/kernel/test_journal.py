"""The journal over HTTP: outcomes, pages, texts, limits, doorbell."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from typing import Any

import httpx
import pycrdt
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pileus.cloud.app import build
from pileus.cloud.kernel.db.dialect import TOGETHER
from pileus.cloud.kernel.journal import Collection, pages
from pileus.cloud.kernel.journal.collections import Collections
from pileus.cloud.kernel.journal.upkeep import prune_all
from pileus.cloud.kernel.manifest import Service
from pileus.cloud.kernel.service import Mutation
from pileus.core.clock import ManualClock
from pileus.core.errors import QuotaExceeded

MESSAGE = {
    "address": "+3110000",
    "thread": "+3110000",
    "date_ms": 1,
    "direction": "in",
    "state": "received",
    "body": "Hello.",
    "read": False,
}


def mutation(number: int, record: str = "r", base: int = 0, **more: Any) -> dict[str, Any]:
    wish = {"id": f"m{number}", "base": base, "collection": "shell.setting", "record": record}
    return {**wish, "op": "put", "fields": {}, **more}


def send(client: httpx.Client, *mutations: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post("/journal/mutations", json={"mutations": list(mutations)})
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


def test_one_bad_mutation_does_not_stop_the_others(client):
    outcomes = send(
        client,
        mutation(1, "a", fields={"v": 1}),
        mutation(2, "b", collection="no.such"),
        {"id": "m3", "base": "seven"},
        mutation(4, "../x"),
        mutation(5, "c", fields={"v": "x" * (1 << 20)}),
        mutation(6, "d", texts={"body": "AAA="}),
        mutation(7, "e", fields={"v": 2}),
    )
    codes = [one.get("code") for one in outcomes]
    expected = [None, "unknown-collection", "malformed-mutation", "malformed-id", "record-too-large"]
    assert codes == [*expected, "unknown-text", None]
    assert [one["id"] for one in outcomes] == [f"m{n}" for n in range(1, 8)]
    assert outcomes[-1]["seq"] == 2


def test_a_service_keeps_its_collections_to_itself(client):
    [outcome] = send(client, mutation(1, "j", collection="jobs.job", fields={"state": "done"}))
    assert (outcome["status"], outcome["code"]) == ("refused", "read-only")


def test_many_new_records_take_one_number_each(server):
    account = server.account("anna")
    account_id, device = account["account"]["id"], account["device"]["id"]
    cloud = server.cloud

    def add(records):
        return cloud.db.write(
            lambda conn: cloud.journal.add(conn, account_id, device, "messages.message", records)
        )

    with server.client(account["token"]) as client:
        send(client, mutation(1, "before", fields={"v": 1}))
        added = add(
            {f"m{n}": {**MESSAGE, "body": f"{n}"} for n in range(3)} | {"m../": MESSAGE, "m9": {"body": 1}}
        )
        assert added.added == 3
        assert {name: error.code for name, error in added.refused.items()} == {
            "m../": "malformed-id",
            "m9": "message-text",
        }
        added = add({"m1": MESSAGE, "m3": MESSAGE})
        assert (added.added, added.present) == (1, {"m1"})
        changes = client.get("/journal/changes?since=1").json()["changes"]
        assert [(one["seq"], one["id"]) for one in changes] == [(2, "m0"), (3, "m1"), (4, "m2"), (5, "m3")]
        assert client.get("/account").json()["used_bytes"] > 4 * len(json.dumps(MESSAGE)) - 100
        [read] = send(client, mutation(2, "m1", 5, collection="messages.message", fields={"read": True}))
        assert (read["status"], read["seq"]) == ("applied", 6)
        wanted = ["m1", "m3", "none"]
        named = cloud.db.read(lambda conn: cloud.journal.named(conn, account_id, "messages.message", wanted))
        assert {key: one.fields["read"] for key, one in named.items()} == {"m1": True, "m3": False}
        with pytest.raises(ValueError, match="bulk"):
            cloud.db.write(lambda conn: cloud.journal.add(conn, account_id, device, "notes.note", {"n": {}}))


@pytest.mark.parametrize("count", [TOGETHER - 1, 2 * TOGETHER, 2 * TOGETHER + 7])
def test_however_many_come_each_is_as_it_was_given(server, count):
    account_id = server.account("anna")["account"]["id"]
    journal, db = server.cloud.journal, server.cloud.db
    given = {f"m{n:04}": {**MESSAGE, "body": f"{n} % ? ?1 {{}}", "date_ms": n} for n in range(count)}
    added = db.write(lambda conn: journal.add(conn, account_id, "dev", "messages.message", given))
    assert (added.added, added.present, added.refused) == (count, frozenset(), {})
    kept = db.read(lambda conn: journal.records(conn, account_id, "messages.message"))
    assert {one.id: one.fields for one in kept} == given
    assert [one.seq for one in kept] == list(range(1, count + 1))
    again = db.write(lambda conn: journal.add(conn, account_id, "dev", "messages.message", given))
    assert (again.added, again.present) == (0, given.keys())


def test_many_new_records_have_room_together_or_none_is_kept(settings, serve):
    with serve(settings.changed(quota_bytes=1000)) as server:
        account = server.account("anna")
        journal, account_id = server.cloud.journal, account["account"]["id"]
        many = {f"m{n}": MESSAGE for n in range(20)}
        with pytest.raises(QuotaExceeded):
            server.cloud.db.write(lambda conn: journal.add(conn, account_id, "", "messages.message", many))
        with server.client(account["token"]) as client:
            assert client.get("/journal/changes?since=0").json() == {"changes": [], "next": 0, "more": False}
            assert client.get("/account").json()["used_bytes"] == 0


def test_records_that_came_together_merge_as_others(server):
    """In a collection of another kind their fields are marked: an edit on an older base is a conflict."""
    account = server.account("anna")
    account_id = account["account"]["id"]
    folders = {f"f{n}": {"name": f"{n}", "parent": "", "type": "inode/directory"} for n in range(2)}
    server.cloud.db.write(lambda conn: server.cloud.journal.add(conn, account_id, "", "files.file", folders))
    with server.client(account["token"]) as client:
        outcomes = send(
            client,
            mutation(1, "f0", 0, collection="files.file", fields={"name": "edited"}),
            mutation(2, "f1", 2, collection="files.file", fields={"name": "edited"}),
        )
        assert [one["status"] for one in outcomes] == ["merged", "applied"]
        names = [one["fields"]["name"] for one in client.get("/journal/changes?since=0").json()["changes"]]
        assert sorted(names) == ["0", "edited", "edited (phone)"]


def test_bounds_of_a_request(client):
    assert client.post("/journal/mutations", content=b"x" * (9 << 20)).json()["code"] == "body-too-large"

    def stream():
        for _ in range(200):
            yield b" " * (64 << 10)

    assert client.post("/journal/mutations", content=stream()).json()["code"] == "body-too-large"
    many = client.post("/journal/mutations", json={"mutations": [mutation(n) for n in range(501)]})
    assert many.json()["code"] == "too-many-mutations"
    for body in (b"", b"[", b'{"mutations":[{}]}', b'{"mutations":7}', b"[" * 100_000):
        answer = client.post("/journal/mutations", content=body)
        assert answer.status_code == 400, body[:20]
    assert client.get("/journal/changes?since=-1").status_code == 400
    assert client.get("/journal/snapshot?page=nonsense").json()["code"] == "malformed-page"


def test_a_conflict_keeps_what_it_replaced(server):
    a = server.account("anna", "A")
    b = server.sign_in("anna", "B")
    with server.client(a["token"]) as first, server.client(b["token"]) as second:
        send(first, mutation(1, fields={"v": 1}))
        send(first, mutation(2, base=1, fields={"v": 2}))
        [outcome] = send(second, mutation(3, base=1, fields={"v": 3}))
        assert outcome["status"] == "merged"
        assert first.get("/journal/changes?since=2").json()["changes"][0]["fields"] == {"v": 3}
    query = "SELECT field, value, seq, replaced_seq FROM journal_history"
    kept = server.cloud.db.read(lambda conn: conn.exec_driver_sql(query).all())
    assert [tuple(row) for row in kept] == [("v", "2", 2, 3)]


def test_what_a_merge_kept_is_counted_bounded_read_and_forgotten(settings, serve):
    clock = ManualClock()
    with serve(settings.changed(quota_bytes=1_000_000), clock=clock) as server:
        a, b = server.account("anna", "A"), server.sign_in("anna", "B")
        with server.client(a["token"]) as first, server.client(b["token"]) as second:
            send(first, mutation(1, fields={"v": "x" * 300_000}))
            send(first, mutation(2, base=1, fields={"v": "y" * 300_000}))
            before = first.get("/account").json()["used_bytes"]
            [merged] = send(second, mutation(3, base=1, fields={"v": "z"}))
            assert merged["status"] == "merged"
            assert first.get("/account").json()["used_bytes"] >= before, "what was replaced is still kept"
            page = first.get("/journal/history", params={"record": "r"}).json()
            [kept] = page["values"]
            assert (kept["field"], kept["value"], kept["seq"]) == ("v", "y" * 300_000, 2)
            assert page["next"] is None
            assert first.get("/journal/history?collection=other.kind").json()["values"] == []

            late = {"collection": "messages.message", "record": "m"}
            [made] = send(first, mutation(4, base=3, fields=MESSAGE, **late))
            assert made["status"] == "applied", made
            [big] = send(second, mutation(5, base=3, fields={"body": "w" * (2 << 20)}, **late))
            assert (big["status"], big["code"]) == ("refused", "record-too-large")
            outcomes = [
                send(second, mutation(10 + n, base=3, fields={"body": f"{n}" * 300_000}, **late))[0]
                for n in range(4)
            ]
            assert [one["status"] for one in outcomes] == ["merged", "merged", "refused", "refused"]
            assert outcomes[-1]["code"] == "quota-exceeded"
            pages, cursor = [], {}
            while True:
                told = first.get("/journal/history", params={"limit": 1, **cursor}).json()
                pages.append([one["value"][0] for one in told["values"]])
                if told["next"] is None:
                    break
                cursor = {"before": told["next"]}
            assert pages == [["1"], ["0"], ["y"]]

            clock.advance(181 * 24 * 3600)
            asyncio.run(prune_all(server.cloud.db, clock))
            assert first.get("/journal/history").json()["values"] == []
            assert first.get("/account").json()["used_bytes"] < 2000


def test_a_deletion_leaves_a_tombstone_and_an_old_put_revives(server):
    a, b = server.account("anna", "A"), server.sign_in("anna", "B")
    with server.client(a["token"]) as first, server.client(b["token"]) as second:
        send(first, mutation(1, fields={"v": 1, "w": 1}))
        send(first, mutation(2, base=1, op="delete"))
        [gone] = first.get("/journal/changes?since=0").json()["changes"]
        assert (gone["deleted"], gone["fields"], gone["seq"]) == (True, {}, 2)
        assert first.get("/journal/snapshot").json()["records"] == []
        [outcome] = send(second, mutation(3, base=1, fields={"v": 3}))
        assert outcome["status"] == "merged"
        [back] = first.get("/journal/changes?since=2").json()["changes"]
        assert back["fields"] == {"v": 3, "w": 1}


def test_two_offline_texts_end_with_both(server):
    a, b = server.account("anna", "A"), server.sign_in("anna", "B")

    def note(number: int, doc: pycrdt.Doc, since: bytes | None = None) -> dict[str, Any]:
        update = doc.get_update(since) if since else doc.get_update()
        texts = {"body": base64.b64encode(update).decode()}
        return mutation(number, "n", collection="notes.note", texts=texts)

    one = pycrdt.Doc()
    one["text"] = text = pycrdt.Text("Hello.")
    with server.client(a["token"]) as first, server.client(b["token"]) as second:
        send(first, note(1, one))
        other = pycrdt.Doc()
        state = first.get("/journal/snapshot").json()["records"][0]["texts"]["body"]
        other.apply_update(base64.b64decode(state))
        seen, theirs = one.get_state(), other.get_state()
        text += " From A."
        both = other.get("text", type=pycrdt.Text)
        both += " From B."
        outcomes = [*send(first, note(2, one, seen)), *send(second, note(3, other, theirs))]
        assert [out["status"] for out in outcomes] == ["applied", "applied"]
        [record] = first.get("/journal/changes?since=0").json()["changes"]
        body = record["fields"]["body"]
        assert body.startswith("Hello.")
        assert " From A." in body
        assert " From B." in body
        [bad] = send(first, mutation(9, "n", collection="notes.note", texts={"body": "Z2FyYmFnZQ=="}))
        assert bad["code"] == "malformed-text"


def test_a_text_that_lacks_what_it_builds_on_is_refused_until_that_comes_too(server):
    token = server.account("anna", "A")["token"]
    doc = pycrdt.Doc()
    doc["text"] = text = pycrdt.Text("Hello.")
    first = doc.get_update()
    seen = doc.get_state()
    text += " And more."
    edit = doc.get_update(seen)
    seen = doc.get_state()
    del text[0:5]
    cut = doc.get_update(seen)

    def note(number: int, update: bytes) -> dict[str, Any]:
        texts = {"body": base64.b64encode(update).decode()}
        return mutation(number, "n", collection="notes.note", fields={"title": "t"}, texts=texts)

    with server.client(token) as client:
        [refused] = send(client, note(1, edit))
        assert (refused["status"], refused["code"]) == ("refused", "text-incomplete")
        assert client.get("/journal/changes?since=0").json()["changes"] == []
        [applied] = send(client, note(1, pycrdt.merge_updates(first, edit)))
        assert (applied["status"], applied["seq"]) == ("applied", 1)
        assert send(client, note(1, edit)) == [applied]
        # A deletion of what is not there hides nothing: it is kept for the time when it is.
        other = mutation(2, "o", collection="notes.note", texts={"body": base64.b64encode(cut).decode()})
        again = mutation(3, "o", collection="notes.note", texts={"body": base64.b64encode(first).decode()})
        assert [outcome["status"] for outcome in send(client, other, again)] == ["applied", "applied"]
        bodies = {c["id"]: c["fields"]["body"] for c in client.get("/journal/changes?since=0").json()["changes"]}
        assert bodies == {"n": "Hello. And more.", "o": "."}


def test_a_snapshot_is_stable_while_things_change(client):
    send(client, *(mutation(n, f"r{n:02}", fields={"v": n}) for n in range(30)))
    first = client.get("/journal/snapshot?limit=10").json()
    seen = {one["id"]: one["seq"] for one in first["records"]}
    send(
        client,
        mutation(100, "r00", base=30, fields={"v": "new"}),
        mutation(101, "r29", base=30, op="delete"),
        mutation(102, "fresh", base=30, fields={"v": 1}),
    )
    page = first
    while page["next"]:
        page = client.get("/journal/snapshot", params={"limit": 10, "page": page["next"]}).json()
        assert page["as_of"] == first["as_of"] == 30
        assert not seen.keys() & {one["id"] for one in page["records"]}
        seen |= {one["id"]: one["seq"] for one in page["records"]}
    assert all(seq <= 30 for seq in seen.values())
    state = dict.fromkeys(seen)
    for change in client.get("/journal/changes?since=30").json()["changes"]:
        if change["deleted"]:
            state.pop(change["id"], None)
        else:
            state[change["id"]] = None
    assert sorted(state) == sorted({*(f"r{n:02}" for n in range(29)), "fresh"})


def test_settings_come_before_notes_in_a_snapshot(client):
    send(
        client,
        mutation(1, "n", collection="notes.note", fields={"title": "x"}),
        mutation(2, "s", fields={"v": 1}),
        mutation(3, "h", collection="shell.home", fields={"v": 1}),
    )
    records = client.get("/journal/snapshot").json()["records"]
    assert [one["collection"] for one in records] == ["shell.setting", "shell.home", "notes.note"]


def ahead(name: str, count: int, priority: int) -> Collection:
    return Collection(name, priority=priority, ahead=count)


def test_the_newest_of_a_collection_go_ahead_of_others(server, monkeypatch):
    """However large a page, in records or bytes: each record once, the newest first, the rest in its place."""
    session = server.account("anna")
    account = session["account"]["id"]
    with server.client(session["token"]) as client:
        send(client, *(mutation(n, f"s{n}", collection="notes.note", fields={"title": "x"}) for n in range(6)))
        send(client, *(mutation(10 + n, f"h{n}", collection="shell.home", fields={"v": n}) for n in range(4)))
        send(client, mutation(20, "t", collection="shell.setting", fields={"v": 1}))
    wanted = Collections([ahead("notes.note", 3, 50), ahead("shell.setting", 5, 60), ahead("shell.home", 0, 40)])
    for limit, size in itertools.product([1, 2, 3, 4, 5, 7, 100], [1, 20, 50, 90, pages.PAGE_BYTES]):
        monkeypatch.setattr(pages, "PAGE_BYTES", size)
        found, page = [], ""
        while page is not None:
            part = server.cloud.db.read(
                lambda conn, page=page, limit=limit: pages.snapshot(conn, account, wanted, page or None, limit)
            )
            assert len(part.records) <= limit
            found += [one.id for one in part.records]
            page = part.next
        order = ["s5", "s4", "s3", "t", "h3", "h2", "h1", "h0", "s2", "s1", "s0"]
        assert found == order, (limit, size)


def test_a_page_token_of_another_time_begins_no_snapshot(client):
    for token in ("", "x", "W10", "WzEsMCwxLCIzIiwtMSx7fV0"):
        answer = client.get("/journal/snapshot", params={"page": token})
        assert answer.status_code in (400, 410), token


def test_changes_page_by_page(client):
    send(client, *(mutation(n, f"r{n}", fields={"v": n}) for n in range(25)))
    since, found, more = 0, [], True
    while more:
        page = client.get(f"/journal/changes?since={since}&limit=10").json()
        found += [one["seq"] for one in page["changes"]]
        since, more = page["next"], page["more"]
    assert found == list(range(1, 26))
    assert since == 25


def test_a_cursor_older_than_what_is_kept_is_gone(server):
    session = server.account("anna")
    with server.client(session["token"]) as client:
        send(client, mutation(1, "a", fields={"v": 1}), mutation(2, "b", fields={"v": 1}))
        send(client, mutation(3, "a", base=2, op="delete"))
        account = session["account"]["id"]
        assert server.cloud.db.write(lambda conn: pages.prune(conn, account, 2**60)) == 3
        gone = client.get("/journal/changes?since=1")
        assert (gone.status_code, gone.json()["code"]) == (410, "cursor-gone")
        assert client.get("/journal/changes?since=3").status_code == 200
        assert [one["id"] for one in client.get("/journal/snapshot").json()["records"]] == ["b"]


def test_a_full_quota_refuses_growth_and_nothing_else(server):
    session = server.account("anna")
    with server.client(session["token"]) as client:
        send(client, mutation(1, "a", fields={"v": "x" * 1000}))
        server.cloud.db.write(lambda conn: conn.exec_driver_sql("UPDATE account SET quota_bytes = 1100"))
        [full] = send(client, mutation(2, "b", fields={"v": "x" * 1000}))
        assert full["code"] == "quota-exceeded"
        [shrunk] = send(client, mutation(3, "a", base=1, fields={"v": "x"}))
        assert shrunk["status"] == "applied"
        [again] = send(client, mutation(2, "b", fields={"v": "x" * 1000}))
        assert again["status"] == "applied"


def test_the_doorbell_rings_and_closes_at_sign_out(server):
    session = server.account("anna")
    other = server.sign_in("anna", "laptop")
    url = server.url.replace("http", "ws") + "/api/v1/journal/doorbell"
    with connect(url) as bell, server.client(session["token"]) as client:
        bell.send(json.dumps({"token": other["token"]}))
        assert json.loads(bell.recv(5)) == {"head": 0}
        send(client, mutation(1, fields={"v": 1}))
        assert json.loads(bell.recv(5)) == {"head": 1}
        client.delete(f"/devices/{other['device']['id']}")
        with pytest.raises(ConnectionClosed) as closed:
            bell.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("hello", ["{}", '{"token":"x"}', "[]", "nonsense", '{"token":7}'])
def test_a_doorbell_without_a_good_token_closes(server, hello):
    url = server.url.replace("http", "ws") + "/api/v1/journal/doorbell"
    with connect(url) as bell:
        bell.send(hello)
        with pytest.raises(ConnectionClosed):
            bell.recv(5)


def test_a_service_may_change_records_while_a_change_is_projected(settings):
    def mirror(conn, change):
        if change.collection == "demo.thing":
            cloud.journal.put(conn, change.account_id, "demo.mirror", change.record, change.fields)

    thing = Collection("demo.thing", project=mirror)
    demo = Service("demo", "", settings.data_dir, "demo", (thing, Collection("demo.mirror")))
    cloud = build(settings, services=[demo])
    try:
        account = cloud.accounts.create_blocking("anna", "correct horse").id
        wishes = [Mutation(f"m{n}", 0, "demo.thing", f"r{n}", "put", {"v": n}) for n in range(3)]
        outcomes = cloud.db.write(lambda conn: cloud.journal.apply(conn, account, "d", wishes))
        assert [one.seq for one in outcomes] == [1, 3, 5]
        page = cloud.db.read(lambda conn: pages.changes(conn, account, 0, 100))
        assert [one.seq for one in page.changes] == [1, 2, 3, 4, 5, 6]
        assert page.next == 6
    finally:
        cloud.close()
