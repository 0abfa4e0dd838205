"""An Android host under test, driven over its link: exact pixels, no encoder, no network."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from pileus.core.settings import Settings
from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec, Display, LinkPlace, link_root
from pileus.surfaces.engines.android import packages
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.packages import Meta, PackageStore
from pileus.surfaces.engines.android.probe import Probe
from pileus.surfaces.engines.android.shown import Shown

APK = Path(__file__).parents[4] / "node_modules/android-apidemos/apks/ApiDemos-debug.apk"
SCREENS = Path(__file__).parents[4] / "build/screens/android"
CACHE = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
PATIENCE = 30.0
ENTER, BACKSPACE, END, LEFT, DOWN, UP = 0x28, 0x2A, 0x4D, 0x50, 0x51, 0x52
"""Keys by their USB usage."""
EXTRA: Sequence[set[str]] = ({"Access'ibility"}, set(), set())
"""Entries of the first lists that come from a label which differs by language."""
UNLISTED = ["App", "Instrumentation"]
"""It is no demo by its manifest's category."""
M = TypeVar("M", bound=wire.Message)


@dataclass(frozen=True)
class Shot:
    """A frame as it came: its pixels (rows of RGB) and what was said of it."""

    said: wire.Frame
    pixels: np.ndarray[Any, Any]
    at: float


def settings(folder: Path) -> Settings:
    """Settings of a test; the packages lie in the cache, where they are translated once."""
    return Settings(data_dir=folder / "data", runtime_dir=folder / "run", cache_dir=CACHE)


async def package(wanted: Settings, file: Path = APK) -> tuple[Meta, Path]:
    """The translated package and its folder."""
    meta, _ = await Probe(wanted, Display()).prepare(file, lambda _phase, _part: None)
    return meta, PackageStore(wanted.changed(data_dir=wanted.cache_dir / "probe")).place(meta.sha256)


class Phone:
    """A session's end of the link and the finger on its screen."""

    def __init__(
        self,
        wanted: Settings,
        meta: Meta,
        place: Path,
        data: Path,
        display: Display,
        engine: AndroidEngine | None = None,
    ) -> None:
        self.display = display
        self.messages: list[wire.Message] = []
        self.shots: list[Shot] = []
        self._settings = wanted
        self._options = {"package": meta.package, "target_sdk": str(meta.target_sdk)}
        self._meta, self._package, self._data = meta, place, data
        self._engine = engine or AndroidEngine(wanted, keep_spare=False)
        self._own_engine = engine is None
        self._changed = asyncio.Condition()
        self._arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._arrived = asyncio.get_running_loop().create_future()
        self._inputs = time.time_ns() // 1000
        self._apk = packages.check(APK)[1].apk
        self._depth = 0
        self._row = 0
        self.touching = True
        self._touched = 0
        self.host: Shown

    async def start(self, activity: str | None = None, **extra: Any) -> None:
        """Starts the host and the app; returns at its first frame."""
        links = link_root(self._settings)
        links.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(dir=links, prefix="test-"))
        side = max(self.display.width, self.display.height, 1280)
        self.place = LinkPlace(self._folder / "link.sock", self._folder / "frames", 3, side * side * 4)
        with self.place.frames_path.open("wb") as file:
            file.truncate(self.place.slots * self.place.slot_bytes)
        self._server = await asyncio.start_unix_server(self._take, str(self.place.socket_path), limit=1 << 20)
        options = {**self._options, **({"activity": activity} if activity else {})}
        spec = AppSpec("a", self._meta.package, "android", self._meta.label, self._package, self._data, options)
        self.host = await self._engine.start(spec, self.display, self.place)
        reader, self._writer = await asyncio.wait_for(self._arrived, PATIENCE)
        app = {"id": spec.app_id, "label": spec.label, "account": "a"}
        self.send(wire.Start({"app": app, "display": asdict(self.display), **self.host.start, **extra}))
        self._reader = asyncio.create_task(self._read(reader))
        await self.wait(lambda: bool(self.shots))

    async def close(self) -> None:
        await self.host.kill()
        await self._reader
        self._writer.close()
        self._server.close()
        if self._own_engine:
            await self._engine.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, message: wire.Message) -> None:
        data = wire.encode(message)
        self._writer.write(len(data).to_bytes(4, "little") + data)

    def next_input(self) -> int:
        self._inputs += 1
        return self._inputs

    async def wait(self, holds: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Returns when the condition holds; it is looked at after each message."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            raise AssertionError(f"it did not come; the host said: {self.host.log[-4000:]}") from None

    async def open(self, path: str) -> None:
        """Opens a demo from the first list, with the keyboard's arrows; `home` leads back."""
        parts = path.split("/")
        for depth, part in enumerate(parts):
            await self.shows(_has_rows)
            await self.still(quiet=0.3)
            names = sorted({label[depth] for label in self._demos(parts[:depth])} | EXTRA[depth], key=str.casefold)
            wanted = names.index(part) - (0 if depth else self._row)
            if self.touching:
                await self._arrow(DOWN)  # the first key only ends touch mode, and shows the first row chosen
                self.touching = False
            if not depth:
                self._row = names.index(part)
            for _ in range(abs(wanted)):
                await self._arrow(DOWN if wanted > 0 else UP)
            self._depth += 1
            await self._leaves(self.key(ENTER))
        await self.title(path)
        # The title is said as the activity begins; its picture comes after that.
        await self.wait(lambda: isinstance(self._last(wire.Frame, wire.Title), wire.Frame))

    async def _arrow(self, key: int) -> None:
        """An arrow that another row takes."""
        await self._leaves(self.key(key))

    async def _leaves(self, doing: Awaitable[Shot]) -> None:
        """Returns once what is done shows."""
        before = self.shots[-1].pixels
        await doing
        await self.shows(lambda now: not np.array_equal(now, before))

    def _last(self, *kinds: type[wire.Message]) -> wire.Message | None:
        return next((m for m in reversed(self.messages) if isinstance(m, kinds)), None)

    async def home(self) -> None:
        """Back to the first list, from the demo that `open` opened."""
        while self._depth:
            self._depth -= 1
            await self._leaves(self.back())
        await self.title("API Demos")

    def _demos(self, above: Sequence[str]) -> list[list[str]]:
        labels = [item.label.split("/") for item in self._apk.activities if "/" in item.label]
        labels = [parts for parts in labels if parts[:2] != UNLISTED]
        return [parts for parts in labels if parts[: len(above)] == list(above) and len(parts) > len(above)]

    async def message(self, kind: type[M], holds: Callable[[M], bool] = lambda _m: True, since: int = 0) -> M:
        """The first message of a kind for which something holds, come already or still to come."""
        await self.wait(lambda: any(isinstance(m, kind) and holds(m) for m in self.messages[since:]))
        return next(m for m in self.messages[since:] if isinstance(m, kind) and holds(m))

    async def seen(self, number: int) -> Shot:
        """The first frame that has seen an input."""
        await self.wait(lambda: self.shots[-1].said.input_id >= number)
        return next(shot for shot in self.shots if shot.said.input_id >= number)

    async def still(self, quiet: float = 0.4, within: float = 15.0) -> np.ndarray[Any, Any]:
        """The picture, once no other has come for some seconds (a blinking cursor counts as none)."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            count = len(self.shots)
            try:
                async with asyncio.timeout(quiet), self._changed:
                    await self._changed.wait_for(lambda n=count: len(self.shots) > n)
            except TimeoutError:
                break
        return self.shots[-1].pixels

    async def shows(self, holds: Callable[[np.ndarray[Any, Any]], bool]) -> np.ndarray[Any, Any]:
        """The picture for which something holds, now or to come."""
        await self.wait(lambda: holds(self.shots[-1].pixels))
        return self.shots[-1].pixels

    async def title(self, text: str) -> None:
        """Returns when the app's top activity has this title."""
        await self.wait(lambda: self.top == text)

    @property
    def top(self) -> str:
        titles = [m.title for m in self.messages if isinstance(m, wire.Title)]
        return titles[-1] if titles else ""

    @property
    def editor(self) -> wire.Ime | None:
        """What was said last of the editor."""
        return next((m for m in reversed(self.messages) if isinstance(m, wire.Ime)), None)

    @property
    def notified(self) -> list[wire.Notify]:
        return [m for m in self.messages if isinstance(m, wire.Notify)]

    @property
    def copied(self) -> list[str]:
        """What the app put on the clipboard."""
        return [m.data.decode() for m in self.messages if isinstance(m, wire.ClipboardChanged)]

    def touch(self, action: int, *points: tuple[float, float], changed: int = 0, after: int | None = None) -> int:
        """`after`: microseconds since the last one, however long it took here; else the time that it is."""
        self.touching = True
        self._touched = time.monotonic_ns() // 1000 if after is None else self._touched + after
        number = self.next_input()
        pointers = tuple(wire.Pointer(i, x, y, 32768) for i, (x, y) in enumerate(points))
        self.send(wire.Touch(number, self._touched, action, changed, pointers))
        return number

    async def tap(self, x: float, y: float) -> Shot:
        self.touch(0, (x, y))
        return await self.seen(self.touch(2, (x, y)))

    async def hold(self, x: float, y: float, seconds: float = 0.8) -> None:
        """A long press."""
        self.touch(0, (x, y))
        await asyncio.sleep(seconds)
        await self.seen(self.touch(2, (x, y)))

    async def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> Shot:
        """A finger that moves at 60 steps a second and stops before it leaves."""
        await self._move(start, end, steps)
        for _ in range(15):
            await asyncio.sleep(0.02)
            self.touch(1, end, after=20_000)
        return await self.seen(self.touch(2, end, after=1_000))

    async def fling(self, start: tuple[float, float], end: tuple[float, float], steps: int = 6) -> Shot:
        """A finger that leaves while it moves."""
        await self._move(start, end, steps)
        return await self.seen(self.touch(2, end, after=1_000))

    async def key(self, usage: int, codepoint: int = 0, modifiers: int = 0) -> Shot:
        return await self.seen(self.press(usage, codepoint, modifiers))

    def press(self, usage: int, codepoint: int = 0, modifiers: int = 0) -> int:
        """A key down and up, not waited for."""
        self.half_press(usage, 0, codepoint, modifiers)
        return self.half_press(usage, 1, codepoint, modifiers)

    def half_press(self, usage: int, action: int, codepoint: int = 0, modifiers: int = 0) -> int:
        """A key down (0) or up (1), not waited for."""
        number = self.next_input()
        self.send(wire.Key(number, action, 0x70000 | usage, modifiers, codepoint, 0))
        return number

    async def text(self, kind: int, text: str = "", a: int = 1, b: int = 0) -> Shot:
        number = self.next_input()
        self.send(wire.TextInput(number, kind, a, b, text))
        return await self.seen(number)

    def write(self, text: str) -> int:
        """Text as a device sends what is typed, not waited for."""
        number = self.next_input()
        self.send(wire.TextInput(number, 0, 1, 0, text))
        return number

    async def back(self) -> Shot:
        number = self.next_input()
        self.send(wire.Nav(number, 0))
        return await self.seen(number)

    def save(self, name: str) -> None:
        """Keeps the picture for people to look at."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        Image.fromarray(self.shots[-1].pixels).save(SCREENS / f"{name}.png")

    async def _move(self, start: tuple[float, float], end: tuple[float, float], steps: int) -> None:
        self.touch(0, start)
        for step in range(1, steps + 1):
            part = step / steps
            await asyncio.sleep(1 / 60)
            at = start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
            self.touch(1, at, after=16_667)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._arrived.set_result((reader, writer))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                size = int.from_bytes(await reader.readexactly(4), "little")
                message = wire.decode(await reader.readexactly(size))
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if isinstance(message, wire.Frame):
                shot = Shot(message, self._pixels(message), time.monotonic())
                self.send(wire.Release(message.slot))
            async with self._changed:
                if isinstance(message, wire.Frame):
                    self.shots.append(shot)
                    del self.shots[:-400]
                self.messages.append(message)
                self._changed.notify_all()

    def _pixels(self, frame: wire.Frame) -> np.ndarray[Any, Any]:
        with self.place.frames_path.open("rb") as file:
            file.seek(frame.slot * self.place.slot_bytes)
            raw = np.frombuffer(file.read(frame.height * frame.stride), np.uint8)
        rows = raw.reshape(frame.height, frame.stride)[:, : frame.width * 4].reshape(frame.height, -1, 4)
        return np.ascontiguousarray(rows[:, :, [2, 1, 0]])


def activity(label: str) -> str:
    """The class of the demo with this label."""
    found = next(item for item in packages.check(APK)[1].apk.activities if item.label == label)
    return found.target or found.name


def _has_rows(picture: np.ndarray[Any, Any]) -> bool:
    """Whether there is something on the page below its title."""
    return bool(picture[80:].std() > 1)
