"""A place where phones that are not there can be: a message bus of its own, with the real ModemManager on it.

    async with stage(folder) as one:
        async with line(phone.modem, "abstract:one"):  # pileus.carrier
            await one.add("one")
            ...  # a daemon on `one.address`

ModemManager asks polkit before it does anything; on this bus everybody is allowed everything, so it is for this
user's processes alone: its socket lies in a private folder. Processes end with the block, by their ids.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from pileus.core.errors import Unavailable
from pileus.handset.bus import Bus

MODEM_MANAGER = "org.freedesktop.ModemManager1"
POLKIT = "org.freedesktop.PolicyKit1"
OPTIONS = ("--test-enable", "--test-no-udev", "--no-auto-scan", "--test-no-suspend-resume")
"""Modems are named to it, on sockets; the machine's own are left alone."""
PATIENCE = 30.0
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>{kind}</type>
  <listen>unix:path={folder}/{kind}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True)
class Stage:
    """`address` is the bus's; `manager` the process of ModemManager."""

    address: str
    manager: asyncio.subprocess.Process
    bus: Bus

    async def add(self, name: str) -> None:
        """Has ModemManager look for a modem on the socket `abstract:NAME`; it shows on the bus when it answers."""
        test, sockets = f"{MODEM_MANAGER}.Test", [f"abstract:{name}"]
        await self.bus.call(
            MODEM_MANAGER, "/org/freedesktop/ModemManager1", test, "SetProfile", "ssas", name, "generic", sockets
        )


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """`folder` is private, and its path short: a socket's name lies in it. Raises `Unavailable`, with a sentence,
    where dbus-daemon or ModemManager is missing or does not start."""
    config = folder / "bus.conf"
    config.write_text(CONFIG.format(folder=folder, kind="system"))
    command = [_program("dbus-daemon", "dbus-daemon"), f"--config-file={config}", "--nofork", "--print-address=1"]
    manager = _program("ModemManager", "modemmanager")
    async with _process(*command, stdout=asyncio.subprocess.PIPE) as daemon:
        said = await asyncio.wait_for(daemon.stdout.readline(), PATIENCE) if daemon.stdout else b""
        address = said.decode().strip()
        if not address:
            raise Unavailable("bus-absent", "dbus-daemon does not start.")
        polkit = await allow_everything(address)
        bus = await Bus.connect(address)
        there = asyncio.Event()
        try:
            await bus.watch(MODEM_MANAGER, lambda owner: there.set() if owner else None)
            environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address}
            async with _process(manager, *OPTIONS, env=environment) as process:
                await _come(there, process)
                yield Stage(address, process, bus)
        finally:
            await bus.close()
            polkit.disconnect()


async def _come(there: asyncio.Event, process: asyncio.subprocess.Process) -> None:
    waits = [asyncio.create_task(there.wait()), asyncio.create_task(process.wait())]
    await asyncio.wait(waits, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    for one in waits:
        one.cancel()
    if not there.is_set():
        raise Unavailable("service-absent", "ModemManager does not start.")


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise Unavailable(
            "program-missing", f"{name} is missing (Debian: apt-get install {package}).", program=name
        )
    return found


@asynccontextmanager
async def daemon(folder: Path, address: str, origin: str, *real: str) -> AsyncIterator[int]:
    """A phone's daemon on this bus, with stand-ins for all but its modem and what is named `real`, for the shell
    of `origin`: its gateway's port. Raises `Unavailable` where it does not start."""
    command = [sys.executable, "-m", "pileus.handset", "--folder", str(folder), "--origin", origin, "--simulated"]
    command += [word for name in real for word in ("--real", name)]
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address}
    async with _process(*command, env=environment, stdout=asyncio.subprocess.PIPE) as process:
        said = await asyncio.wait_for(process.stdout.readline(), PATIENCE) if process.stdout else b""
        if not said.startswith(b"ready "):
            raise Unavailable("handset-absent", "The phone's daemon does not start.")
        yield int(said.split()[1])


@asynccontextmanager
async def _process(*command: str, **more: object) -> AsyncIterator[asyncio.subprocess.Process]:
    nowhere = {"stdin": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    process = await asyncio.create_subprocess_exec(*command, **{**nowhere, **more})  # type: ignore[arg-type]
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def allow_everything(address: str) -> MessageBus:
    """Whoever asks polkit on this bus is allowed (its D-Bus API, `CheckAuthorization`; with what its client
    library reads), until the connection is closed."""
    answers: dict[str | None, tuple[str, list[Any]]] = {
        "CheckAuthorization": ("(bba{ss})", [[True, False, {}]]),
        "GetAll": ("a{sv}", [{}]),
    }

    def asked(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.member not in answers:
            return None
        signature, body = answers[message.member]
        return Message.new_method_return(message, signature, body)

    connection = await MessageBus(address).connect()
    connection.add_message_handler(asked)
    await connection.request_name(POLKIT)
    return connection
