"""Backups over HTTP: clients that lie, repeat themselves, bring too much, or ask for another account's chunks."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
import zstandard
from blake3 import blake3

from pileus.sdk.backup.wire import FRAME, MOST_NAMES, Chunk, Commit, Facts
from tests.conftest import PASSWORD

NUMBERS = itertools.count()
DATA = b"what is to be kept\n" * 500


class Person:
    """An account that brings chunks by hand."""

    def __init__(self, client: httpx.Client, account_id: str) -> None:
        self.client, self.id = client, account_id
        self.key = bytes.fromhex(client.get("/backups/area").json()["naming"])

    def name(self, data: bytes) -> bytes:
        return bytes(blake3(data, key=self.key).digest())

    def chunk(self, data: bytes = DATA) -> Chunk:
        return Chunk(self.name(data), len(data), False, memoryview(data))

    def bring(self, *chunks: Chunk) -> httpx.Response:
        return self.post("/backups/chunks", chunks)

    def known(self, *names: bytes) -> bytes:
        return self.post("/backups/chunks/known", names).content

    def commit(self, names: list[bytes], identity: str | None = None, **members: Any) -> httpx.Response:
        facts = Facts(time_ms=1, host="h", user="u", paths=["/a"], tree=names[0].hex() if names else "0" * 64)
        wish = Commit(id=identity or os.urandom(16).hex(), facts=facts, names=names, **members)
        return self.post("/backups/snapshots", wish)

    def post(self, path: str, value: object) -> httpx.Response:
        return self.client.post(path, content=msgspec.msgpack.encode(value))

    def used(self) -> int:
        return int(self.client.get("/backups/area").json()["used"])


@pytest.fixture
def person(shared_server: Any) -> Iterator[Person]:
    session = shared_server.account(f"anna {next(NUMBERS)}")
    with shared_server.client(session["token"]) as client:
        yield Person(client, session["account"]["id"])


def code(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


def test_there_and_back(person: Person) -> None:
    chunk, text = person.chunk(os.urandom(5000)), person.chunk()
    packed = zstandard.ZstdCompressor().compress(DATA)
    small = Chunk(text.name, len(DATA), True, memoryview(packed))
    assert person.known(chunk.name, text.name) == b"\0\0"
    assert person.bring(chunk, small, chunk).status_code == 204
    assert person.known(chunk.name, text.name, b"x" * 32) == b"\1\1\0"
    answer = person.post("/backups/chunks/read", [text.name, chunk.name]).content
    packing, plain, size = FRAME.unpack_from(answer)
    assert (packing, plain, answer[FRAME.size : FRAME.size + size]) == (1, len(DATA), packed)
    assert answer[FRAME.size + size + FRAME.size :] == chunk.data


def test_a_client_that_lies_keeps_nothing(person: Person) -> None:
    right = person.chunk(os.urandom(100))
    packed = zstandard.ZstdCompressor().compress(DATA)
    name = person.name(DATA)
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(DATA)
    bomb = zstandard.ZstdCompressor().compress(bytes(64 << 20))
    lies = [
        (Chunk(os.urandom(32), len(DATA), False, memoryview(DATA)), "chunk-wrong"),
        (Chunk(name, len(DATA) - 1, False, memoryview(DATA)), "chunk-wrong"),
        (Chunk(name, len(DATA) + 1, True, memoryview(packed)), "chunk-wrong"),
        (Chunk(name, len(DATA), True, memoryview(packed[:-5])), "chunk-wrong"),
        (Chunk(name, len(DATA), True, memoryview(packed + b"more")), "chunk-wrong"),
        (Chunk(name, len(DATA), True, memoryview(unsized)), "chunk-wrong"),
        (Chunk(name, len(DATA), True, memoryview(DATA)), "chunk-wrong"),
        (Chunk(name, len(DATA), True, memoryview(bomb)), "chunk-wrong"),
        (Chunk(name, 64 << 20, True, memoryview(bomb)), "chunk-size"),
        (Chunk(name, 0, False, memoryview(b"")), "chunk-size"),
        (Chunk(name, -1, False, memoryview(DATA)), "chunk-size"),
        (Chunk(b"short", len(DATA), False, memoryview(DATA)), "chunk-name"),
    ]
    for lie, expected in lies:
        assert code(person.bring(right, lie)) == expected
    assert person.known(right.name, name) == b"\0\0"


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\x91\x01", b"\x91\x94\xc4\x01a\x01\x01", b"\xdd\xff\xff\xff\xff"]
)
def test_what_is_no_message_is_refused(person: Person, body: bytes) -> None:
    for path in ("/backups/chunks", "/backups/chunks/known", "/backups/chunks/read", "/backups/snapshots"):
        assert code(person.client.post(path, content=body)) == "malformed-body"


def test_bounds(person: Person) -> None:
    assert code(person.post("/backups/chunks/known", [b"x" * 32] * (MOST_NAMES + 1))) in (
        "too-many-chunks",
        "body-too-large",
    )
    assert code(person.commit([])) == "snapshot-wrong"
    assert code(person.commit([b"x" * 32], identity="../../x")) == "snapshot-wrong"
    assert code(person.commit([b"x" * 32])) == "object-swept"


def test_a_snapshot_is_made_once(person: Person) -> None:
    chunk = person.chunk(os.urandom(3000))
    identity = "ab" * 16
    for _ in range(2):
        answer = person.commit([chunk.name, chunk.name], identity, chunks=[chunk])
        assert answer.status_code == 201, answer.text
    assert [one["id"] for one in person.client.get("/backups/snapshots").json()] == [identity]
    again = person.commit([], same_as=identity)
    assert again.status_code == 201
    assert code(person.commit([], same_as="cd" * 16)) == "snapshot-gone"
    records = person.client.get("/journal/snapshot").json()["records"]
    assert sum(one["collection"] == "backups.snapshot" for one in records) == 2


def test_another_account_finds_nothing(person: Person, shared_server: Any) -> None:
    chunk = person.chunk()
    person.commit([chunk.name], chunks=[chunk])
    session = shared_server.account(f"bob {next(NUMBERS)}")
    with shared_server.client(session["token"]) as client:
        bob = Person(client, session["account"]["id"])
        assert bob.key != person.key
        assert bob.known(chunk.name) == b"\0"
        assert code(bob.post("/backups/chunks/read", [chunk.name])) == "no-chunk"
        assert code(bob.commit([chunk.name])) == "object-swept"
        identity = person.client.get("/backups/snapshots").json()[0]["id"]
        wish = {"ids": [identity], "present": PASSWORD}
        assert client.post("/backups/forget", json=wish).json() == {"forgotten": 0}
        assert code(bob.commit([], same_as=identity)) == "snapshot-gone"
    assert len(person.client.get("/backups/snapshots").json()) == 1


def test_a_device_writes_no_snapshots(person: Person) -> None:
    wish = {"collection": "backups.snapshot", "fields": {}, "op": "put", "base": 0, "id": "m1", "record": "a" * 32}
    answer = person.client.post("/journal/mutations", json={"mutations": [wish]})
    assert answer.json()["outcomes"][0]["code"] == "read-only"


def test_the_quota_holds_also_for_what_is_only_brought(person: Person, shared_server: Any) -> None:
    cloud = shared_server.cloud
    limit = person.used() + 250_000
    _limit(cloud, person, limit)
    first, second, third = (person.chunk(os.urandom(100_000)) for _ in range(3))
    assert person.bring(first, second).status_code == 204
    assert code(person.bring(third)) == "quota-exceeded"
    assert person.bring(first).status_code == 204
    answer = person.commit([first.name, second.name])
    assert answer.status_code == 201
    assert code(person.commit([first.name, third.name], chunks=[third])) == "quota-exceeded"
    identity = answer.json()["id"]
    before = person.used()
    wish = {"ids": [identity], "present": PASSWORD}
    assert person.client.post("/backups/forget", json=wish).json() == {"forgotten": 1}
    refused = person.client.post("/backups/forget", json={**wish, "present": "not this one"})
    assert (refused.status_code, code(refused)) == (403, "present-password")
    [_, newest, *_] = person.client.get("/account/log").json()["entries"]
    assert (newest["event"], newest["about"]) == ("backups-forgotten", "1")
    assert before - person.used() >= 200_000
    assert person.bring(third).status_code == 204


def _limit(cloud: Any, person: Person, limit: int) -> None:
    from sqlalchemy import text

    query = text("UPDATE account SET quota_bytes = :limit WHERE id = :id")
    cloud.db.write(lambda conn: conn.execute(query, {"limit": limit, "id": person.id}))


def test_a_check_reads_everything_back(person: Person) -> None:
    chunks = [person.chunk(os.urandom(50_000)) for _ in range(3)]
    for chunk in chunks:
        person.bring(chunk)
    person.commit([chunk.name for chunk in chunks])
    lines = person.client.post("/backups/check").text.splitlines()
    steps = [msgspec.json.decode(line) for line in lines]
    assert (steps[-1]["end"], steps[-1]["done"], steps[-1]["of"]) == (True, 4, 4)
    assert steps[-1]["bytes"] >= 150_000
    again = person.client.post("/backups/check", params={"since": steps[0]["since_ms"]}).text.splitlines()
    assert msgspec.json.decode(again[-1])["of"] == 0


@pytest.mark.parametrize("text", ["²", "-1", "1e3", "later", "9" * 25])
def test_a_number_that_is_none_is_told(person: Person, text: str) -> None:
    """ "²" is a digit for Python, but no number."""
    name = person.name(DATA)
    assert person.bring(person.chunk()).status_code == 204
    made = person.commit([name]).json()["id"]
    for method, path in (
        ("GET", f"/backups/snapshots/{made}/folder?start={text}"),
        ("GET", f"/backups/phone/restores/none?start={text}"),
        ("POST", f"/backups/check?since={text}"),
    ):
        answer = person.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-query"), path
