"""Import and export over the real journal, objects and HTTP."""

from __future__ import annotations

import asyncio
import base64
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from pileus.cli import contacts as command
from pileus.cloud.kernel.service import Caller
from pileus.cloud.services.contacts import store
from pileus.cloud.services.contacts.cards import Card, CardReader
from pileus.cloud.services.contacts.imports import Import
from pileus.cloud.services.contacts.pictures import INLINE_BYTES, Pictures
from pileus.sdk.client import Client
from tests.cloud.names import of_test
from tests.conftest import PASSWORD

ANNA = "BEGIN:VCARD\nVERSION:4.0\nUID:anna\nFN:Anna Berg\nTEL:+49301\nEND:VCARD\n"


@pytest.fixture
def person(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def bring(client: httpx.Client, data: bytes | str) -> Any:
    answer = client.post("/contacts/import", content=data.encode() if isinstance(data, str) else data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def contacts(client: httpx.Client) -> dict[str, Any]:
    changes = client.get("/journal/changes?since=0").json()["changes"]
    return {
        one["id"]: one["fields"] for one in changes if one["collection"] == store.COLLECTION and not one["deleted"]
    }


def export(client: httpx.Client, **query: str) -> str:
    answer = client.get("/contacts/export", params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def put(client: httpx.Client, record: str, **change: Any) -> Any:
    mutation = {"id": str(random.random()), "base": 1 << 40, "collection": store.COLLECTION, "record": record}
    return client.post("/journal/mutations", json={"mutations": [{**mutation, **change}]}).json()["outcomes"][0]


def picture(seed: int = 0) -> bytes:
    """A JPEG too large for a record."""
    noise = random.Random(seed).randbytes(300 * 300 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (300, 300), noise).resize((900, 900)).save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > INLINE_BYTES
    return out.getvalue()


def with_photo(data: bytes) -> str:
    photo = f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(data).decode()}\n"
    return ANNA.replace("VERSION:4.0", "VERSION:3.0").replace("TEL", photo + "TEL")


def test_what_is_imported_is_there_once_and_comes_out_again(person: httpx.Client) -> None:
    broken = "BEGIN:VCARD\nVERSION:4.0\nFN:Lin\nnothing\nEND:VCARD\n"
    report = bring(person, ANNA + broken)
    assert (report["imported"], report["skipped_count"]) == (1, 1)
    [skipped] = report["skipped"]
    assert (skipped["line"], skipped["name"], skipped["code"]) == (7, "Lin", "vcard-line")
    again = bring(person, ANNA)
    assert (again["imported"], again["same"], again["merged"]) == (0, 1, 0)
    assert export(person) == ANNA.replace("\n", "\r\n")
    assert "VERSION:3.0" in export(person, version="3.0")


def test_a_card_that_is_there_gains_and_loses_nothing(person: httpx.Client) -> None:
    bring(person, ANNA)
    [record] = contacts(person)
    assert put(person, record, op="put", fields={"fn": [{"value": "Anni"}]})["status"] == "applied"
    report = bring(person, ANNA.replace("TEL:+49301", "TEL:+49302"))
    assert report["merged"] == 1
    fields = contacts(person)[record]
    assert fields["fn"] == [{"value": "Anni"}]
    assert [one["value"] for one in fields["tel"]] == ["+49301", "+49302"]


def test_a_large_picture_is_an_object_and_comes_out_whole(shared_server: Any, person: httpx.Client) -> None:
    data = picture()
    used = person.get("/files/usage").json()["used"]
    bring(person, with_photo(data))
    [photo] = next(iter(contacts(person).values()))["photo"]
    small = base64.b64decode(photo["value"].partition(",")[2])
    with Image.open(io.BytesIO(small)) as shown:
        assert max(shown.size) == 512
    assert (photo["media"], photo["size"]) == ("image/jpeg", len(data))
    assert person.get("/files/usage").json()["used"] > used + len(data)
    written = export(person).replace("\r\n ", "")
    assert f"PHOTO:data:image/jpeg;base64,{base64.b64encode(data).decode()}" in written
    assert bring(person, with_photo(data))["same"] == 1


def test_a_picture_that_no_contact_has_any_more_is_freed_and_comes_back_with_it(person: httpx.Client) -> None:
    data = picture(1)
    bring(person, with_photo(data))
    [record] = contacts(person)
    fields = contacts(person)[record]
    put(person, record, op="delete")
    bring(person, ANNA.replace("anna", "other"))  # which looks after what was left
    assert person.get("/files/usage").json()["used"] < len(data)
    assert put(person, record, op="put", fields=fields)["status"] == "applied"
    assert base64.b64encode(data).decode() in export(person, contact=record).replace("\r\n ", "")


def test_a_device_cannot_name_an_object_that_is_not_there(person: httpx.Client) -> None:
    photo = {"value": "", "object": "made-up", "media": "image/jpeg", "size": 1}
    outcome = put(person, "x", op="put", fields={"fn": [{"value": "X"}], "photo": [photo]})
    assert (outcome["status"], outcome["code"]) == ("refused", "content-gone")


def test_members_of_a_group_in_the_file_get_its_name_as_label(person: httpx.Client) -> None:
    group = (
        "BEGIN:VCARD\nVERSION:3.0\nN:Crew\nFN:Crew\nX-ADDRESSBOOKSERVER-KIND:group\n"
        "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:anna\nUID:g\nEND:VCARD\n"
    )
    bring(person, group + ANNA)
    labelled = [one for one in contacts(person).values() if "categories" in one]
    assert [(one["fn"][0]["value"], one["categories"]) for one in labelled] == [
        ("Anna Berg", [{"value": ["Crew"]}])
    ]
    assert "KIND:group" in export(person)


def test_an_account_sees_nothing_of_another(shared_server: Any, person: httpx.Client) -> None:
    bring(person, ANNA)
    with shared_server.client(shared_server.account("other-person")["token"]) as other:
        assert export(other) == ""
        [record] = contacts(person)
        assert other.get("/contacts/export", params={"contact": record}).status_code == 404


def test_a_record_that_would_be_too_large_is_named(person: httpx.Client) -> None:
    notes = "".join(f"NOTE:{'x' * 500_000}{number}\n" for number in range(3))
    report = bring(person, ANNA.replace("TEL", notes + "TEL"))
    assert [(one["name"], one["code"]) for one in report["skipped"]] == [("Anna Berg", "record-too-large")]


def test_what_came_before_a_full_account_is_told(server: Any) -> None:
    server.cloud.accounts.create_blocking("full", PASSWORD, 10_000)
    with server.client(server.sign_in("full")["token"]) as client:
        cards = "".join(ANNA.replace("anna", f"a{number}") for number in range(300))
        answer = client.post("/contacts/import", content=cards)
        assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        assert answer.json()["report"]["imported"] == len(contacts(client)) > 0


def test_the_commands_bring_and_give(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = server.account("anna")["token"]
    monkeypatch.setattr(Client, "from_config", classmethod(lambda cls: cls(server.url, token)))
    file = tmp_path / "a.vcf"
    file.write_text(ANNA + "BEGIN:VCARD\nFN:Half")
    command.import_file(file)
    told = capsys.readouterr().out
    assert "1 imported" in told
    assert "Half" in told
    command.export_file(tmp_path / "b.vcf", "3.0")
    assert "FN:Anna Berg" in (tmp_path / "b.vcf").read_text()


def kept_pictures(server: Any) -> int:
    query = text("SELECT count(*) FROM object WHERE area = 'contacts' AND deleted_ms IS NULL")
    return int(server.cloud.db.read(lambda conn: conn.execute(query).scalar_one()))


def photo(number: int) -> str:
    data = base64.b64encode(picture(number)).decode()
    return f"BEGIN:VCARD\nVERSION:3.0\nUID:u{number}\nFN:N{number}\nPHOTO;ENCODING=b:{data}\nEND:VCARD\n"


def test_pictures_of_an_import_that_found_no_room_are_freed(settings: Any, serve: Any) -> None:
    cards = [photo(number) for number in range(3)]
    room = sum(len(base64.b64decode(card.split("PHOTO;ENCODING=b:")[1].split("\n")[0])) for card in cards[:2])
    with (
        serve(settings.changed(quota_bytes=room + 1000)) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        answer = client.post("/contacts/import", content="".join(cards).encode())
        assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        assert answer.json()["report"]["imported"] == 0
        assert kept_pictures(server) == 0
        assert server.cloud.db.read(lambda conn: store.DOUBTS.open(conn)) == []


def test_pictures_of_an_import_that_was_killed_are_freed_the_next_day(
    settings: Any, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kill comes between the picture and its contact: what is durable then is what the next start finds."""

    class Kill(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Kill

    with serve(settings) as server:
        account = server.account("anna")
        pictures = Pictures(server.cloud.context)
        [card] = CardReader().feed(photo(1).encode())
        assert isinstance(card, Card)
        monkeypatch.setattr("pileus.cloud.services.contacts.store.keep", killed)
        caller = Caller(account["account"]["id"], account["device"]["id"])
        work = Import(server.cloud.context, caller, pictures)

        async def go() -> None:
            await work.take([card])
            await work.flush()

        with pytest.raises(Kill):
            asyncio.run(go())
        assert kept_pictures(server) == 1
    with serve(settings) as server:
        asyncio.run(Pictures(server.cloud.context).settle())
        assert kept_pictures(server) == 0


def test_a_label_that_a_contact_cannot_take_loses_no_report(
    person: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other members get theirs, the refused one is told; a file's groups have a bound."""
    monkeypatch.setattr("pileus.cloud.services.contacts.rules.MAX_OF_ONE", 3)
    full = "CATEGORIES:a\nCATEGORIES:b\n"
    cards = ANNA.replace("TEL", f"{full}CATEGORIES:c\nTEL") + ANNA.replace("anna", "bo").replace("Anna", "Bo")
    group = "BEGIN:VCARD\nVERSION:4.0\nUID:g\nKIND:group\nFN:Team\nMEMBER:anna\nMEMBER:bo\nMEMBER:no\nEND:VCARD\n"
    report = bring(person, cards + group)
    assert report["imported"] == 3
    assert [(one["name"], one["code"]) for one in report["skipped"]] == [("Team", "contact-too-large")]
    labels = {one["fn"][0]["value"]: one.get("categories", []) for one in contacts(person).values()}
    assert labels["Bo Berg"] == [{"value": ["Team"]}]
    assert len(labels["Anna Berg"]) == 3
    monkeypatch.setattr("pileus.cloud.services.contacts.imports.MAX_MEMBERS", 1)
    again = bring(person, group)
    assert (again["same"], again["skipped"][0]["code"]) == (1, "group-too-many")
