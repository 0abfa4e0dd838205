"""Import and search over the real journal and HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from pileus.cli import messages as command
from pileus.cloud.services.messages import routes
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
            "skipped": [{"line": 3, "why": "The address and the body have to be texts."}],
            "skipped_count": 1,
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

    class Watched(routes.AnyReader):
        def feed(self, data: bytes) -> list[routes.Item]:
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
        assert (
            server.cloud.db.read(lambda conn: conn.execute(text("SELECT count(*) FROM messages_entry")).scalar())
            == 0
        )
        assert bring(client, lines(line(1, "西湖")))["imported"] == 1
        assert found(client, "西湖") == ["西湖"]


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
        (b"PK\x03\x04", "import-format"),
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
        assert (report["skipped_count"], len(report["skipped"])) == (250, routes.NAMED)


def test_older_results_come_by_before(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client, lines(*(line(at, f"tea {at}") for at in range(5))))
        assert found(client, "tea", limit=2) == ["tea 4", "tea 3"]
        assert found(client, "tea", limit=2, before=1003) == ["tea 2", "tea 1"]
        assert client.get("/messages/search", params={"q": "tea", "limit": 2}).json()["more"] is True
        assert client.get("/messages/search", params={"q": "tea", "before": "x"}).status_code == 400
        assert client.get("/messages/search", params={"q": "x " * 600}).status_code == 400


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
