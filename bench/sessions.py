"""Android sessions under the supervisor: what they take at rest, frozen and coming back, four that scroll at once.

Processor time is of the supervisor and everything below it (hosts, encoders, the accounts' systems, the spare).
The devices are ours and decode nothing: they confirm what comes, as fast as it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import clouds
from figure import Figure
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.client import SessionInfo, SupervisorClient
from pileus.surfaces.engine import AppSpec, Display
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.packages import Meta, PackageStore

APK = Path(__file__).parent.parent / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
DISPLAY = Display(480, 800, 160)
REST = 8.0
"""Seconds after which a session has given back what it does not need."""
IDLE = 20.0
SCROLLING = 4
SCROLL = 6.0
STEP = 1 / 60
PATIENCE = 60.0
SETTLED = 1.0
"""Seconds in which the kernel has taken away what has ended."""
LONG_LIST = "io.appium.android.apis.view.List1"


def measure() -> list[Figure]:
    """The figures; the framework's jars and the built host have to be there."""
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> list[Figure]:
    with _supervisor(folder) as (settings, pid):
        store = PackageStore(settings)
        digest, checked = packages.check(APK)
        meta = await store.add(APK, digest, checked, java.runtime(settings), _quiet)
        bench = _Bench(settings, pid, store.place(meta.sha256), meta)
        await bench.ready()
        return [*await bench.one(), *await bench.many()]


class Eye:
    """A device that counts what it gets."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._consumed = 0
        self._inputs = time.time_ns() // 1000
        self.frames: list[float] = []
        """When each picture came."""
        self.bytes = 0
        self.first: dict[type[wire.Message], float] = {}
        """When the first message of each type came."""
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def wait(self, kind: type[wire.Message]) -> float:
        async with asyncio.timeout(PATIENCE):
            while kind not in self.first:
                self._changed.clear()
                await self._changed.wait()
        return self.first[kind]

    async def touch(self, action: int, y: float) -> None:
        self._inputs += 1
        finger = (wire.Pointer(0, 240.0, y, 32768),)
        await self._socket.send(
            wire.encode(wire.Touch(self._inputs, time.monotonic_ns() // 1000, action, 0, finger))
        )

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for data in self._socket:
                message = wire.decode(data if isinstance(data, bytes) else b"")
                now = time.monotonic()
                self.first.setdefault(type(message), now)
                self._changed.set()
                if isinstance(message, wire.Video | wire.Image):
                    self.frames.append(now)
                    self.bytes += len(data)
                    self._consumed += len(data)
                    await self._socket.send(wire.encode(wire.Ack(message.frame_id, self._consumed)))


class _Bench:
    def __init__(self, settings: Settings, pid: int, package: Path, meta: Meta) -> None:
        self._settings, self._pid, self._package, self._meta = settings, pid, package, meta
        self._client = SupervisorClient(settings)

    async def ready(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(Unavailable):
                    await self._client.ping()
                    return
                await asyncio.sleep(0.1)

    async def one(self) -> list[Figure]:
        """A session that is looked at, one that is not, and its freeze and return."""
        session = await self._open("one")
        async with self._eye(session, "one") as eye:
            await eye.wait(wire.Video)
            await asyncio.sleep(REST)
            seen = await self._busy(IDLE)
        await asyncio.sleep(REST)
        unseen = await self._busy(IDLE)
        rest = [("one session that is looked at", seen), ("one session that is not", unseen)]
        figures = [
            _figure(f"processor at rest, {what}, {kind}", 100 * part, "% of a core")
            for what, parts in rest
            for kind, part in (*sorted(parts.items()), ("all together", sum(parts.values())))
        ]
        return figures + await self._frozen(session, "one")

    async def _frozen(self, session: SessionInfo, account: str) -> list[Figure]:
        before = await self._of_session(session)
        began = time.monotonic()
        if not await self._client.freeze(session.session_id, account):
            print("sessions: the host does not offer to be frozen", file=sys.stderr)
            return []
        figures = [_figure("freeze", time.monotonic() - began, "s")]
        picture = await self._client.picture(session.session_id, account)
        kept = _size(picture.parent) + _size(self._data(account) / ".activities")
        figures.append(_figure("kept of a frozen session on the disk", kept / 1e6, "MB"))
        await asyncio.sleep(SETTLED)
        figures.append(_figure("processes of a frozen session", _living(before), ""))
        began = time.monotonic()
        async with self._eye(session, account) as eye:
            shown = await eye.wait(wire.Image)
            back = await eye.wait(wire.Video)
        figures.append(_figure("frozen to its last picture", shown - began, "s"))
        figures.append(_figure("frozen to its first frame", back - began, "s"))
        return figures

    async def many(self) -> list[Figure]:
        """Lists under a finger that goes up and down, all at once."""
        accounts = [f"scroll-{number}" for number in range(SCROLLING)]
        sessions = [await self._open(account, LONG_LIST) for account in accounts]
        async with contextlib.AsyncExitStack() as stack:
            eyes = [
                await stack.enter_async_context(self._eye(session, account))
                for session, account in zip(sessions, accounts, strict=True)
            ]
            for eye in eyes:
                await eye.wait(wire.Video)
            await asyncio.sleep(REST)
            for eye in eyes:
                eye.frames.clear()
                eye.bytes = 0
            before, mine, began = self._used(), time.process_time(), time.monotonic()
            await _scroll(eyes)
            spent = time.monotonic() - began
            used = {kind: seconds - before.get(kind, 0.0) for kind, seconds in self._used().items()}
            mine = time.process_time() - mine
        rates = sorted(len(eye.frames) / spent for eye in eyes)
        count = sum(len(eye.frames) for eye in eyes)
        what = f"{SCROLLING} sessions that scroll"
        return [
            _figure(f"frames a second of the slowest of {what}", rates[0], "fps"),
            _figure(f"frames a second of the fastest of {what}", rates[-1], "fps"),
            _figure(f"bytes a frame, {what}", sum(eye.bytes for eye in eyes) / max(1, count), "B"),
            *(
                _figure(f"processor a frame, {kind}, {what}", 1000 * seconds / max(1, count), "ms")
                for kind, seconds in sorted((used | {"the bench itself": mine}).items())
            ),
        ]

    async def _open(self, account: str, activity: str = "") -> SessionInfo:
        meta = self._meta
        options = {"package": meta.package, "target_sdk": str(meta.target_sdk)}
        options["activity"] = activity or meta.activity
        data = self._data(account)
        spec = AppSpec(account, meta.package, "android", meta.label, self._package, data, options)
        return await self._client.open(spec, DISPLAY)

    def _data(self, account: str) -> Path:
        return self._settings.data_dir / "android" / "accounts" / account / self._meta.package

    @asynccontextmanager
    async def _eye(self, session: SessionInfo, account: str) -> AsyncIterator[Eye]:
        ticket = await self._client.ticket(session.session_id, account, "bench", "Bench")
        url = f"ws://127.0.0.1:{self._settings.surface_port}/surface"
        async with connect(url, max_size=None, compression=None, proxy=None) as socket:
            hello = {"ticket": ticket.value, "codecs": ["h264", "jpeg", "png"], "width": 480, "height": 800}
            await socket.send(wire.encode(wire.Hello(wire.VERSION, hello | {"dpi": 160})))
            eye = Eye(socket)
            yield eye
            await eye.close()

    async def _of_session(self, session: SessionInfo) -> list[int]:
        listed = next(s for s in (await self._client.ping())["sessions"] if s["session"] == session.session_id)
        return [*clouds.below(listed["host"]), listed["encoder"]]

    async def _busy(self, seconds: float) -> dict[str, float]:
        """The part of a core that each kind of process took."""
        before, began = self._used(), time.monotonic()
        await asyncio.sleep(seconds)
        spent = time.monotonic() - began
        return {kind: (used - before.get(kind, 0.0)) / spent for kind, used in self._used().items()}

    def _used(self) -> dict[str, float]:
        """Seconds of processor time by what runs."""
        found: dict[str, float] = {}
        for pid in clouds.below(self._pid):
            kind = "supervisor" if pid == self._pid else _kind(pid)
            found[kind] = found.get(kind, 0.0) + _used(pid)
        return found


async def _scroll(eyes: list[Eye]) -> None:
    """A finger on each for some seconds, 900 pixels a second, some sixty steps a second."""
    began = time.monotonic()
    action = 0
    while (spent := time.monotonic() - began) < SCROLL:
        y = 400 - 300 * (1 - abs((spent * 3) % 4 - 2))
        for eye in eyes:
            await eye.touch(action, y)
        action = 1
        await asyncio.sleep(STEP)
    for eye in eyes:
        await eye.touch(2, 400.0)


def _size(path: Path) -> int:
    """Bytes of a file, or of the files in a folder; 0 where there is none."""
    if not path.exists():
        return 0
    return path.stat().st_size if path.is_file() else sum(one.stat().st_size for one in path.iterdir())


def _living(pids: list[int]) -> int:
    return sum(Path(f"/proc/{pid}").exists() for pid in pids)


def _kind(pid: int) -> str:
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        for word, kind in ((b"surfaces.encoder", "encoder"), (b"android.system", "system"), (b"java", "host")):
            if word in command:
                return kind
    return "others"


def _used(pid: int) -> float:
    """Of the tasks that live; exact where the kernel counts nanoseconds (proc(5), schedstat)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            total += int(task.read_text().split()[0])
    return total / 1e9


@contextmanager
def _supervisor(folder: Path) -> Iterator[tuple[Settings, int]]:
    port = clouds.free_ports()
    found = Settings.from_env().changed(
        data_dir=folder / "data", runtime_dir=folder / "run", port=port, surface_port=port + 1
    )
    found.make_dirs()
    command = [sys.executable, "-m", "pileus.surfaces.supervisor"]
    process = subprocess.Popen(command, env=os.environ | found.as_env(), umask=0o077)
    try:
        yield found, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _figure(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="sessions", metric=metric, value=value, unit=unit)


async def _quiet(_phase: str, _fraction: float) -> Any:
    """Nobody watches."""
