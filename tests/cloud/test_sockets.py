"""A socket that waits (`Line`), in a real web server: what it answers, what cuts it, and that it holds nothing."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from pileus.cloud import sockets
from pileus.cloud.sockets import Line, Socket

PATIENCE = 20


@asynccontextmanager
async def bell(server: Any, token: str) -> AsyncIterator[ClientConnection]:
    url = f"{server.url.replace('http', 'ws')}/api/v1/journal/doorbell"
    async with asyncio.timeout(PATIENCE), connect(url, proxy=None, ping_interval=None) as socket:
        await socket.send(json.dumps({"token": token}))
        assert "head" in json.loads(await socket.recv())
        yield socket


def send_raw(socket: ClientConnection, data: bytes) -> None:
    socket.transport.write(data)


def masked(opcode: Opcode, data: bytes) -> bytes:
    return Frame(opcode, data).serialize(mask=True)


@pytest.fixture
def token(server: Any) -> str:
    made: str = server.account("anna")["token"]
    return made


def test_it_answers_pings_also_in_pieces_and_ignores_words(server: Any, token: str) -> None:
    async def story() -> None:
        async with bell(server, token) as socket:
            await (await socket.ping(b"first"))
            await socket.send("x" * sockets.MESSAGE_MOST)
            await (await socket.ping(b"after words"))
            frame = masked(Opcode.PING, b"in pieces")
            for at in range(len(frame)):
                send_raw(socket, frame[at : at + 1])
                await asyncio.sleep(0)
            await (await socket.ping(b"last"))
            await socket.close()
            assert socket.close_code == 1000

    asyncio.run(story())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(Opcode.TEXT, b"x" * (sockets.MESSAGE_MOST + 1)), 1009),
        (Frame(Opcode.TEXT, b"x").serialize(mask=False), 1002),
        (b"\xff\xff\xff\xff\xff\xff\xff", 1002),
    ],
    ids=["too large", "unmasked", "nonsense"],
)
def test_what_is_no_frame_ends_it(server: Any, token: str, data: bytes, code: int) -> None:
    async def story() -> None:
        async with bell(server, token) as socket:
            send_raw(socket, data)
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == code

    asyncio.run(story())


def lines() -> list[tuple[asyncio.AbstractEventLoop, Line]]:
    return [(loop, line) for loop, pulse in sockets._pulses.items() for group in pulse._lines for line in group]


def test_it_is_pinged_and_cut_where_nothing_comes_any_more(server: Any, token: str) -> None:
    async def story() -> None:
        async with bell(server, token) as there, bell(server, token) as away:
            away.transport.pause_reading()  # and so its answers to pings are not sent
            opened = lines()
            assert len(opened) == 2
            for _ in range(2):
                for loop, line in opened:
                    loop.call_soon_threadsafe(line.pulse)
                # The server has taken this one's answer to its ping when it answers what was sent after it.
                await (await there.ping())
                await (await there.ping())
            while len(lines()) == 2:
                await (await there.ping())
            assert there.close_code is None

    asyncio.run(story())


def test_nothing_of_the_web_servers_layers_stays(server: Any, token: str) -> None:
    async def story() -> None:
        async with bell(server, token):
            gc.collect()
            assert [one for one in gc.get_objects() if isinstance(one, Socket)] == []
            assert len(lines()) == 1

    asyncio.run(story())
