"""Peers that stand still: their connection ends, and holds nothing that another request needs."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud import connections
from pileus.cloud.web import listen
from tests.conftest import free_port


def dial(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    one.settimeout(20)
    one.connect(("127.0.0.1", port))
    return one


def rest(one: socket.socket) -> bytes:
    """All until the server ends the connection."""
    found = b""
    try:
        while data := one.recv(1 << 16):
            found += data
    except ConnectionResetError:
        pass
    return found


def head(method: str, path: str, token: str, **fields: object) -> bytes:
    lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: pileus.localhost", f"Authorization: Bearer {token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STILL_SECONDS", 0.4)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_never_ends_is_cut(impatient: None, server: Any, begun: bytes) -> None:
    with dial(server.cloud.settings.port) as one:
        one.sendall(begun)
        assert rest(one) == b""


def test_a_head_that_goes_on_for_ever_is_cut(server: Any) -> None:
    with dial(server.cloud.settings.port) as one, pytest.raises(ConnectionError):
        one.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (10 << 20))


def test_a_body_that_stands_still_keeps_what_came(impatient: None, server: Any) -> None:
    token = server.account("anna")["token"]
    with server.client(token) as client, dial(server.cloud.settings.port) as one:
        upload = client.post("/files/uploads", json={"name": "a", "size": 100}).json()["upload"]
        one.sendall(head("PATCH", f"/files/uploads/{upload}", token, Upload_Offset=0, Content_Length=100))
        one.sendall(b"x" * 40)
        rest(one)
        done = client.patch(f"/files/uploads/{upload}", content=b"y" * 60, headers={"Upload-Offset": "40"})
        assert done.status_code == 200, done.text
        assert client.get(f"/files/{done.json()['file']}/content").content == b"x" * 40 + b"y" * 60


def test_a_reader_that_stops_is_let_go(impatient: None, server: Any) -> None:
    token = server.account("anna")["token"]
    with server.client(token) as client, dial(server.cloud.settings.port) as one:
        size = 24 << 20
        upload = client.post("/files/uploads", json={"name": "a", "size": size}).json()["upload"]
        sent = client.patch(f"/files/uploads/{upload}", content=bytes(size), headers={"Upload-Offset": "0"})
        one.sendall(head("GET", f"/files/{sent.json()['file']}/content", token))
        wait_closed(server.cloud.settings.port, one.getsockname()[1])
        assert len(rest(one)) < size


def wait_closed(port: int, peer: int) -> None:
    """Returns when the server holds no connection to that peer any more (proc_net_tcp(5))."""
    end = time.monotonic() + 20
    while any(
        int(row[1].rpartition(":")[2], 16) == port
        and int(row[2].rpartition(":")[2], 16) == peer
        and row[3] == "01"
        for row in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
    ):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_newer_request_takes_an_upload_over_at_once(server: Any) -> None:
    """The old connection hangs without a word, as after a change of networks."""
    session, other = server.account("anna"), server.account("bob")
    token = session["token"]
    with (
        server.client(token) as client,
        server.client(other["token"]) as stranger,
        dial(server.cloud.settings.port) as one,
    ):
        upload = client.post("/files/uploads", json={"name": "a", "size": 100}).json()["upload"]
        path = f"/files/uploads/{upload}"
        one.sendall(head("PATCH", path, token, Upload_Offset=0, Content_Length=100) + b"x" * 40)
        assert stranger.patch(path, content=b"", headers={"Upload-Offset": "0"}).status_code == 404
        told: httpx.Response = client.patch(path, content=b"", headers={"Upload-Offset": "0"})
        offset = told.json()["offset"]
        assert (told.status_code, offset in (0, 40)) in ((409, True), (200, True))
        answer = b""
        while b'"code"' not in answer:
            answer += one.recv(1 << 16)
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "cut-off"
        done = client.patch(path, content=b"y" * (100 - offset), headers={"Upload-Offset": str(offset)})
        assert done.json()["offset"] == 100


def test_an_answer_is_sent_at_once() -> None:
    """Else its body waits until the peer has acknowledged its head, which a peer puts off."""

    async def go() -> int:
        [here] = listen("127.0.0.1", [free_port()])
        taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            at_once = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            taken.set_result(at_once)
            writer.close()

        async with await asyncio.start_server(take, sock=here):
            _, out = await asyncio.open_connection(*here.getsockname())
            out.close()
            return await taken

    assert asyncio.run(go())
