"""What runs: the accounts whose systems are up, and the hosts that are their apps' processes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from pileus.core.errors import PileusError, Unavailable
from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec
from pileus.surfaces.engines.android.accounts import FOLDER, Account, SystemProcess, read_packages
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.engines.android.packages import keep_manifest
from pileus.surfaces.engines.android.system import control
from pileus.surfaces.engines.android.system.control import ToEngine
from pileus.surfaces.engines.android.system.state import next_due

log = logging.getLogger("pileus.surfaces.android")

IDLE = 60.0
"""Seconds without a process after which an account's system ends; its alarms are kept by the engine."""

LOOK_AGAIN = 86_400.0
"""Seconds after which an account whose next alarm lies further away is looked at again."""

AGAIN = 1.0
"""Seconds before a system that has ended by itself is woken for what is due; twice as many each further time."""
LONGEST_AGAIN = 600.0
STEADY = 600.0
"""Seconds after which a system has lived long enough to begin anew with that."""

LAST_WORDS = 5.0
"""Seconds that a process has to end in, once it is told to."""

Background = Callable[[AppSpec], Awaitable[AndroidHost]]


class Running:
    """One account's processes."""

    def __init__(
        self,
        account_id: str,
        folder: Path,
        system: SystemProcess,
        background: Background,
        rest: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self.account = Account(account_id, folder, system, self._take, lost)
        self._background = background
        self._rest = rest
        self._resting: asyncio.TimerHandle | None = None
        self._hosts: dict[int, AndroidHost] = {}
        self._packages: dict[int, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._finding: dict[str, asyncio.Lock] = {}
        self._starts = 0

    @property
    def needed(self) -> bool:
        """Whether something of it runs, or is about to."""
        return bool(self._hosts) or self._starts > 0

    @contextlib.asynccontextmanager
    async def alone(self, spec: AppSpec) -> AsyncIterator[None]:
        """While an app's process is looked for, and started where there is none, nobody else does so: two of them
        would write to one folder. The system lives meanwhile."""
        package = spec.options.get("package", spec.app_id)
        self._starts += 1
        try:
            async with self._finding.setdefault(package, asyncio.Lock()):
                yield
        finally:
            self._starts -= 1

    async def process_of(self, spec: AppSpec) -> AndroidHost | None:
        """The app's process, where it has one. One that is on its way out is waited for: its folder is not
        another's yet."""
        package = self.account.know(spec)
        for number, host in list(self._hosts.items()):
            if self._packages[number] == package and not host.ended:
                if not host.ending:
                    return host
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS):
                        await host.wait()
                await host.kill()
                self._gone(number)
        return None

    async def adopt(self, host: AndroidHost, spec: AppSpec, screen: bool) -> None:
        """Makes a spare the app's process; raises `Unavailable`."""
        package = self.account.know(spec)
        number = 0
        try:
            number = await self.account.attach(package, host.system_path, screen)
            await host.adopt(spec)
            if not self.account.is_current(spec):
                raise Unavailable("app-changed", f"{spec.label} was removed or updated while it started.")
        except BaseException:
            if number:
                self.account.say(control.Ended(number))
            await host.kill()
            raise
        self._hosts[number], self._packages[number] = host, package
        host.needed = lambda: self._needed(number)
        host.on_visible = lambda visible: self.account.say(control.Screen(number, True, visible))
        host.on_clip = self._clip
        self._spawn(self._watch(number, host))

    def screen(self, host: AndroidHost, shown: bool) -> None:
        """A process has got a session, which somebody looks at until it says otherwise, or has lost it."""
        for number, other in self._hosts.items():
            if other is host:
                self.account.say(control.Screen(number, shown, shown))

    async def end_app(self, app_id: str) -> None:
        """Ends an app's process, whatever needs it; the system hears of it, and of what is installed now."""
        self.account.look(app_id)
        for number, host in list(self._hosts.items()):
            if host.app_id == app_id:
                await host.kill()
                self._gone(number)

    async def close(self) -> None:
        """Ends the account's processes and its system."""
        if self._resting is not None:
            self._resting.cancel()
        for host in list(self._hosts.values()):
            await host.kill()
        for task in list(self._tasks):
            task.cancel()
        await self.account.close()

    async def act(self, key: str, action: int = -1) -> str:
        """The owner pressed a notification, or one of its actions; the app that the phone has to show, if any."""
        return await self.account.act(key, action)

    async def _needed(self, number: int) -> bool:
        """Whether a process is needed for more than its screen."""
        with contextlib.suppress(Unavailable):
            return await self.account.ask(f"rank {number} unseen") not in ("", "cached")
        return False

    def _clip(self, message: bytes) -> None:
        clip = wire.decode(message)
        if isinstance(clip, wire.Clipboard) and clip.mime.startswith("text/"):
            self.account.say(control.Clip(clip.data.decode("utf-8", "replace")))

    def hosts(self) -> list[AndroidHost]:
        return list(self._hosts.values())

    def deliver(self, message: bytes) -> None:
        """To every device that looks at an app of the account."""
        for host in self._hosts.values():
            host.deliver(message)

    def _take(self, message: ToEngine) -> None:
        match message:
            case control.Next(_, idle):
                self._plan(idle)
            case control.Start(package):
                self._spawn(self._start(package))
            case control.Kill(number):
                if number in self._hosts:
                    self._spawn(self._hosts[number].kill())
            case control.Open(near, app, leave, over):
                shown: dict[str, object] = {"app": app, "leave": leave, "over": over}
                self._direct(near, {name: value for name, value in shown.items() if value or name == "app"})
            case control.Browse(near, url):
                self._direct(near, {"link": url})
            case control.Choose(near, number, title, choices):
                choose = {"number": number, "title": title, "choices": msgspec.to_builtins(choices)}
                self._direct(near, {"choose": choose})
            case control.Notify(content):
                self.deliver(wire.encode(wire.Notify(content)))
            case control.Clip(text):
                self.deliver(wire.encode(wire.ClipboardChanged("text/plain", text.encode())))
            case _:
                log.info("the system says %s", type(message).__name__)

    def _direct(self, near: int, info: dict[str, object]) -> None:
        """Tells the device that looks at a process what to show; without such a process, any device that looks."""
        host = self._hosts.get(near) or next(iter(self._hosts.values()), None)
        if host is not None:
            host.deliver(wire.encode(wire.Show({"number": time.time_ns() // 1000, **info})))

    def _plan(self, idle: bool) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if idle:
            self.rest_later()

    def rest_later(self) -> None:
        """It may have nothing to do in a while."""
        self._resting = asyncio.get_running_loop().call_later(IDLE, self._rest)

    async def _start(self, package: str) -> None:
        spec = self.account.spec(package)
        try:
            if spec is None:
                raise LookupError(f"the account has no package {package}")
            await self._background(spec)
        except (PileusError, LookupError, OSError) as error:
            self.account.say(control.Failed(package, str(error)))

    async def _watch(self, number: int, host: AndroidHost) -> None:
        await host.wait()
        self._gone(number)
        await host.kill()

    def _gone(self, number: int) -> None:
        """A process has ended; may be told twice."""
        if self._hosts.pop(number, None) is not None:
            del self._packages[number]
            self.account.say(control.Ended(number))

    def _spawn(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Accounts:
    """Those that run, by account and folder; and those that have to run again at a time."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._all: dict[tuple[str, Path], Running] = {}
        self._timers: dict[tuple[str, Path], asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self._locks: dict[tuple[str, Path], asyncio.Lock] = {}
        self._falls: dict[tuple[str, Path], tuple[int, float]] = {}
        """How often a system has fallen in short order, and when it last began."""

    async def of(self, spec: AppSpec) -> Running:
        """The account of an app, with its system; raises `Unavailable`."""
        return await self.at(spec.account_id, spec.data_dir.parent)

    async def at(self, account_id: str, folder: Path) -> Running:
        """An account by the folder of its apps; raises `Unavailable`."""
        key = account_id, folder
        async with self._alone(key):
            running = self._all.get(key)
            if running is not None and running.account.ended:
                await running.close()
                running = None
            if running is None:
                if (timer := self._timers.pop(key, None)) is not None:
                    timer.cancel()
                await _keep_manifests(folder)
                system = await SystemProcess.launch()
                rest, lost = functools.partial(self._rested, key), functools.partial(self._lost, key)
                running = self._all[key] = Running(*key, system, self._background, rest, lost)
                self._falls[key] = self._falls.get(key, (0, 0.0))[0], time.monotonic()
            return running

    def find(self, account_id: str, folder: Path) -> Running | None:
        """An account whose system runs."""
        running = self._all.get((account_id, folder))
        return running if running is not None and not running.account.ended else None

    async def end_app(self, account_id: str, app_id: str) -> None:
        for key, running in list(self._all.items()):
            if key[0] == account_id:
                await running.end_app(app_id)

    def hosts_of(self, account_id: str, app_id: str) -> list[AndroidHost]:
        """An app's processes."""
        found = (host for key, one in self._all.items() if key[0] == account_id for host in one.hosts())
        return [host for host in found if host.app_id == app_id]

    def plan(self, accounts: Path) -> None:
        """Wakes the systems of accounts whose alarms or jobs are due, when they are."""
        for folder in accounts.iterdir() if accounts.is_dir() else ():
            key = folder.name, folder
            if self.find(*key) is not None or key in self._timers:
                continue
            due = next_due(folder / FOLDER)
            if due is None:
                continue
            delay = min(max(self._patience(key), due / 1000 - time.time()), LOOK_AGAIN)
            self._timers[key] = asyncio.get_running_loop().call_later(delay, self._wake, key)

    async def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for task in list(self._tasks):
            task.cancel()
        for running in self._all.values():
            await running.close()
        self._all.clear()

    def _lost(self, key: tuple[str, Path]) -> None:
        """A system has ended by itself. The apps of its account go on; what is due wakes another."""
        log.warning("the Android system of account %s has ended by itself", key[0])
        falls, began = self._falls.get(key, (0, 0.0))
        self._again(key, 0 if time.monotonic() - began > STEADY else falls)

    def _again(self, key: tuple[str, Path], falls: int) -> None:
        """Plans anew after one more fall than there were."""
        _, began = self._falls.get(key, (0, 0.0))
        self._falls[key] = falls + 1, began
        self.plan(key[1].parent)

    def _patience(self, key: tuple[str, Path]) -> float:
        """Seconds until a system may be woken."""
        falls = self._falls.get(key, (0, 0.0))[0]
        return min(AGAIN * 2 ** min(falls - 1, 20), LONGEST_AGAIN) if falls else 0.0

    def _rested(self, key: tuple[str, Path]) -> None:
        """An account has had nothing to do for a while: its system ends, and is woken for its next alarm."""
        self._spawn(self._rest(key))

    async def _rest(self, key: tuple[str, Path]) -> None:
        async with self._alone(key):  # whoever asks for the account meanwhile gets a new system, once this is over
            running = self._all.get(key)
            if running is None:
                return
            if running.needed:
                running.rest_later()
                return
            del self._all[key]
            await running.close()
            self._falls.pop(key, None)
        self.plan(key[1].parent)

    def _alone(self, key: tuple[str, Path]) -> asyncio.Lock:
        """One account after another waits only for itself."""
        return self._locks.setdefault(key, asyncio.Lock())

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _wake(self, key: tuple[str, Path]) -> None:
        self._timers.pop(key, None)
        due = next_due(key[1] / FOLDER)
        if due is not None and due / 1000 - time.time() > 1.0:
            self.plan(key[1].parent)
        else:
            self._spawn(self._woken(key))

    async def _woken(self, key: tuple[str, Path]) -> None:
        try:
            await self.at(*key)
        except (PileusError, OSError) as error:
            log.warning("the Android system of account %s cannot be woken: %s", key[0], error)
            falls, _ = self._falls.get(key, (0, 0.0))
            self._again(key, falls)


async def _keep_manifests(folder: Path) -> None:
    """Packages that an earlier version of the cloud installed have no record of their manifests yet."""
    for item in read_packages(folder) or ():
        try:
            await keep_manifest(Path(item.folder), item.package)
        except (PileusError, OSError) as error:
            log.warning("what %s offers is not known: %s", item.package, error)
