"""The tus protocol: a stranger's client, its rules by hand, kill -9 amid an upload; and many small files."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import random
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from blake3 import blake3
from sqlalchemy import text
from tusclient.client import TusClient

from pileus.sdk.client import Client
from tests.cloud.names import of_test

from .test_crash import NOISE as LARGE
from .test_crash import Web
from .test_crash import client as signed_in  # noqa: F401 - a fixture
from .test_crash import web as web  # a fixture of the one above
from .test_files import NOISE, begin, mutate, records, send

LIMIT = text("UPDATE account SET quota_bytes = :size WHERE id = :id")
VERSION = {"Tus-Resumable": "1.0.0"}
RAW = {**VERSION, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def create(client: httpx.Client, size: int, **more: str) -> httpx.Response:
    answer = client.post("/files/uploads", headers={**VERSION, "Upload-Length": str(size), **more})
    assert answer.status_code == 201, answer.text
    return answer


def place(client: httpx.Client, answer: httpx.Response) -> str:
    path = answer.headers["location"].removeprefix("/api/v1")
    assert path.startswith("/files/uploads/")
    return path


def patch(client: httpx.Client, path: str, offset: int, data: bytes, **more: str) -> httpx.Response:
    return client.patch(path, content=data, headers={**RAW, "Upload-Offset": str(offset), **more})


def sha1(data: bytes) -> str:
    return "sha1 " + base64.b64encode(hashlib.sha1(data).digest()).decode()


def test_a_strangers_client(phone: httpx.Client, tmp_path: Path) -> None:
    tus = TusClient(f"{phone.base_url}files/uploads", headers={"Authorization": phone.headers["authorization"]})
    uploader = tus.uploader(
        file_stream=io.BytesIO(NOISE),
        chunk_size=1_000_000,
        metadata={"filename": "湖.bin", "filetype": "image/png"},
        upload_checksum=True,
    )
    uploader.upload(stop_at=1_500_000)
    assert uploader.offset == uploader.get_offset() == 1_500_000
    again = tus.uploader(file_stream=io.BytesIO(NOISE), chunk_size=1_000_000, url=uploader.url)
    assert again.offset == 1_500_000
    again.upload()
    (file,) = (one for one, fields in records(phone).items() if fields["name"] == "湖.bin")
    answer = phone.get(f"/files/{file}/content")
    assert answer.content == NOISE
    assert answer.headers["content-type"] == "image/png"


def test_what_is_offered(phone: httpx.Client) -> None:
    answer = httpx.options(f"{phone.base_url}files/uploads", trust_env=False)
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert "checksum" in answer.headers["tus-extension"].split(",")
    assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")


def test_piece_by_piece(phone: httpx.Client) -> None:
    told = metadata(filename="a.bin", parent="", own="x") + ",empty"
    created = create(phone, len(NOISE), **{"Upload-Metadata": told})
    assert created.headers["upload-offset"] == "0"
    path = place(phone, created)
    assert patch(phone, path, 0, NOISE[:1000]).headers["upload-offset"] == "1000"
    head = phone.head(path, headers=VERSION)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("1000", str(len(NOISE)))
    assert head.headers["upload-metadata"] == told
    assert head.headers["cache-control"] == "no-store"
    assert head.headers["upload-expires"].endswith("GMT")
    wrong = patch(phone, path, 5, NOISE[5:])
    assert (wrong.status_code, wrong.headers["tus-resumable"]) == (409, "1.0.0")
    done = patch(phone, path, 1000, NOISE[1000:])
    assert (done.status_code, done.headers["upload-offset"]) == (204, str(len(NOISE)))
    assert phone.get(f"/files/{done.headers['pileus-file']}/content").content == NOISE
    assert phone.head(path, headers=VERSION).headers["upload-offset"] == str(len(NOISE))


def test_created_with_its_first_bytes(phone: httpx.Client) -> None:
    for data in (NOISE[:1000], b""):
        headers = {**RAW, "Upload-Length": str(len(data)), "Upload-Metadata": metadata(filename="b.bin")}
        answer = phone.post("/files/uploads", content=data, headers=headers)
        assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(data)))
        assert phone.get(f"/files/{answer.headers['pileus-file']}/content").content == data


def test_a_wrong_checksum_keeps_nothing_of_the_piece(phone: httpx.Client) -> None:
    path = place(phone, create(phone, len(NOISE)))
    half = 12 << 17
    assert patch(phone, path, 0, NOISE[:half], **{"Upload-Checksum": sha1(NOISE[:half])}).status_code == 204
    wrong = patch(phone, path, half, NOISE[half:], **{"Upload-Checksum": sha1(b"other")})
    assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum-mismatch")
    assert phone.head(path, headers=VERSION).headers["upload-offset"] == str(half)
    unknown = patch(phone, path, half, NOISE[half:], **{"Upload-Checksum": "crc32 AAAA"})
    assert unknown.status_code == 400
    right = patch(phone, path, half, NOISE[half:], **{"Upload-Checksum": sha1(NOISE[half:])})
    assert phone.get(f"/files/{right.headers['pileus-file']}/content").content == NOISE


def test_a_cut_piece_with_a_checksum_is_sent_again_whole(phone: httpx.Client, shared_server: Any) -> None:
    path = place(phone, create(phone, len(NOISE)))
    with socket.create_connection(("127.0.0.1", shared_server.cloud.settings.port)) as raw:
        lines = {
            **RAW,
            "Host": "127.0.0.1",
            "Authorization": phone.headers["authorization"],
            "Upload-Offset": "0",
            "Upload-Checksum": sha1(NOISE),
            "Content-Length": str(len(NOISE)),
            "Expect": "100-continue",
        }
        head = f"PATCH /api/v1{path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines.items()
        )
        raw.sendall(head.encode() + b"\r\n")
        # The upload is this request's before the next one takes it over, and not the other way round.
        assert raw.recv(1000).startswith(b"HTTP/1.1 100 ")
        raw.sendall(NOISE[:2_000_000])
    done = patch(phone, path, 0, NOISE, **{"Upload-Checksum": sha1(NOISE)})
    assert done.status_code == 204, done.text
    assert phone.get(f"/files/{done.headers['pileus-file']}/content").content == NOISE


def test_termination(phone: httpx.Client) -> None:
    path = place(phone, create(phone, 10))
    assert phone.delete(path, headers=VERSION).status_code == 204
    assert phone.head(path, headers=VERSION).status_code == 404
    assert patch(phone, path, 0, b"x").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2", "Upload-Length": "1"}, 412),
        ({**VERSION}, 400),
        ({**VERSION, "Upload-Length": "-1"}, 400),
        ({**VERSION, "Upload-Defer-Length": "1"}, 400),
        ({**VERSION, "Upload-Length": "1", "Upload-Metadata": "filename ?"}, 400),
        ({**VERSION, "Upload-Length": "1", "Upload-Metadata": metadata(filename="a/b")}, 400),
        ({**VERSION, "Upload-Length": str(1 << 60)}, 400),
    ],
)
def test_what_is_refused(phone: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = phone.post("/files/uploads", headers=headers)
    assert (answer.status_code, answer.headers["tus-resumable"]) == (status, "1.0.0")
    assert answer.headers.get("tus-version") == ("1.0.0" if status == 412 else None)


def test_another_media_type(phone: httpx.Client) -> None:
    path = place(phone, create(phone, 1))
    assert patch(phone, path, 0, b"x", **{"Content-Type": "text/plain"}).status_code == 415


def test_both_ways_are_one_upload(phone: httpx.Client, shared_server: Any) -> None:
    begun = begin(phone, NOISE, "one.bin")
    path = f"/files/uploads/{begun['upload']}"
    assert patch(phone, path, 0, NOISE[:10]).status_code == 204
    assert send(phone, begun["upload"], 10, NOISE[10:]).json()["file"] == begun["upload"]
    with shared_server.client(shared_server.account("else")["token"]) as other:
        assert other.head(path, headers=VERSION).status_code == 404
        assert patch(other, path, 0, b"").status_code == 404


def test_a_killed_server_and_a_strangers_client(
    web: Web,
    signed_in: Client,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Killed at four places of one upload: the client goes on where the cloud says, and the file is right."""
    header = {"Authorization": signed_in._http.headers["Authorization"]}
    tus = TusClient(f"{web.url}/api/v1/files/uploads", headers=header)
    uploader = tus.uploader(
        file_stream=io.BytesIO(LARGE),
        chunk_size=8 << 20,
        metadata={"filename": "a.bin", "blake3": blake3(LARGE).hexdigest()},
        upload_checksum=True,
    )
    uploader.set_url(uploader.create_url())  # without an answer to that it would know of no upload to go on with
    rng, kills, safe = random.Random(5), 0, 0
    while uploader.offset < len(LARGE):
        timer = threading.Timer(rng.uniform(0.0, 0.2), web.kill) if kills < 4 else None
        if timer:
            timer.start()
        # What it says of a dead server is its HTTP library's matter; of a live one it may say nothing.
        with contextlib.suppress(*([Exception] if timer else [])):
            uploader.upload_chunk()
            safe = uploader.offset
        if timer:
            timer.join()
            kills += 1
            web.again()
            uploader.offset = uploader.get_offset()
            assert uploader.offset >= safe
    assert kills == 4
    (file,) = signed_in.records("files.file")
    signed_in.download(file, tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == LARGE


def bulk(files: list[tuple[dict[str, Any], bytes]]) -> bytes:
    body = b""
    for header, data in files:
        encoded = json.dumps({"size": len(data), **header}).encode()
        body += struct.pack("<I", len(encoded)) + encoded + data
    return body


def test_a_thousand_small_files(phone: httpx.Client) -> None:
    noise = random.Random(6)
    files = [
        ({"name": f"{number}.bin", "id": f"small-{number}"}, noise.randbytes(10_000)) for number in range(1000)
    ]
    answer = phone.post("/files/bulk", content=bulk(files))
    assert answer.status_code == 200, answer.text
    assert answer.json()["files"] == [{"file": head["id"], "name": head["name"]} for head, _ in files]
    found = Client(str(phone.base_url).removesuffix("/api/v1/"), phone.headers["authorization"].split()[1])
    with found:
        kept = found.records("files.file")
    assert {one: fields["blake3"] for one, fields in kept.items()} == {
        head["id"]: blake3(data).hexdigest() for head, data in files
    }
    for number in (0, 499, 500, 999):
        assert phone.get(f"/files/small-{number}/content").content == files[number][1]
    used = phone.get("/files/usage").json()["used"]
    again = phone.post("/files/bulk", content=bulk(files))
    assert again.json() == answer.json(), "asked again it is the same"
    assert phone.get("/files/usage").json()["used"] == used


def test_each_of_many_is_refused_by_itself(phone: httpx.Client) -> None:
    same = {"name": "same.txt"}
    files = [
        ({"name": "a/b"}, b"1"),
        (same, b"2"),
        (same, b"3"),
        ({"name": "hash.txt", "blake3": "0" * 64}, b"4"),
        ({"name": "one.txt", "id": "one"}, b"5"),
        ({"name": "two.txt", "id": "one"}, b"6"),
        ({"name": "empty.txt"}, b""),
    ]
    told = phone.post("/files/bulk", content=bulk(files)).json()["files"]
    assert [one.get("code") or one["name"] for one in told] == [
        "bad-name",
        "same.txt",
        "same (2).txt",
        "hash-mismatch",
        "one.txt",
        "id-taken",
        "empty.txt",
    ]
    other = phone.post("/files/bulk", content=bulk([({"name": "x", "id": "one"}, b"else")])).json()["files"]
    assert other[0]["code"] == "id-taken"
    assert phone.get("/files/one/content").content == b"5"


def test_of_many_as_many_as_fit(phone: httpx.Client, shared_server: Any) -> None:
    account = phone.get("/account").json()["id"]
    shared_server.cloud.db.write(lambda conn: conn.execute(LIMIT, {"size": 100_000, "id": account}))
    files = [({"name": f"{number}"}, bytes([number]) * 30_000) for number in range(6)]
    told = phone.post("/files/bulk", content=bulk(files)).json()["files"]
    kept = [one["name"] for one in told if "file" in one]
    assert 1 <= len(kept) <= 3
    assert {one["code"] for one in told if "file" not in one} == {"quota-exceeded"}
    assert {fields["name"] for fields in records(phone).values()} == set(kept)


def test_files_that_came_together_are_as_others(phone: httpx.Client) -> None:
    """Found by name and text, moved, merged, deleted, brought back."""
    files = [
        ({"name": "西湖.txt", "id": "lake"}, "水面".encode()),
        ({"name": "b", "id": "b", "parent": "none"}, b"b"),
    ]
    phone.post("/files/bulk", content=bulk(files))
    assert records(phone)["b"]["parent"] == "", "a folder that is not there is the root"
    assert [one["file"] for one in phone.get("/files/search", params={"q": "西湖"}).json()["files"]] == ["lake"]
    assert [one["file"] for one in phone.get("/files/search", params={"q": "水面"}).json()["files"]] == ["lake"]
    assert mutate(phone, id="m1", record="b", base=0, fields={"name": "c"})["status"] == "merged"
    assert sorted(fields["name"] for fields in records(phone).values()) == ["b", "c (phone)", "西湖.txt"]
    assert phone.delete("/files/lake").status_code == 204
    answer = phone.post("/files/bulk", content=bulk([({"name": "new", "id": "lake"}, b"else")])).json()["files"]
    assert answer[0].get("code") == "id-taken"
    assert phone.post("/files/trash/lake/restore").status_code == 200
    assert phone.get("/files/lake/content").content == "水面".encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"abc", "malformed-body"),
        (struct.pack("<I", 1 << 20) + b"x", "malformed-body"),
        (struct.pack("<I", 3) + b"{}}", "malformed-body"),
        (bulk([({"name": "a", "size": 2 << 20}, b"x")]), "file-too-large"),
        (bulk([({"name": "a", "size": 3}, b"xy")]), "malformed-body"),
    ],
)
def test_a_malformed_bulk(phone: httpx.Client, body: bytes, code: str) -> None:
    answer = phone.post("/files/bulk", content=bulk([({"name": "first"}, b"1")]) + body)
    assert answer.json()["code"] == code
