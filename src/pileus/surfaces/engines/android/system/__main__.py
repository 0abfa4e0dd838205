"""`python -m pileus.surfaces.engines.android.system FD`: one account's system process.

FD is the socket to the engine, whose first message names the account's folder. It ends when the engine closes
the socket.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pileus.surfaces.engines.android.system import (
    activities,
    alarms,
    control,
    jobs,
    notices,
    packages,
    shell,
    wire,
)
from pileus.surfaces.engines.android.system.activities import Choice, Result, Start
from pileus.surfaces.engines.android.system.alarms import Alarm
from pileus.surfaces.engines.android.system.channel import Channel
from pileus.surfaces.engines.android.system.control import ToEngine, ToSystem
from pileus.surfaces.engines.android.system.jobs import Job
from pileus.surfaces.engines.android.system.manifest import BadRecord
from pileus.surfaces.engines.android.system.packages import Installed
from pileus.surfaces.engines.android.system.parcels import Refused
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Peer
from pileus.surfaces.engines.android.system.server import System
from pileus.surfaces.engines.android.system.state import State
from pileus.surfaces.engines.android.system.wire import Hello, Message, WireError

MOST_MEMORY = 1 << 30
MOST_FILE = 64 << 20
"""Bytes of the process, and of each file that it writes."""
LOOK_AGAIN = 86_400.0
"""Seconds after which the clock is looked at again: it may have been set."""

log = logging.getLogger("pileus.android.system")


class Runner:
    """The effects around `System`: sockets, timers, the engine."""

    def __init__(self, writer: asyncio.StreamWriter, folder: Path) -> None:
        self._writer = writer
        self._state = State(folder)
        self._loop = asyncio.get_running_loop()
        self._channels: dict[Peer, Channel] = {}
        self._listeners: dict[int, socket.socket] = {}
        self._known: dict[str, Installed] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._planned: control.Next | None = None
        self.system = System(self, self._state.uids)

    def take(self, message: ToSystem) -> None:
        """One of the engine's. What goes wrong with it ends nothing else, and leaves nobody waiting."""
        done = self.system.attempt(f"the engine's {type(message).__name__}", partial(self._take, message))
        if not done and isinstance(message, control.Act | control.Ask):
            self.say(control.Answer(message.number, ""))
        self.flush()

    def _take(self, message: ToSystem) -> None:
        match message:
            case control.Packages(installed):
                self._install(installed)
            case control.Attach(number, package, path, screen):
                try:
                    self._listen(self.system.attach(number, package, screen), path)
                except (Refused, OSError) as error:
                    self._end(number)
                    self.say(control.Deaf(number, str(error)))
                else:
                    self.say(control.Listening(number))
            case control.Ended(number):
                self._end(number)
            case control.Failed(package, why):
                log.warning("no process for %s: %s", package, why)
                self.system.failed(package)
            case control.Act(number, key, action):
                self.say(control.Answer(number, self._app(self.system.notices.act(key, action))))
            case control.Dismissed(key):
                self.system.notices.dismiss(key)
            case control.Chosen(number, component):
                self.system.activities.chosen(number, component)
            case control.Clip(text):
                self.system.clipboard.set_text(text)
            case control.Wake():
                self.system.tick()
            case control.Screen(number, screen, shown):
                process = self.system.processes.get(number)
                if process is not None:
                    self.system.screen(process, screen, shown)
            case control.Ask(number, what):
                self.say(control.Answer(number, shell.answer(self.system, what)))
            case control.Begin():
                log.warning("begun twice")

    def say(self, message: ToEngine) -> None:
        self._writer.write(control.encode(message))

    def flush(self) -> None:
        """Sends what the rules have decided on, and sets the clock for what is due next."""
        self._plan()
        out = self.system.router.out
        while out:
            peer, message, fds = out.popleft()
            channel = self._channels.get(peer)
            if channel is not None:
                channel.send(message, fds)
            else:
                for fd in fds:
                    os.close(fd)
        while self.system.router.cut:
            channel = self._channels.get(self.system.router.cut.popleft())
            if channel is not None:
                channel.close("more handles than a process may hold")

    # What `Outside` asks for.

    def start(self, package: str) -> None:
        self.say(control.Start(package))

    def kill(self, process: Process) -> None:
        self.say(control.Kill(process.number))

    def open(
        self, near: Process | None, package: str | None, leave: str | None = None, over: bool = False
    ) -> None:
        self.say(control.Open(near.number if near else 0, self._app(package), self._app(leave), over))

    def browse(self, near: Process, url: str) -> None:
        self.say(control.Browse(near.number, url))

    def choose(self, near: Process, number: int, title: str, choices: list[Choice]) -> None:
        self.say(control.Choose(near.number, number, title, tuple(choices)))

    def notify(self, content: dict[str, object]) -> None:
        self.say(control.Notify(content))

    def clip(self, text: str) -> None:
        self.say(control.Clip(text))

    def keep(self, name: str, value: object) -> None:
        self._state.save(name, value)

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        def run() -> None:
            self.system.attempt("what was put off", work)
            self.flush()

        self._loop.call_later(seconds, run)

    def clock(self) -> float:
        return self._loop.time()

    def _app(self, package: str | None) -> str:
        """The app that a package is on the phone."""
        found = self.system.packages.get(package) if package else None
        return found.app if found else ""

    def _plan(self) -> None:
        idle = not self.system.processes and not self.system.starting
        told = control.Next(self.system.next_ms, idle)
        if told == self._planned:
            return
        self._planned = told
        self.say(told)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if told.at_ms:
            delay = max(0.0, (told.at_ms - self.now_ms()) / 1000)
            self._timer = self._loop.call_later(min(delay, LOOK_AGAIN), self._due)

    def _due(self) -> None:
        self._timer, self._planned = None, None
        self.system.attempt("what is due", self.system.tick)
        self.flush()

    def _install(self, installed: tuple[Installed, ...]) -> None:
        now = {item.package: item for item in installed}
        for name in [name for name in self._known if name not in now]:
            self.system.forget(name)
        for name, item in now.items():
            known = self._known.get(name)
            if known != item:
                if known is not None and known.folder != item.folder:
                    self.system.services.forget(name)
                try:
                    self.system.packages.put(packages.load(item))
                except (BadRecord, OSError) as error:
                    log.warning("what %s offers is not known: %s", name, error)
                except Exception:  # the others of the account have to run
                    log.exception("%s cannot be read", name)
        first, changed, self._known = not self._known, now != self._known, now
        if changed and not first:
            self.system.packages_changed()
        self._state.save_uids()
        if first:
            self.system.alarms.load(self._state.load(alarms.FILE, list[Alarm]) or [])
            self.system.jobs.load(self._state.load(jobs.FILE, list[Job]) or [])
            self.system.activities.load(
                self._state.load(activities.FILE, list[Start]) or [],
                self._state.load(activities.RESULTS, list[Result]) or [],
            )
            self.system.notices.load(self._state.load(notices.FILE, list[notices.Stored]) or [])
            self.system.tick()

    def _listen(self, process: Process, path: str) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(1)
        listener.setblocking(False)
        self._listeners[process.number] = listener
        self._loop.add_reader(listener, lambda: self._accept(process, listener))

    def _accept(self, process: Process, listener: socket.socket) -> None:
        """One connection and no more: whoever comes through this socket is this process."""
        self._loop.remove_reader(listener)
        self._listeners.pop(process.number, None)
        try:
            end, _ = listener.accept()
        except OSError:
            return
        finally:
            listener.close()
        if process.ended:
            end.close()
            return
        peer = self.system.connected(process)

        def take(message: Message, fds: tuple[int, ...]) -> None:
            self._message(peer, message, fds)

        def gone(why: str) -> None:
            self._channels.pop(peer, None)
            log.info("%s (%s): %s", process.package, process.number, why)
            self.system.ended(process)
            self.flush()

        self._channels[peer] = Channel(end, take, gone)

    def _message(self, peer: Peer, message: Message, fds: tuple[int, ...]) -> None:
        if isinstance(message, Hello):
            if message.version != wire.VERSION:
                raise WireError(f"version {message.version} of the link")
            self._channels[peer].send(Hello(wire.VERSION, peer.uid, peer.pid, peer.package))
            return
        self.system.router.receive(peer, message, fds)
        self.flush()

    def _end(self, number: int) -> None:
        listener = self._listeners.pop(number, None)
        if listener is not None:
            self._loop.remove_reader(listener)
            listener.close()
        process = self.system.processes.get(number)
        if process is not None:
            channel = self._channels.pop(process.peer, None) if process.peer else None
            if channel is not None:
                channel.close("the process ended")
            self.system.ended(process)


async def serve(fd: int) -> None:
    """Until the engine closes its end."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd), limit=1 << 24)
    first = await reader.readline()
    if not first:
        return
    begin = control.to_system(first)
    if not isinstance(begin, control.Begin):
        raise WireError("the first message has to be Begin")
    runner = Runner(writer, Path(begin.folder))
    while line := await reader.readline():
        runner.take(control.to_system(line))


def main(arguments: list[str]) -> int:
    fd, level = arguments
    logging.basicConfig(level=level, format="%(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for limit, most in ((resource.RLIMIT_DATA, MOST_MEMORY), (resource.RLIMIT_FSIZE, MOST_FILE)):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    asyncio.run(serve(int(fd)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
