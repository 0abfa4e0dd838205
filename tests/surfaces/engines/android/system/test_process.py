"""The system's process, and how the engine hears it: neither ends by what the other, or an app, says."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec
import pytest

from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android.accounts import FOLDER, Account, SystemProcess
from pileus.surfaces.engines.android.system import control, wire
from pileus.surfaces.engines.android.system import manifest as record
from pileus.surfaces.engines.android.system.channel import Channel
from pileus.surfaces.engines.android.system.control import ToEngine
from pileus.surfaces.engines.android.system.packages import Installed
from pileus.surfaces.engines.android.system.wire import Message, Release


async def account(folder: Path) -> tuple[Account, SystemProcess]:
    process = await SystemProcess.launch()
    return Account("a", folder, process, lambda _message: None, lambda: None), process


def test_what_cannot_be_done_ends_no_system(tmp_path: Path) -> None:
    async def check() -> None:
        found, process = await account(tmp_path)
        try:
            found.say(control.Attach(1, "no.package", str(tmp_path / "no" / "folder"), False))
            found.say(control.Act(99, "nothing", -7))
            assert (await found.ask("ps")).split()[0] == "PID"
            assert not process.ended
        finally:
            await found.close()

    asyncio.run(check())


def test_whoever_waits_for_a_system_that_ends_hears_of_it(tmp_path: Path) -> None:
    async def check() -> None:
        found, process = await account(tmp_path)
        try:
            await found.ask("ps")
            os.kill(process.pid, signal.SIGSTOP)
            asking = asyncio.create_task(found.act("a//1", -1))
            attaching = asyncio.create_task(found.attach("a.app", tmp_path / "s", False))
            await asyncio.sleep(0)
            os.kill(process.pid, signal.SIGKILL)
            for waiting in (asking, attaching):
                with pytest.raises(Unavailable, match="has ended"):
                    await asyncio.wait_for(waiting, 10)
            with pytest.raises(Unavailable, match="has ended"):
                await found.ask("ps")
        finally:
            await found.close()

    asyncio.run(check())


def test_an_alarm_on_the_disk_that_nobody_can_send_ends_no_system(tmp_path: Path) -> None:
    """As an app left it before such PendingIntents were refused."""
    record.keep(tmp_path, record.Manifest(package="a.evil", format=record.FORMAT))
    place = tmp_path / FOLDER
    place.mkdir()
    alarm = {"package": "a.evil", "type": 1, "who": None, "request": 1, "flags": 0, "intents": [], "extras": []}
    (place / "alarms.json").write_bytes(msgspec.json.encode([alarm | {"at_ms": 1}]))

    async def check() -> None:
        found, process = await account(tmp_path)
        try:
            found.say(control.Packages((Installed("a.evil", "evil", str(tmp_path)),)))
            assert "at=" not in await found.ask("dump")
            assert (place / "alarms.json").read_bytes() == b"[]"
            assert not process.ended
        finally:
            await found.close()

    asyncio.run(check())


def test_the_engine_hears_on_after_what_it_cannot_take_and_lets_go_of_one_that_it_cannot_hear() -> None:
    async def check() -> None:
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(100)")
        reader = asyncio.StreamReader(limit=1000)
        taken: list[ToEngine] = []
        gone = asyncio.Event()

        def take(message: ToEngine) -> None:
            taken.append(message)
            if len(taken) == 1:
                raise ValueError("a message that is too large for the shell")

        _, writer = await asyncio.open_unix_connection(sock=_end())
        system = SystemProcess(child, reader, writer)
        system.begin(Path("/nowhere"), take, gone.set)
        reader.feed_data(control.encode(control.Start("a.evil")))
        reader.feed_data(b"no JSON\n")
        reader.feed_data(control.encode(control.Start("b.good")))
        reader.feed_data(b"x" * 5000)
        await asyncio.wait_for(gone.wait(), 10)
        assert taken == [control.Start("a.evil"), control.Start("b.good")]
        assert system.ended, "the next one who opens an app gets a new system"
        assert await asyncio.wait_for(child.wait(), 10) == -signal.SIGKILL
        await system.close()

    asyncio.run(check())


def test_a_message_that_falls_over_ends_its_connection_and_no_more() -> None:
    async def check() -> None:
        ours, theirs = socket.socketpair()
        over: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(_message: Message, _fds: tuple[int, ...]) -> None:
            raise KeyError("a bug")

        Channel(ours, take, over.set_result)
        with theirs:
            theirs.send(wire.encode(Release(1, 1)))
            assert await asyncio.wait_for(over, 10) == "its message could not be taken"
            assert theirs.recv(1) == b""

    asyncio.run(check())


def _end() -> socket.socket:
    ours, theirs = socket.socketpair()
    theirs.detach()
    return ours
