"""Every operation of the HTTP interface, asked with what its document allows and what it does not.

Schemathesis makes the requests from the OpenAPI document and holds the answers of a real server against it: no
failure of the server's own, and each answer of the status, type and form that the document names. With
PILEUS_NIGHTLY=1 as long as a night has time for.
"""

from __future__ import annotations

import copy
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from pileus.surfaces import discovery
from tests.cloud.installs import install, records
from tests.cloud.processes import naming, wait
from tests.cloud.services.apps.test_engines import PaperPackages
from tests.conftest import Supervised, supervised, temporary_settings

DOCUMENT = json.loads(Path("contracts/http/openapi.json").read_text(encoding="utf-8"))
NIGHTLY = "PILEUS_NIGHTLY" in os.environ
EXAMPLES = 300 if NIGHTLY else 6
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]
CHECKS = [
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RAW = {
    "/api/v1/apps/packages": b"PK\x03\x04",
    "/api/v1/push/to/{token}": b"abc",
    "/api/v1/calendar/import": b"BEGIN:VEVENT\nUID:a\nDTSTART:20260329\nRRULE:FREQ=DAILY\nEND:VEVENT\n",
    "/api/v1/contacts/import": b"BEGIN:VCARD\nVERSION:4.0\nFN:Mei\nTEL:+86138\nEND:VCARD\n",
    "/api/v1/files/uploads/{upload}": b"abc",
    "/api/v1/messages/parts": b"\xff\xd8\xff\xe0",
    "/api/v1/messages/import": b'{"address":"+86138","date_ms":5000,"direction":"in","body":"hi"}\n',
    "/api/v1/files/bulk": b"\x00" * 8,
    "/api/v1/files/shared/{share}/{file}/content": b"abc",
    "/api/v1/files/shared/{share}/{file}/files": b"abc",
    "/api/v1/backups/chunks": msgspec.msgpack.encode([]),
    "/api/v1/backups/chunks/known": msgspec.msgpack.encode([b"\x00" * 32]),
    "/api/v1/backups/chunks/read": msgspec.msgpack.encode([]),
    "/api/v1/backups/snapshots": b"\x00" * 80,
}
"""Operations that read a body of another format than JSON, and how such a one begins."""
ANSWERED_ONE_BY_ONE = {"/api/v1/journal/mutations", "/api/v1/messages/arrivals"}
"""A batch is taken whatever single ones of it are: each has an outcome of its own, refusals too."""
OF_APPS = ("/api/v1/apps", "/api/v1/sessions")
"""Asked for beside a supervisor, where an app runs."""
APP = "org.example.paper"
PACKAGE = b"PAPER" + json.dumps({"name": APP, "label": "Paper", "version": 1}).encode()
UNSAID = {
    "account-name": "which characters of all scripts are letters: the generator knows Latin ones",
    "app-password-name": "which characters can be seen: the generator knows control characters only",
    "app-password-scopes": "the services of this cloud that let app passwords in: GET tells them",
    "bad-expiry": "a moment after now",
    "bad-name": "a bound in bytes of UTF-8",
    "bad-sealed": "a member that goes with a name of another form and no type",
    "bad-share": "members that exclude each other",
    "bad-type": "all media types but a folder's",
    "call-description POST /api/v1/calls/{call}/signals": "a text whose form goes with its kind",
    "call-signal": "the same",
    "cursor-gone": "a state: how far the journal is, and what of it is kept",
    "device-name": "as app-password-name",
    "handset-sims": "ids that differ, of items that differ anyway",
    "hash-mismatch": "the hash of the content that is sent",
    "invitation-name": "as app-password-name",
    "malformed-page": "a token that this server gave",
    "message-body": "a bound in bytes of UTF-8",
    "message-empty": "members of which one is needed",
    "message-people": "items all of one kind or all of another",
    "no-attachment POST /api/v1/messages/send": "a state: what this account brought before",
    "nothing-wanted": "members of which one is needed",
    "passkey-late": "a challenge that this server gave",
    "passkey-name": "as app-password-name",
    "push-app": "as app-password-name",
    "push-endpoint": "an address on the internet",
    "push-keys": "a point on the curve",
    "push-vapid": "a point on the curve",
    "push-zone": "time zones, of which there are more each year",
    "query-parameter GET /api/v1/calendar/occurrences": "two moments in their order, and a time zone",
    "query-parameter GET /api/v1/calendar/reminders": "the same",
    "unknown-collection": "what services declare: one more is a folder of its own, and changes nothing here",
    "unknown-region": "two letters that are a region's: there are more each year",
}
"""What the rules refuse though the document allows it: by its code, why JSON Schema cannot say it. A code that is
said of what it can say as well stands with its operation."""


def without_other_formats() -> dict[str, Any]:
    """The document for the generator, which knows JSON alone; `RAW` has the rest."""
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {"application/json": {}})
            if "application/json" not in content:
                assert path in RAW, f"give {path} a body in RAW"
                del operation["requestBody"]
    return document


SCHEMA = schemathesis.openapi.from_dict(without_other_formats())


class World:
    """An account with something of everything, and a device that signs in again where it signed itself out."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.token = server.account("contract", "phone")["token"]
        self.http = requests.Session()
        with server.client(self.token) as client:
            upload = client.post("/files/uploads", json={"name": "a.txt", "size": 3}).json()["upload"]
            done = client.patch(f"/files/uploads/{upload}", content=b"abc", headers={"Upload-Offset": "0"}).json()
            waits = client.post("/files/uploads", json={"name": "b.txt", "size": 3}).json()["upload"]
            client.post("/calendar/import", content=RAW["/api/v1/calendar/import"])
            client.post("/contacts/import", content=RAW["/api/v1/contacts/import"])
            client.put("/messages/sims", json={"sims": [{"id": "a"}]})
            client.post("/messages/send", json={"id": "m1", "people": ["+86138"], "body": "hi"})
        self.known = {"file": done["file"], "upload": waits, "message": "m1", "number": "0"}

    def renew(self) -> None:
        """Before each request."""

    def ask(self, case: schemathesis.Case, body: bytes | None) -> schemathesis.Response:
        url = self.server.url.removesuffix("/api/v1")
        more: dict[str, Any] = {} if body is None else {"data": body}
        headers = {"Authorization": f"Bearer {self.token}"}
        response = case.call(base_url=url, session=self.http, headers=headers, timeout=30, **more)
        if response.status_code == 401:
            self.token = self.server.sign_in("contract", "phone")["token"]
        return response


@pytest.fixture(scope="module")
def world(shared_server: Any) -> Iterator[World]:
    one = World(shared_server)
    yield one
    one.http.close()


class AppWorld(World):
    """Beside a real supervisor: an app of its test engine is installed and runs, again whenever it was ended."""

    def __init__(self, server: Supervised) -> None:
        super().__init__(server)
        self._ended = True
        self.renew()

    def renew(self) -> None:
        """What the request before may have ended is there again."""
        if not self._ended:
            return
        with self.server.client(self.token) as client:
            if APP not in records(client, "apps.app"):
                assert install(client, PACKAGE)["phase"] == "done"
            opened = client.post(f"/apps/{APP}/open", json={})
        assert opened.status_code == 200, opened.text
        self.known = {"app": APP, "session": opened.json()["session"]}
        self._ended = False

    def ask(self, case: schemathesis.Case, body: bytes | None) -> schemathesis.Response:
        self._ended = case.method == "DELETE"
        return super().ask(case, body)


@pytest.fixture(scope="module")
def app_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppWorld]:
    """The test engine has packages here, as other engines have."""
    folder = tmp_path_factory.mktemp("apps")
    module = ModuleType("packages_of_the_contract")
    module.make = lambda _settings: PaperPackages(folder / "kept")  # type: ignore[attr-defined]
    told = (discovery.ENGINES / "fake" / "engine.toml").read_text()
    (folder / "engines" / "fake").mkdir(parents=True)
    (folder / "engines" / "fake" / "engine.toml").write_text(f'{told}packages = "{module.__name__}:make"\n')
    with pytest.MonkeyPatch.context() as patch, temporary_settings(folder) as settings:
        patch.setitem(sys.modules, module.__name__, module)
        patch.setattr(discovery, "ENGINES", folder / "engines")
        with supervised(settings) as server:
            one = AppWorld(server)
            yield one
            with server.client(one.token) as client:
                for running in client.get("/sessions").json():
                    assert client.delete(f"/sessions/{running['session']}").status_code == 204
            one.http.close()
    wait(lambda: naming(settings.runtime_dir) == [])


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if not one[1].startswith(OF_APPS)])
def test_an_operation_answers_as_its_document_says(world: World, method: str, path: str) -> None:
    hold(world, method, path)


@pytest.mark.xdist_group("contract of apps")
@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if one[1].startswith(OF_APPS)])
def test_an_app_that_runs_is_asked_as_the_document_says(app_world: AppWorld, method: str, path: str) -> None:
    hold(app_world, method, path)


def hold(world: World, method: str, path: str) -> None:
    """Asks for one operation in many ways, and holds the answers against the document."""
    operation = SCHEMA[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not NIGHTLY,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation), known=st.booleans(), body=bodies(operation))
    def play(case: schemathesis.Case, known: bool, body: bytes | None) -> None:
        world.renew()
        if known:
            case.path_parameters |= {
                name: one for name, one in world.known.items() if name in case.path_parameters
            }
        if known and isinstance(case.body, dict) and isinstance(case.body.get("app"), str):
            case.body["app"] = world.known.get("app", case.body["app"])
        case.body = whole(case.body)
        response = world.ask(case, body)
        # By an upload that was begun before.
        full = response.status_code == 507 and response.json()["code"] == "quota-exceeded"
        assert full or response.status_code < 500, f"{case.as_curl_command()}\n{response.text}"
        # 421 (RFC 9110, 15.5.20) refuses a host that was made up, though Schemathesis does not count it.
        refused = response.status_code == 421
        left = [negative_data_rejection] if refused or path in ANSWERED_ONE_BY_ONE else []
        if case.meta and case.meta.generation.mode.is_positive and unsaid(response, f"{method} {path}"):
            left.append(positive_data_acceptance)
        if body is not None:
            left.append(positive_data_acceptance)  # of another format: the document tells which
        case.validate_response(response, checks=CHECKS, excluded_checks=left)

    play()


def test_the_document_is_valid_and_tells_what_each_operation_does() -> None:
    """By the JSON Schema of OpenAPI 3.1, in which patterns are those of ECMA-262."""
    schemathesis.openapi.from_dict(copy.deepcopy(DOCUMENT)).validate()
    broken = copy.deepcopy(DOCUMENT)
    broken["paths"]["/api/v1/account"]["get"]["responses"] = []
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(broken).validate()
    told = [one["summary"] for methods in DOCUMENT["paths"].values() for one in methods.values()]
    assert len(told) == len(OPERATIONS) > 160
    assert all(one == one.strip() != "" for one in told)
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_the_document_is_served(shared_server: Any) -> None:
    with shared_server.client() as client:
        answer = client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


def unsaid(response: schemathesis.Response, operation: str) -> bool:
    """Whether a refusal is of what cannot be said in the document."""
    if "application/problem+json" not in response.headers.get("content-type", [""])[0]:
        return False
    if not response.content:
        return False  # to HEAD
    code = response.json()["code"]
    return code in UNSAID or f"{code} {operation}" in UNSAID


def whole(value: Any) -> Any:
    """JSON with whole numbers written so: 1.0 is an integer for JSON Schema, and for most decoders it is not."""
    if isinstance(value, dict):
        return {name: whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def cases(operation: schemathesis.APIOperation) -> st.SearchStrategy[schemathesis.Case]:
    """What the document allows, and where it forbids anything, what it does not."""
    allowed = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    if not operation.definition.raw.get("parameters") and not operation.definition.raw.get("requestBody"):
        return allowed
    return allowed | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)


def bodies(operation: schemathesis.APIOperation) -> st.SearchStrategy[bytes | None]:
    begins = RAW.get(operation.path) if operation.method in ("post", "put", "patch") else None
    if begins is None:
        return st.none()
    return st.just(begins) | st.binary(max_size=200) | st.binary(max_size=200).map(begins.__add__)
