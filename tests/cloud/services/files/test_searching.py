"""Finding files by names and texts, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, event

from pileus.cloud.services.files import index, rules
from pileus.cloud.services.files.searching import AT_ONCE, Searching
from tests.cloud.names import of_test
from tests.postgres import sqlite_only

from .test_files import erase, keep, mutate
from .test_keeping import folder


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def found(client: httpx.Client, query: str) -> list[tuple[str, str]]:
    answer = client.get("/files/search", params={"q": query})
    assert answer.status_code == 200, answer.text
    return [(one["name"], one["by"]) for one in answer.json()["files"]]


def names(client: httpx.Client, query: str) -> list[str]:
    return [name for name, _ in found(client, query)]


def test_by_name(phone: httpx.Client) -> None:
    for name in ("2024年西湖边的照片.jpg", "Über den Wolken.mp3", "report final.pdf", "西边的湖.txt"):
        keep(phone, b"\0", name)
    folder(phone, "Reports")
    assert names(phone, "西湖") == ["2024年西湖边的照片.jpg"]
    assert names(phone, "湖") == ["西边的湖.txt", "2024年西湖边的照片.jpg"]
    assert names(phone, "uber wol") == ["Über den Wolken.mp3"]
    assert names(phone, "rep") == ["Reports", "report final.pdf"]
    assert names(phone, '"report final"') == ["report final.pdf"]
    assert names(phone, "photo") == []
    assert names(phone, '" OR *') == []


def test_by_text(phone: httpx.Client) -> None:
    keep(phone, "周六去西湖边喝茶".encode(), "plan.txt", type="text/plain")
    keep(phone, "买票去西湖".encode("gb18030"), "old.md")
    keep(phone, "﻿Straße nach 西湖".encode("utf-16"), "note.csv")
    keep(phone, "西湖".encode(), "西湖 picture.jpg", type="image/jpeg")
    keep(phone, b"tea\0party", "binary.txt", type="text/plain")
    keep(phone, b"x" * rules.TEXT_BYTES + b" tea", "large.txt", type="text/plain")
    assert found(phone, "西湖") == [
        ("西湖 picture.jpg", "name"),
        ("note.csv", "text"),
        ("old.md", "text"),
        ("plan.txt", "text"),
    ]
    assert names(phone, "strasse") == ["note.csv"]
    assert names(phone, "plan 喝茶") == ["plan.txt"], "words of one search may stand in name and text"
    assert names(phone, "tea") == []


def test_what_changes_is_found_as_it_is_now(phone: httpx.Client) -> None:
    file = keep(phone, b"apples", "list.txt", type="text/plain")["file"]
    assert names(phone, "apples") == ["list.txt"]
    seq = phone.get("/journal/snapshot").json()["as_of"]
    mutate(phone, id="rename", record=file, fields={"name": "shopping.txt"}, base=seq)
    assert names(phone, "list") == []
    assert names(phone, "shopping apples") == ["shopping.txt"]
    keep(phone, b"pears", replaces=file, type="text/plain")
    assert names(phone, "apples") == []
    assert names(phone, "pears") == ["shopping.txt"]
    phone.delete(f"/files/{file}")
    assert names(phone, "pears") == names(phone, "shopping") == [], "not from the trash"
    phone.post(f"/files/trash/{file}/restore")
    assert names(phone, "pears") == ["shopping.txt"]
    erase(phone, file)
    assert names(phone, "shopping") == []


def test_nobody_finds_what_is_anothers(phone: httpx.Client, shared_server: Any) -> None:
    keep(phone, b"hidden words", "secret.txt", type="text/plain")
    with shared_server.client(shared_server.account("else")["token"]) as other:
        assert names(other, "secret") == names(other, "hidden") == []
    assert names(phone, "secret") == ["secret.txt"]


def test_many_texts_are_taken_in_by_and_by(phone: httpx.Client, shared_server: Any) -> None:
    for number in range(AT_ONCE + 5):
        keep(phone, b"common", f"{number}.txt", type="text/plain")
    answer = phone.get("/files/search", params={"q": "common"}).json()
    assert (len(answer["files"]), answer["waiting"]) == (AT_ONCE, 5)
    asyncio.run(Searching(shared_server.cloud.context).take_all())
    answer = phone.get("/files/search", params={"q": "common"}).json()
    assert (len(answer["files"]), answer["waiting"]) == (AT_ONCE + 5, 0)


def test_queries_that_make_no_sense(phone: httpx.Client) -> None:
    assert names(phone, "") == names(phone, "!?") == []
    assert phone.get("/files/search", params={"q": "a " * 400}).status_code in (200, 413)
    assert phone.get("/files/search", params={"q": "a" * 2000}).status_code == 400


@sqlite_only  # whose planner it is
def test_what_is_due_is_found_without_looking_at_every_file(server: Any) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    def look(conn: Connection) -> list[str]:
        event.listen(conn, "before_cursor_execute", note)
        index.due(conn, "anna", AT_ONCE)
        event.remove(conn, "before_cursor_execute", note)
        ((statement, values),) = asked
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return [str(row[3]) for row in plan]

    assert server.cloud.db.read(look) == ["SEARCH files_indexed USING INDEX files_indexed_due (account_id=?)"]
