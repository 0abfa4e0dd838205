"""Every operation × another account's token and ids gives nothing of theirs.

Generated from contracts/http/openapi.json, so that a new route is covered by itself: ids go into the path,
the query and every text of the body. That a careless route would be seen is tried with one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.manifest import discover
from pileus.cloud.kernel.openapi import document
from pileus.cloud.kernel.service import Mutation
from pileus.core.errors import PileusError
from pileus.surfaces.client import SupervisorClient

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "contracts/http/openapi.json").read_text(encoding="utf-8"))
SECRET = "anna-secret-4711"
REFUSED = (400, 401, 403, 404, 409, 410, 422)
# What the answer to a strange id may be besides a refusal: it says nothing, or is about the caller's own.
SILENT = {("DELETE", "/api/v1/files/{file}"): (204, b"")}


@dataclass(frozen=True)
class Case:
    """One operation of a document."""

    method: str
    path: str
    operation: dict[str, Any]
    schemas: dict[str, Any]

    def request(self, client: httpx.Client, text: str) -> httpx.Response:
        """Sends it with one text wherever a text may stand."""
        parameters = self.operation.get("parameters", [])
        path = self.path.removeprefix("/api/v1")
        for one in parameters:
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", text)
        query = {one["name"]: self.example(one["schema"], text) for one in parameters if one["in"] == "query"}
        schema = self.operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        body: dict[str, Any] = {"json": self.example(schema, text)} if schema else {"content": b""}
        return client.request(self.method, path, params=query, headers={"Upload-Offset": "0"}, **body)

    def example(self, schema: dict[str, Any], text: str) -> Any:
        """A value that gets past decoding, with `text` for every free text."""
        if "$ref" in schema:
            return self.example(self.schemas[schema["$ref"].rpartition("/")[2]], text)
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self.example(schema[choice][0], text)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            return {name: self.example(one, text) for name, one in schema.get("properties", {}).items()}
        if kind == "array":
            return [self.example(schema["items"], text)] if schema.get("items") else []
        return {"string": text, "integer": 1, "number": 1.0, "boolean": True}.get(str(kind))


def closed(found: dict[str, Any]) -> list[Case]:
    """The operations of a document that need a token."""
    return [
        Case(method.upper(), path, operation, found["components"]["schemas"])
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
        if "security" not in operation
    ]


CLOSED = closed(DOCUMENT)


def names(case: Case) -> str:
    return f"{case.method} {case.path}"


@dataclass(frozen=True)
class World:
    """Anna has something of every kind; Bob has a token, and knows all of her ids."""

    server: Any
    ids: list[str]
    bob: str
    streams: bool = False

    def state(self) -> list[Any]:
        """All that is kept of Anna's."""
        query = (
            "SELECT r.id, r.seq, r.fields FROM journal_record r JOIN account a ON a.id = r.account_id"
            " WHERE a.name = 'anna' UNION SELECT d.id, 0, d.name FROM device d JOIN account a"
            " ON a.id = d.account_id WHERE a.name = 'anna'"
        )
        uploads = "SELECT u.* FROM files_upload u JOIN account a ON a.id = u.account_id WHERE a.name = 'anna'"
        queries = [query, uploads] if self.streams else [query]
        db = self.server.cloud.db
        found = [
            tuple(row) for one in queries for row in db.read(lambda conn, q=one: conn.exec_driver_sql(q).all())
        ]
        if self.streams:
            ping = asyncio.run(SupervisorClient(self.server.cloud.settings).ping())
            found += [(one["session"], one["host"]) for one in ping["sessions"]]
        return found


def furnish(server: Any) -> tuple[str, str]:
    """Anna's account with a record of every collection; her token and account id."""
    session = server.account("anna", SECRET)
    account = session["account"]["id"]
    cloud = server.cloud
    for collection in cloud.journal.collections.order:
        with contextlib.suppress(PileusError):
            put = partial(cloud.journal.put, account_id=account, collection=collection.name)
            cloud.db.write(partial(put, record_id=f"id-{uuid.uuid4()}", fields={"name": SECRET}))
    for device, value in (("one", SECRET), ("two", "newer")):
        wish = Mutation(f"m-{device}", 0, "shell.setting", "replaced", "put", {"v": value})
        cloud.db.write(partial(cloud.journal.apply, account_id=account, device_id=device, mutations=[wish]))
    return session["token"], account


def ids_of(server: Any) -> set[str]:
    query = "SELECT id FROM journal_record UNION SELECT id FROM device UNION SELECT id FROM account"
    return {row[0] for row in server.cloud.db.read(lambda conn: conn.exec_driver_sql(query).all())}


@pytest.fixture(scope="module")
def world(shared_supervised_server: Any) -> World:
    server = shared_supervised_server
    token, account = furnish(server)
    with server.client(token) as anna:
        folder = {"name": SECRET, "parent": "", "type": "inode/directory"}
        wish = {"id": "m", "base": 0, "collection": "files.file", "record": "a-folder", "fields": folder}
        told = anna.post("/journal/mutations", json={"mutations": [wish]}).json()
        assert told["outcomes"][0]["status"] == "applied", told
        whole = anna.post("/files/uploads", json={"name": SECRET, "size": 16}).json()["upload"]
        file = anna.patch(
            f"/files/uploads/{whole}", content=SECRET.encode(), headers={"Upload-Offset": "0"}
        ).json()
        assert anna.get(f"/files/{file['file']}/content").text == SECRET
        half = anna.post("/files/uploads", json={"name": SECRET, "size": 99, "parent": "a-folder"}).json()[
            "upload"
        ]
        anna.patch(f"/files/uploads/{half}", content=SECRET.encode(), headers={"Upload-Offset": "0"})
        page = anna.get("/journal/snapshot?limit=1").json()["next"]
        job = anna.post("/apps/packages", content=SECRET.encode()).json()["job"]
    objects = "SELECT object_id FROM files_entry WHERE object_id IS NOT NULL"
    own = {row[0] for row in server.cloud.db.read(lambda conn: conn.exec_driver_sql(objects).all())}
    session = server.run_app(account).session_id
    ids = ids_of(server) | own | {session, whole, half, page, job}
    return World(server, sorted(ids), server.account("bob")["token"], streams=True)


def trespass(world: World, case: Case) -> None:
    """Bob tries an operation with each of Anna's ids; raises where he gets or changes anything."""
    before = world.state()
    assert len(before) >= 4
    # What a sign-out does to Bob must not end this test's other cases.
    token = world.server.sign_in("bob")["token"] if case.path.endswith("/sign-out") else world.bob
    with world.server.client(token) as bob:
        for one in world.ids:
            answer = case.request(bob, one)
            assert SECRET not in answer.text
            assert answer.status_code < 500, answer.text
            if "{" in case.path and SILENT.get((case.method, case.path)) != (answer.status_code, answer.content):
                assert answer.status_code in REFUSED, (case, one, answer.text)
    assert world.state() == before


def test_every_kind_of_thing_is_there_to_be_taken(world: World) -> None:
    assert len(CLOSED) >= 20
    assert len(world.ids) >= 12
    assert len({names(case) for case in CLOSED if "{" in case.path}) >= 10


@pytest.mark.parametrize("case", CLOSED, ids=names)
def test_nothing_without_a_good_token(world: World, case: Case) -> None:
    with world.server.client() as nobody, world.server.client("no-such-token") as stranger:
        for client in (nobody, stranger):
            assert case.request(client, world.ids[0]).status_code == 401


@pytest.mark.parametrize("case", CLOSED, ids=names)
def test_nothing_of_another_account(world: World, case: Case) -> None:
    trespass(world, case)


CARELESS = """
from pileus.cloud.kernel.service import Operation, reply

SQL = "SELECT fields FROM journal_record WHERE id = ?"
WIPE = "UPDATE journal_record SET fields = '{}' WHERE id = ?"


def operations(ctx):
    async def show(request, caller):
        one = request.path_params.get("item") or request.query_params.get("item")
        rows = await ctx.db.read_async(lambda conn: conn.exec_driver_sql(SQL, (one,)).all())
        return reply([row[0] for row in rows])

    async def wipe(request, caller):
        one = (await request.json())["item"]
        await ctx.db.write_async(lambda conn: conn.exec_driver_sql(WIPE, (one,)))
        return reply({})

    return [
        Operation("GET", "/careless/{item}", show, "By path"),
        Operation("GET", "/careless", show, "By query", query={"item": str}),
        Operation("POST", "/careless", wipe, "By body", request=dict[str, str]),
    ]
"""


def test_a_careless_route_would_be_seen(
    serve: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = tmp_path / "careless_services" / "careless"
    service.mkdir(parents=True)
    (service / "routes.py").write_text(CARELESS)
    (service / "service.toml").write_text(
        'name = "careless"\ndescription = "Looks at no account."\n[collections."careless.item"]\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    services = discover(service.parent, "careless_services")
    with serve(settings, services=services) as server:
        furnish(server)
        world = World(server, sorted(ids_of(server)), server.account("bob")["token"])
        found = document(server.cloud.operations)
        found["paths"]["/api/v1/careless"]["post"]["requestBody"]["content"]["application/json"]["schema"] = {
            "type": "object",
            "properties": {"item": {"type": "string"}},
        }
        cases = [case for case in closed(found) if "careless" in case.path]
        assert len(cases) == 3
        for case in cases:
            with pytest.raises(AssertionError):
                trespass(world, case)
    sys.modules.pop("careless_services.careless.routes", None)


def test_a_journal_is_its_owners_only(server: Any) -> None:
    wish = {"id": "m", "base": 0, "collection": "shell.setting", "record": "r", "fields": {"v": SECRET}}
    anna, bob = server.account("anna"), server.account("bob")
    with server.client(anna["token"]) as hers, server.client(bob["token"]) as his:
        hers.post("/journal/mutations", json={"mutations": [wish]})
        # The same mutation id and record id of another account are other ones.
        mine = his.post("/journal/mutations", json={"mutations": [{**wish, "fields": {"v": "bob's"}}]})
        assert mine.json()["outcomes"][0]["status"] == "applied"
        with server.client(server.sign_in("anna", "tablet")["token"]) as tablet:
            newer = {**wish, "id": "n", "fields": {"v": f"{SECRET}, newer"}}
            tablet.post("/journal/mutations", json={"mutations": [newer]})
        for path in ("/journal/changes?since=0", "/journal/snapshot", "/journal/history"):
            answer: httpx.Response = his.get(path)
            assert SECRET not in answer.text
            assert SECRET in hers.get(path).text
        assert his.get("/account").json()["name"] == "bob"
        assert len(his.get("/devices").json()) == 1
