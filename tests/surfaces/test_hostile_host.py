"""A host is hostile code: what it sends over the link, and what it does to the shared frames, stays with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import pytest

from pileus.core.pace import Bucket
from pileus.surfaces import pipe, wire
from pileus.surfaces.encoder import Command, Encoder
from pileus.surfaces.engine import AppSpec, Display, Exit, LinkPlace
from pileus.surfaces.frozen import FrozenShelf
from pileus.surfaces.session import Session
from pileus.surfaces.speech import CALLS_AT_ONCE

FRAME = wire.Frame(0, 1, 0, 0, 480, 800, 1920, 0, ())


class Host:
    """A host process whose side of the link the test speaks."""

    def __init__(self, place: LinkPlace) -> None:
        self.place = place
        self.pid = os.getpid()
        self.start: Mapping[str, Any] = {}
        self.asked = 0
        self.answer = asyncio.Event()
        self._over: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()

    async def may_freeze(self) -> bool:
        return True

    async def wait(self) -> Exit:
        return await asyncio.shield(self._over)

    async def kill(self) -> None:
        if not self._over.done():
            self._over.set_result(Exit(-9))

    async def call(self, _service: str, _code: int, _parcel: bytes) -> bytes:
        self.asked += 1
        await self.answer.wait()
        return b"{}"


class Engine:
    name = "hostile"

    def __init__(self) -> None:
        self.host: asyncio.Future[Host] = asyncio.get_running_loop().create_future()

    async def warm(self) -> None: ...

    async def close(self) -> None: ...

    async def start(self, _spec: AppSpec, _display: Display, link: LinkPlace) -> Host:
        host = Host(link)
        self.host.set_result(host)
        return host


class Watcher:
    """What a session needs of a device; keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[wire.Message] = []
        self.titled = asyncio.Event()

    def send(self, message: wire.Message | bytes) -> None:
        self.sent.append(wire.decode(message) if isinstance(message, bytes) else message)
        if isinstance(self.sent[-1], wire.Title):
            self.titled.set()


def told(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    def run(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    return run


async def opened(folder: Path) -> tuple[Session, Host, asyncio.StreamReader, asyncio.StreamWriter]:
    spec = AppSpec("a", "org.example.hostile", "hostile", "Hostile", folder, folder)
    session = Session("s", spec, Display(), folder / "link", FrozenShelf(folder / "frozen"))
    engine = Engine()
    session.start(lambda: engine)
    host = await engine.host
    reader, writer = await asyncio.open_unix_connection(str(host.place.socket_path))
    return session, host, reader, writer


def framed(message: wire.Message | bytes) -> bytes:
    data = message if isinstance(message, bytes) else wire.encode(message)
    return len(data).to_bytes(4, "little") + data


BROKEN: dict[str, bytes] = {
    "nothing": framed(b""),
    "unknown": framed(b"\xee"),
    "a device's": framed(wire.Ping(1)),
    "the supervisor's": framed(wire.Stop(1)),
    "cut off": framed(wire.encode(FRAME)[:-1]),
    "more behind": framed(wire.encode(FRAME) + b"x"),
    "a slot that is not there": framed(wire.Frame(3, 1, 0, 0, 480, 800, 1920, 0, ())),
    "rows longer than the slot": framed(wire.Frame(0, 1, 0, 0, 480, 800, 0xFFFFFFFF, 0, ())),
    "no width": framed(wire.Frame(0, 1, 0, 0, 0, 800, 1920, 0, ())),
    "a row shorter than its pixels": framed(wire.Frame(0, 1, 0, 0, 481, 800, 1920, 0, ())),
    "too tall": framed(wire.Frame(0, 1, 0, 0, 480, 65535, 1920, 0, ())),
    "not JSON": framed(b"\xc0\x02\x00\x00\x00{]"),
    "JSON without end": framed(b"\xc0" + (1 << 20).to_bytes(4, "little") + b"[" * (1 << 20)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_message_ends_the_app_with_a_sentence(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        session, _, _, writer = await opened(tmp_path)
        writer.write(BROKEN[name])
        await session._ended.wait()
        assert session.ending is not None
        assert session.ending.info["code"] == "app-crashed"
        assert session.ending.info["message"] == "Hostile stopped unexpectedly."
        await session.close()
        writer.close()

    asyncio.run(story())


@pytest.mark.parametrize("size", [5 << 20, 0x7FFFFFFF, 0xFFFFFFFF])
def test_an_absurd_size_is_cut_off_before_anything_is_kept(size: int, tmp_path: Path) -> None:
    async def story() -> None:
        session, _, reader, writer = await opened(tmp_path)
        writer.write(size.to_bytes(4, "little") + b"x" * 1000)
        with contextlib.suppress(ConnectionError):
            while await reader.read(1 << 16):
                pass
        await session.close()
        writer.close()

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(40))
def test_damaged_messages_break_nothing_but_the_session(seed: int, tmp_path: Path) -> None:
    async def story() -> None:
        problems: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, about: problems.append(about))
        session, host, _, writer = await opened(tmp_path)
        host.answer.set()
        dice = random.Random(seed)
        whole = [
            wire.Ready({"offers": ["touch"]}),
            FRAME,
            wire.Title("x", 0),
            wire.Notify({"key": "k"}),
            wire.Call(1, 0, "notification", 1, b"{}"),
            wire.Log(1, "line\nother"),
            wire.State(1, {}),
            wire.Ime(1, 1, 1, 0, 0, 1, 1, 0, 0, ""),
            wire.Configured(480, 800, 160, 0),
        ]
        for _ in range(60):
            data = bytearray(wire.encode(dice.choice(whole)))
            for _ in range(dice.randrange(3)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            writer.write(framed(bytes(data)))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.write_eof()
        await session.close()
        assert session.ending is not None
        assert not problems
        writer.close()

    asyncio.run(story())


FINISHED = wire.State(3, {})
LEFT = wire.Show({"number": 1, "app": "x", "leave": "org.example.hostile", "over": True})


@pytest.mark.parametrize("last", [FINISHED, LEFT])
def test_a_host_that_lingers_with_nothing_left_to_show_is_ended(tmp_path: Path, last: wire.Message) -> None:
    asyncio.run(lingers(tmp_path, last))


async def lingers(folder: Path, last: wire.Message) -> None:
    session, host, _, writer = await opened(folder)
    watcher = Watcher()
    session.viewer = watcher  # type: ignore[assignment]
    # The title is told after it, so it has been heard then.
    said = (wire.Ready({"offers": []}), last, wire.Title("x", 0))
    writer.write(b"".join(framed(one) for one in said))
    await watcher.titled.wait()
    session.viewer = None
    assert session.closing
    await asyncio.wait_for(session.over(), 20)
    assert (await host.wait()).status == -9
    assert not session.closing
    writer.close()


@told
async def test_what_floods_waits_in_the_host(tmp_path: Path) -> None:
    session, _, _, writer = await opened(tmp_path)
    heard = 0

    def count(_message: wire.Message, _data: bytes) -> None:
        nonlocal heard
        heard += 1

    session.host_said = count  # type: ignore[assignment, method-assign]
    flood = framed(wire.Title("x" * 1000, 0)) * 1000
    writes, began = 0, asyncio.get_running_loop().time()
    # The loop turns on while the flood is held back: each turn is a chance to write more.
    for _ in range(50):
        if writer.transport.get_write_buffer_size() == 0:
            writer.write(flood)
            writes += 1
        await asyncio.sleep(0.01)
    allowed = 600 * pipe.BURST
    assert allowed <= heard <= allowed + 1 + 600 * (asyncio.get_running_loop().time() - began)
    assert writes * 1000 >= heard
    writer.transport.abort()
    await session.close()


@told
async def test_notices_and_lines_are_few_whatever_is_sent(tmp_path: Path) -> None:
    lines: list[str] = []
    catch = logging.Handler()
    catch.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("pileus.surfaces.session")
    log.addHandler(catch)
    log.setLevel(logging.INFO)
    try:
        session, _, _, writer = await opened(tmp_path)
        viewer = Watcher()
        session.viewer = viewer  # type: ignore[assignment]
        for i in range(1000):
            writer.write(framed(wire.Notify({"key": str(i)})))
            writer.write(framed(wire.Log(1, "one\r\n2026 pileus.cloud: all is well" + "x" * 5000)))
        writer.write(framed(wire.Title("the last", 0)))
        await viewer.titled.wait()
        session.viewer = None
        assert 50 <= sum(isinstance(message, wire.Notify) for message in viewer.sent) < 200
        mine = [line for line in lines if line.startswith("host of org.example.hostile")]
        assert 100 <= len(mine) < 300
        assert all(len(line) < 600 and "\n" not in line and "\r" not in line for line in mine)
        writer.close()
        await session.close()
    finally:
        log.removeHandler(catch)


@told
async def test_calls_that_wait_for_an_answer_are_bounded(tmp_path: Path) -> None:
    session, host, reader, writer = await opened(tmp_path)
    for number in range(CALLS_AT_ONCE + 50):
        writer.write(framed(wire.Call(number, 0, "slow", 1, b"")))
    refused = 0
    while refused < 50:
        size = int.from_bytes(await reader.readexactly(4), "little")
        message = wire.decode(await reader.readexactly(size))
        if isinstance(message, wire.Reply):
            assert (message.status, message.parcel) == (1, b"busy")
            refused += 1
    assert host.asked == CALLS_AT_ONCE
    host.answer.set()
    writer.close()
    await session.close()


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    path = tmp_path / "frames"
    path.write_bytes(b"\x40" * (1 << 20))
    return path


def test_frames_that_are_cut_off_kill_who_maps_them(frames: Path) -> None:
    """The control: what reading by a map would do to the encoder."""
    code = (
        "import mmap, os, sys; f = open(sys.argv[1], 'r+b'); m = mmap.mmap(f.fileno(), 0);"
        "os.truncate(sys.argv[1], 0); print(m[5000])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(frames)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGBUS


@pytest.mark.parametrize("left", [0, 4097, 1 << 19])
@pytest.mark.parametrize("stride", [400 * 4, 400 * 4 + 64])
def test_frames_that_are_cut_off_are_read_as_far_as_they_go(frames: Path, left: int, stride: int) -> None:
    handle = os.open(frames, os.O_RDONLY)
    encoder = Encoder(handle)
    whole = Command("jpeg", 0, 400, 100, stride)
    encoder.take(whole)
    os.truncate(frames, left)
    encoder.take(whole)
    assert encoder.encode(whole).data.startswith(b"\x89PNG")
    os.close(handle)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(10, 5)
    assert [bucket.take(1, 0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert bucket.wait(0.0) == 0.0
    assert bucket.take(1, 0.1)
    assert not bucket.take(1, 0.1)
    assert bucket.take(30, 100.0)
    assert bucket.wait(100.0) == pytest.approx(2.5)
