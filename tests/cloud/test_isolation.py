"""Every operation × another account's token and ids gives nothing of theirs.

Generated from contracts/http/openapi.json, so that a new route is covered by itself.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.errors import PileusError

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "contracts/http/openapi.json").read_text(encoding="utf-8"))
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
CLOSED = [one for one in OPERATIONS if "security" not in one[2]]
WITH_IDS = [one for one in CLOSED if "{" in one[1]]
SECRET = "anna-secret-4711"


def names(case: tuple[str, str, Any]) -> str:
    return f"{case[0]} {case[1]}"


def body(operation: Any) -> dict[str, Any]:
    """A body that is well-formed enough to get past decoding."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {"json": example(schema)} if schema else {"content": b""}


def example(schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return example(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example(schema[choice][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        needed = schema.get("required", [])
        return {name: example(one) for name, one in schema.get("properties", {}).items() if name in needed}
    return {"string": "x" * 8, "integer": 1, "number": 1.0, "boolean": True, "array": []}.get(str(kind))


def test_the_document_is_not_empty():
    assert len(CLOSED) >= 8
    assert WITH_IDS


@pytest.fixture(scope="module")
def world(shared_server: Any) -> dict[str, Any]:
    """Anna's records of every collection, her devices and ids; Bob's token."""
    session = shared_server.account("anna", SECRET)
    account = session["account"]["id"]
    cloud = shared_server.cloud
    for collection in cloud.journal.collections.order:
        with contextlib.suppress(PileusError):
            put = partial(cloud.journal.put, account_id=account, collection=collection.name)
            cloud.db.write(partial(put, record_id=f"id-{uuid.uuid4()}", fields={"name": SECRET}))
    query = "SELECT id FROM journal_record UNION SELECT id FROM device UNION SELECT id FROM account"
    ids = {row[0] for row in cloud.db.read(lambda conn: conn.exec_driver_sql(query).all())}
    return {"server": shared_server, "ids": ids, "bob": shared_server.account("bob")["token"]}


def state(server: Any) -> Any:
    """All that is kept of Anna's."""
    query = (
        "SELECT r.id, r.seq, r.fields FROM journal_record r JOIN account a ON a.id = r.account_id"
        " WHERE a.name = 'anna' UNION SELECT d.id, 0, d.name FROM device d JOIN account a"
        " ON a.id = d.account_id WHERE a.name = 'anna'"
    )
    return server.cloud.db.read(lambda conn: [tuple(row) for row in conn.exec_driver_sql(query)])


@pytest.mark.parametrize("case", CLOSED, ids=names)
def test_nothing_without_a_good_token(shared_server, case):
    method, path, operation = case
    with shared_server.client() as nobody, shared_server.client("no-such-token") as stranger:
        for client in (nobody, stranger):
            url = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
            assert client.request(method, url, **body(operation)).status_code == 401


@pytest.mark.parametrize("case", CLOSED, ids=names)
def test_nothing_of_another_account(world, case):
    method, path, operation = case
    server, before = world["server"], state(world["server"])
    assert len(before) >= 4
    # What a sign-out does to Bob must not end this test's other cases.
    token = server.sign_in("bob")["token"] if path.endswith("/sign-out") else world["bob"]
    with server.client(token) as bob:
        for one in sorted(world["ids"]):
            url = path.removeprefix("/api/v1")
            for parameter in operation.get("parameters", []):
                url = url.replace(f"{{{parameter['name']}}}", one)
            answer = bob.request(method, url, **body(operation))
            assert SECRET not in answer.text
            # No supervisor runs here: what would ask it says so.
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            if "{" not in path:
                break
            if (method, answer.status_code, answer.content) == ("DELETE", 204, b""):
                continue  # a deletion that is the same when repeated: that nothing was deleted is seen below
            assert answer.status_code in (400, 401, 403, 404, 409, 410, 503), (url, answer.text)
    assert state(server) == before


def test_a_journal_is_its_owners_only(server):
    wish = {"id": "m", "base": 0, "collection": "shell.setting", "record": "r", "fields": {"v": SECRET}}
    anna, bob = server.account("anna"), server.account("bob")
    with server.client(anna["token"]) as hers, server.client(bob["token"]) as his:
        hers.post("/journal/mutations", json={"mutations": [wish]})
        # The same mutation id and record id of another account are other ones.
        mine = his.post("/journal/mutations", json={"mutations": [{**wish, "fields": {"v": "bob's"}}]})
        assert mine.json()["outcomes"][0]["status"] == "applied"
        for path in ("/journal/changes?since=0", "/journal/snapshot"):
            answer: httpx.Response = his.get(path)
            assert SECRET not in answer.text
            assert SECRET in hers.get(path).text
        assert his.get("/account").json()["name"] == "bob"
        assert len(his.get("/devices").json()) == 1
