"""The gateway's pages from disk, and what it hands on to the cloud: heads, hosts, files, bodies, sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from pileus.cloud.kernel.http.guard import Guard
from pileus.cloud.kernel.http.origins import Origins, Place
from pileus.core.errors import PileusError
from pileus.handset import head as heads
from pileus.handset.daemon import Daemon, Options
from tests.handset.shell import Refused, shell


@pytest.fixture
def web(tmp_path: Path) -> Path:
    root = tmp_path / "web"
    for name, text in {
        "shell/index.html": "<title>Pileus</title>",
        "shell/sw.js": "/* worker */",
        "shell/assets/main-ABCDEFGH.js": "run()",
        "apps/notes/index.html": "<title>Notes</title>",
        "secret.txt": "not to be served",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "shell" / "link").symlink_to(root / "secret.txt")
    return root


@asynccontextmanager
async def daemon(tmp_path: Path, web: Path, server: str = "") -> AsyncIterator[Daemon]:
    nowhere = f"unix:path={tmp_path}/none"
    options = Options(tmp_path / "data", nowhere, nowhere, web=web, server=server, names=frozenset())
    async with Daemon(options) as one:
        yield one


def client(one: Daemon, host: str = "pileus.localhost", token: str = "") -> httpx.AsyncClient:
    headers = {"Host": f"{host}:{one.port}"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{one.port}", headers=headers, trust_env=False, timeout=30)


async def raw(one: Daemon, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60):
            await story()

    asyncio.run(whole())


def test_pages_come_from_disk_at_their_origins_under_the_clouds_policy(
    tmp_path: Path, web: Path, settings: Any
) -> None:
    async def story() -> None:
        async with daemon(tmp_path, web, "https://cloud.example") as one, client(one) as page:
            first = await page.get("/")
            assert (first.text, first.headers["content-type"]) == (
                "<title>Pileus</title>",
                "text/html; charset=utf-8",
            )
            assert (await page.get("/settings/look")).text == first.text, "a path of the shell's own"
            again = await page.get("/", headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert "immutable" in (await page.get("/assets/main-ABCDEFGH.js")).headers["cache-control"]
            assert (await page.get("/sw.js")).headers["service-worker-allowed"] == "/"
            assert (await page.head("/")).content == b""
            assert (await page.post("/")).status_code == 405
            async with client(one, "notes.apps.pileus.localhost") as app:
                notes = await app.get("/")
                assert "Notes" in notes.text
            guard = Guard(Origins(settings), _nothing, _nothing)
            for answer, place in ((first, Place("pileus.localhost")), (notes, Place("pileus.localhost", "notes"))):
                for name, value in guard.headers(place).items():
                    if name != "Content-Security-Policy":
                        assert answer.headers[name] == value
            policy = first.headers["content-security-policy"]
            assert "connect-src 'self' wss://cloud.example:* ws://127.0.0.1:*;" in policy
            assert f"frame-src http://*.apps.pileus.localhost:{one.port};" in policy
            assert f"http://pileus.localhost:{one.port}" in notes.headers["content-security-policy"]

    run(story)


async def _nothing(*_: Any) -> None: ...


@pytest.mark.parametrize(
    "target", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//secret.txt", "/link", "/a%00.txt"]
)
def test_nothing_outside_of_the_folder_is_served(tmp_path: Path, web: Path, target: str) -> None:
    async def story() -> None:
        async with daemon(tmp_path, web) as one:
            host = f"Host: pileus.localhost:{one.port}"
            answer = await raw(one, f"GET {target} HTTP/1.1\r\n{host}\r\n\r\n".encode())
            assert b"not to be served" not in answer
            assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 200")), answer

    run(story)


@pytest.mark.parametrize(
    "host", ["evil.example", "pileus.localhost", "a.b.apps.pileus.localhost:{port}", "127.0.0.1:1", ""]
)
def test_a_host_that_is_not_this_handsets_gets_nothing(tmp_path: Path, web: Path, host: str) -> None:
    async def story() -> None:
        async with daemon(tmp_path, web) as one:
            named = host.format(port=one.port)
            for path in ("/", "/api/v1/server"):
                answer = await raw(one, f"GET {path} HTTP/1.1\r\nHost: {named}\r\n\r\n".encode())
                assert answer.startswith(b"HTTP/1.1 421"), answer

    run(story)


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\nHost: c\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(request_head: bytes) -> None:
    with pytest.raises(PileusError) as refused:
        heads.parse(request_head)
    assert refused.value.code == "malformed-request"


def test_the_cloud_is_asked_under_its_own_name(tmp_path: Path, web: Path, server: Any, settings: Any) -> None:
    token, address = server.account("mei")["token"], f"http://pileus.localhost:{settings.port}"

    async def story() -> None:
        async with daemon(tmp_path, web, address) as one, client(one, token=token) as page:
            own = {"Origin": f"http://pileus.localhost:{one.port}"}
            picture = b"\x89PNG\r\n\x1a\n" + bytes(3 << 20)
            headers = {**own, "Content-Type": "application/octet-stream"}
            kept = await page.post("/api/v1/messages/parts", content=picture, headers=headers)
            assert (kept.status_code, kept.json()["size"]) == (201, len(picture))
            foreign = await page.post("/api/v1/messages/send", json={}, headers={"Origin": "http://evil.example"})
            assert foreign.json()["code"] == "foreign-origin"
            bell = f"ws://pileus.localhost:{one.port}/api/v1/journal/doorbell"
            async with connect(bell, proxy=None, origin=own["Origin"], host="127.0.0.1") as line:
                await line.send(json.dumps({"token": token}))
                assert json.loads(await line.recv())
            async with shell(one.port, one.token) as mine:
                await mine.ask("account", "sign-in", server=own["Origin"], token=token, account="mei")
                await mine.until(lambda: mine.states["account"]["reached"], "the cloud, not this gateway")
                assert mine.states["account"]["server"] == address
                with pytest.raises(Refused, match="handset-signed-in"):
                    await mine.ask("account", "use-server", server="http://other.example")

    run(story)


def test_without_a_cloud_the_pages_are_there_and_the_owner_names_one(
    tmp_path: Path, web: Path, server: Any
) -> None:
    async def story() -> None:
        async with daemon(tmp_path, web) as one, client(one) as page, shell(one.port, one.token) as mine:
            assert (await page.get("/")).status_code == 200
            with pytest.raises(httpx.TransportError):
                await page.get("/api/v1/server")
            for odd in ("", "ftp://x", f"http://127.0.0.1:{one.port}", "http://x/path"):
                with pytest.raises(Refused, match="server-url"):
                    await mine.ask("account", "use-server", server=odd)
            await mine.ask("account", "use-server", server=server.url + "/")
            assert (await page.get("/api/v1/server")).json()["setup_needed"]
        async with daemon(tmp_path, web, "http://other.example") as one, shell(one.port, one.token) as mine:
            await mine.until(lambda: mine.states.get("account", {}).get("server") == server.url, "what was kept")

    run(story)
