"""Downloads that were cut: what is resumed belongs to the same content, and the whole is what the cloud has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.errors import PileusError, Unavailable
from pileus.sdk.client import Client

A, B = b"a" * (3 << 20), b"b" * (3 << 20)
HALF = 2 << 20


class Line(httpx.BaseTransport):
    """A line to a real server that is cut in the middle of a content, or falsifies it, once."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()
        self.cut_after: int | None = None
        self.falsify = False
        self.ranges: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        if not request.url.path.endswith("/content"):
            return answer
        self.ranges.append(request.headers.get("Range"))
        cut, self.cut_after = self.cut_after, None
        false, self.falsify = self.falsify, False
        data = answer.read()

        def body() -> Iterator[bytes]:
            if false:
                yield bytes([data[0] ^ 1]) + data[1:]
                return
            yield data[:cut]
            if cut is not None:
                raise httpx.ReadError("the line was cut")

        return httpx.Response(answer.status_code, headers=answer.headers, content=body())


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def sdk(server: Any, line: Line) -> Iterator[Client]:
    port = server.cloud.settings.port
    with Client(f"http://pileus.localhost:{port}", server.account("anna")["token"], transport=line) as one:
        yield one


def keep(sdk: Client, folder: Path, name: str, data: bytes) -> str:
    source = folder / f"source-{name}"
    source.write_bytes(data)
    return str(sdk.upload(source, name=name)["file"])


def cut(sdk: Client, line: Line, file: str, to: Path) -> None:
    line.cut_after = HALF
    with pytest.raises(Unavailable):
        sdk.download(file, to)
    assert not to.exists()


def test_a_cut_download_goes_on(sdk: Client, line: Line, tmp_path: Path) -> None:
    file, to = keep(sdk, tmp_path, "a", A), tmp_path / "out" / "a"
    to.parent.mkdir()
    cut(sdk, line, file, to)
    sdk.download(file, to)
    assert to.read_bytes() == A
    assert line.ranges == [None, f"bytes={HALF}-"]
    assert list(to.parent.iterdir()) == [to]


def test_another_file_is_not_joined_to_what_a_cut_left(sdk: Client, line: Line, tmp_path: Path) -> None:
    first, second = keep(sdk, tmp_path, "a", A), keep(sdk, tmp_path, "b", B)
    to = tmp_path / "out"
    cut(sdk, line, first, to)
    sdk.download(second, to)
    assert to.read_bytes() == B


def test_what_arrived_wrong_gets_no_name(sdk: Client, line: Line, tmp_path: Path) -> None:
    file, to = keep(sdk, tmp_path, "a", A), tmp_path / "out"
    line.falsify = True
    with pytest.raises(PileusError) as refused:
        sdk.download(file, to)
    assert refused.value.code == "hash-mismatch"
    assert not to.exists()
    sdk.download(file, to)
    assert to.read_bytes() == A


def test_a_part_that_has_all_bytes_is_taken_or_thrown_away(sdk: Client, line: Line, tmp_path: Path) -> None:
    file, to = keep(sdk, tmp_path, "a", A), tmp_path / "out"
    cut(sdk, line, file, to)
    [part] = tmp_path.glob(".*.part")
    for content in (A, B, A + B):
        part.write_bytes(content)
        sdk.download(file, to)
        assert to.read_bytes() == A
        to.unlink()
    assert list(tmp_path.glob(".*.part")) == []
