"""What the command line reads of an account: one collection, and then what changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pileus.cli import app
from pileus.core.errors import PileusError
from pileus.sdk.client import Client, Watch


class Counting(Client):
    """Keeps what was asked for and how many records were told."""

    def __init__(self, server: str, token: str) -> None:
        super().__init__(server, token)
        self.asked: list[str] = []
        self.told = 0

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        answer = super().get(path, params)
        self.asked.append(path)
        self.told += len(answer.get("records", answer.get("changes", [])))
        return answer


@pytest.fixture
def anna(server: Any) -> Iterator[Counting]:
    session = server.account("anna")
    with Counting(server.url, session["token"]) as client:
        put(server, session, "files.file", *(f"f{number}" for number in range(30)))
        put(server, session, "apps.install", "old", "job")
        yield client


def put(server: Any, session: Any, collection: str, *ids: str, **fields: Any) -> None:
    fields = fields or {"phase": "check"}
    if collection == "files.file":
        fields = {"name": "x", "parent": "", "type": "folder"}
    journal, account = server.cloud.journal, session["account"]["id"]
    server.cloud.db.write(
        lambda conn: [journal.put(conn, account, collection, one, fields) for one in ids] and None
    )


def test_one_collection_is_asked_for(anna: Counting) -> None:
    assert anna.records("apps.install").keys() == {"old", "job"}
    assert anna.told == 2
    page = anna.get("/journal/snapshot", {"collection": "files.file", "limit": 20})
    rest = anna.get("/journal/snapshot", {"collection": "files.file", "limit": 20, "page": page["next"]})
    assert len({one["id"] for one in page["records"] + rest["records"]}) == 30
    assert rest["next"] is None
    with pytest.raises(PileusError) as caught:
        anna.get("/journal/snapshot", {"collection": "files.none"})
    assert caught.value.code == "unknown-collection"


def test_an_install_is_followed_from_a_cursor(
    anna: Counting, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = {"account": anna.get("/account")}
    phases = iter(["translate", "translate", "done"])
    shown: list[str] = []

    def later(_seconds: float) -> None:
        put(server, session, "apps.install", "job", phase=next(phases), label="Demo", app="org.example")

    monkeypatch.setattr(app, "time", SimpleNamespace(sleep=later, monotonic=time.monotonic))
    fields = app.follow(anna, "job", lambda fields: shown.append(fields["phase"]))
    assert fields["app"] == "org.example"
    assert shown == ["check", "translate", "done"]
    assert anna.asked.count("/journal/snapshot") == 1
    assert anna.told <= 2 + 3


def test_a_cursor_that_is_gone_begins_anew(anna: Counting, server: Any) -> None:
    session = {"account": anna.get("/account")}
    watch = Watch(anna, "apps.install")
    watch.read()
    put(server, session, "apps.install", "new")
    watch._since = 1 << 40
    assert watch.read().keys() == {"old", "job", "new"}
