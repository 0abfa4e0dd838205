"""Every operation of the HTTP interface answers a request that is right with success, as its document says.

What `test_contract.py` makes up seldom gets past what refuses it. Here each operation is asked with ids that are
there (`prepared.py`), and the answer is held against the document by Schemathesis.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.cloud.prepared import PREPARED, V1, People
from tests.cloud.test_contract import CHECKS, OF_APPS, OPERATIONS, SCHEMA, app_world

__all__ = ["app_world"]

UNREACHED = {
    "DELETE backups/phone/restores/{job}": "a restore that still runs: one of few records has ended",
    "GET sessions/{session}/picture": "an app that was frozen, which takes its time",
    "POST apps/choices": "a question of Android's system: tests/surfaces/engines/android asks some",
    "POST apps/notices": "a notification of Android's system: tests/surfaces/engines/android shows some",
}
"""Operations that are not asked with success here, and why; it may only become less."""
MOST_UNREACHED = 4


def short(method: str, path: str) -> str:
    return f"{method} {path.removeprefix(f'{V1}/')}"


REACHED = [one for one in OPERATIONS if short(*one) not in UNREACHED]


def test_each_operation_is_asked_or_has_a_reason_not_to_be() -> None:
    named = {short(*one) for one in OPERATIONS}
    assert named - PREPARED.keys() - UNREACHED.keys() == set(), "give these a request in tests/cloud/prepared.py"
    assert (PREPARED.keys() | UNREACHED.keys()) - named == set(), "these are gone"
    assert PREPARED.keys() & UNREACHED.keys() == set()
    assert len(UNREACHED) <= MOST_UNREACHED


@pytest.mark.parametrize(("method", "path"), [one for one in REACHED if not one[1].startswith(OF_APPS)])
def test_an_operation_succeeds(shared_server: Any, method: str, path: str) -> None:
    """Schemathesis' own requests come from other people, who may sign themselves out."""
    succeeds(owned(shared_server), method, path)


@pytest.mark.xdist_group("contract of apps")
@pytest.mark.parametrize(("method", "path"), [one for one in REACHED if one[1].startswith(OF_APPS)])
def test_an_operation_on_apps_succeeds(app_world: Any, method: str, path: str) -> None:
    succeeds(People(app_world.server, "contract"), method, path)


def owned(server: Any) -> People:
    if server.cloud.db.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM account").scalar()) == 0:
        server.account("owner")
    return People(server, "owner")


def succeeds(people: People, method: str, path: str) -> None:
    wish = PREPARED[short(method, path)](people)
    operation = SCHEMA[path][method]
    more: dict[str, Any] = {} if wish.body is None else {"body": wish.body, "media_type": "application/json"}
    case = operation.Case(path_parameters=wish.path, query=wish.query, headers=wish.headers, **more)
    headers = wish.headers | ({"Authorization": f"Bearer {people.token(wish.who)}"} if wish.who else {})
    raw = {} if wish.raw is None else {"data": wish.raw}
    with requests.Session() as session:
        url = people.server.url.removesuffix(V1)
        response = case.call(base_url=url, session=session, headers=headers, timeout=30, **raw)
    assert 200 <= response.status_code < 300, f"{case.as_curl_command()}\n{response.text}"
    case.validate_response(response, checks=[one for one in CHECKS if one.__name__ not in OF_MADE_UP])


OF_MADE_UP = {"ignored_auth", "negative_data_rejection", "positive_data_acceptance"}
"""Checks that ask again in another way, or of how Schemathesis made a request."""
