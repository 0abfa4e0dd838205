"""Start activities of a package one after the other and look at what they draw; no server, no account."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from pileus.core.errors import Invalid, PileusError
from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec, Display, LinkPlace, link_root
from pileus.surfaces.engines.android import java, reading
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.falls import innermost
from pileus.surfaces.engines.android.packages import Meta, PackageStore
from pileus.surfaces.engines.android.shown import Shown

FIRST_FRAME_WITHIN = 60.0
SETTLE = 0.6
"""Seconds without a new frame after which the picture counts as drawn."""
BLANK_SETTLE = 4.0
"""The same while there is nothing to see on it."""
WATCHED = 6.0
"""Seconds after which a picture that never rests counts as drawn."""
SLOTS = 3
BAR_DP = 56
"""The action bar; the status bar is the shell's."""

Progress = Callable[[str, float], None]
Extras = Mapping[str, str | int]
"""What the caller of an activity gives it; some ask for it."""


class Finding(msgspec.Struct, frozen=True):
    """What became of one activity; `status` is ok, crash, finished or unsupported."""

    activity: str
    status: str
    reason: str = ""
    first_frame_ms: int | None = None
    blank_below_bar: bool | None = None


class Probe:
    """One package on one display. `data` is thrown away after each activity."""

    def __init__(self, settings: Settings, display: Display) -> None:
        self._settings = settings.changed(data_dir=settings.cache_dir / "probe")
        self._display = display
        self._store = PackageStore(self._settings)
        self._engine = AndroidEngine(self._settings)

    async def prepare(self, file: Path, progress: Progress) -> tuple[Meta, list[str]]:
        """Checks and translates the package (kept for the next time); its activities, the launcher's first."""
        sha256, checked = await reading.check(file)

        async def tell(phase: str, fraction: float) -> None:
            progress(phase, fraction)

        meta = await self._store.add(file, sha256, checked, java.runtime(self._settings), tell)
        names = [checked.apk.launcher.target or checked.apk.launcher.name]
        names += [item.name for item in checked.apk.activities if item.target is None]
        return meta, list(dict.fromkeys(names))

    async def run(self, meta: Meta, activities: Sequence[str], out: Path | None) -> AsyncIterator[Finding]:
        """Each activity in a host of its own; a picture `NAME.png` of each that drew."""
        try:
            for activity in activities:
                async with self.data() as data:
                    yield await self._one(meta, activity, data, out)
        finally:
            await self.close()

    async def close(self) -> None:
        await self._engine.close()

    @contextlib.asynccontextmanager
    async def data(self) -> AsyncIterator[Path]:
        """A folder for the app's data, thrown away afterwards."""
        data = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="pileus-probe-"))
        try:
            yield data / "data"
        finally:
            await asyncio.to_thread(shutil.rmtree, data, True)

    @contextlib.asynccontextmanager
    async def watched(
        self, meta: Meta, activity: str, data: Path, extras: Extras | None = None
    ) -> AsyncIterator[tuple[Watcher, Shown]]:
        """A host for one activity and who watches it; ended afterwards. Raises `Unavailable`."""
        links = link_root(self._settings)
        links.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=links, prefix="probe-"))
        options = {"package": meta.package, "activity": activity, "target_sdk": str(meta.target_sdk), "probe": "1"}
        place = self._store.place(meta.sha256)
        spec = AppSpec("probe", meta.package, "android", meta.label, place, data, options)
        watcher = Watcher(folder, self._display, {"activity": activity, "extras": dict(extras or {})})
        host: Shown | None = None
        try:
            await watcher.listen()
            host = await self._engine.start(spec, self._display, watcher.place)
            yield watcher, host
        finally:
            if host is not None:
                await host.kill()
            watcher.close()
            await asyncio.to_thread(shutil.rmtree, folder, True)

    async def _one(self, meta: Meta, activity: str, data: Path, out: Path | None) -> Finding:
        try:
            async with self.watched(meta, activity, data) as (watcher, host):
                return await watcher.look(host, activity, out)
        except PileusError as error:
            return Finding(activity, "unsupported", error.detail or error.code)


class Watcher:
    """A session's end of the link, that only looks."""

    def __init__(self, folder: Path, display: Display, wishes: Mapping[str, object] | None = None) -> None:
        side = max(display.width, display.height, 1280)
        self.place = LinkPlace(folder / "link.sock", folder / "frames", SLOTS, side * side * 4)
        self._display = display
        self._wishes = wishes or {}
        self._server: asyncio.Server | None = None
        self._arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._arrived = asyncio.get_running_loop().create_future()
        self._come: asyncio.Queue[wire.Message | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self.picture: Image.Image | None = None
        self.title = ""
        self.lacks: set[str] = set()
        """Codes of what the app needs and has not, of which a sentence on the screen speaks."""
        self.first_frame_at: float | None = None
        """The monotonic clock when the first frame came."""

    async def listen(self) -> None:
        with self.place.frames_path.open("wb") as file:
            file.truncate(self.place.slots * self.place.slot_bytes)
        self._server = await asyncio.start_unix_server(self._take, str(self.place.socket_path), limit=1 << 20)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._reading is not None:
            self._reading.cancel()
        if self._arrived.done() and not self._arrived.cancelled():
            self._arrived.result()[1].close()

    async def look(self, host: Shown, activity: str, out: Path | None) -> Finding:
        """Until the picture has settled, or the app has ended."""
        try:
            async with asyncio.timeout(FIRST_FRAME_WITHIN):
                ending = asyncio.ensure_future(host.wait())
                events: set[asyncio.Future[Any]] = {self._arrived, ending}
                await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
                if not self._arrived.done():
                    return Finding(activity, "crash", f"The host ended: {host.log.strip()[-300:]}")
                finding = await self._follow(host, activity)
                if finding.status == "crash":
                    await ending  # the cause is printed after the fall is told
                    finding = msgspec.structs.replace(finding, reason=caused(finding.reason, host.log))
        except TimeoutError:
            return Finding(activity, "crash", "It drew nothing within a minute.")
        if self.picture is not None and out is not None:
            self.picture.save(out / f"{activity}.png")
        return finding

    def send(self, message: wire.Message) -> None:
        _send(self._arrived.result()[1], wire.encode(message))

    async def next(self) -> wire.Message | None:
        """The next message, None at the link's end. A frame's picture is taken and its slot given back."""
        message = await self._come.get()
        if isinstance(message, wire.Frame):
            self.picture = self._read(message)
            self.send(wire.Release(message.slot))
        elif isinstance(message, wire.Title):
            self.title = message.title
        elif isinstance(message, wire.State) and message.state == 1:
            self.lacks.update(message.info.get("lacks", ()))
        return message

    def blank(self) -> bool | None:
        """Whether nothing is to be seen below the bars; None before the first picture."""
        if self.picture is None:
            return None
        below = np.asarray(self.picture)[BAR_DP * self._display.dpi // 160 :]
        return bool(below.size == 0 or (below == below[0, 0]).all())

    async def _follow(self, host: Shown, activity: str) -> Finding:
        start = {"app": {}, "display": asdict(self._display), **host.start, **self._wishes}
        self._reading = asyncio.create_task(self._receive(self._arrived.result()[0]))
        began = time.monotonic()
        self.send(wire.Start(start))
        first: int | None = None
        settled = began
        while True:
            try:
                async with asyncio.timeout(self._patience(first)):
                    message = await self.next()
            except TimeoutError:
                break
            if message is None or isinstance(message, wire.State):
                found = ended(activity, message, host, first)
                if found is not None:
                    return found
            elif isinstance(message, wire.Frame) and first is None:
                first, settled = round((time.monotonic() - began) * 1000), time.monotonic()
                self.first_frame_at = settled
            if first is not None and time.monotonic() - settled > WATCHED:
                break
        return Finding(activity, "ok", "", first, self.blank())

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int.from_bytes(await reader.readexactly(4), "little")
                self._come.put_nowait(wire.decode(await reader.readexactly(size)))
        self._come.put_nowait(None)

    def _read(self, frame: wire.Frame) -> Image.Image:
        if frame.height * frame.stride > self.place.slot_bytes or frame.stride < 4 * frame.width:
            raise Invalid("frame", "The host drew beyond its slot.")
        with self.place.frames_path.open("rb") as file:
            file.seek(frame.slot * self.place.slot_bytes)
            raw = np.frombuffer(file.read(frame.height * frame.stride), np.uint8)
        rows = raw.reshape(frame.height, frame.stride)[:, : frame.width * 4].reshape(frame.height, -1, 4)
        return Image.fromarray(np.ascontiguousarray(rows[:, :, [2, 1, 0]]), "RGB")

    def _patience(self, first: int | None) -> float | None:
        if first is None:
            return None
        return BLANK_SETTLE if self.blank() else SETTLE

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._arrived.done():
            writer.close()
        else:
            self._arrived.set_result((reader, writer))


def choose(names: Sequence[str], wanted: str | None, every: bool) -> list[str]:
    """The activities to start; raises `Invalid` for a name that the package lacks."""
    if every:
        return list(names)
    if wanted is None:
        return list(names[:1])
    found = [name for name in names if name == wanted or name.endswith(f".{wanted.lstrip('.')}")]
    if not found:
        raise Invalid("activity-unknown", f"The package has no activity {wanted}.")
    return found[:1]


def ended(activity: str, state: wire.State | None, host: Shown, first: int | None) -> Finding | None:
    """What the end of an app says of an activity; None where this is no end."""
    if state is None:
        return Finding(activity, "crash", host.log.strip()[-300:] or "The host ended.", first)
    if state.state == 4:
        reason = str(state.info.get("message") or state.info.get("code") or "")
        kind = "unsupported" if state.info.get("code") == "app-unsupported" else "crash"
        return Finding(activity, kind, reason, first)
    return Finding(activity, "finished", "", first) if state.state == 3 else None


def caused(reason: str, printed: str) -> str:
    """Why an activity fell over, with the cause of that where the process printed one."""
    cause = innermost(printed)
    return f"{reason} ← {cause}" if cause and cause not in reason else reason


def _send(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(len(message).to_bytes(4, "little") + message)
