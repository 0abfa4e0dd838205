"""One running app: its host, its encoder, and the device that looks at it at the moment.

A session outlives connections. It ends when its host ends, or when it is closed; `on_end` is called once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pileus.core.errors import PileusError
from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec, Display, Engine, Exit, HostProcess
from pileus.surfaces.link import HostLink
from pileus.surfaces.painter import Painter
from pileus.surfaces.responding import START_WITHIN, Responding
from pileus.surfaces.texts import sentence
from pileus.surfaces.throttle import Bucket
from pileus.surfaces.viewer import Viewer

STATES = ("starting", "running", "paused", "finished", "crashed")
SILENCE = 120.0
"""Seconds in which a started host has to show its first frame."""
FAREWELL = 3.0
"""Seconds that a host has to keep its state when it is told to finish."""
NEEDED_OFFER = {
    wire.AudioIn.TYPE: "audio",
    wire.Sensor.TYPE: "sensors",
    wire.A11yAction.TYPE: "a11y",
}
PASSED_ON = frozenset({0x45, 0x46, 0x47, 0x48, 0x4B, 0x4C, 0x4D})
INPUT = frozenset({wire.Touch.TYPE, wire.Key.TYPE, wire.TextInput.TYPE, wire.Nav.TYPE, wire.Scroll.TYPE})
KEPT = frozenset({0x48, 0x4B, 0x4C})
CALLS_AT_ONCE = 64
LINE = 500
"""Characters of a host's line that are kept."""

log = logging.getLogger("pileus.surfaces.session")


@runtime_checkable
class AnswersCalls(Protocol):
    """A host process whose engine answers the app's calls to its account's system (CALL, REPLY)."""

    async def call(self, service: str, code: int, parcel: bytes) -> bytes:
        """The reply's parcel; raises `PileusError` where there is none."""
        ...


class Session:
    """Made by the supervisor; all methods run in its loop."""

    def __init__(self, session_id: str, spec: AppSpec, display: Display, folder: Path) -> None:
        self.id = session_id
        self.spec = spec
        self.state = "starting"
        self.viewer: Viewer | None = None
        self.ending: wire.State | None = None
        self.on_end: Callable[[Session], None] = lambda _session: None
        self._link = HostLink(folder, display, self._host_there, self._from_host, self._host_lost)
        width, height = self._link.clamp(display.width, display.height)
        self.display = replace(display, width=width, height=height)
        self._painter = Painter(self._link.place.frames_path, self._link.place.slot_bytes, self._release)
        self._painter.on_restart = lambda: self._link.send(wire.encode(wire.Refresh()))
        self._process: HostProcess | None = None
        self._offers: frozenset[str] = frozenset()
        self._progress: Mapping[str, Any] = {}
        self._last: dict[int, bytes] = {}
        self._size = (0, 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._lines, self._notices = Bucket(10, 100), Bucket(5, 50)
        self._responding = Responding()
        self._calls = self._unheard = 0

    @property
    def host_pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def encoder_pid(self) -> int | None:
        return self._painter.encoder_pid

    def start(self, engine: Callable[[], Engine]) -> None:
        """Starts host and encoder in the background; what goes wrong is told to who looks."""
        self._spawn(self._run(engine))

    def attach(self, viewer: Viewer) -> None:
        """A device takes the session; the one before it is told where it went."""
        if self.viewer is not None:
            self.viewer.leave(0, "taken-over", device=viewer.grant.device_name)
        self.viewer = viewer
        hello = viewer.hello
        width, height = self._adopt(hello)
        info = {
            "session": self.id,
            "codec": viewer.codec,
            "width": width,
            "height": height,
            "offers": sorted({"touch", "keys", "text", "clipboard", "resize", "image"} | self._offers),
            "window": viewer.window.size,
            "label": self.spec.label,
        }
        viewer.send(wire.Welcome(wire.VERSION, info))
        viewer.send(wire.State(STATES.index(self.state), dict(self._progress)))
        for data in self._last.values():
            viewer.send(data)
        self._link.send(wire.encode(wire.Visibility(1)))
        self._link.send(wire.encode(wire.Refresh()))
        self._painter.attach(viewer)

    def detach(self, viewer: Viewer) -> None:
        """A device's connection is over; the app goes on unseen."""
        if self.viewer is viewer:
            self.viewer = None
            self._painter.attach(None)
            self._link.send(wire.encode(wire.Visibility(0)))

    def sign_out(self, device_id: str) -> None:
        """Lets go of a device that may not look any more; the app goes on unseen."""
        viewer = self.viewer
        if viewer is not None and viewer.grant.device_id == device_id:
            viewer.leave(3, "signed-out")
            self.detach(viewer)

    def receive(self, viewer: Viewer, data: bytes) -> None:
        """A message of the device that looks. Raises `WireError` for what it may not send."""
        if viewer is not self.viewer:
            return
        message = wire.decode(data)
        if not 0x02 <= message.TYPE <= 0x10:
            raise wire.WireError("unexpected", f"A device does not send type 0x{message.TYPE:02x} here.")
        needed = NEEDED_OFFER.get(message.TYPE)
        if isinstance(message, wire.Ack):
            if not viewer.window.confirm(message.bytes, asyncio.get_running_loop().time()):
                raise wire.WireError("bad-value", "More was confirmed than was sent.")
            self._painter.pump()
        elif isinstance(message, wire.Ping):
            viewer.send(wire.Pong(message.nonce))
        elif needed is not None and needed not in self._offers:
            viewer.send(wire.NotOffered(message.TYPE))
        elif isinstance(message, wire.Resize):
            self._resize(message)
        else:
            self._link.send(data)
            if message.TYPE in INPUT:
                self._ask(self._responding.given(asyncio.get_running_loop().time()))
            elif isinstance(message, wire.Visibility):
                self._show(viewer, bool(message.visible))
            elif isinstance(message, wire.Refresh):
                self._painter.refresh()

    def watch(self) -> None:
        """Called every second: lets go of a device that confirms nothing any more, tells if the app is late."""
        if self.ending is None and self._responding.late(asyncio.get_running_loop().time()):
            self._not_responding()
        if self.viewer is not None and self.viewer.window.stalled(asyncio.get_running_loop().time()):
            self.viewer.leave(4, "too-slow")
            self.detach(self.viewer)

    async def close(self, reason: int = 1, code: str = "app-closed") -> None:
        """Asks the host to keep its state, ends it, and returns when everything is gone."""
        if self._closing is None:
            self._closing = (reason, code)
            self._link.send(wire.encode(wire.Stop(1)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL if self._link.connected else 0):
                    await self._ended.wait()
            await self._end("finished", code, reason=reason)
        await self._ended.wait()

    async def _run(self, engine: Callable[[], Engine]) -> None:
        label = self.spec.label
        try:
            await self._link.listen()
            self._painter.start()
            self._process = await engine().start(self.spec, self.display, self._link.place)
        except PileusError as error:
            await self._end("crashed", error.code, error.detail)
            return
        except Exception:
            log.exception("session %s: the engine could not start %s", self.id, self.spec.app_id)
            await self._end("crashed", "app-not-started", label=label)
            return
        if self._link.connected:
            self._host_there()
        silence = asyncio.get_running_loop().call_later(SILENCE, self._silent)
        try:
            exit = await self._process.wait()
        finally:
            silence.cancel()
        await self._host_ended(exit)

    async def _host_ended(self, exit: Exit) -> None:
        if self._closing is not None:
            reason, code = self._closing
            await self._end("finished", code, reason=reason)
        elif self.state == "finished" or (exit.status == 0 and self.state == "running"):
            await self._end("finished", "session-ended")
        else:
            code = exit.code or ("app-killed" if exit.status == -9 else "app-crashed")
            await self._end("crashed", code, exit.message, label=self.spec.label)

    def _silent(self) -> None:
        if self.state == "starting":
            self._spawn(self._end("crashed", "app-silent", label=self.spec.label))

    async def _end(self, state: str, code: str, message: str = "", reason: int = 1, **values: str) -> None:
        if self.ending is not None:
            return
        locale = self.viewer.locale if self.viewer else self.display.locale
        text = message or sentence(code, locale, **values)
        self.state = state
        self.ending = wire.State(STATES.index(state), {"code": code, "message": text})
        if self.viewer is not None:
            self.viewer.send(self.ending)
            self.viewer.leave(reason, code, text)
            self.viewer = None
        self.on_end(self)
        if self._process is not None:
            await self._process.kill()
        await self._painter.stop()
        self._link.close()
        self._ended.set()

    def _host_there(self) -> None:
        if self._process is None:
            return
        start = {
            "app": {"id": self.spec.app_id, "label": self.spec.label, "account": self.spec.account_id},
            "display": asdict(self.display),
            "frames": self._link.place.frames(),
            **self._process.start,
        }
        self._link.send(wire.encode(wire.Start(start)))
        self._ask(self._responding.given(asyncio.get_running_loop().time(), START_WITHIN))
        if self.viewer is None:
            return
        self._link.send(wire.encode(wire.Visibility(int(self.viewer.visible))))

    def _host_lost(self) -> None:
        """A host without its link is of no use; its end is told when the process is gone."""
        if self._process is not None and self.ending is None:
            self._spawn(self._reap(self._process))

    async def _reap(self, process: HostProcess) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await process.wait()
                return
        await process.kill()

    def _from_host(self, data: bytes) -> None:
        try:
            self._handle(wire.decode(data), data)
        except wire.WireError as error:
            log.warning("session %s: the host broke the link's format: %s", self.id, error)
            self._spawn(self._end("crashed", "app-crashed", label=self.spec.label))

    def _handle(self, message: wire.Message, data: bytes) -> None:
        if isinstance(message, wire.Frame):
            self._frame(message)
        elif isinstance(message, wire.Notify) and not self._notices.take(1, asyncio.get_running_loop().time()):
            return
        elif message.TYPE in PASSED_ON:
            if isinstance(message, wire.State):
                self._host_state(message)
            elif message.TYPE in KEPT:
                self._last[message.TYPE] = data
            if isinstance(message, wire.Configured):
                self._size = (message.width, message.height)
            if self.viewer is not None:
                self.viewer.send(data)
        elif isinstance(message, wire.Ready):
            offers = message.info.get("offers")
            self._offers = frozenset(map(str, offers)) if isinstance(offers, list) else frozenset()
        elif isinstance(message, wire.Pong):
            if self._responding.answered(message.nonce):
                self._progress = {}
                self._tell(wire.State(STATES.index(self.state), {}))
        elif isinstance(message, wire.Call):
            self._spawn(self._call(message))
        elif isinstance(message, wire.Log):
            self._log(message.line)
        else:
            raise wire.WireError("unexpected", f"A host does not send type 0x{message.TYPE:02x}.")

    def _ask(self, nonce: int | None) -> None:
        if nonce is not None:
            self._link.send(wire.encode(wire.Ping(nonce)))

    def _not_responding(self) -> None:
        locale = self.viewer.locale if self.viewer else self.display.locale
        text = sentence("app-not-responding", locale, label=self.spec.label)
        self._progress = {"code": "app-not-responding", "message": text}
        self._tell(wire.State(STATES.index(self.state), dict(self._progress)))

    def _log(self, line: str) -> None:
        """An app must neither fill the disk with its lines nor make them look like another's."""
        if not self._lines.take(1, asyncio.get_running_loop().time()):
            self._unheard += 1
            return
        if self._unheard:
            log.info("host of %s: %d lines left out", self.spec.app_id, self._unheard)
            self._unheard = 0
        shown = "".join(c if c.isprintable() else " " for c in line[:LINE])
        log.info("host of %s: %s", self.spec.app_id, shown)

    def _host_state(self, message: wire.State) -> None:
        self.state = STATES[message.state]
        self._progress = message.info

    def _frame(self, frame: wire.Frame) -> None:
        if not self._link.fits(frame):
            raise wire.WireError("bad-value", "A frame does not lie within its slot.")
        if self.state == "starting":
            self._host_state(wire.State(1, {}))
            self._tell(wire.State(1, {}))
        if (frame.width, frame.height) != self._size:
            self._size = (frame.width, frame.height)
            configured = wire.Configured(frame.width, frame.height, self.display.dpi, 0)
            self._last[configured.TYPE] = wire.encode(configured)
            self._tell(configured)
        self._painter.offer(frame)

    async def _call(self, call: wire.Call) -> None:
        process = self._process
        self._calls += 1
        try:
            if self._calls > CALLS_AT_ONCE:
                raise PileusError("busy", "The app asks for too much at once.")
            if not isinstance(process, AnswersCalls):
                raise PileusError("no-system", "This engine has no system process.")
            reply = wire.Reply(call.call_id, 0, await process.call(call.service, call.code, call.parcel))
        except PileusError as error:
            reply = wire.Reply(call.call_id, 1, error.code.encode())
        finally:
            self._calls -= 1
        if not call.one_way:
            self._link.send(wire.encode(reply))

    def _adopt(self, hello: Mapping[str, Any]) -> tuple[int, int]:
        """Tells the host what the new device looks like, where it differs."""
        sides = [hello.get(name) for name in ("width", "height", "dpi")]
        if all(isinstance(side, int) and 0 < side <= 0xFFFF for side in sides):
            width, height, dpi = (side for side in sides if isinstance(side, int))
            if (*self._link.clamp(width, height), dpi) != (
                self.display.width,
                self.display.height,
                self.display.dpi,
            ):
                self._resize(wire.Resize(width, height, dpi, 0))
        taste = {
            name: hello[name]
            for name in ("locale", "theme", "time_zone")
            if isinstance(hello.get(name), str) and hello[name] != getattr(self.display, name)
        }
        if taste:
            self.display = replace(self.display, **taste)
            self._link.send(wire.encode(wire.Config(taste)))
        return self.display.width, self.display.height

    def _resize(self, wanted: wire.Resize) -> None:
        width, height = self._link.clamp(wanted.width, wanted.height)
        dpi = max(60, min(960, wanted.dpi))
        self.display = replace(self.display, width=width, height=height, dpi=dpi)
        self._link.send(wire.encode(wire.Resize(width, height, dpi, wanted.rotation)))

    def _show(self, viewer: Viewer, visible: bool) -> None:
        viewer.visible = visible
        if visible:
            self._link.send(wire.encode(wire.Refresh()))
            self._painter.refresh()

    def _release(self, slot: int) -> None:
        self._link.send(wire.encode(wire.Release(slot)))

    def _tell(self, message: wire.Message) -> None:
        if self.viewer is not None:
            self.viewer.send(message)

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
