"""A socket that really stops reading: bounded in bytes and memory, let go in time, and no one else feels it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from pileus.surfaces import wire
from pileus.surfaces.client import SessionInfo
from pileus.surfaces.device import Device
from pileus.surfaces.flow import START

TICKS = os.sysconf("SC_CLK_TCK")
MEDIA = wire.Video | wire.Image


class Raw:
    """A WebSocket over a bare socket with a small buffer, that reads when it is told to and never by itself."""

    def __init__(self, url: str) -> None:
        self._uri = parse_uri(url)
        self._protocol = ClientProtocol(self._uri, max_size=None)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self._socket.settimeout(20)

    def connect(self, hello: dict[str, Any]) -> None:
        self._socket.connect((self._uri.host, self._uri.port))
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        while self._protocol.state is not State.OPEN:
            self._protocol.receive_data(self._socket.recv(4096))
        self.send(wire.Hello(wire.VERSION, hello))

    def send(self, message: wire.Message) -> None:
        self._protocol.send_binary(wire.encode(message))
        self._flush()

    def read_all(self) -> list[wire.Message]:
        """Everything until the server's end of the stream."""
        try:
            while data := self._socket.recv(1 << 16):
                self._protocol.receive_data(data)
                self._flush()
        except ConnectionError:
            pass
        self._protocol.receive_eof()
        frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        return [wire.decode(bytes(frame.data)) for frame in frames if frame.opcode is Opcode.BINARY]

    @property
    def close_code(self) -> int | None:
        return self._protocol.close_code

    def close(self) -> None:
        self._socket.close()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._socket.sendall(data)


class Patient:
    """A session that never stands still, and a device in front of it that stopped reading."""

    def __init__(self, here: Any, session: SessionInfo, raw: Raw) -> None:
        self._here, self._session, self.raw = here, session, raw

    async def watched(self) -> bool:
        (listed,) = await self._here.client.sessions("stuck")
        return listed.device_id is not None

    async def pids(self) -> tuple[int, int]:
        sessions = (await self._here.client.ping())["sessions"]
        mine = next(one for one in sessions if one["session"] == self._session.session_id)
        return mine["host"], mine["encoder"]


async def stuck(here: Any, world: ModuleType, folder: Path, **options: str) -> Patient:
    session = await here.client.open(world.fake_spec("stuck", folder, animate="1", **options), world.DISPLAY)
    ticket = await here.client.ticket(session.session_id, "stuck", "d", "Stuck")
    raw = Raw(here.url)
    hello = {"ticket": ticket.value, "codecs": ["h264", "jpeg", "png"], "width": 480, "height": 800, "dpi": 160}
    await asyncio.to_thread(raw.connect, hello)
    return Patient(here, session, raw)


def test_a_device_that_stops_reading_is_bounded_and_no_one_feels_it(
    here: Any, world: ModuleType, tmp_path: Path
) -> None:
    async def story() -> None:
        await here.ready()
        patient = await stuck(here, world, tmp_path, noise="1")
        host, encoder = await patient.pids()
        await rests(encoder, host)
        memory, drawn, encoded = resident(here.process.pid), cpu_ticks(host), cpu_ticks(encoder)
        began = time.monotonic()
        async with await here.device(await other(here, world, tmp_path), "b") as device:
            await device.frame()
            taps = []
            while await patient.watched():
                taps.append(await answered(device))
                assert time.monotonic() - began < 30
            calm = [await answered(device) for _ in range(20)]
        assert median(taps) < 10 * median(calm), "others felt it"
        assert resident(here.process.pid) - memory < 24 << 20
        assert cpu_ticks(encoder) - encoded < TICKS // 5, "frames were encoded that nobody takes"
        assert cpu_ticks(host) - drawn > TICKS // 4, "the app was held up by its device"
        await told_too_slow(patient.raw)

    asyncio.run(story())


def test_many_small_frames_are_bounded_as_well(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        patient = await stuck(here, world, tmp_path)
        end = time.monotonic() + 60
        while await patient.watched():
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        await told_too_slow(patient.raw)

    asyncio.run(story())


async def told_too_slow(raw: Raw) -> None:
    """Reads all that came: no more media than the window and one frame, and at last the reason."""
    messages = await asyncio.to_thread(raw.read_all)
    raw.close()
    sizes = [len(wire.encode(message)) for message in messages if isinstance(message, MEDIA)]
    assert 0 < sum(sizes) <= START + max(sizes)
    told = messages[-1]
    assert isinstance(told, wire.Detached)
    assert (told.reason, told.info["code"], raw.close_code) == (4, "too-slow", 4408)


def test_one_that_never_reads_again_leaves_nothing_open(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        session = await here.client.open(world.fake_spec("stuck", tmp_path), world.DISPLAY)
        async with await here.device(session, "stuck") as device:
            await device.frame()
        await comes(lambda: not peers(here.settings.surface_port))
        patient = await stuck(here, world, tmp_path, noise="1")
        assert peers(here.settings.surface_port)
        await comes(lambda: not peers(here.settings.surface_port), 20)
        assert not await patient.watched()
        patient.raw.close()
        async with await here.device(session, "stuck") as device:
            await device.frame()

    asyncio.run(story())


def test_a_flood_of_small_messages_is_bounded_and_no_one_feels_it(
    here: Any, world: ModuleType, tmp_path: Path
) -> None:
    """Each PING is answered; whoever sends them without end and reads no answer is let go."""

    async def story() -> None:
        await here.ready()
        patient = await stuck(here, world, tmp_path, noise="1")
        memory, end = resident(here.process.pid), time.monotonic() + 25

        def flood() -> None:
            while time.monotonic() < end:
                patient.raw.send(wire.Ping(1))

        async with await here.device(await other(here, world, tmp_path), "b") as device:
            await device.frame()
            flooding = asyncio.create_task(asyncio.to_thread(flood))
            taps = []
            while not flooding.done():
                taps.append(await answered(device))
            calm = [await answered(device) for _ in range(20)]
        with pytest.raises(ConnectionError):
            flooding.result()
        assert median(taps) < 20 * median(calm), "others felt it"
        assert resident(here.process.pid) - memory < 32 << 20
        patient.raw.close()

    asyncio.run(story())


def test_the_supervisor_stops_in_time_with_a_stuck_device(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        patient = await stuck(here, world, tmp_path, noise="1")
        here.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(here.process.wait, 8) == 0
        patient.raw.close()

    asyncio.run(story())


async def other(here: Any, world: ModuleType, folder: Path) -> SessionInfo:
    session: SessionInfo = await here.client.open(world.fake_spec("b", folder), world.DISPLAY)
    return session


async def answered(device: Device) -> float:
    """Seconds from a tap to the frame that has seen it."""
    asked = time.monotonic()
    await device.frame(await device.tap(100, 300))
    return time.monotonic() - asked


async def comes(holds: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def rests(encoder: int, host: int) -> None:
    """Returns when the app draws and its encoder does nothing: then the window is full."""
    end = time.monotonic() + 9
    before = (cpu_ticks(encoder), cpu_ticks(host))
    while (now := (cpu_ticks(encoder), cpu_ticks(host)))[1] < before[1] + TICKS // 4:
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
        if now[0] != before[0]:
            before = now


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def peers(port: int) -> list[str]:
    """Connections that a server on this port still holds open (proc_net_tcp(5))."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return [one[2] for one in fields if int(one[1].rpartition(":")[2], 16) == port and one[3] == "01"]
