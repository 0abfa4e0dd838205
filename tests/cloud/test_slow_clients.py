"""Clients that take their time keep nobody else waiting, and lose nothing of what they sent or asked for."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
from blake3 import blake3

MANY = 20
"""Of each kind at once: more than there are threads for anything."""
SIZE = 4 << 20
"""More than the sockets of both sides hold."""


def noise(number: int) -> bytes:
    return random.Random(number).randbytes(SIZE)


class Slow:
    """A connection that sends and reads when it is told to."""

    def __init__(self, url: str, token: str) -> None:
        address = httpx.URL(url)
        self._socket = socket.create_connection((address.host, address.port), timeout=60)
        self._token = token

    def begin(self, method: str, path: str, *headers: str) -> None:
        head = [f"{method} /api/v1{path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self._token}"]
        self.send("\r\n".join([*head, "Connection: close", *headers, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def rest(self) -> tuple[int, bytes]:
        """The answer's status and body, to its end."""
        said = b""
        while piece := self._socket.recv(1 << 20):
            said += piece
        head, _, body = said.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def close(self) -> None:
        self._socket.close()


@contextmanager
def slow_ones(url: str, token: str) -> Iterator[list[Slow]]:
    with ExitStack() as stack:
        made = [Slow(url, token) for _ in range(MANY)]
        for one in made:
            stack.callback(one.close)
        yield made


def begin(client: httpx.Client, number: int) -> str:
    wish = {"name": f"{number}.bin", "size": SIZE, "blake3": blake3(noise(number)).hexdigest()}
    return str(client.post("/files/uploads", json=wish).json()["upload"])


def go_on(client: httpx.Client, upload: str, data: bytes) -> None:
    """Until the cloud noticed that the one before is gone, more of what that sent may become safe."""
    while True:
        place = client.get(f"/files/uploads/{upload}").json()["offset"]
        done = client.patch(
            f"/files/uploads/{upload}", content=data[place:], headers={"Upload-Offset": str(place)}
        )
        if done.status_code == 200:
            return
        assert done.json()["code"] in ("wrong-offset", "upload-busy"), done.text


def test_slow_clients_keep_nobody_waiting_and_lose_nothing(server: Any) -> None:
    token = server.account("anna")["token"]
    with (
        server.client(token) as client,
        slow_ones(server.url, token) as silent,
        slow_ones(server.url, token) as senders,
        slow_ones(server.url, token) as readers,
    ):
        first = begin(client, 0)
        file = client.patch(f"/files/uploads/{first}", content=noise(0), headers={"Upload-Offset": "0"}).json()[
            "file"
        ]
        for one in silent:  # within their headers
            one.send(b"GET /api/v1/account HTTP/1.1\r\nHost: local")
        uploads = [begin(client, number) for number in range(1, MANY + 1)]
        for number, (one, upload) in enumerate(zip(senders, uploads, strict=True), 1):
            one.begin("PATCH", f"/files/uploads/{upload}", "Upload-Offset: 0", f"Content-Length: {SIZE}")
            one.send(noise(number)[: SIZE // 2])
        for one in readers:
            one.begin("GET", f"/files/{file}/content")

        other = begin(client, MANY + 1)
        told = client.patch(f"/files/uploads/{other}", content=noise(MANY + 1), headers={"Upload-Offset": "0"})
        assert client.get(f"/files/{told.json()['file']}/content").content == noise(MANY + 1)
        assert client.get("/journal/snapshot").status_code == 200

        for number, (one, upload) in enumerate(zip(senders, uploads, strict=True), 1):
            if number % 3:
                one.send(noise(number)[SIZE // 2 :])
                status, body = one.rest()
                assert status == 200
                assert json.loads(body)["file"] == upload
        for one in readers:
            assert one.rest() == (200, noise(0))
        for one in silent:
            one.send(f"host\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n".encode())
            assert one.rest()[0] == 200
    with server.client(token) as client:  # those that went away in between go on where they were
        for number, upload in enumerate(uploads, 1):
            if not number % 3:
                go_on(client, upload, noise(number))
            assert client.get(f"/files/{upload}/content").content == noise(number)
