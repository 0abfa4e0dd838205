"""Pictures that go along with a sent message, over real HTTP: through a handset, and to accounts of one cloud."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from pileus.cloud.kernel.references import Doubts
from pileus.cloud.services.messages import letters, outbox, parts, pictures
from pileus.cloud.services.messages.rules import MAX_PART_BYTES
from pileus.core.clock import ManualClock
from pileus.core.errors import Invalid
from tests.cloud.services.messages.handset import Handset
from tests.cloud.services.messages.test_send_routes import decide, send, states

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"lake" * 3000


def bring(client: httpx.Client, data: bytes = JPEG) -> dict[str, str]:
    """What a wish to send names."""
    answer = client.post("/messages/parts", content=data)
    assert answer.status_code == 201, answer.text
    return {"object": answer.json()["object"], "name": "lake.jpg"}


def messages(client: httpx.Client) -> dict[str, Any]:
    changes = client.get("/journal/changes?since=0").json()["changes"]
    return {one["id"]: one["fields"] for one in changes if one["collection"] == "messages.message"}


def used(client: httpx.Client) -> int:
    return int(client.get("/files/usage").json()["used"])


def settle(server: Any) -> None:
    asyncio.run(parts.DOUBTS.settle(server.cloud.context))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg onload=alert(1)>", None),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x18ftypheic", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_how_it_begins(data: bytes, kind: str | None) -> None:
    if kind:
        assert pictures.kind_of(data) == kind
    else:
        with pytest.raises(Invalid):
            pictures.kind_of(data)


def test_a_handset_takes_pictures_along_once(server: Any) -> None:
    laptop, phone = server.account("mei", "laptop"), server.sign_in("mei", "phone")
    with server.client(laptop["token"]) as client, server.client(phone["token"]) as other:
        wish = [bring(client), bring(client, PNG)]
        for _ in range(2):
            assert send(client, "m1", ["+86138"], "", parts=wish)["state"] == "queued"
        fields = messages(client)["m1"]
        assert [(one["type"], one["size"]) for one in fields["parts"]] == [
            ("image/jpeg", len(JPEG)),
            ("image/png", len(PNG)),
        ]
        assert fields["body"] == ""
        settle(server)  # the daily work leaves what a message names
        handset = Handset(other)
        handset.announce("a")
        assert handset.turn() == 1
        assert (handset.sent, handset.taken) == ({"m1": 1}, {"m1": [JPEG, PNG]})
        assert states(client) == {"m1": "sent"}
        wish[0]["object"] = "part-of-another"
        assert send(client, "m1", ["+86138"], "", parts=wish)["state"] == "sent", "it is not looked for again"
        assert handset.turn() == 0


def test_without_its_picture_a_message_does_not_leave(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        handset = Handset(client)
        handset.announce("a")
        send(client, "m1", ["+86138"], parts=[bring(client)])
        wish = {"base": 99, "collection": "messages.message", "record": "m1"}
        fields = messages(client)["m1"]
        lost = {**fields, "state": "unsent", "parts": [{**fields["parts"][0], "object": ""}]}
        back = {**wish, "id": "e", "op": "put", "fields": lost}
        client.post("/journal/mutations", json={"mutations": [{**wish, "id": "d", "op": "delete"}, back]})
        assert decide(client, "m1", "again") == "queued"
        assert handset.turn() == 0
        assert messages(client)["m1"]["error"] == "content-gone"
        assert states(client) == {"m1": "failed"}


def test_each_account_has_its_own_copy(server: Any) -> None:
    mei, lin, ada = (server.account(name) for name in ("mei", "lin", "ada"))
    with (
        server.client(mei["token"]) as first,
        server.client(lin["token"]) as second,
        server.client(ada["token"]) as third,
    ):
        wish = [bring(first)]
        for number in ("m1", "m1", "m2"):
            assert send(first, number, ["@lin", "@ada"], "西湖", parts=wish)["state"] == "delivered"
        settle(server)
        for one in (first, second, third):
            assert len(JPEG) < used(one) < 2 * len(JPEG), "the same picture is kept and counted once"
        (came, fields), *others = messages(second).items()
        assert len(others) == 1
        assert fields["parts"][0]["name"] == "lake.jpg"
        gone = [
            {"id": f"d{at}", "base": 99, "collection": "messages.message", "record": record, "op": "delete"}
            for at, record in enumerate(messages(first))
        ]
        first.post("/journal/mutations", json={"mutations": gone})
        settle(server)
        assert used(first) < len(JPEG)
        assert second.get(f"/messages/{came}/parts/0").content == JPEG
        assert third.get(f"/messages/{came}/parts/0").content == JPEG


def test_who_has_no_room_for_a_picture_gets_nothing(server: Any) -> None:
    mei, ada = server.account("mei"), server.account("ada")
    server.cloud.accounts.create_blocking("lin", "correct horse", 6000)
    lin = server.sign_in("lin")
    with (
        server.client(mei["token"]) as first,
        server.client(lin["token"]) as second,
        server.client(ada["token"]) as third,
    ):
        before = used(second)
        both = [bring(first, PNG[:1000]), bring(first)]
        assert send(first, "m1", ["@lin", "@ada"], parts=both)["state"] == "failed"
        assert used(second) == before, "not even of one that would have fitted"
        assert messages(first)["m1"]["error"] == "recipient-full @lin"
        assert (len(messages(second)), len(messages(third))) == (0, 1)
        assert send(first, "m2", ["@lin"])["state"] == "delivered", "there is room for words"
        settle(server)
        assert used(second) < 6000


def test_a_sender_without_room_is_told(server: Any) -> None:
    server.cloud.accounts.create_blocking("mei", "correct horse", 6000)
    with server.client(server.sign_in("mei")["token"]) as client:
        answer = client.post("/messages/parts", content=JPEG)
        assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        settle(server)
        assert used(client) == 0


def test_what_was_brought_and_not_sent_goes(server: Any) -> None:
    with server.client(server.account("mei")["token"]) as client:
        bring(client)
        assert used(client) >= len(JPEG)
        settle(server)
        assert used(client) == 0
        again = [bring(client)]
        assert send(client, "m1", ["+86138"], parts=again)["state"] == "queued"
        assert client.get("/messages/m1/parts/0").content == JPEG


def test_what_is_named_while_it_is_let_go_stays(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message names its picture between the look whether one does and what follows from it."""
    with server.client(server.account("mei")["token"]) as client, monkeypatch.context() as patch:
        wish, read = [bring(client)], Doubts.open

        def late(doubts: Doubts, conn: Connection, account: str | None = None) -> list[tuple[str, str]]:
            found = read(doubts, conn, account)
            assert send(client, "m1", ["+86138"], parts=wish)["state"] == "queued"
            return found

        patch.setattr(Doubts, "open", late)
        settle(server)
        assert client.get("/messages/m1/parts/0").content == JPEG


def test_what_is_settled_before_it_is_stored_is_looked_at_again(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = server.cloud.context.objects
    with server.client(server.account("mei")["token"]) as client, monkeypatch.context() as patch:
        put = objects.put

        async def late(*args: Any, **kinds: Any) -> Any:
            await parts.DOUBTS.settle(server.cloud.context)
            return await put(*args, **kinds)

        patch.setattr(objects, "put", late)
        bring(client)
        assert used(client) >= len(JPEG)
        settle(server)
        assert used(client) == 0


def test_one_account_fills_no_other_with_pictures(
    settings: Any, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "PICTURE_BYTES_A_DAY", len(JPEG) + len(PNG) - 1)
    clock = ManualClock(letters.DAY_MS * 20_000)
    with serve(settings, clock=clock) as server:
        mei, lin = server.account("mei"), server.account("lin")
        with server.client(mei["token"]) as first, server.client(lin["token"]) as second:
            assert send(first, "m1", ["@lin"], parts=[bring(first)])["state"] == "delivered"
            before = used(second)
            assert send(first, "m2", ["@lin"], parts=[bring(first, PNG)]) == "too-many-letters"
            assert used(second) == before, "nothing is copied that is refused"
            clock.advance(letters.DAY_MS / 1000)
            assert send(first, "m2", ["@lin"], parts=[bring(first, PNG)])["state"] == "delivered"


def test_a_copy_whose_message_never_came_goes(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud ends between the copies and the message: asked again it is sent once."""
    mei, lin = server.account("mei"), server.account("lin")
    with server.client(mei["token"]) as first, server.client(lin["token"]) as second:
        wish = [bring(first)]

        def end(*_: object) -> str:
            raise RuntimeError("the end")

        with monkeypatch.context() as patch:
            patch.setattr(outbox, "hand_over", end)
            assert (
                first.post(
                    "/messages/send", json={"id": "m1", "people": ["@lin"], "body": "", "parts": wish}
                ).status_code
                == 500
            )
        assert used(second) >= len(JPEG)
        settle(server)
        assert (used(second), messages(first), messages(second)) == (0, {}, {})
        again = [bring(first)]  # the sender's own went with it
        assert send(first, "m1", ["@lin"], "", parts=again)["state"] == "delivered"
        assert len(messages(second)) == 1


def test_what_cannot_go_along_is_refused(shared_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, lin = shared_server.account("mei"), shared_server.account("lin")
    with shared_server.client(mei["token"]) as client, shared_server.client(lin["token"]) as other:
        answer = client.post("/messages/parts", content=b"<svg/>")
        assert (answer.status_code, answer.json()["code"]) == (400, "message-picture")
        answer = client.post("/messages/parts", content=JPEG[:4] + bytes(MAX_PART_BYTES))
        assert (answer.status_code, answer.json()["code"]) == (413, "message-pictures-size")
        mine, theirs = bring(client), bring(other, PNG)
        for people in (["+86138"], ["@lin"]):
            assert send(client, "m", people, parts=[theirs]) == "no-attachment", "it is another account's"
            assert send(client, "m", people, parts=[mine] * 11) == "message-pictures"
            assert send(client, "m", people, parts=[{**mine, "name": "x" * 101}]) == "message-picture"
        monkeypatch.setattr(pictures, "MAX_PARTS_BYTES", 2 * len(JPEG) - 1)
        assert send(client, "m", ["+86138"], parts=[mine, mine]) == "message-pictures-size"
        assert send(client, "m", ["+86138"], " ", parts=[]) == "message-empty"
        assert messages(client) == {}


def gone(client: httpx.Client, record: str) -> None:
    one = {"id": f"d-{record}", "base": 99, "collection": "messages.message", "record": record, "op": "delete"}
    client.post("/journal/mutations", json={"mutations": [one]}).raise_for_status()


def test_one_that_was_sent_and_deleted_is_known_when_its_pictures_are_gone(server: Any) -> None:
    """A device whose answer was lost would take `no-attachment` for "not sent", and offer to send it again."""
    server.account("lin")
    with server.client(server.account("mei")["token"]) as client:
        wish = [bring(client)]
        for record, person in (("m1", "@lin"), ("m2", "+86138")):
            assert "state" in send(client, record, [person], "x", parts=wish)
            gone(client, record)
        settle(server)
        assert send(client, "m1", ["@lin"], "x", parts=wish) == "message-known"
        assert send(client, "m2", ["+86138"], "x", parts=wish) == "message-known"
        assert send(client, "m3", ["@lin"], "x", parts=wish) == "no-attachment"
