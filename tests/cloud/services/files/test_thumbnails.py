"""Small pictures of pictures, drawn in a sandbox and kept sealed."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from pileus.cloud.services.files import drawing, thumbnails
from pileus.cloud.services.files.thumbnails import Drawer, Shelf
from tests.cloud.names import of_test

from .heic import heic
from .test_files import keep

RED = (220, 30, 20)


@pytest.fixture
def phone(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with shared_server.client(shared_server.account(of_test(request))["token"]) as one:
        yield one


def encoded(kind: str, size: tuple[int, int] = (800, 400), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, RED).save(out, kind, **options)
    return out.getvalue()


def thumbnail(
    phone: httpx.Client, data: bytes, name: str, type_: str = "application/octet-stream"
) -> httpx.Response:
    return phone.get(f"/files/{keep(phone, data, name, type=type_)['file']}/thumbnail")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "AVIF", "HEIC"])
def test_each_kind_of_picture(phone: httpx.Client, kind: str) -> None:
    data = heic(640, 320, RED) if kind == "HEIC" else encoded(kind)
    answer = thumbnail(phone, data, f"a.{kind.lower()}")
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("image/webp", "nosniff")
    drawn = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert drawn.size == (256, 128)
    pixel = drawn.getpixel((100, 60))
    assert isinstance(pixel, tuple)
    assert all(abs(one - other) < 30 for one, other in zip(pixel, RED, strict=True))


def test_it_is_turned_as_the_picture_says(phone: httpx.Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = Image.open(io.BytesIO(thumbnail(phone, encoded("JPEG", exif=exif), "a.jpg", "image/jpeg").content))
    assert drawn.size == (128, 256)
    assert not drawn.getexif(), "where and when it was taken is not told"


@pytest.mark.parametrize(
    ("data", "name", "type_"),
    [
        (b"no picture at all", "a.jpg", "image/jpeg"),
        (encoded("JPEG")[:300], "a.jpg", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "a.png", "image/png"),
        (encoded("PNG"), "a.svg", "image/svg+xml"),
        (encoded("PNG"), "a.txt", "text/plain"),
    ],
    ids=["noise", "cut", "svg as png", "svg", "text"],
)
def test_what_has_none(phone: httpx.Client, data: bytes, name: str, type_: str) -> None:
    answer = thumbnail(phone, data, name, type_)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-thumbnail")


def test_a_picture_that_unpacks_to_far_more(phone: httpx.Client) -> None:
    side = 60_000
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1 << 20))), (b"IEND", b""))
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    assert thumbnail(phone, bomb, "a.png").json()["code"] == "no-thumbnail"
    assert thumbnail(phone, encoded("PNG"), "b.png").status_code == 200


def test_it_is_drawn_once_and_lies_sealed(
    phone: httpx.Client, shared_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded("PNG", (300, 300))
    file = keep(phone, data, "a.png")["file"]
    first = phone.get(f"/files/{file}/thumbnail")

    async def never(*_: Any) -> bytes:
        raise AssertionError("it was drawn already")

    monkeypatch.setattr(Drawer, "draw", never)
    again = phone.get(f"/files/{file}/thumbnail")
    assert (again.status_code, again.content) == (200, first.content)
    etag = {"If-None-Match": first.headers["etag"]}
    assert phone.get(f"/files/{file}/thumbnail", headers=etag).status_code == 304
    folder = shared_server.cloud.settings.data_dir / "services" / "files" / "thumbnails"
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"WEBP" in one for one in kept)
    with shared_server.client(shared_server.account("a stranger")["token"]) as stranger:
        assert stranger.get(f"/files/{file}/thumbnail").status_code == 404


def test_the_shelf_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "KEPT_BYTES", 10_000)
    monkeypatch.setattr(thumbnails, "LOOK_EVERY", 1)
    shelf, key = Shelf(tmp_path), bytes(32)
    for number in range(20):
        shelf.put("a", f"{number}", key, bytes(1000))
    assert shelf.get("a", "19", key) == bytes(1000)
    assert shelf.get("a", "0", key) is None
    assert shelf.get("a", "19", bytes(31) + b"x") is None
    assert sum(path.stat().st_size for path in (tmp_path / "a").iterdir()) <= 10_000


REACH = """
import os, socket
def tried(act):
    try:
        act()
    except OSError:
        return 'no'
    return 'yes'
print(
    tried(lambda: open('/etc/passwd')),
    tried(lambda: os.listdir('{data}')),
    tried(lambda: socket.create_connection(('127.0.0.1', {port}), 5)),
    tried(lambda: open('/made', 'w')),
    sorted(name[:4] for name in os.environ) == ['LC_C', 'MALL', 'PWD', 'VIPS', 'VIPS'],
    sum(name.isdigit() for name in os.listdir('/proc')) < 4,
)
"""


def test_the_sandbox_holds_nothing_and_reaches_nothing(shared_server: Any) -> None:
    settings = shared_server.cloud.settings
    code = REACH.format(data=settings.data_dir, port=settings.port)
    told = subprocess.run([*thumbnails.command()[:-1], code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["no", "no", "no", "no", "True", "True"]


def test_other_kinds_are_not_even_looked_at() -> None:
    assert drawing.draw(b"%PDF-1.7") is None
    assert drawing.draw(b"P6 1 1 255\nabc") is None
