"""One running app of one account, and the device that looks at it at the moment.

A session outlives connections. One that nobody looks at can be frozen: its app's state is kept, its processes end,
and it starts again, as it was, for the next device. It ends when its host ends otherwise, or when it is closed;
`on_end` is called once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from pileus.core.errors import PileusError
from pileus.core.pace import Bucket
from pileus.surfaces import freezing, refusals, wire
from pileus.surfaces.engine import AppSpec, Display, Engine, Exit
from pileus.surfaces.fitting import Fitted, adopted, resized
from pileus.surfaces.freezing import Unseen
from pileus.surfaces.frozen import About, FrozenShelf, Picture
from pileus.surfaces.life import FREEZE, Life
from pileus.surfaces.link import clamp, slot_bytes
from pileus.surfaces.speech import Calls, HostLog
from pileus.surfaces.texts import sentence
from pileus.surfaces.viewer import Viewer

STATES = ("starting", "running", "paused", "finished", "crashed")
"""As the wire numbers them. One that is paused has no process, or a new one that has drawn nothing yet."""
SILENCE = 120.0
"""Seconds in which a started host has to show its first frame."""
FAREWELL = 3.0
"""Seconds that a host has to finish when it is told to."""
FREEZE_WITHIN = 10.0
"""Seconds that a host has to keep its state; one that takes longer goes on."""
LAID_DOWN_WITHIN = 5.0
"""Seconds that it has while the server stops: with `FAREWELL` less than the supervisor has (`cloud.children`)."""
NEEDED_OFFER = {
    wire.AudioIn.TYPE: "audio",
    wire.Sensor.TYPE: "sensors",
    wire.A11yAction.TYPE: "a11y",
}
PASSED_ON = frozenset({0x45, 0x46, 0x47, 0x48, 0x4B, 0x4C, 0x4D, 0x4F})
INPUT = frozenset({wire.Touch.TYPE, wire.Key.TYPE, wire.TextInput.TYPE, wire.Nav.TYPE, wire.Scroll.TYPE})
KEPT = frozenset({0x48, 0x4B, 0x4C})

log = logging.getLogger("pileus.surfaces.session")


class Session:
    """Made by the supervisor; all methods run in its loop."""

    def __init__(self, session_id: str, spec: AppSpec, display: Display, folder: Path, shelf: FrozenShelf) -> None:
        self.id = session_id
        self.spec = spec
        self.state = "starting"
        self.viewer: Viewer | None = None
        self.ending: wire.State | None = None
        self.on_end: Callable[[Session], None] = lambda _session: None
        width, height = clamp(display.width, display.height, slot_bytes(display.width, display.height))
        self.display = replace(display, width=width, height=height)
        self._folder = folder
        self._shelf = shelf
        self._engine: Callable[[], Engine] | None = None
        self._life: Life | None = None
        self._numbers = count(1)
        self._progress: Mapping[str, Any] = {}
        self._last: dict[int, bytes] = {}
        self._size = (0, 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._shown_out = False
        """The last that it had shown was another app in its place; that it has finished follows."""
        self._lines, self._notices, self._calls = HostLog(spec.app_id), Bucket(5, 50), Calls()
        self._unseen_since: float | None = asyncio.get_running_loop().time()
        self._not_before = 0.0
        self._kept: Picture | None = None
        self._freezing: asyncio.Event | None = None
        self._anew = False
        """It was started again without what it had kept, since it fell over that."""

    @property
    def host_pid(self) -> int | None:
        return self._life.process.pid if self._life and self._life.process else None

    @property
    def encoder_pid(self) -> int | None:
        return self._life.painter.encoder_pid if self._life else None

    @property
    def _locale(self) -> str:
        """Of whoever looks, or looked when it was opened."""
        return self.viewer.locale if self.viewer else self.display.locale

    @property
    def frozen(self) -> bool:
        """Whether it has no process and comes back when a device looks."""
        return self.state == "paused" and self._life is None

    @property
    def closing(self) -> bool:
        """It was told to end, says that or why it ends, and something of it is there still; see `over`."""
        going = self._closing is not None or self.ending is not None or self._left
        return going and not self._ended.is_set()

    @property
    def _left(self) -> bool:
        """The app has nothing left to show; its host has not ended yet."""
        return (self._shown_out or self.state in ("finished", "crashed")) and self.ending is None

    async def over(self) -> None:
        """Returns when everything of it is gone; a host that lingers has as long as one that is told to end."""
        if self._left:
            await self.close()
        await self._ended.wait()

    @property
    def unseen(self) -> Unseen | None:
        """Since when nobody has looked, where it may be frozen for that."""
        if self._unseen_since is None or self.state != "running" or self._closing is not None:
            return None
        if self._life is None or FREEZE not in self._life.offers:
            return None
        return Unseen(self.id, self._unseen_since, self._not_before)

    def start(self, engine: Callable[[], Engine]) -> None:
        """Starts host and encoder in the background; what goes wrong is told to who looks."""
        self._engine = engine
        self._begin(engine, restore=False)

    def lie(self, engine: Callable[[], Engine], about: About) -> None:
        """Takes up what an earlier supervisor froze: it starts when a device looks."""
        self._engine, self.state = engine, "paused"
        if about.title:
            self._last[wire.Title.TYPE] = wire.encode(wire.Title(about.title, about.colour))

    def attach(self, viewer: Viewer) -> None:
        """A device takes the session; the one before it is told where it went."""
        if self.viewer is not None:
            self.viewer.leave(0, "taken-over", device=viewer.grant.device_name)
        self.viewer = viewer
        self._fit(adopted(self.display, viewer.hello, self._clamp))
        offers = self._life.offers - {FREEZE} if self._life else frozenset()
        info = {
            "session": self.id,
            "codec": viewer.codec,
            "width": self.display.width,
            "height": self.display.height,
            "offers": sorted({"touch", "keys", "text", "clipboard", "resize", "image"} | offers),
            "window": viewer.window.size,
            "label": self.spec.label,
        }
        viewer.send(wire.Welcome(wire.VERSION, info))
        viewer.send(wire.State(STATES.index(self.state), dict(self._progress)))
        for data in self._last.values():
            viewer.send(data)
        if self._life is None:
            self._show_kept(viewer)
        else:
            self._to_host(wire.Visibility(int(viewer.visible)))
            self._to_host(wire.Refresh())
            self._life.painter.attach(viewer)
        self._look()

    def detach(self, viewer: Viewer) -> None:
        """A device's connection is over; the app goes on unseen."""
        if self.viewer is viewer:
            self.viewer = None
            if self._life is not None:
                self._life.painter.attach(None)
            self._to_host(wire.Visibility(0))
            self._look()

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
            if self._life is not None:
                self._life.painter.pump()
        elif isinstance(message, wire.Ping):
            viewer.send(wire.Pong(message.nonce))
        elif needed is not None and (self._life is None or needed not in self._life.offers):
            viewer.send(wire.NotOffered(message.TYPE))
        elif isinstance(message, wire.Resize):
            self._fit(resized(self.display, message, self._clamp))
        elif message.TYPE in INPUT:
            if self._life is not None:
                self._life.give(data)
        else:
            self._to_host(data)
            if isinstance(message, wire.Visibility):
                self._show(viewer, bool(message.visible))
            elif isinstance(message, wire.Refresh) and self._life is not None:
                self._life.painter.refresh()

    def watch(self) -> None:
        """Called every second: lets go of a device that confirms nothing any more, tells if the app is late."""
        if self.ending is None and self._life is not None and self._life.late():
            locale = self.viewer.locale if self.viewer else self.display.locale
            text = sentence("app-not-responding", locale, label=self.spec.label)
            self._progress = {"code": "app-not-responding", "message": text}
            self._tell(wire.State(STATES.index(self.state), dict(self._progress)))
        if self.viewer is not None and self.viewer.window.stalled(asyncio.get_running_loop().time()):
            self.viewer.leave(4, "too-slow")
            self.detach(self.viewer)

    async def freeze(self, *, stopping: bool = False) -> bool:
        """Keeps the app's state and its picture and ends its processes; False where it goes on: somebody looks,
        its process is needed for something else (which counts no more where the server is `stopping`), or it does
        not answer."""
        life = self._life
        if life is None or life.process is None or self.unseen is None or self._freezing is not None:
            return self.frozen
        self._freezing = over = asyncio.Event()
        self._not_before = asyncio.get_running_loop().time() + freezing.AGAIN
        try:
            if not (stopping or await life.process.may_freeze()):
                return False
            self._kept = await life.keep()
            if self._unseen_since is not None:
                life.asked = True
                life.send(wire.Stop(1))
                await self._parted(life, over)
        finally:
            self._freezing = self._kept = None
            over.set()
        return self.frozen

    async def lay_down(self) -> None:
        """The server stops: the app is frozen where it can be, to come back as it was; else it is ended. One that
        is being frozen already is not disturbed."""
        if self.viewer is not None:
            self.viewer.leave(2, "server-stopping")
            self.detach(self.viewer)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAID_DOWN_WITHIN):
                while self._freezing is not None:
                    await self._freezing.wait()
                    await asyncio.sleep(0)  # the freeze itself goes on after whoever waited first
                if self.frozen or await self.freeze(stopping=True):
                    return
        await self.close(2, "server-stopping")

    async def close(self, reason: int = 1, code: str = "app-closed") -> None:
        """Asks the host to finish, ends it, and returns when everything is gone."""
        if self._closing is None:
            self._closing = (reason, code)
            self._to_host(wire.Stop(0))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL if self._life and self._life.connected else 0):
                    await self._ended.wait()
            await self._end("finished", code, reason=reason)
        await self._ended.wait()

    def host_began(self) -> None:
        if self.viewer is not None:
            self._to_host(wire.Visibility(int(self.viewer.visible)))

    def host_said(self, message: wire.Message, data: bytes) -> None:
        """Of the host of the life that it has now. Raises `WireError`."""
        if isinstance(message, wire.Frame):
            self._frame(message)
        elif self._is_ignored(message):
            return
        elif self._keeps_nothing(message):
            self._goes_on()
        elif message.TYPE in PASSED_ON:
            if isinstance(message, wire.State):
                if STATES[message.state] == "crashed":
                    self._host_fell()
                    return
                self._host_state(message)
            elif isinstance(message, wire.Show):
                self._shown_out = (
                    message.info.get("over") is True and message.info.get("leave") == self.spec.app_id
                )
            elif message.TYPE in KEPT:
                self._last[message.TYPE] = data
            if isinstance(message, wire.Configured):
                self._size = (message.width, message.height)
            if self.viewer is not None:
                self.viewer.send(data)
        elif isinstance(message, wire.Call):
            self._spawn(self._call(message))
        elif isinstance(message, wire.Log):
            self._lines.hear(message.line)
        else:
            raise wire.WireError("unexpected", f"A host does not send type 0x{message.TYPE:02x}.")

    def host_answers_again(self) -> None:
        self._progress = {}
        self._tell(wire.State(STATES.index(self.state), {}))

    def encoder_gave_up(self) -> None:
        self._spawn(self._end("crashed", "encoder-failed", label=self.spec.label))

    def host_broke(self) -> None:
        self._spawn(self._end("crashed", "app-crashed", label=self.spec.label))

    def _begin(self, engine: Callable[[], Engine], *, restore: bool) -> None:
        self._life = life = Life(self.spec, self._folder, self._numbers, self, restore=restore)
        life.painter.attach(self.viewer)
        self._spawn(self._run(life, engine))

    async def _run(self, life: Life, engine: Callable[[], Engine]) -> None:
        silence = asyncio.get_running_loop().call_later(SILENCE, self._silent, life)
        try:
            exit = await life.run(engine)
        except PileusError as error:
            log.warning("session %s: %s does not start: %s", self.id, self.spec.app_id, error)
            await self._end("crashed", error.code, refusals.sentence(error, self._locale, self.spec.label))
            return
        except Exception:
            log.exception("session %s: the engine could not start %s", self.id, self.spec.app_id)
            await self._end("crashed", "app-not-started", label=self.spec.label)
            return
        finally:
            silence.cancel()
        if self._closing is None and life.asked and self.state == "paused":
            await self._rest(life)
        elif self._fell_over_kept(life, exit):
            await self._start_anew(life, engine)
        else:
            await self._host_ended(exit)

    def _fell_over_kept(self, life: Life, exit: Exit) -> bool:
        """Whether it fell, before it had drawn anything, over what an earlier life had kept."""
        fell = exit.status > 0 and not exit.code and not life.drawn and (life.restore or exit.dropped)
        return fell and not self._anew and self._closing is None and self.ending is None

    async def _start_anew(self, life: Life, engine: Callable[[], Engine]) -> None:
        log.warning("session %s: %s fell over what it had kept, and starts without it", self.id, self.spec.app_id)
        await life.stop()
        self._shelf.forget(self.id)
        if self.ending is not None or self._closing is not None:
            return
        self._anew, self.state, self._size = True, "starting", (0, 0)
        text = sentence("state-dropped", self._locale, label=self.spec.label)
        self._progress = {"code": "state-dropped", "message": text}
        self._tell(wire.State(STATES.index(self.state), dict(self._progress)))
        self._begin(engine, restore=False)

    async def _host_ended(self, exit: Exit) -> None:
        if self._closing is not None:
            reason, code = self._closing
            await self._end("finished", code, reason=reason)
        elif self.state == "finished" or (exit.status == 0 and self.state == "running"):
            await self._end("finished", "session-ended")
        else:
            code = exit.code or ("app-killed" if exit.status == -9 else "app-crashed")
            await self._end("crashed", code, exit.message, details=exit.details, label=self.spec.label)

    async def _parted(self, life: Life, over: asyncio.Event) -> None:
        """Waits for a host that keeps its state; one that has done so and stays is ended."""
        try:
            async with asyncio.timeout(FREEZE_WITHIN):
                await over.wait()
        except TimeoutError:
            log.warning("session %s: the host did not keep its state in time", self.id)
            if self.state == "paused" and life.process is not None:
                await life.process.kill()
                await over.wait()

    async def _rest(self, life: Life) -> None:
        """The host has kept the app's state and ended: from now on nothing of it is in memory."""
        await life.stop()
        about = About(session=self.id, spec=self.spec, display=self.display)
        title = wire.decode(self._last[wire.Title.TYPE]) if wire.Title.TYPE in self._last else None
        if isinstance(title, wire.Title):
            about = about.called(title.title, title.colour)
        try:
            await asyncio.to_thread(self._shelf.keep, about, self._kept)
        except OSError as error:
            log.warning("session %s: its last picture is not kept: %s", self.id, error)
        if self.ending is not None:  # closed meanwhile
            self._shelf.forget(self.id)
            return
        self._life, self._size = None, (0, 0)
        self._last.pop(wire.Ime.TYPE, None)
        if self.viewer is not None and self.viewer.visible:
            self._show_kept(self.viewer)
        if self._freezing is not None:
            self._freezing.set()
        self._look()

    def _look(self) -> None:
        """Somebody looks now, or nobody does any more."""
        if self.viewer is None or not self.viewer.visible:
            if self._unseen_since is None:
                self._unseen_since = asyncio.get_running_loop().time()
            return
        self._unseen_since = None
        if self.frozen and self._engine is not None:
            self._begin(self._engine, restore=True)

    def _show_kept(self, viewer: Viewer) -> None:
        """What the app looked like, until it draws itself."""
        picture = self._shelf.picture(self.id) if viewer.pictures else None
        if picture is not None:
            size = (picture.width, picture.height)
            form = 1 if picture.kind == "png" else 0
            image = wire.Image(next(self._numbers), 0, 0, form, 0, 0, *size, *size, picture.data)
            viewer.send_media(wire.encode(image))

    def _silent(self, life: Life) -> None:
        if not life.drawn and self.state != "running":
            self._spawn(self._end("crashed", "app-silent", label=self.spec.label))

    async def _end(
        self, state: str, code: str, message: str = "", reason: int = 1, details: str = "", **values: str
    ) -> None:
        if self.ending is not None:
            return
        text = message or sentence(code, self._locale, **values)
        self.state = state
        info = {"code": code, "message": text, **({"details": details} if details else {})}
        self.ending = wire.State(STATES.index(state), info)
        if self.viewer is not None:
            self.viewer.send(self.ending)
            self.viewer.leave(reason, code, text)
            self.viewer = None
        self.on_end(self)
        self._shelf.forget(self.id)
        if self._life is not None:
            await self._life.stop()
        self._ended.set()
        if self._freezing is not None:
            self._freezing.set()

    def _is_ignored(self, message: wire.Message) -> bool:
        """A notice too many; or that the state is kept, from a host that nobody asked."""
        if isinstance(message, wire.Notify):
            return not self._notices.take(1, asyncio.get_running_loop().time())
        asked = self._life is not None and self._life.asked
        return isinstance(message, wire.State) and STATES[message.state] == "paused" and not asked

    def _keeps_nothing(self, message: wire.Message) -> bool:
        """Told to keep the app's state, the host could not, and goes on."""
        asked = self._freezing is not None and self._life is not None and self._life.asked
        return asked and isinstance(message, wire.State) and message.info.get("code") == "not-kept"

    def _goes_on(self) -> None:
        log.warning("session %s: its app's state could not be kept", self.id)
        if self._life is not None:
            self._life.asked = False
        if self._freezing is not None:
            self._freezing.set()

    def _host_fell(self) -> None:
        """Told when its process has ended: with why, or it is started once more."""
        self.state = "crashed"
        if self._life is not None:
            self._life.let_end()

    def _host_state(self, message: wire.State) -> None:
        self.state = STATES[message.state]
        self._progress = message.info

    def _frame(self, frame: wire.Frame) -> None:
        life = self._life
        if life is None:
            return
        first = not life.drawn
        life.show(frame)
        if first:
            self._drawn(life)
        if (frame.width, frame.height) != self._size:
            self._size = (frame.width, frame.height)
            configured = wire.Configured(frame.width, frame.height, self.display.dpi, 0)
            self._last[configured.TYPE] = wire.encode(configured)
            self._tell(configured)

    def _drawn(self, life: Life) -> None:
        """The app is there. What it kept is no longer what it will come back as."""
        if self.state != "running":
            self._host_state(wire.State(1, {}))
            self._tell(wire.State(1, {}))
        if life.restore:
            self._shelf.forget(self.id)

    async def _call(self, call: wire.Call) -> None:
        life = self._life
        reply = await self._calls.answer(call, life.process if life else None)
        if not call.one_way:
            self._to_host(reply)

    def _fit(self, fitted: Fitted) -> None:
        self.display, told = fitted
        for message in told:
            self._to_host(message)

    def _clamp(self, width: int, height: int) -> tuple[int, int]:
        if self._life is not None:
            return self._life.clamp(width, height)
        return clamp(width, height, slot_bytes(width, height))

    def _show(self, viewer: Viewer, visible: bool) -> None:
        viewer.visible = visible
        if visible and self._life is not None:
            self._to_host(wire.Refresh())
            self._life.painter.refresh()
        self._look()

    def _to_host(self, message: wire.Message | bytes) -> None:
        if self._life is not None:
            self._life.send(message)

    def _tell(self, message: wire.Message) -> None:
        if self.viewer is not None:
            self.viewer.send(message)

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
