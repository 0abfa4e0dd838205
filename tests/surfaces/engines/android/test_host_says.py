"""What a host's code, which an app may have taken over, can say to the devices of its owner."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any, cast

import pytest

from pileus.surfaces import wire
from pileus.surfaces.engines.android.bounds import Bounds
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.texts import sentence

NO_RUNTIME = cast(Any, None)
"""Nothing is started."""
READY = wire.Ready({"version": 1})
FRAME = wire.Frame(0, 1, 0, 0, 480, 800, 1920, 0, ())
FORGED: dict[str, wire.Message | bytes] = {
    "another app's window": wire.Show({"number": 1e300, "app": "x", "leave": "b.victim", "over": True}),
    "another app's notification": wire.Notify({"key": "b.victim//1", "cancelled": True}),
    "the clipboard": wire.ClipboardChanged("text/plain", b"x"),
    "a second greeting": READY,
    "a call": wire.Call(1, False, "x", 1, b""),
    "the end of a session": wire.Detached(1, {}),
}


async def said(folder: Path, messages: list[wire.Message | bytes]) -> list[bytes]:
    """What a session hears of what a host says, until its link ends."""
    host = AndroidHost(folder, NO_RUNTIME, Bounds(), "")
    (_inside, app), (arrived, writer) = await _pair()
    (session, outside), (_unread, host._session) = await _pair()
    host._connected(arrived, writer)
    for message in messages:
        data = message if isinstance(message, bytes) else wire.encode(message)
        app.write(len(data).to_bytes(4, "little") + data)
    if app.can_write_eof():
        app.write_eof()
    await host._pump()
    heard = await session.read()
    for end in (app, outside):
        end.close()
    found = []
    while heard:
        size = int.from_bytes(heard[:4], "little")
        found.append(heard[4 : 4 + size])
        heard = heard[4 + size :]
    return found


async def _pair() -> tuple[tuple[asyncio.StreamReader, asyncio.StreamWriter], ...]:
    ends = socket.socketpair()
    return await asyncio.open_unix_connection(sock=ends[0]), await asyncio.open_unix_connection(sock=ends[1])


@pytest.mark.parametrize("what", FORGED)
def test_a_host_speaks_for_its_app_only(tmp_path: Path, what: str) -> None:
    messages = [READY, wire.Title("mine", 0), FORGED[what], wire.Title("after", 0)]
    heard = asyncio.run(said(tmp_path, messages))
    assert heard == [wire.encode(wire.Title("mine", 0))], "its link ended there"


def test_the_first_word_is_its_greeting(tmp_path: Path) -> None:
    assert asyncio.run(said(tmp_path, [FORGED["the clipboard"], READY, wire.Title("x", 0)])) == []


def test_what_an_app_shows_passes(tmp_path: Path) -> None:
    own = [FRAME, wire.Title("x", 1), wire.Configured(480, 800, 1, 1), wire.Pong(7), wire.State(1, {})]
    passed = [*map(wire.encode, own), wire.encode(own[-1])[:1]]  # the last one is the session's to refuse
    assert asyncio.run(said(tmp_path, [READY, *passed])) == passed


def test_an_app_that_cannot_be_watched_is_ended(tmp_path: Path) -> None:
    class Blind:
        async def passed(self) -> str | None:
            raise PermissionError("a folder that nobody may open")

    class Box:
        killed = False

        async def kill(self) -> None:
            self.killed = True

    async def check() -> None:
        host, box = AndroidHost(tmp_path, NO_RUNTIME, Bounds(), ""), Box()
        await host._guard(cast(Any, box), cast(Any, Blind()))
        assert box.killed
        assert host._passed == "app-unwatched"

    asyncio.run(check())
    assert all("Flood" in sentence("app-unwatched", locale, label="Flood") for locale in ("en", "zh"))
