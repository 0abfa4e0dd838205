"""Files over HTTP, on a real server: uploads, contents, refusals, what a crash leaves."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from blake3 import blake3
from sqlalchemy import Connection

from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.kernel.service import all_live
from pileus.cloud.services.files import store
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings

NOISE = random.Random(3).randbytes(3 << 20)


def begin(client: httpx.Client, data: bytes, name: str = "a.bin", **members: Any) -> Any:
    answer = client.post("/files/uploads", json={"name": name, "size": len(data), **members})
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(client: httpx.Client, upload: str, offset: int, data: bytes | Iterator[bytes]) -> httpx.Response:
    return client.patch(f"/files/uploads/{upload}", content=data, headers={"Upload-Offset": str(offset)})


def keep(client: httpx.Client, data: bytes, name: str = "a.bin", **members: Any) -> Any:
    begun = begin(client, data, name, **members)
    if begun["file"]:
        return begun
    answer = send(client, begun["upload"], 0, data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def erase(client: httpx.Client, file: str) -> None:
    """Deletes a file for good."""
    assert client.delete(f"/files/{file}").status_code == 204
    assert client.delete(f"/files/trash/{file}").status_code == 204


def records(client: httpx.Client) -> dict[str, Any]:
    page = client.get("/journal/snapshot", params={"limit": 1000}).json()
    found = (one for one in page["records"] if one["collection"] == "files.file" and not one.get("deleted"))
    return {one["id"]: one["fields"] for one in found}


def mutate(client: httpx.Client, **mutation: Any) -> Any:
    wish = {"collection": "files.file", "fields": {}, "op": "put", "base": 0, **mutation}
    return client.post("/journal/mutations", json={"mutations": [wish]}).json()["outcomes"][0]


def test_up_and_down(client: httpx.Client) -> None:
    told = keep(client, NOISE, "湖.bin", type="image/png", blake3=blake3(NOISE).hexdigest())
    fields = records(client)[told["file"]]
    assert (fields["name"], fields["size"], fields["blake3"]) == ("湖.bin", len(NOISE), blake3(NOISE).hexdigest())
    answer = client.get(f"/files/{told['file']}/content")
    assert answer.content == NOISE
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    same = client.get(f"/files/{told['file']}/content", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    assert client.get("/files/usage").json()["used"] >= len(NOISE)


def test_ranges(client: httpx.Client) -> None:
    file = keep(client, NOISE)["file"]
    for header, expected in (
        ("bytes=5-9", NOISE[5:10]),
        ("bytes=-7", NOISE[-7:]),
        ("bytes=2000000-", NOISE[2000000:]),
    ):
        answer = client.get(f"/files/{file}/content", headers={"Range": header})
        assert (answer.status_code, answer.content) == (206, expected)
    assert client.get(f"/files/{file}/content", headers={"Range": "bytes=9999999-"}).status_code == 416


def test_an_empty_file(client: httpx.Client) -> None:
    told = keep(client, b"")
    assert client.get(f"/files/{told['file']}/content").content == b""


def test_in_pieces_and_asked_again(client: httpx.Client) -> None:
    begun = begin(client, NOISE)
    half = send(client, begun["upload"], 0, NOISE[: 1 << 20])
    assert half.json()["offset"] == 1 << 20
    assert half.headers["upload-offset"] == str(1 << 20)
    wrong = send(client, begun["upload"], 0, NOISE)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["offset"]) == (409, "wrong-offset", 1 << 20)
    assert client.head(f"/files/uploads/{begun['upload']}").headers["upload-offset"] == str(1 << 20)
    done = send(client, begun["upload"], 1 << 20, NOISE[1 << 20 :]).json()
    assert send(client, begun["upload"], len(NOISE), b"").json() == done
    assert client.get(f"/files/uploads/{begun['upload']}").json() == done
    assert client.get(f"/files/{done['file']}/content").content == NOISE


def test_a_cut_keeps_what_arrived(client: httpx.Client, server: Any) -> None:
    begun = begin(client, NOISE)
    with socket.create_connection(("127.0.0.1", server.cloud.settings.port)) as raw:
        head = (
            f"PATCH /api/v1/files/uploads/{begun['upload']} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: {client.headers['authorization']}\r\nUpload-Offset: 0\r\n"
            f"Content-Length: {len(NOISE)}\r\n\r\n"
        )
        raw.sendall(head.encode() + NOISE[:2_000_000])
    # What has not been read yet when the next request takes the upload over would be nobody's.
    end = time.monotonic() + 30
    while client.head(f"/files/uploads/{begun['upload']}").headers["upload-offset"] == "0":
        assert time.monotonic() < end
    answer = send(client, begun["upload"], 2_000_000, NOISE[2_000_000:])
    if answer.status_code == 409:
        offset = answer.json()["offset"]
        assert 0 < offset <= 2_000_000
        answer = send(client, begun["upload"], offset, NOISE[offset:])
    assert client.get(f"/files/{answer.json()['file']}/content").content == NOISE


def test_a_wrong_hash_keeps_nothing(client: httpx.Client) -> None:
    begun = begin(client, NOISE, blake3="0" * 64)
    answer = send(client, begun["upload"], 0, NOISE)
    assert (answer.status_code, answer.json()["code"]) == (422, "hash-mismatch")
    assert records(client) == {}
    assert client.get(f"/files/uploads/{begun['upload']}").json()["code"] == "no-upload"


def test_too_long(client: httpx.Client) -> None:
    begun = begin(client, b"12345")
    assert send(client, begun["upload"], 0, b"123456").json()["code"] == "upload-too-long"
    assert send(client, begun["upload"], 0, iter([b"123", b"4567"])).json()["code"] == "upload-too-long"
    left = client.get(f"/files/uploads/{begun['upload']}").json()
    assert left["offset"] <= 5
    assert left["file"] is None


def test_over_quota_before_anything_is_taken(settings: Settings, serve: Callable[..., Any]) -> None:
    small = settings.changed(quota_bytes=4 << 20)
    with serve(small) as server, server.client(server.account("anna")["token"]) as client:
        answer = client.post("/files/uploads", json={"name": "a", "size": 5 << 20})
        assert (answer.status_code, answer.json()["code"]) == (507, "quota-exceeded")
        begin(client, NOISE)
        answer = client.post("/files/uploads", json={"name": "b", "size": len(NOISE)})
        assert answer.json()["code"] == "quota-exceeded"


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "a/b", "size": 1},
        {"name": "..", "size": 1},
        {"name": "a", "size": -1},
        {"name": "a", "size": 1, "parent": "../x"},
        {"name": "a", "size": 1, "type": "text/html\r\nX: y"},
        {"name": "a", "size": 1, "blake3": "zz"},
        {"name": "a"},
    ],
)
def test_malformed_wishes(client: httpx.Client, wish: dict[str, Any]) -> None:
    assert client.post("/files/uploads", json=wish).status_code == 400


def test_another_accounts_files_do_not_exist(client: httpx.Client, server: Any) -> None:
    file, begun = keep(client, b"mine")["file"], begin(client, b"open")
    with server.client(server.account("ben")["token"]) as other:
        assert other.get(f"/files/{file}/content").status_code == 404
        assert other.get(f"/files/uploads/{begun['upload']}").status_code == 404
        assert send(other, begun["upload"], 0, b"open").status_code == 404
        other.delete(f"/files/{file}")
        other.delete(f"/files/uploads/{begun['upload']}")
    assert client.get(f"/files/{file}/content").content == b"mine"
    assert client.get(f"/files/uploads/{begun['upload']}").status_code == 200


def test_names_that_are_taken_get_a_number(client: httpx.Client) -> None:
    assert [keep(client, b"x", "a.txt")["name"] for _ in range(3)] == ["a.txt", "a (2).txt", "a (3).txt"]


def test_folders(client: httpx.Client) -> None:
    folder = {"name": "Photos", "parent": "", "type": "inode/directory", "size": 0, "modified_ms": 1}
    assert mutate(client, id="m1", record="folder-1", fields=folder)["status"] == "applied"
    inside = keep(client, b"x", parent="folder-1")["file"]
    assert records(client)[inside]["parent"] == "folder-1"
    assert keep(client, b"y", parent="nowhere")["file"]
    assert client.delete(f"/files/{inside}").status_code == 204
    assert client.delete("/files/folder-1").status_code == 204


def test_deleting_for_good_frees_the_bytes(client: httpx.Client) -> None:
    before = client.get("/files/usage").json()["used"]
    file = keep(client, NOISE)["file"]
    erase(client, file)
    assert client.delete(f"/files/{file}").status_code == 204
    assert client.get(f"/files/{file}/content").status_code == 404
    assert client.get("/files/usage").json()["used"] - before < 2000


def test_a_device_deletes_through_the_journal_and_an_edit_brings_it_back(
    client: httpx.Client, server: Any
) -> None:
    file = keep(client, NOISE)["file"]
    seq = client.get("/journal/snapshot").json()["as_of"]
    assert mutate(client, id="d1", record=file, op="delete", base=seq)["status"] == "applied"
    assert client.delete("/files/trash").status_code == 204
    assert client.get("/files/usage").json()["used"] < len(NOISE)
    with server.client(server.sign_in("anna", "tablet")["token"]) as tablet:
        mutate(tablet, id="e1", record=file, fields={"name": "kept.bin"}, base=seq)
        assert tablet.get(f"/files/{file}/content").content == NOISE
        assert tablet.get("/files/usage").json()["used"] >= len(NOISE)


def test_a_file_that_comes_back_over_the_limit_locks_nothing(
    settings: Settings, serve: Callable[..., Any]
) -> None:
    """The tablet's rename, made before it knew of the deletion, brings a file back into a full account."""
    with serve(settings.changed(quota_bytes=5 << 20)) as server:
        session = server.account("anna")
        with (
            server.client(session["token"]) as phone,
            server.client(server.sign_in("anna", "tablet")["token"]) as tablet,
        ):
            first = keep(phone, NOISE)["file"]
            seq = phone.get("/journal/snapshot").json()["as_of"]
            erase(phone, first)
            second = keep(phone, NOISE, "b.bin")["file"]
            revived = mutate(tablet, id="e1", record=first, fields={"name": "kept.bin"}, base=seq)
            assert revived["status"] == "merged"
            used = phone.get("/files/usage").json()["used"]
            assert used > 2 * len(NOISE)
            for file in (first, second):
                assert phone.get(f"/files/{file}/content").content == NOISE
            assert phone.post("/files/uploads", json={"name": "c", "size": 1}).json()["code"] == "quota-exceeded"
            erase(phone, second)
            assert phone.get("/files/usage").json()["used"] < used - len(NOISE) + 2000
            assert phone.post("/files/uploads", json={"name": "c", "size": 1}).status_code == 201


def test_what_comes_back_has_its_content_or_does_not_come_back(
    settings: Settings, serve: Callable[..., Any]
) -> None:
    """Tombstones live longer than deleted content: an old rename must not make a file without content."""
    clock = ManualClock(SystemClock().now_ms())
    with serve(settings, clock=clock) as server:
        session = server.account("anna")
        with (
            server.client(session["token"]) as phone,
            server.client(server.sign_in("anna", "tablet")["token"]) as tablet,
        ):
            objects = server.cloud.context.objects
            early, late = keep(phone, NOISE)["file"], keep(phone, b"late", "late.bin")["file"]
            seq = phone.get("/journal/snapshot").json()["as_of"]
            for file in (early, late):
                erase(phone, file)
            clock.advance(6.9 * 24 * 3600)
            # The journal alone, no request to files: what it said yes to must outlive the next sweep.
            assert mutate(tablet, id="e1", record=early, fields={"name": "e"}, base=seq)["status"] == "merged"
            clock.advance(24 * 3600)
            assert sweep(objects).objects == 1
            assert phone.get(f"/files/{early}/content").content == NOISE
            refused = mutate(tablet, id="e2", record=late, fields={"name": "l"}, base=seq)
            assert (refused["status"], refused["code"]) == ("refused", "content-gone")
            assert list(records(phone)) == [early]
            assert phone.get("/files/usage").json()["used"] < len(NOISE) + 4000


def test_an_object_in_doubt_that_cannot_be_settled_is_no_reason_to_refuse(
    client: httpx.Client, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = keep(client, NOISE)["file"], keep(client, b"other", "b.bin")["file"]
    objects, broken = server.cloud.context.objects, records(client)[first]["object"]
    settle = objects.settle

    async def failing(account: str, area: str, name: str, wanted: Callable[[Connection], bool]) -> None:
        if name == broken:
            raise OSError("the disk does not answer")
        await settle(account, area, name, wanted)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "settle", failing)
        erase(client, first)
        erase(client, second)
        assert client.get("/files/usage").json()["used"] >= len(NOISE)
    assert client.get("/files/usage").json()["used"] < len(NOISE)


def test_a_file_that_comes_back_while_its_content_is_let_go_keeps_it(
    client: httpx.Client, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another device changes the deleted file between the look whether it is wanted and what follows from it."""
    file = keep(client, NOISE)["file"]
    seq = client.get("/journal/snapshot").json()["as_of"]
    doubts = store.doubts
    with server.client(server.sign_in("anna", "tablet")["token"]) as tablet, monkeypatch.context() as patch:

        def late(conn: Connection, account: str | None = None) -> list[tuple[str, str, bool]]:
            found = doubts(conn, account)
            change = mutate(tablet, id="late", record=file, fields={"name": "b.bin"}, base=seq)
            assert (change["status"], [used for _, _, used in found]) == ("merged", [False])
            return found

        assert client.delete(f"/files/{file}").status_code == 204
        patch.setattr(store, "doubts", late)
        assert client.delete(f"/files/trash/{file}").status_code == 204
    account, object_ = client.get("/account").json()["id"], records(client)[file]["object"]
    assert server.cloud.context.db.read(lambda conn: all_live(conn, account, store.AREA, [object_]))


def test_a_copy_shares_its_content_until_both_are_gone(client: httpx.Client, server: Any) -> None:
    file = keep(client, NOISE)["file"]
    seq = client.get("/journal/snapshot").json()["as_of"]
    assert mutate(client, id="r1", record=file, fields={"name": "one.bin"}, base=seq)["status"] == "applied"
    with server.client(server.sign_in("anna", "tablet")["token"]) as tablet:
        assert mutate(tablet, id="r2", record=file, fields={"name": "two.bin"}, base=seq)["status"] == "merged"
    found = records(client)
    assert len(found) == 2
    first, second = found
    erase(client, first)
    assert client.get(f"/files/{second}/content").content == NOISE
    erase(client, second)
    assert client.get("/files/usage").json()["used"] < len(NOISE)


@pytest.mark.parametrize("fields", [{"object": "other"}, {"size": 1}, {"blake3": "0" * 64}, {"name": "a/b"}])
def test_a_device_cannot_change_what_a_file_is(client: httpx.Client, fields: dict[str, Any]) -> None:
    file = keep(client, NOISE)["file"]
    assert mutate(client, id="m", record=file, fields=fields, base=10)["status"] == "refused"
    assert client.get(f"/files/{file}/content").content == NOISE


def test_unfinished_uploads_expire(settings: Settings, serve: Callable[..., Any]) -> None:
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        token = server.account("anna")["token"]
        with server.client(token) as client:
            old = begin(client, NOISE)["upload"]
            send(client, old, 0, NOISE[:1000])
            clock.advance(6 * 24 * 3600)
            young = begin(client, NOISE)["upload"]
    stray = settings.data_dir / "services" / "files" / "uploads" / "stray"
    stray.write_bytes(b"x")
    clock.advance(2 * 24 * 3600)
    with serve(settings, clock=clock) as server, server.client(token) as client:
        assert client.get(f"/files/uploads/{old}").status_code == 404
        assert client.get(f"/files/uploads/{young}").status_code == 200
    assert [path.name for path in stray.parent.iterdir()] == [young]


def test_a_damaged_pack_is_an_error_with_a_name(client: httpx.Client, settings: Settings) -> None:
    file = keep(client, NOISE)["file"]
    packs: list[Path] = [p for p in (settings.data_dir / "objects" / "packs").rglob("*") if p.is_file()]
    for path in packs:
        path.write_bytes(path.read_bytes()[:1000])
    answer = client.get(f"/files/{file}/content")
    assert (answer.status_code, answer.json()["code"]) == (500, "object-corrupt")
