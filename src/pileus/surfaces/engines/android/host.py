"""One host process: from its start in a sandbox, through being a spare, to the end of its app.

The host connects to a socket of the engine's when it is ready, before any app is known. When it gets one, the
engine connects to the session and passes messages on between the two, unread but for the app's calls to
its account's system; pixels never come through here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pileus.core.errors import Unavailable
from pileus.surfaces.engine import AppSpec, Exit, LinkPlace
from pileus.surfaces.engines.android import sandbox
from pileus.surfaces.engines.android.java import Runtime
from pileus.surfaces.engines.android.sandbox import Mount, Plan, Sandboxed
from pileus.surfaces.engines.android.system import System

MEMORY_MB = 900
"""Resident memory of one app above which it is ended."""
MESSAGE_LIMIT = 64 << 20
FAREWELL = 0.5

_OUT_OF_MEMORY = 3
_CALL = 0xC2


class AndroidHost:
    """A `HostProcess`. It belongs to no app until `adopt`."""

    def __init__(self, folder: Path, runtime: Runtime) -> None:
        self.start: Mapping[str, Any] = {}
        self._folder = folder
        self._runtime = runtime
        self._box: Sandboxed | None = None
        self._server: asyncio.Server | None = None
        self._arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._arrived = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._system: System | None = None
        self._over_memory = False
        self._session: asyncio.StreamWriter | None = None
        self._exit: asyncio.Task[Exit] | None = None

    async def launch(self, rehearse: bool) -> None:
        """Starts it in its sandbox, without an app; a spare rehearses one. Raises `Unavailable`."""
        self._folder.mkdir(mode=0o700, parents=True)
        sandbox.admit(self._folder)
        path = self._folder / "host.sock"
        self._server = await asyncio.start_unix_server(self._connected, str(path), limit=1 << 18)
        sandbox.admit(path)
        mounts = [*self._runtime.mounts(), Mount(self._folder, "/link", writable=True)]
        command = self._runtime.host("/link/host.sock", "/data", rehearse)
        environment = {"HOME": "/data", "LC_ALL": "C.UTF-8"}
        self._box = await sandbox.launch(Plan(command, mounts, ("/package", "/data"), environment))
        self._exit = asyncio.create_task(self._wait(self._box))
        self._spawn(self._watch_memory(self._box))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def inside(self) -> int:
        """The first process of its sandbox, as the machine numbers it."""
        return self._process.inside

    @property
    def ended(self) -> bool:
        return self._process.ended

    @property
    def log(self) -> str:
        """The end of what the host printed."""
        return self._process.log

    async def ready(self) -> None:
        """Returns when it waits for its app; raises `Unavailable` where it ended instead."""
        events: set[asyncio.Future[Any]] = {self._arrived, self._ending}
        await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        if not self._arrived.done():
            raise Unavailable("host-failed", f"The Android host ended before it was ready: {self.log[-300:]}")

    async def adopt(self, spec: AppSpec, link: LinkPlace) -> None:
        """Gives it its app: mounts the package and the data folder, and ties it to the session."""
        spec.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        sandbox.admit(spec.data_dir)
        os.link(link.frames_path, self._folder / "frames")
        sandbox.admit(link.frames_path)
        mounts = [Mount(spec.package_dir, "/package"), Mount(spec.data_dir, "/data", writable=True)]
        await self._process.graft(mounts)
        self._system = System(spec)
        self.start = {
            "apk": "/package/base.apk",
            "classes": ["/package/classes.jar"],
            "package": spec.options.get("package", spec.app_id),
            "activity": spec.options.get("activity") or None,
            "target_sdk": int(spec.options.get("target_sdk") or 36),
            "label": spec.label,
            "data_dir": "/data",
            "frames": link.frames("/link/frames"),
            "probe": spec.options.get("probe") == "1",
        }
        self._spawn(self._relay(link))

    async def call(self, service: str, code: int, parcel: bytes) -> bytes:
        """The account's system answers the app; see `System`."""
        if self._system is None:
            raise Unavailable("no-system", "The app has no account yet.")
        reply, message = self._system.call(service, code, parcel)
        if message is not None and self._session is not None:
            self._session.write(len(message).to_bytes(4, "little") + message)
        return reply

    async def wait(self) -> Exit:
        return await asyncio.shield(self._ending)

    async def kill(self) -> None:
        if self._box is not None:
            await self._box.kill()
        for task in list(self._tasks):
            task.cancel()
        if self._server is not None:
            self._server.close()
        if self._arrived.done() and not self._arrived.cancelled():
            self._arrived.result()[1].close()
        if self._exit is not None:
            await self._exit
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _process(self) -> Sandboxed:
        if self._box is None:
            raise RuntimeError("launch comes first")
        return self._box

    @property
    def _ending(self) -> asyncio.Task[Exit]:
        if self._exit is None:
            raise RuntimeError("launch comes first")
        return self._exit

    async def _wait(self, box: Sandboxed) -> Exit:
        status = await box.wait()
        if self._over_memory or status == _OUT_OF_MEMORY:
            return Exit(status, "app-memory", "The app used more memory than it may.")
        return Exit(status)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._arrived.done():
            writer.close()
            return
        self._arrived.set_result((reader, writer))
        if self._server is not None:
            self._server.close()

    async def _relay(self, link: LinkPlace) -> None:
        host_reader, host_writer = await self._arrived
        try:
            reader, writer = await asyncio.open_unix_connection(str(link.socket_path), limit=1 << 18)
        except OSError:
            await self._process.kill()
            return
        self._session = writer
        both = [asyncio.create_task(_pass(host_reader, writer)), asyncio.create_task(_pass(reader, host_writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            for end in (writer, host_writer):
                end.close()

    async def _watch_memory(self, box: Sandboxed) -> None:
        while not box.ended:
            await asyncio.sleep(2)
            if resident_mb(box.inside) > MEMORY_MB:
                self._over_memory = True
                await box.kill()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def resident_mb(root: int) -> int:
    """Unshared resident memory of a process and all below it, in MB."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return total >> 10


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whole messages from one end to the other, so that others may be put between."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readexactly(4)
            size = int.from_bytes(head, "little")
            if not 0 < size <= MESSAGE_LIMIT:
                return
            writer.write(head + await reader.readexactly(size))
            await writer.drain()
