"""Attachments of messages and large pictures of contacts beside the phone's backups."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from pileus.cloud.kernel.objects import moments
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.services.contacts import store as contacts
from pileus.cloud.services.contacts.pictures import INLINE_BYTES
from pileus.cloud.services.messages import parts
from tests.cloud.names import of_test
from tests.cloud.services.backups.phone.phones import back_up, ended, put, record, restore
from tests.conftest import PASSWORD

DATA = hashlib.shake_256(b"a picture").digest(50_000)


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def bring_message(phone: httpx.Client, body: str = "西湖") -> str:
    part = {"type": "image/png", "name": "a.png", "data": base64.b64encode(DATA).decode()}
    row = {"address": "+861", "date_ms": 1000, "direction": "in", "body": body, "parts": [part]}
    answer = phone.post("/messages/import", content=json.dumps(row).encode())
    assert answer.json()["imported"] == 1, answer.text
    [one] = phone.get("/journal/snapshot", params={"collection": "messages.message"}).json()["records"]
    return str(one["id"])


def bring_contact(phone: httpx.Client, data: bytes) -> str:
    photo = f"PHOTO:data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    card = f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna\r\n{photo}\r\nEND:VCARD\r\n"
    assert phone.post("/contacts/import", content=card.encode()).json()["imported"] == 1
    [one] = phone.get("/journal/snapshot", params={"collection": "contacts.contact"}).json()["records"]
    return str(one["id"])


def picture() -> bytes:
    """A JPEG too large for a record."""
    out = io.BytesIO()
    noise = hashlib.shake_256(b"noise").digest(400 * 400 * 3)
    Image.frombytes("RGB", (400, 400), noise).save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > INLINE_BYTES
    return out.getvalue()


def swept(server: Any) -> None:
    """All doubts are settled, and the grace period is over."""
    context = server.cloud.context
    for doubts in (parts.DOUBTS, contacts.DOUBTS):
        asyncio.run(doubts.settle(context))
    sweep(context.objects, grace_ms=-1)


def lose(phone: httpx.Client) -> tuple[str, str, str]:
    """A message with an attachment and a contact with a picture, in a backup, deleted: their ids, and its."""
    message, contact = bring_message(phone), bring_contact(phone, picture())
    snapshot = back_up(phone)
    put(phone, "messages.message", message, {}, "delete")
    put(phone, "contacts.contact", contact, {}, "delete")
    return message, contact, snapshot


def used(phone: httpx.Client) -> int:
    return int(phone.get("/account").json()["used_bytes"])


def test_attachments_and_pictures_stay_with_the_backup_that_names_them(
    phone: httpx.Client, shared_server: Any
) -> None:
    message, contact, snapshot = lose(phone)
    full = used(phone)
    swept(shared_server)
    assert used(phone) == full, "what a backup needs counts on"
    report = restore(phone, snapshot, messages__message=None, contacts__contact=None)
    assert (report["restored"], report["incomplete"], report["skipped"]) == (2, 0, 0)
    swept(shared_server)
    assert phone.get(f"/messages/{message}/parts/0").content == DATA
    card = phone.get("/contacts/export", params={"contact": contact}).text.replace("\r\n ", "")
    assert base64.b64encode(picture()).decode() in card


def test_a_backup_that_is_forgotten_lets_go_of_what_it_named(phone: httpx.Client, shared_server: Any) -> None:
    _, _, first = lose(phone)
    swept(shared_server)
    assert phone.get("/backups/phone").json()["held"] >= len(picture()) + len(DATA)
    bring_contact(phone, picture())
    second = back_up(phone)
    full = used(phone)
    assert phone.post("/backups/forget", json={"ids": [first], "present": PASSWORD}).json() == {"forgotten": 1}
    assert full - len(DATA) - 5000 < used(phone) <= full - len(DATA), "the message's bytes, not the picture's"
    assert phone.get("/backups/phone").json()["held"] == 0, "the picture has a contact again"
    restore(phone, second, contacts__contact=None)
    assert phone.post("/backups/forget", json={"ids": [second], "present": PASSWORD}).json() == {"forgotten": 1}
    swept(shared_server)
    assert not open_or_held(shared_server, phone)


def test_a_backup_that_fails_or_is_cut_off_holds_nothing(phone: httpx.Client, shared_server: Any) -> None:
    account, cloud = phone.get("/account").json()["id"], shared_server.cloud
    message = bring_message(phone)
    areas = ["contacts", "messages"]
    # A process that was killed while it made a backup left this one.
    cloud.db.write(lambda conn: moments.begin(conn, account, areas, "0" * 32))
    limit = f"UPDATE account SET quota_bytes = {used(phone)} WHERE id = '{account}'"
    cloud.db.write(lambda conn: conn.exec_driver_sql(limit))
    assert ended(phone, phone.post("/backups/phone").json()["job"])["code"] == "quota-exceeded"
    assert cloud.db.read(lambda conn: moments.open_ones(conn, account)) == set()
    put(phone, "messages.message", message, {}, "delete")
    before = used(phone)
    swept(shared_server)
    assert used(phone) <= before - len(DATA)


def test_a_backup_whose_maker_was_killed_at_its_end_keeps_what_it_names(
    phone: httpx.Client, shared_server: Any
) -> None:
    account, cloud = phone.get("/account").json()["id"], shared_server.cloud
    message, _, snapshot = lose(phone)
    again = "UPDATE object_moment SET ended = 0 WHERE account_id = :account AND id = :id"
    cloud.db.write(lambda conn: conn.execute(text(again), {"account": account, "id": snapshot}))
    back_up(phone)
    assert cloud.db.read(lambda conn: moments.open_ones(conn, account)) == set()
    swept(shared_server)
    restore(phone, snapshot, messages__message=None)
    assert phone.get(f"/messages/{message}/parts/0").content == DATA


def open_or_held(server: Any, phone: httpx.Client) -> list[str]:
    """Objects that are kept for a moment, and moments."""
    key = {"account": phone.get("/account").json()["id"]}
    query = text(
        "SELECT id FROM object WHERE account_id = :account AND held > 0"
        " UNION ALL SELECT id FROM object_moment WHERE account_id = :account"
    )
    return list(server.cloud.db.read(lambda conn: list(conn.execute(query, key).scalars())))


def test_what_lost_its_attachment_comes_back_without_it(phone: httpx.Client, shared_server: Any) -> None:
    """As it was with backups that were made before they kept what their records name."""
    account, cloud = phone.get("/account").json()["id"], shared_server.cloud
    message, contact, snapshot = lose(phone)
    cloud.db.write(lambda conn: moments.drop(conn, account, snapshot, 1))
    swept(shared_server)

    report = restore(phone, snapshot, messages__message=None, contacts__contact=None)
    assert (report["restored"], report["incomplete"], report["skipped"]) == (2, 2, 0)
    assert {(one["item"], one["label"], one["code"]) for one in report["entries"]} == {
        (f"messages.message/{message}", "西湖", "attachment-gone"),
        (f"contacts.contact/{contact}", "Anna", "attachment-gone"),
    }
    fields = record(phone, "messages.message", message) or {}
    [part] = fields["parts"]
    assert (fields["body"], part["name"], part["size"], part["object"]) == ("西湖", "a.png", len(DATA), "")
    [photo] = (record(phone, "contacts.contact", contact) or {})["photo"]
    assert "object" not in photo
    assert photo["value"].startswith("data:image/jpeg;base64,")
    again = restore(phone, snapshot, messages__message=None, contacts__contact=None)
    assert (again["restored"], again["unchanged"], again["incomplete"]) == (0, 2, 0)
    items = phone.get(f"/backups/phone/{snapshot}/items", params={"collection": "messages.message"}).json()
    assert [one["state"] for one in items] == ["same"]
