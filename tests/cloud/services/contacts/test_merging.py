"""Merging and taking it back, over the real journal, objects and HTTP."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pileus.cloud.services.contacts import merging
from pileus.cloud.services.contacts.pictures import INLINE_BYTES
from tests.cloud.names import of_test

from .test_contacts import bring, contacts, export, picture, put, with_photo

ANNE = "BEGIN:VCARD\nVERSION:4.0\nUID:anne\nFN:Anne Berg\nTEL:+49 30 1\nEMAIL:a@x.org\nNOTE:n\nEND:VCARD\n"


@pytest.fixture
def person(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def groups(client: httpx.Client, **query: str) -> Any:
    answer = client.get("/contacts/duplicates", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["groups"]


def merge(client: httpx.Client, ids: list[str]) -> Any:
    answer = client.post("/contacts/merge", json={"contacts": ids})
    assert answer.status_code == 200, answer.text
    return answer.json()


def undo(client: httpx.Client, merged: Any) -> httpx.Response:
    return client.post(f"/contacts/merges/{merged['merge']}/undo")


def pair(client: httpx.Client) -> list[str]:
    """Two that are one person, one of them with a picture that is an object."""
    bring(client, with_photo(picture(3)).replace("+49301", "+4930901820") + ANNE.replace("+49 30 1", "030 901820"))
    return sorted(contacts(client))


def test_a_merge_is_suggested_done_and_taken_back(person: httpx.Client) -> None:
    ids = pair(person)
    assert groups(person, region="DE") == [{"contacts": ids, "reasons": ["number"]}]
    before = contacts(person)
    merged = merge(person, ids)
    [(left, fields)] = contacts(person).items()
    assert left == merged["contact"]
    assert {"email", "photo", "note", "nickname"} <= set(fields)
    assert groups(person) == []
    assert undo(person, merged).json()["contacts"] == ids
    assert contacts(person) == before
    assert undo(person, merged).json()["code"] == "no-merge"


def test_what_changed_since_in_the_one_that_stayed_is_left(person: httpx.Client) -> None:
    ids = pair(person)
    before = contacts(person)
    merged = merge(person, ids)
    stays = merged["contact"]
    assert put(person, stays, op="put", fields={"title": [{"value": "Captain"}]})["status"] == "applied"
    undo(person, merged)
    assert contacts(person) == {**before, stays: {**before[stays], "title": [{"value": "Captain"}]}}


def test_pictures_outlive_the_merge_that_dropped_them(person: httpx.Client) -> None:
    first, second = picture(4), picture(5)
    bring(person, with_photo(first) + with_photo(second).replace("UID:anna", "UID:other"))
    merged = merge(person, sorted(contacts(person)))
    bring(person, ANNE)  # which looks after pictures that nothing stands for
    assert undo(person, merged).status_code == 200
    written = export(person).replace("\r\n ", "")
    assert all(base64.b64encode(data).decode() in written for data in (first, second))


def test_merging_one_or_unknown_contacts_is_refused_and_nothing_happens(person: httpx.Client) -> None:
    ids = pair(person)
    before = contacts(person)
    few = person.post("/contacts/merge", json={"contacts": [ids[0], ids[0]]})
    assert (few.status_code, few.json()["code"]) == (400, "merge-few")
    unknown = person.post("/contacts/merge", json={"contacts": [ids[0], "nobody"]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no-contact")
    assert contacts(person) == before


def test_people_that_the_owner_called_different_are_not_suggested_again(person: httpx.Client) -> None:
    ids = pair(person)
    told = put(person, "d1", op="put", collection="contacts.distinct", fields={"contacts": ids})
    assert told["status"] == "applied"
    assert groups(person, region="DE") == []
    wrong = put(person, "d2", op="put", collection="contacts.distinct", fields={"contacts": ["one"]})
    assert wrong["code"] == "contact-distinct"


def test_a_merge_is_forgotten_with_its_pictures_after_thirty_days(
    shared_server: Any, person: httpx.Client
) -> None:
    merged = merge(person, pair(person))
    assert put(person, merged["contact"], op="delete")["status"] == "applied"
    used = person.get("/files/usage").json()["used"]
    cloud = shared_server.cloud
    later = cloud.context.clock.now_ms() + 1
    cloud.db.write(lambda conn: merging.forget(conn, cloud.journal, later))
    bring(person, ANNE)  # which looks after pictures that nothing stands for
    assert person.get("/files/usage").json()["used"] < used - INLINE_BYTES
    assert undo(person, merged).status_code == 404
