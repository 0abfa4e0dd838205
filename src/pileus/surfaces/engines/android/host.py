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
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pileus.core.errors import Unavailable
from pileus.surfaces import texts, wire
from pileus.surfaces.engine import AppSpec, Display, Exit, LinkPlace
from pileus.surfaces.engines.android import gateway, sandbox, users
from pileus.surfaces.engines.android.bounds import Bounds
from pileus.surfaces.engines.android.falls import first_lines
from pileus.surfaces.engines.android.java import Runtime
from pileus.surfaces.engines.android.sandbox import Later, Mount, Plan, Sandboxed
from pileus.surfaces.engines.android.watch import Watch, let_go, stop

PACKAGE, DATA = "/package/app", "/data/app"
"""Where an app has its package and its folder."""
MESSAGE_LIMIT = 4 << 20
FAREWELL = 0.5

_KEPT = ".activities"
"""In an app's folder: its activities as they were kept; the host takes them up and removes them where it falls."""

_STATE, _FINISHED, _CLIPBOARD, _VISIBILITY = 0x47, 3, 0x06, 0x09
_READY = 0xC0
_SAYS = frozenset((_STATE, 0x48, 0x4B, 0x4C, 0x4E, 0xC1))
"""What a host says to its session after READY: STATE, IME, TITLE, CONFIGURED, PONG and FRAME. What else a device
hears comes from the account's system, or from the server."""
_STOP = b"\x02\0\0\0\x82\0"
_LEAVE = b"\x01\0\0\0\x84"
_OUT_OF_MEMORY, _TOO_MANY_WINDOWS = 3, 71
_OUT_OF_THREADS = ("unable to create native thread", "thread constructor failed")
"""What Java says, and what the framework's native library says."""


log = logging.getLogger("pileus.surfaces.android")


class AndroidHost:
    """A `HostProcess`. It belongs to no app until `adopt`."""

    def __init__(self, folder: Path, runtime: Runtime, bounds: Bounds, domain: str) -> None:
        self.start: Mapping[str, Any] = {}
        self.needed: Callable[[], Awaitable[bool]] = _never
        """Whether its process has something to do without a session; the account's system knows."""
        self.on_clip: Callable[[bytes], None] = lambda _message: None
        self.on_visible: Callable[[bool], None] = lambda _visible: None
        """Hears whether somebody looks at it."""
        self.parted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when a session is over and the process lives on; then another one takes its place."""
        self._folder = folder
        self._runtime = runtime
        self._box: Sandboxed | None = None
        self._server: asyncio.Server | None = None
        self._arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._arrived = asyncio.get_running_loop().create_future()
        self._greeted: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._spec = AppSpec("", "", "android", "", folder, folder)
        self._tasks: set[asyncio.Task[None]] = set()
        self._bounds = bounds
        self._watch: Watch | None = None
        self._passed: str | None = None
        self._killed = False
        self._stopped = False
        self._had_kept = False
        """It had its app's activities to take up when it was shown."""
        self._gateway: asyncio.subprocess.Process | None = None
        self._gateway_user: int | None = None
        self._domain = domain
        self._session: asyncio.StreamWriter | None = None
        self._exit: asyncio.Task[Exit] | None = None

    async def launch(self, rehearse: bool) -> None:
        """Starts it in its sandbox, without an app; a spare rehearses one. Raises `Unavailable`."""
        self._folder.mkdir(parents=True)
        self._folder.chmod(0o711)  # whatever the umask: the app is another user, and has to reach what is in it
        for name in ("frames", "system.sock"):
            (self._folder / name).touch(mode=0o600)
        path = self._folder / "host.sock"
        self._server = await asyncio.start_unix_server(self._connected, str(path), limit=1 << 18)
        names = self._folder / "resolv.conf"
        names.write_text("nameserver 127.0.0.1\n")
        names.chmod(0o644)
        mounts = [*self._runtime.mounts(), Mount(self._folder, "/link"), Mount(path, "/link/host.sock", True)]
        mounts.append(Mount(names, "/etc/resolv.conf"))
        later = [Later(PACKAGE), Later(DATA, writable=True), Later("/link/frames", writable=True, within=True)]
        later.append(Later("/link/system.sock", writable=True, within=True))
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
    def app_id(self) -> str:
        """The app that it belongs to; empty while it is a spare."""
        return self._spec.app_id

    @property
    def ended(self) -> bool:
        return self._process.ended

    @property
    def ending(self) -> bool:
        """On its way out: what is asked of it now may not be done."""
        return self._killed or self._stopped or self.ended

    @property
    def log(self) -> str:
        """The end of what the host printed."""
        return self._process.log

    async def ready(self) -> None:
        """Returns when it waits for its app; raises `Unavailable` where it ended instead."""
        events: set[asyncio.Future[Any]] = {self._arrived, self._ending}
        await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        if not self._arrived.done():
            raise Unavailable("host-failed", f"The Android host ended before it was ready: {_cause(self.log)}")

    @property
    def system_path(self) -> Path:
        """Where its account's system listens for it."""
        return self._folder / "account.sock"

    async def adopt(self, spec: AppSpec) -> None:
        """Gives it its app: mounts the package, the data folder and the socket to the account's system."""
        spec.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        mounts = [
            Mount(spec.package_dir, PACKAGE),
            Mount(spec.data_dir, DATA, writable=True),
            Mount(self.system_path, "/link/system.sock", writable=True),
        ]
        await self._process.graft(mounts)
        if self._watch is not None:
            self._watch.keep(spec.data_dir)
        if spec.options.get("internet") == "1":
            await self._open_network(self._process)
        self._spec = spec
        self.start = {
            "apk": f"{PACKAGE}/base.apk",
            "classes": [f"{PACKAGE}/classes.jar"],
            "package": spec.options.get("package", spec.app_id),
            "activity": spec.options.get("activity") or None,
            "target_sdk": int(spec.options.get("target_sdk") or 36),
            "label": spec.label,
            "data_dir": DATA,
            "disk": self._bounds.disk,
            "system": "/link/system.sock",
            "probe": spec.options.get("probe") == "1",
            "texts": texts.of("gap-"),
        }
        self._spawn(self._pump())

    async def show(self, link: LinkPlace) -> None:
        """Ties it to a session, whose START gives it its screen."""
        await self._process.graft([Mount(link.frames_path, "/link/frames", writable=True)])
        if self._watch is not None:
            self._watch.share(link.frames_path)
        self._had_kept = _lies(self._spec.data_dir / _KEPT)
        self.start = {**self.start, "frames": link.frames("/link/frames")}
        self._spawn(self._relay(link))

    async def run(self, display: Display) -> None:
        """Starts its app without a screen."""
        _, writer = await self._arrived
        await self._greeted
        app = {"id": self._spec.app_id, "label": self._spec.label, "account": self._spec.account_id}
        start = {**self.start, "app": app, "display": asdict(display)}
        message = wire.encode(wire.Start(start))
        writer.write(len(message).to_bytes(4, "little") + message)

    def deliver(self, message: bytes) -> None:
        """Sends the device that looks at the app a message of the account's system; dropped where none does."""
        if self._session is not None:
            self._session.write(len(message).to_bytes(4, "little") + message)

    async def leave(self) -> None:
        """Its session is over, its process is not: the activities end, services and receivers live on."""
        _, host = await self._arrived
        host.write(_LEAVE)
        self._part()

    def _part(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
        parted, self.parted = self.parted, asyncio.get_running_loop().create_future()
        if not parted.done():
            parted.set_result(None)

    async def wait(self) -> Exit:
        return await asyncio.shield(self._ending)

    def stand_still(self) -> None:
        """None of its processes runs until `go_on`. Blocks until they have stopped: seconds on a busy machine."""
        stop(self.inside)

    def go_on(self) -> None:
        let_go(self.inside)

    async def kill(self) -> None:
        self._killed = True
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
        exit = Exit(status, self._bound(status, box.log))
        if status == 0 or (self._killed and self._passed is None):
            return exit
        details = first_lines(box.log) if status > 0 else ""
        if self.app_id:
            app = f"{self.app_id} of account {self._spec.account_id}"
            log.warning("%s ended with status %d%s", app, status, f":\n{details}" if details else "")
        dropped = self._had_kept and not exit.code and not _lies(self._spec.data_dir / _KEPT)
        return replace(exit, details=details, dropped=dropped)

    def _bound(self, status: int, printed: str) -> str:
        """The code of the bound that it ran into, where that ended it."""
        if self._passed is not None:
            return self._passed
        if any(said in printed for said in _OUT_OF_THREADS):
            return "app-processes"
        return {_OUT_OF_MEMORY: "app-memory", _TOO_MANY_WINDOWS: "app-windows"}.get(status, "")

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._arrived.done():
            writer.close()
            return
        self._arrived.set_result((reader, writer))
        if self._server is not None:
            self._server.close()

    async def _pump(self) -> None:
        """What the host says: READY is kept for whoever comes, the rest goes to the session, if there is one."""
        reader, writer = await self._arrived
        try:
            async for message in _messages(reader):
                if message[4] not in (_SAYS if self._greeted.done() else (_READY,)):
                    log.warning("%s says what is not a host's to say (%#x)", self._spec.app_id, message[4])
                    return
                if not self._greeted.done():
                    self._greeted.set_result(message)
                elif self._session is not None:
                    finished = message[4:6] == bytes((_STATE, _FINISHED))
                    # Asked first: what the system said before that, where to go from here, comes before the end.
                    needed = finished and await self.needed()
                    self._session.write(message)
                    await self._session.drain()
                    if finished:
                        self._finished(writer, needed)
        except ConnectionError:
            pass
        finally:
            writer.close()
            if self._session is not None:
                self._session.close()

    def _finished(self, writer: asyncio.StreamWriter, needed: bool) -> None:
        """The app has ended its last activity: the process goes, unless it is needed for something else."""
        if needed:
            self._part()
        else:
            self._stopped = True
            writer.write(_STOP)

    async def _relay(self, link: LinkPlace) -> None:
        _, host = await self._arrived
        greeting = await self._greeted
        try:
            reader, session = await asyncio.open_unix_connection(str(link.socket_path), limit=1 << 18)
        except OSError:
            await self._process.kill()
            return
        session.write(greeting)
        self._session = session
        try:
            async for message in _messages(reader):
                if message[4] == _CLIPBOARD:
                    self.on_clip(message[4:])
                    continue
                if message[4] == _VISIBILITY and self._session is session:
                    self.on_visible(message[5:6] == b"\1")
                if message[4:] == _STOP[4:] and await self.needed():
                    await self.leave()
                    continue
                host.write(message)
                await host.drain()
        except ConnectionError:
            pass
        finally:
            if self._session is session:
                self._session = None
            session.close()

    async def _guard(self, box: Sandboxed, watch: Watch) -> None:
        try:
            self._passed = await watch.passed()
        except Exception:  # nothing of it is to go on unwatched
            log.exception("an app can be watched no longer and is ended")
            self._passed = "app-unwatched"
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


def _lies(path: Path) -> bool:
    """Whether there is a plain file; in a folder that is the app's, a link counts as none."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


async def _never() -> bool:
    return False


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Whole messages with their lengths, until the other end hangs up or says something absurd."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(4)
            size = int.from_bytes(head, "little")
            if not 0 < size <= MESSAGE_LIMIT:
                return
            yield head + await reader.readexactly(size)


def _cause(log: str) -> str:
    """The last line that is no part of a Java stack trace: the innermost cause."""
    lines = [line for line in log.splitlines() if line.strip() and not line.startswith(("\t", " "))]
    return lines[-1][:300] if lines else "it said nothing"
