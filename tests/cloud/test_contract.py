"""Every operation of the HTTP interface, asked with what its document allows and what it does not.

Schemathesis makes the requests from the OpenAPI document and holds the answers of a real server against it: no
failure of the server's own, and each answer of the status, type and form that the document names. With
PILEUS_NIGHTLY=1 as long as a night has time for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

DOCUMENT = json.loads(Path("contracts/http/openapi.json").read_text(encoding="utf-8"))
NIGHTLY = "PILEUS_NIGHTLY" in os.environ
EXAMPLES = 300 if NIGHTLY else 6
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]
CHECKS = [
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
    "/api/v1/messages/import": b'{"address":"+86138","date_ms":5000,"direction":"in","body":"hi"}\n',
    "/api/v1/backups/chunks": b"\x00" * 80,
    "/api/v1/backups/snapshots": b"\x00" * 80,
}
"""Operations that read a body which the document does not describe, and how such a one begins."""
WITHOUT_SUPERVISOR = "supervisor-unavailable"
"""What this server says of sessions: it runs no apps."""
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


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


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_answers_as_its_document_says(world: World, method: str, path: str) -> None:
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
        if known:
            case.path_parameters |= {
                name: one for name, one in world.known.items() if name in case.path_parameters
            }
        response = world.ask(case, body)
        told = response.text if response.status_code >= 500 else ""
        assert response.status_code < 500 or WITHOUT_SUPERVISOR in told, f"{case.as_curl_command()}\n{told}"
        case.validate_response(response, checks=CHECKS)

    play()


def cases(operation: schemathesis.APIOperation) -> st.SearchStrategy[schemathesis.Case]:
    """What the document allows, and where it forbids anything, what it does not."""
    allowed = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    if not operation.definition.raw.get("parameters") and not operation.definition.raw.get("requestBody"):
        return allowed
    return allowed | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)


def bodies(operation: schemathesis.APIOperation) -> st.SearchStrategy[bytes | None]:
    begins = RAW.get(operation.path) if operation.method in ("post", "patch") else None
    if begins is None or "requestBody" in operation.definition.raw:
        return st.none()
    return st.just(begins) | st.binary(max_size=200) | st.binary(max_size=200).map(begins.__add__)
