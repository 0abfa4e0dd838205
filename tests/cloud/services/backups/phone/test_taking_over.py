"""What a phone's backup takes over from the last one: it holds what one that reads every record would."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from pileus.cloud.kernel.journal import pages
from pileus.cloud.services.backups.phone import records
from pileus.cloud.services.backups.phone.rules import ANEW_MS, before, bounded
from pileus.core.errors import PileusError
from pileus.sdk.backup import tree, wire
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.link import Link
from pileus.sdk.backup.view import View
from pileus.sdk.backup.wire import Chunk, Commit, Facts, Snapshot
from pileus.sdk.config import Config
from tests.cloud.names import of_test
from tests.cloud.services.backups.phone.phones import back_up
from tests.conftest import PASSWORD

NOTES, APPS = "notes.note", "shell.home"


class Phone:
    """An account, changed as its services do, and its backups read as `pileus restore` does."""

    def __init__(self, server: Any, name: str) -> None:
        told = server.account(name)
        self.id, self.cloud = told["account"]["id"], server.cloud
        self.client: httpx.Client = server.client(told["token"])
        self._link = Link(Config(server.url, told["token"]))

    def close(self) -> None:
        self.client.close()
        self._link.close()

    def put(self, name: str, fields: dict[str, Any], collection: str = NOTES) -> None:
        journal = self.cloud.context.journal
        self.cloud.db.write(lambda conn: journal.put(conn, self.id, collection, name, fields))

    def delete(self, name: str, collection: str = NOTES) -> None:
        journal = self.cloud.context.journal
        self.cloud.db.write(lambda conn: journal.delete(conn, self.id, collection, name))

    def live(self, collection: str = NOTES) -> dict[str, Any]:
        journal = self.cloud.context.journal
        found = self.cloud.db.read(lambda conn: journal.records(conn, self.id, collection))
        return {one.id: one.fields for one in found}

    def kept(self, snapshot: str, collection: str = NOTES) -> list[tuple[str, Any]]:
        """The records of a backup in their order."""
        naming = Naming(bytes.fromhex(self._link.get("/backups/area", wire.Area).naming))
        found = self._link.get("/backups/snapshots", list[Snapshot])
        view = View(self._link, naming, found)
        data = view.read(f"/ids/{snapshot[:8]}/records/{collection}.jsonl", 1 << 30, 0)
        lines = [msgspec.json.decode(line) for line in data.splitlines()]
        return [(line["id"], line["fields"]) for line in lines]

    def count(self, snapshot: str, collection: str = NOTES) -> int:
        counts: dict[str, int] = self.client.get(f"/backups/phone/{snapshot}").json()["collections"]
        return counts.get(collection, 0)

    def post(self, path: str, body: object) -> None:
        self.client.post(path, content=msgspec.msgpack.encode(body)).raise_for_status()


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[Phone]:
    one = Phone(shared_server, of_test(request))
    yield one
    one.close()


@pytest.fixture
def read(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The collections of which all records of this account were read, in their order."""
    seen: list[str] = []
    journal = phone.cloud.context.journal
    records = journal.records

    def noted(
        conn: Any, account_id: str, collection: str, after: Any = None, limit: Any = None, size: Any = None
    ) -> Any:
        if account_id == phone.id and limit is not None:
            seen.append(collection)
        return records(conn, account_id, collection, after, limit, size)

    monkeypatch.setattr(journal, "records", noted)
    return seen


def exact(phone: Phone, snapshot: str, collection: str = NOTES) -> None:
    live = phone.live(collection)
    assert phone.kept(snapshot, collection) == sorted(live.items())
    assert phone.count(snapshot, collection) == len(live)


@pytest.mark.parametrize("size", [20, 3000], ids=["sharing a chunk", "in chunks of its own"])
def test_what_changed_since_is_in_it(phone: Phone, read: list[str], size: int) -> None:
    dice = random.Random(size)
    names = [f"n{number:03}" for number in range(200)]
    for name in dice.sample(names, 120):
        phone.put(name, {"title": name, "body": "x" * size})
    phone.put("look", {"wallpaper": "dusk"}, APPS)
    exact(phone, back_up(phone.client))
    assert NOTES in read
    for turn in range(6):
        read.clear()
        for name in dice.sample(names, dice.choice([0, 1, 40])):
            if dice.random() < 0.4:
                phone.delete(name)
            else:
                phone.put(name, {"title": f"{name} {turn}", "body": "y" * size})
        snapshot = back_up(phone.client)
        exact(phone, snapshot)
        exact(phone, snapshot, APPS)
        assert not {NOTES, APPS} & set(read)
    for name in names:
        phone.delete(name)
    assert phone.count(back_up(phone.client)) == 0
    phone.put("n", {"title": "again"})
    exact(phone, back_up(phone.client))


def test_what_is_written_meanwhile_is_in_the_next(phone: Phone) -> None:
    stop = threading.Event()

    def write() -> None:
        dice = random.Random(3)
        while not stop.is_set():
            name = f"n{dice.randrange(60)}"
            if dice.random() < 0.3:
                phone.delete(name)
            else:
                phone.put(name, {"title": f"{dice.random()}"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(6):
            kept = phone.kept(back_up(phone.client))
            assert [name for name, _ in kept] == sorted({name for name, _ in kept})
    finally:
        stop.set()
        writer.join()
    exact(phone, back_up(phone.client))


def test_deletions_that_the_journal_forgot_are_in_it(phone: Phone, read: list[str]) -> None:
    phone.put("a", {"title": "stays"})
    phone.put("b", {"title": "goes"})
    back_up(phone.client)
    phone.delete("b")
    later = phone.cloud.context.clock.now_ms() + 1
    phone.cloud.db.write(lambda conn: pages.prune(conn, phone.id, later))
    read.clear()
    exact(phone, back_up(phone.client))
    assert NOTES in read


def test_all_is_read_where_the_last_one_was_forgotten_or_is_another(phone: Phone, read: list[str]) -> None:
    phone.put("a", {"title": "kept"})
    first = back_up(phone.client)
    phone.client.post("/backups/forget", json={"ids": [first], "present": PASSWORD}).raise_for_status()
    assert "last_ms" not in phone.client.get("/backups/phone").json()["state"], "the next one is due"
    read.clear()
    second = back_up(phone.client)
    assert NOTES in read
    exact(phone, second)
    # Its own account may make any snapshot under an id that is free.
    phone.client.post("/backups/forget", json={"ids": [second], "present": PASSWORD}).raise_for_status()
    naming = Naming(bytes.fromhex(phone.client.get("/backups/area").json()["naming"]))
    root = tree.encode_root([], [])
    chunk = Chunk(naming.name(root), len(root), False, memoryview(root))
    paths = ["/about.json", "/apps", "/records"]
    facts = Facts(time_ms=1, host="phone", user="", paths=paths, tags=["phone"], tree=chunk.name.hex())
    phone.post("/backups/snapshots", Commit(id=second, facts=facts, names=[chunk.name], chunks=[chunk]))
    read.clear()
    exact(phone, back_up(phone.client))
    assert NOTES in read


def test_nothing_is_taken_over_from_another_tree_under_the_last_ones_name(phone: Phone, read: list[str]) -> None:
    phone.put("a", {"title": "old"})
    first = back_up(phone.client)
    phone.put("a", {"title": "new"})
    phone.put("b", {"title": "later"})
    second = back_up(phone.client)
    made = {one["id"]: one for one in phone.client.get("/backups/snapshots").json()}
    trees = {name: one["tree"] for name, one in made.items()}
    assert phone.client.get("/backups/phone").json()["state"]["last_ms"] == made[second]["time_ms"]
    phone.client.post("/backups/forget", json={"ids": [second], "present": PASSWORD}).raise_for_status()
    last = phone.client.get("/backups/phone").json()["state"]
    assert (last["last_ms"], last["bytes"]) == (made[first]["time_ms"], made[first]["bytes"])
    assert "records" not in last
    paths = ["/about.json", "/apps", "/records"]
    facts = Facts(time_ms=1, host="phone", user="", paths=paths, tags=["phone"], tree=trees[first])
    names = [bytes.fromhex(trees[first])]
    phone.post("/backups/snapshots", Commit(id=second, facts=facts, names=names, chunks=[]))
    read.clear()
    exact(phone, back_up(phone.client))
    assert NOTES in read


def test_what_is_read_at_once_has_few_bytes(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE_BYTES", 10_000)
    journal, pages_read = phone.cloud.context.journal, []

    def noted(ask: Any) -> Any:
        def asked(*arguments: Any) -> Any:
            page = ask(*arguments)
            if arguments[1] == phone.id and len(arguments) == 6:
                pages_read.append([len(one.fields.get("body", "")) for one in page])
            return page

        return asked

    monkeypatch.setattr(journal, "records", noted(journal.records))
    monkeypatch.setattr(journal, "changed", noted(journal.changed))
    for turn, size in enumerate((3000, 4000)):
        for number in range(10):
            phone.put(f"n{number}", {"title": f"{turn}", "body": "x" * size})
        phone.put("large", {"title": f"{turn}", "body": "x" * 50_000})
        exact(phone, back_up(phone.client))
    assert [50_000] in pages_read
    assert max(sum(page) for page in pages_read if page != [50_000]) <= 10_000
    assert sum(sum(page) for page in pages_read) == 170_000


def test_what_is_forged_costs_no_more_than_its_bounds() -> None:
    with pytest.raises(PileusError, match="cannot be read"):
        bounded(iter(lambda: b"x" * 1000, None), 5000)
    assert bounded([b"ab", b"c"], 3) == b"abc"


def test_a_chunk_that_is_lost_is_stored_anew(phone: Phone) -> None:
    for number in range(100):
        phone.put(f"n{number}", {"title": "t", "body": random.Random(number).randbytes(2000).hex()})
    first = back_up(phone.client)
    mine = f"account_id = '{phone.id}' AND area = 'backups'"
    lost = f"UPDATE object_chunk SET lost = 1 WHERE {mine}"  # as the check of packs leaves what it cannot read
    phone.cloud.db.write(lambda conn: conn.exec_driver_sql(lost))
    second = back_up(phone.client)
    exact(phone, second)
    assert phone.kept(first) == phone.kept(second), "which mends the older one"


def test_all_is_read_once_a_week() -> None:
    facts = Facts(time_ms=1, host="phone", user="", paths=[], tags=[], tree="")
    one = msgspec.convert({"id": "a" * 32, **msgspec.to_builtins(facts)}, Snapshot)
    state = {"snapshot": one.id, "tree": "", "as_of": 5, "read_ms": 1000}
    found = before(state, [one], 1000 + ANEW_MS - 1)
    assert found is not None
    assert (found.snapshot, found.as_of, found.read_ms) == (one, 5, 1000)
    assert before(state, [one], 1000 + ANEW_MS) is None
    assert before(state, [one], 999) is None, "a clock that was set back"
    assert before(state, [], 2000) is None
    assert before({**state, "tree": "b"}, [one], 2000) is None, "another one of the same id"
    assert before({"snapshot": one.id, "tree": ""}, [one], 2000) is None, "of a cloud that did not know of it"
