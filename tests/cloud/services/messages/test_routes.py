"""Import and search over the real journal and HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, text

from pileus.cli import messages as command
from pileus.cloud.services.messages import importing, parts, routes, store
from pileus.cloud.services.messages.formats.choose import AnyReader
from pileus.cloud.services.messages.formats.items import Item
from pileus.core.errors import Invalid
from pileus.sdk.client import Client


def line(number: int, body: str, **more: Any) -> dict[str, Any]:
    return {"address": "+86 138", "date_ms": 1000 + number, "direction": "in", "body": body, **more}


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def bring(client: httpx.Client, data: bytes | Iterator[bytes]) -> Any:
    answer = client.post("/messages/import", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(client: httpx.Client, query: str, **params: Any) -> list[str]:
    answer = client.get("/messages/search", params={"q": query, **params})
    assert answer.status_code == 200, answer.text
    return [one["body"] for one in answer.json()["messages"]]


def test_what_is_imported_is_in_the_journal_once_and_found(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        data = lines(line(1, "明天在西湖边见", contact="Lin"), line(2, "Tea at noon"), {"no": "message"})
        assert bring(client, data) == {
            "imported": 2,
            "repeated": 0,
            "skipped": [{"line": 3, "code": "no-texts", "why": "The address and the body have to be texts."}],
            "skipped_count": 1,
            "calls": 0,
            "drafts": 0,
            "attachments": 0,
            "deleted": 0,
        }
        again = bring(client, data)
        assert (again["imported"], again["repeated"]) == (0, 2)
        changes = client.get("/journal/changes?since=0").json()["changes"]
        assert sorted(one["fields"]["body"] for one in changes) == ["Tea at noon", "明天在西湖边见"]
        assert {one["fields"]["thread"] for one in changes} == {"+86138"}
        assert found(client, "西湖") == found(client, "湖") == found(client, "lin") == ["明天在西湖边见"]
        assert found(client, "TE") == ["Tea at noon"]
        assert found(client, "湖西") == found(client, "") == found(client, "😀") == []


def test_a_file_is_read_outside_the_event_loop(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loops: list[object] = []

    class Watched(AnyReader):
        def feed(self, data: bytes) -> list[Item]:
            loops.append(asyncio._get_running_loop())
            return super().feed(data)

    monkeypatch.setattr(routes, "AnyReader", Watched)
    with server.client(server.account("mei")["token"]) as client:
        assert bring(client, lines(line(1, "a")))["imported"] == 1
    assert loops
    assert set(loops) == {None}


def test_an_account_finds_nothing_of_another(server: Any) -> None:
    mei, lin = server.account("mei"), server.account("lin")
    with server.client(mei["token"]) as one, server.client(lin["token"]) as other:
        bring(one, lines(line(1, "西湖")))
        assert found(other, "西湖") == []
        assert bring(other, lines(line(1, "西湖")))["imported"] == 1
        assert found(one, "西湖") == found(other, "西湖") == ["西湖"]
    with server.client() as nobody:
        assert nobody.get("/messages/search?q=a").status_code == 401
        assert nobody.post("/messages/import", content=b"{}").status_code == 401


def test_the_index_follows_changes_and_deletions(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client, lines(line(1, "西湖")))
        change = client.get("/journal/changes?since=0").json()["changes"][0]
        wish = {"base": change["seq"], "collection": "messages.message", "record": change["id"]}
        named = {**wish, "id": "m1", "op": "put", "fields": {"contact": "Grandmother"}}
        client.post("/journal/mutations", json={"mutations": [named]})
        assert found(client, "grand") == ["西湖"]
        gone = {**wish, "base": change["seq"] + 1, "id": "m2", "op": "delete"}
        outcome = client.post("/journal/mutations", json={"mutations": [gone]}).json()["outcomes"][0]
        assert outcome["status"] == "applied"
        assert found(client, "西湖") == []
        again = {**wish, "base": change["seq"] + 2, "id": "m3", "op": "put", "fields": change["fields"]}
        client.post("/journal/mutations", json={"mutations": [again]})
        assert found(client, "西湖") == ["西湖"]
        assert found(client, "grand") == []


def delete(client: httpx.Client, *bodies: str) -> None:
    changes = client.get("/journal/changes?since=0").json()["changes"]
    gone = [
        {"id": f"gone-{one['seq']}", "base": one["seq"], "op": "delete"}
        | {"collection": one["collection"], "record": one["id"]}
        for one in changes
        if not one["deleted"] and (one["fields"].get("body") in bodies or "kind" in one["fields"])
    ]
    outcomes = client.post("/journal/mutations", json={"mutations": gone}).json()["outcomes"]
    assert {one["status"] for one in outcomes} == {"applied"}


def test_what_was_deleted_stays_away_from_an_import_until_it_is_asked_back(server: Any) -> None:
    call = {"kind": "call", "address": "10086", "date_ms": 7000, "direction": "in"}
    draft = {"kind": "draft", "address": "+86138", "body": "begun", "date_ms": 9000, "direction": "out"}
    messages = [line(0, "西湖", date_ms=5123), line(1, "kept"), line(0, "cut", date_ms=6000)]
    with server.client(server.account("mei")["token"]) as client:
        first = bring(client, lines(*messages, call, draft))
        assert (first["imported"], first["deleted"], first["skipped_count"]) == (5, 0, 0), first
        delete(client, "西湖", "cut", "begun")
        assert found(client, "西湖") == []
        # Another file's copies are known too: one that keeps whole seconds, one that keeps the rest.
        others = [line(0, "西湖", date_ms=5000), line(1, "kept"), line(0, "cut", date_ms=6789)]
        again = bring(client, lines(*others, call, draft))
        assert (again["imported"], again["repeated"], again["deleted"]) == (0, 1, 4)
        assert found(client, "西湖") == []
        back = client.post("/messages/import?deleted=restore", content=lines(*messages, call, draft)).json()
        assert (back["imported"], back["repeated"], back["deleted"]) == (4, 1, 0), back
        assert found(client, "西湖") == ["西湖"]
        assert bring(client, lines(*messages, *others, call, draft))["repeated"] == 8
        live = [one for one in client.get("/journal/changes?since=0").json()["changes"] if not one["deleted"]]
        assert len(live) == 5
        answer = client.post("/messages/import?deleted=maybe", content=lines(line(1, "kept")))
        assert (answer.status_code, answer.json()["code"]) == (400, "query-parameter")


def test_a_deletion_is_forgotten_with_the_journals_tombstone(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client, lines(line(1, "西湖")))
        delete(client, "西湖")
        now = server.cloud.db.read(
            lambda conn: conn.execute(text("SELECT gone_ms FROM messages_entry")).scalar_one()
        )
        assert server.cloud.db.write(lambda conn: store.forget(conn, now + store.GONE_MS)) == 0
        assert server.cloud.db.write(lambda conn: store.forget(conn, now + store.GONE_MS + 1)) == 1


def test_a_message_that_a_device_sends_is_checked(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        wish = {"id": "m1", "base": 0, "collection": "messages.message", "record": "x", "op": "put"}
        outcome = client.post(
            "/journal/mutations", json={"mutations": [{**wish, "fields": {"address": "1", "date_ms": "now"}}]}
        ).json()["outcomes"][0]
        assert (outcome["status"], outcome["code"]) == ("refused", "message-date")


def test_what_came_before_a_break_is_kept_and_told(server: Any) -> None:
    sms = '<sms address="1" date="{}" type="1" body="西湖 {}"/>\n'
    whole = "<smses>\n" + "".join(sms.format(at, at) for at in range(300))
    with server.client(server.account("mei")["token"]) as client:
        answer = client.post("/messages/import", content=(whole + "<sms <").encode())
        assert answer.status_code == 400
        problem = answer.json()
        assert (problem["code"], problem["line"]) == ("import-malformed", 302)
        assert problem["report"]["imported"] == 300
        assert len(found(client, "西湖")) == routes.PAGE
        rest = bring(client, (whole + "</smses>").encode())
        assert (rest["imported"], rest["repeated"]) == (0, 300)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import-empty"),
        (b"PK\x03\x04", "import-malformed"),
        (b"hello, this is no file of messages", "import-format"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><smses/>", "import-doctype"),
    ],
)
def test_other_files_get_a_clear_error(server: Any, data: bytes, code: str) -> None:
    with server.client(server.account("mei")["token"]) as client:
        answer = client.post("/messages/import", content=data)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_many_skipped_lines_are_counted_and_a_hundred_named(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        report = bring(client, b'{"a":1}\n' * 250)
        assert (report["skipped_count"], len(report["skipped"])) == (250, importing.NAMED)


def test_copies_of_two_devices_and_files_are_one_message(server: Any) -> None:
    phone = server.account("mei", "phone")
    tablet = server.sign_in("mei", "tablet")
    exact = [line(at, "西湖 tea", address="138 0013 8000", date_ms=5_000_123 + at * 1000) for at in range(300)]
    whole = [{**one, "address": "+86 138-0013-8000", "date_ms": one["date_ms"] // 1000 * 1000} for one in exact]
    with server.client(phone["token"]) as one, server.client(tablet["token"]) as other:
        answer = one.post("/messages/import?region=CN", content=lines(*exact, *whole[:50])).json()
        assert (answer["imported"], answer["repeated"]) == (300, 50)
        assert bring(other, lines(*whole))["repeated"] == 300
        answer = one.post("/messages/import?region=cn", content=lines(*exact)).json()
        assert (answer["imported"], answer["repeated"]) == (0, 300)
        later = [{**one, "date_ms": one["date_ms"] + 1} for one in exact[:3]]
        assert one.post("/messages/import?region=CN", content=lines(*later)).json()["imported"] == 3
        changes = one.get("/journal/changes?since=0").json()["changes"]
        assert len(changes) == 303
        assert {change["fields"]["thread"] for change in changes} == {"+8613800138000"}
        assert one.post("/messages/import?region=xx", content=b"{}").json()["code"] == "unknown-region"


def test_an_exact_copy_of_a_whole_second_is_remembered(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        assert bring(client, lines(line(0, "a", date_ms=5000)))["imported"] == 1
        assert bring(client, lines(line(0, "a", date_ms=5123)))["repeated"] == 1
        assert bring(client, lines(line(0, "a", date_ms=5123)))["repeated"] == 1
        assert bring(client, lines(line(0, "a", date_ms=5124)))["imported"] == 1


def test_a_message_that_a_device_made_is_known_to_an_import(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        fields = {**line(1, "西湖"), "address": "+86 138 0013 8000", "thread": "+8613800138000", "read": True}
        wish = {"id": "m1", "base": 0, "collection": "messages.message", "record": "own-id", "op": "put"}
        answer = client.post("/journal/mutations", json={"mutations": [{**wish, "fields": fields}]}).json()
        assert answer["outcomes"][0]["status"] == "applied"
        assert bring(client, lines({**line(1, "西湖"), "address": "+8613800138000"}))["repeated"] == 1


def test_what_many_bring_is_indexed_soon_after(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        assert bring(client, lines(*(line(at, f"西湖 {at}") for at in range(2300))))["imported"] == 2300
        while (answer := client.get("/messages/search?q=西湖 2299").json())["waiting"]:
            pass
        assert [one["body"] for one in answer["messages"]] == ["西湖 2299"]
        assert len(found(client, "西湖")) == routes.PAGE
        changes = client.get("/journal/changes?since=0&limit=1000").json()["changes"]
        assert [one["seq"] for one in changes] == list(range(1, 1001))


def test_a_search_is_of_a_person_and_a_span_of_time(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client, lines(*(line(at, f"tea {at}", address=f"+86{at % 2}") for at in range(6))))
        assert found(client, "tea", thread="+861") == ["tea 5", "tea 3", "tea 1"]
        assert found(client, "tea", since=1002, before=1005) == ["tea 4", "tea 3", "tea 2"]
        assert found(client, "tea", thread="+861", since=1002, before=1005) == ["tea 3"]
        assert found(client, "tea", thread="nobody") == []


def test_a_search_finds_its_account_s_messages_among_those_of_others(server: Any) -> None:
    mei, lin = server.account("mei"), server.account("lin")
    with server.client(mei["token"]) as client, server.client(lin["token"]) as other:
        many = 4 * store.OTHERS
        bring(client, lines(*(line(at, f"tea {at}") for at in (0, 1, 2, 3, many + 1, many + 3))))
        bring(other, lines(*(line(at, f"tea of others {at}") for at in (*range(4, many + 1), many + 2, many + 4))))
        mine = [f"tea {at}" for at in (many + 3, many + 1, 3, 2, 1, 0)]
        assert found(client, "tea", limit=1) == mine[:1]  # what is looked at first has all that is wanted
        assert found(client, "tea", limit=2) == mine[:2]  # some of it: the rest is asked for by the account
        assert found(client, "tea", limit=3, before=1000 + many) == mine[2:5]  # none of it
        assert found(client, "tea", thread="+86138") == found(client, "tea") == mine
        assert found(client, "others") == found(client, "others", limit=1) == []
        page = other.get("/messages/search", params={"q": "tea", "limit": 2}).json()
        assert [one["body"] for one in page["messages"]] == [f"tea of others {at}" for at in (many + 4, many + 2)]
        assert page["more"] is True


def picture(body: str, at: int, data: bytes = b"picture") -> dict[str, Any]:
    part = {"type": "image/png", "name": "a.png", "data": base64.b64encode(data).decode()}
    return line(at, body, parts=[part], people=["+861", "+862"])


def test_attachments_are_kept_once_and_go_with_their_last_message(server: Any) -> None:
    mei, lin = server.account("mei"), server.account("lin")
    with server.client(mei["token"]) as client, server.client(lin["token"]) as other:
        report = bring(client, lines(picture("one", 1), picture("two", 2), picture("one", 1)))
        assert (report["imported"], report["repeated"]) == (2, 1)
        first, second = client.get("/journal/changes?since=0").json()["changes"]
        assert first["fields"]["thread"].startswith("group-")
        answer = client.get(f"/messages/{first['id']}/parts/0")
        assert (answer.content, answer.headers["content-type"]) == (b"picture", "image/png")
        assert other.get(f"/messages/{first['id']}/parts/0").status_code == 404
        for path in (
            f"{first['id']}/parts/1",
            f"{first['id']}/parts/x",
            f"{first['id']}/parts/{10**9}",
            "none/parts/0",
        ):
            assert client.get(f"/messages/{path}").json()["code"] == "no-attachment"
        context = server.cloud.context
        for gone, status in ((first, 200), (second, 404)):
            wish = {"base": 99, "collection": "messages.message", "record": gone["id"], "id": gone["id"]}
            client.post("/journal/mutations", json={"mutations": [{**wish, "op": "delete"}]})
            asyncio.run(parts.DOUBTS.settle(context))
            left = server.cloud.db.read(lambda conn: parts.DOUBTS.open(conn))
            assert left == []
            assert client.get(f"/messages/{second['id']}/parts/0").status_code == status
        back = client.post("/messages/import?deleted=restore", content=lines(picture("one", 1)))
        assert back.json()["imported"] == 1
        assert client.get(f"/messages/{first['id']}/parts/0").content == b"picture"


def test_an_attachment_of_a_strange_type_is_plain_bytes(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        row = picture("one", 1, b"<script>")
        row["parts"][0]["type"] = "text/html"
        bring(client, lines(row))
        message = client.get("/journal/changes?since=0").json()["changes"][0]["id"]
        answer = client.get(f"/messages/{message}/parts/0")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_calls_and_drafts_are_kept_once(server: Any) -> None:
    calls = '<calls><call number="+86138" date="{}" type="3" duration="7"/></calls>'
    draft = '<smses><sms address="1" date="{}" type="3" body="{}"/></smses>'
    with server.client(server.account("mei")["token"]) as client:
        assert bring(client, calls.format(5123).encode())["calls"] == 1
        assert bring(client, calls.format(5000).encode())["repeated"] == 1
        assert bring(client, draft.format(5, "later").encode())["drafts"] == 1
        assert bring(client, draft.format(4, "before").encode())["repeated"] == 1
        assert bring(client, draft.format(6, "now").encode())["drafts"] == 1
        changes = client.get("/journal/changes?since=0").json()["changes"]
        assert [(one["collection"], one["fields"].get("body")) for one in changes] == [
            ("messages.call", None),
            ("messages.draft", "now"),
        ]
        bad = '<calls><call number="1" date="1" type="1" duration="999999999"/></calls>'
        answer = client.post("/messages/import?language=zh-CN", content=bad.encode()).json()
        assert answer["skipped"] == [{"line": 1, "code": "call-duration", "why": "通话时长不是秒数。"}]


def test_messages_from_before_keys_are_taken_in(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client, lines(*(line(at, f"西湖 {at}") for at in range(3))))

        def as_before(conn: Connection) -> None:
            conn.exec_driver_sql("INSERT INTO messages_old SELECT account_id, record FROM messages_entry")
            conn.exec_driver_sql("DELETE FROM messages_entry")
            conn.exec_driver_sql("DELETE FROM messages_search")

        server.cloud.db.write(as_before)
        assert found(client, "西湖") == []
        journal = server.cloud.journal
        assert server.cloud.db.write(lambda conn: store.take_old(conn, journal, 2)) == 2
        assert server.cloud.db.write(lambda conn: store.take_old(conn, journal, 2)) == 1
        assert server.cloud.db.write(lambda conn: store.take_old(conn, journal, 2)) == 0
        assert found(client, "西湖") == ["西湖 2", "西湖 1", "西湖 0"]
        assert bring(client, lines(line(1, "西湖 1")))["repeated"] == 1


def test_older_results_come_by_before(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client, lines(*(line(at, f"tea {at}") for at in range(5))))
        assert found(client, "tea", limit=2) == ["tea 4", "tea 3"]
        assert found(client, "tea", limit=2, before=1003) == ["tea 2", "tea 1"]
        assert client.get("/messages/search", params={"q": "tea", "limit": 2}).json()["more"] is True
        assert client.get("/messages/search", params={"q": "tea", "before": "x"}).status_code == 400
        assert client.get("/messages/search", params={"q": "x " * 600}).status_code == 400


def test_without_words_a_conversation_and_a_span_are_found(server: Any) -> None:
    with (
        server.client(server.account("mei")["token"]) as client,
        server.client(server.account("lin")["token"]) as lin,
    ):
        bring(
            client,
            lines(
                *(line(at, f"tea {at}", address="+86138") for at in range(3)), line(3, "西湖", address="+86139")
            ),
        )
        bring(lin, lines(line(1, "of another account", address="+86138")))
        assert found(client, "", thread="+86138") == ["tea 2", "tea 1", "tea 0"]
        assert found(client, " ", **{"with": "+86139"}) == ["西湖"]
        assert found(client, "", since=1001, before=1003) == ["tea 2", "tea 1"]
        assert found(client, "", thread="+86138", since=1001, limit=1) == ["tea 2"]
        assert found(client, "") == []
        # What was asked for has no word in it: nothing, not all.
        assert found(client, "?!", thread="+86138") == []


def test_who_is_meant_by_a_name_is_found(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        rows = (
            ("+8613800138000", "of Lin Wei", "Lin Wei"),
            ("+8613800138001", "of 李娜", ""),
            ("@lin", "here", "lin"),
        )
        bring(
            client,
            lines(*(line(at, body, address=who, contact=name) for at, (who, body, name) in enumerate(rows))),
        )
        bring(client, lines(line(5, "Lin said so", address="+8613800138002", contact="Mei")))
        card = [
            "BEGIN:VCARD",
            "VERSION:4.0",
            "UID:na",
            "FN:李娜",
            "TEL;VALUE=uri:tel:+86-138-0013-8001",
            "END:VCARD",
        ]
        client.post("/contacts/import", content="\r\n".join(card).encode()).raise_for_status()
        for name, bodies in {
            "lin": ["here", "of Lin Wei"],
            "LIN Wei": ["of Lin Wei"],
            "李娜": ["of 李娜"],
            "Mei": ["Lin said so"],
            "@lin": ["here"],
            "nobody": [],
        }.items():
            assert found(client, "", **{"with": name}) == bodies, name
        assert found(client, "wei", **{"with": "lin"}) == ["of Lin Wei"]
        assert found(client, "", limit=1, **{"with": "lin"}) == ["here"]


def test_the_command_line_imports(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = server.account("mei")["token"]
    monkeypatch.setattr(Client, "from_config", classmethod(lambda cls: cls(server.url, token)))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    file = tmp_path / "sms.jsonl"
    file.write_bytes(lines(line(1, "西湖")) + b"\nbroken")
    command.import_file(file)
    out = capsys.readouterr().out
    assert "1 imported, 0 were there already, 1 skipped." in out
    assert "line 2: The line is no JSON object." in out
    with server.client(token) as client:
        assert found(client, "西湖") == ["西湖"]


def test_what_was_imported_comes_out_and_goes_into_another_account(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, lin = server.account("mei"), server.account("lin")
    sms = '<sms address="+86138" date="5123" type="3" body="later"/>'
    calls = (
        b'<calls><call number="+86138" date="7" type="3" duration="0"/>'
        b'<call number="" presentation="2" date="9007" type="3" duration="0"/>'
        b'<call number="-2" date="19007" type="1" duration="5" contact_name="(Unknown)"/></calls>'
    )
    with server.client(mei["token"]) as client, server.client(lin["token"]) as other:
        bring(client, lines(*(line(at, f"西湖 {at}") for at in range(700)), picture("one\ntwo", 5000)))
        bring(client, f"<smses>{sms}</smses>".encode())
        bring(client, calls)
        for kind in ("messages", "calls"):
            monkeypatch.setattr(Client, "from_config", classmethod(lambda cls: cls(server.url, mei["token"])))
            file = tmp_path / f"{kind}.xml"
            command.export_file(file, calls=kind == "calls")
            data = file.read_bytes()
            assert f'count="{702 if kind == "messages" else 3}"'.encode() in data
            assert bring(other, data)["skipped_count"] == 0
            assert bring(client, data)["imported"] == 0, "the copies are known"

        def kept(one: httpx.Client) -> list[Any]:
            changes = one.get("/journal/changes?since=0&limit=1000").json()["changes"]
            return sorted(change["id"] for change in changes if change["collection"].startswith("messages."))

        assert kept(client) == kept(other)
        changes = other.get("/journal/changes?since=0&limit=1000").json()["changes"]
        numbers = [one["fields"]["address"] for one in changes if one["collection"] == "messages.call"]
        assert numbers == ["+86138", "", ""], "a withheld number is none"
        assert client.get("/messages/export?kind=x").status_code == 400


def test_the_command_line_searches(
    server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = server.account("mei")["token"]
    monkeypatch.setattr(Client, "from_config", classmethod(lambda cls: cls(server.url, token)))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with server.client(token) as client:
        went = line(2, "西湖 tea at noon", address="138 0013 8000", direction="out", date_ms=86_400_000 * 400)
        client.post("/messages/import?region=CN", content=lines(line(1, "西湖 tea", contact="Lin"), went))
    command.search(["西湖", "tea at"], "", "", "", "")
    assert "me → 138 0013 8000: 西湖 tea at noon" in capsys.readouterr().out
    command.search(["西湖"], "13800138000", "", "", "CN")
    assert "Lin" not in capsys.readouterr().out
    command.search(["西湖"], "", "", "1971-01-01", "")
    assert "Lin: 西湖 tea" in capsys.readouterr().out
    command.search(["西湖"], "", "1990-01-01", "", "")
    assert "No message has that." in capsys.readouterr().out
    with pytest.raises(Invalid):
        command.search(["x"], "", "soon", "", "")


def test_a_file_that_waits_for_its_end_has_to_fit_into_the_account(
    settings: Any, serve: Any, tmp_path: Path
) -> None:
    """And what a kill left of one is gone after the next start."""
    left = settings.data_dir / "services" / "messages" / "import-left"
    left.parent.mkdir(parents=True)
    left.write_bytes(bytes(1000))
    with serve(settings.changed(quota_bytes=6 << 20)) as server:
        assert not left.exists()
        with server.client(server.account("mei")["token"]) as client:
            answer = client.post("/messages/import", content=b"SQLite format 3\0" + bytes(12 << 20))
            assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
            assert list(left.parent.iterdir()) == []
            answer = client.post("/messages/import", content=b"SQLite format 3\0" + bytes(5 << 20))
            assert answer.json()["code"] == "import-malformed", "what is gone counts no more"


@pytest.mark.parametrize("number", ["1", "00000000000", "9999999999", "1234567890123456789012345", "-1", "²", "x"])
def test_an_attachment_that_is_not_there(server: Any, number: str) -> None:
    with server.client(server.account("mei")["token"]) as client:
        assert client.get(f"/messages/nobody/parts/{number}").status_code == 404
        assert client.post("/messages/import", content=lines(picture("look", 5000))).json()["attachments"] == 1
        [change] = client.get("/journal/changes?since=0").json()["changes"]
        answer = client.get(f"/messages/{change['id']}/parts/{number}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-attachment")
        assert client.get(f"/messages/{change['id']}/parts/0").status_code == 200
