"""One host process: from its start in a sandbox, through being a spare, to the end of its app.

The host connects to a socket of the engine's when it is ready, before any app is known. When it gets one, the
engine connects to the session and passes messages on between the two, unread but for the app's calls to
its account's system; pixels never come through here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pileus.core.errors import Unavailable
from pileus.surfaces.engine import AppSpec, Exit, LinkPlace
from pileus.surfaces.engines.android import gateway, sandbox, users
from pileus.surfaces.engines.android.bounds import Bounds
from pileus.surfaces.engines.android.java import Runtime
from pileus.surfaces.engines.android.sandbox import Later, Mount, Plan, Sandboxed
from pileus.surfaces.engines.android.system import System
from pileus.surfaces.engines.android.watch import Watch

PACKAGE, DATA = "/package/app", "/data/app"
"""Where an app has its package and its folder."""
MESSAGE_LIMIT = 4 << 20
FAREWELL = 0.5

_OUT_OF_MEMORY = 3
_OUT_OF_THREADS = "unable to create native thread"


log = logging.getLogger("pileus.surfaces.android")


class AndroidHost:
    """A `HostProcess`. It belongs to no app until `adopt`."""

    def __init__(self, folder: Path, runtime: Runtime, bounds: Bounds, domain: str) -> None:
        self.start: Mapping[str, Any] = {}
        self._folder = folder
        self._runtime = runtime
        self._box: Sandboxed | None = None
        self._server: asyncio.Server | None = None
        self._arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._arrived = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._system: System | None = None
        self._bounds = bounds
        self._watch: Watch | None = None
        self._passed: str | None = None
        self._gateway: asyncio.subprocess.Process | None = None
        self._gateway_user: int | None = None
        self._domain = domain
        self._session: asyncio.StreamWriter | None = None
        self._exit: asyncio.Task[Exit] | None = None

    async def launch(self, rehearse: bool) -> None:
        """Starts it in its sandbox, without an app; a spare rehearses one. Raises `Unavailable`."""
        self._folder.mkdir(mode=0o711, parents=True)
        (self._folder / "frames").touch(mode=0o600)
        path = self._folder / "host.sock"
        self._server = await asyncio.start_unix_server(self._connected, str(path), limit=1 << 18)
        names = self._folder / "resolv.conf"
        names.write_text("nameserver 127.0.0.1\n")
        mounts = [*self._runtime.mounts(), Mount(self._folder, "/link"), Mount(path, "/link/host.sock", True)]
        mounts.append(Mount(names, "/etc/resolv.conf"))
        later = [Later(PACKAGE), Later(DATA, writable=True), Later("/link/frames", writable=True, within=True)]
        command = self._runtime.host("/link/host.sock", DATA, rehearse)
        environment = {"HOME": DATA, "LC_ALL": "C.UTF-8"}
        self._box = await sandbox.launch(Plan(command, mounts, later, environment, self._bounds))
        self._exit = asyncio.create_task(self._wait(self._box))
        self._watch = Watch(self._box, self._bounds)
        self._spawn(self._guard(self._box, self._watch))

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
        mounts = [Mount(spec.package_dir, PACKAGE), Mount(spec.data_dir, DATA, writable=True)]
        await self._process.graft([*mounts, Mount(link.frames_path, "/link/frames", writable=True)])
        if self._watch is not None:
            self._watch.keep(spec.data_dir, link.frames_path)
        if spec.options.get("internet") == "1":
            await self._open_network(self._process)
        self._system = System(spec)
        self.start = {
            "apk": f"{PACKAGE}/base.apk",
            "classes": [f"{PACKAGE}/classes.jar"],
            "package": spec.options.get("package", spec.app_id),
            "activity": spec.options.get("activity") or None,
            "target_sdk": int(spec.options.get("target_sdk") or 36),
            "label": spec.label,
            "data_dir": DATA,
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
        await self._close_network()
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
        if self._passed is not None:
            return Exit(status, self._passed)
        if _OUT_OF_THREADS in box.log:
            return Exit(status, "app-processes")
        return Exit(status, "app-memory" if status == _OUT_OF_MEMORY else "")

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

    async def _guard(self, box: Sandboxed, watch: Watch) -> None:
        self._passed = await watch.passed()
        if self._passed is not None:
            log.warning("the app passed a bound (%s) and is ended", self._passed)
            await box.kill()

    async def _open_network(self, box: Sandboxed) -> None:
        self._gateway_user = users.lend()
        try:
            self._gateway = await gateway.start(box.holder, box.inside, self._gateway_user, self._domain)
        except (Unavailable, TimeoutError) as error:
            log.warning("the app goes without a network: %s", error)

    async def _close_network(self) -> None:
        if self._gateway is not None:
            with contextlib.suppress(ProcessLookupError):
                self._gateway.kill()
            await self._gateway.wait()
        users.give_back(self._gateway_user)
        self._gateway, self._gateway_user = None, None

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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
