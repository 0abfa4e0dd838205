"""An account's system process, as the engine sees it: started with its first app, told of all its processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pileus.core import durable
from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec
from pileus.surfaces.engines.android.system import control
from pileus.surfaces.engines.android.system.control import ToEngine, ToSystem
from pileus.surfaces.engines.android.system.packages import Installed

LISTENS_WITHIN = 20.0
FOLDER = ".system"
"""Beside the folders of the account's apps."""
PACKAGES = "packages.json"
NO_ANSWER = "The account's Android system does not answer."
ENDED = "The account's Android system has ended."

log = logging.getLogger("pileus.surfaces.android")


class SystemProcess:
    """The process itself; a spare until `begin`."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader, self._writer = reader, writer
        self._pump: asyncio.Task[None] | None = None
        self._deaf = False

    @classmethod
    async def launch(cls) -> SystemProcess:
        """Starts it; raises `Unavailable`."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        # It says as much as whoever starts it: a command's terminal is not the cloud's log.
        level = logging.getLevelName(log.getEffectiveLevel())
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "pileus.surfaces.engines.android.system", str(theirs.fileno()), level),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        except OSError as error:
            ours.close()
            raise Unavailable(
                "android-system", f"The account's Android system does not start: {error}."
            ) from error
        finally:
            theirs.close()
        return cls(process, *await asyncio.open_unix_connection(sock=ours, limit=1 << 24))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._deaf or self._process.returncode is not None

    def begin(self, folder: Path, take: Callable[[ToEngine], None], gone: Callable[[], None]) -> None:
        self.say(control.Begin(str(folder)))
        self._pump = asyncio.create_task(self._read(take, gone))

    def say(self, message: ToSystem) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._writer.write(control.encode(message))

    async def close(self) -> None:
        """It ends when its engine hangs up."""
        if self._pump is not None:
            self._pump.cancel()
        self._writer.close()
        try:
            async with asyncio.timeout(3):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _read(self, take: Callable[[ToEngine], None], gone: Callable[[], None]) -> None:
        """What it says, until it ends; one that says what nobody can read is ended."""
        try:
            while line := await self._reader.readline():
                try:
                    take(control.to_engine(line))
                except Exception:
                    log.exception("what an account's Android system says could not be taken")
        except ConnectionError:
            pass
        except Exception:
            log.exception("an account's Android system cannot be heard")
        self._deaf = True
        if self._process.returncode is None:
            self._process.kill()
        gone()


class Account:
    """One account: its system, its packages, and the numbers of its processes.

    Packages are those that the account has installed (`listed`), and what is tried without being installed.
    """

    def __init__(
        self,
        account_id: str,
        folder: Path,
        system: SystemProcess,
        take: Callable[[ToEngine], None],
        lost: Callable[[], None],
    ) -> None:
        self.id = account_id
        self.folder = folder
        self._system = system
        self._take = take
        self._lost = lost
        self._listening: dict[int, asyncio.Future[None]] = {}
        self._listed: dict[str, Installed] = {}
        self._tried: dict[str, Installed] = {}
        self._last = 0
        self._asked = 0
        self._answers: dict[int, asyncio.Future[str]] = {}
        system.begin(folder / FOLDER, self._heard, self._gone)
        self._read_packages()

    @property
    def pid(self) -> int:
        return self._system.pid

    @property
    def ended(self) -> bool:
        return self._system.ended

    def say(self, message: ToSystem) -> None:
        self._system.say(message)

    def installed(self, package: str) -> Installed | None:
        self._read_packages()
        return self._listed.get(package) or self._tried.get(package)

    def spec(self, package: str) -> AppSpec | None:
        """What the engine needs to start an app that nobody opened."""
        found = self.installed(package)
        if found is None:
            return None
        options = {"package": package, "activity": found.activity, "target_sdk": str(found.target_sdk)}
        options["internet"] = "1" if found.internet else "0"
        folder = self.folder / found.app
        return AppSpec(self.id, found.app, "android", found.label, Path(found.folder), folder, options)

    def know(self, spec: AppSpec) -> str:
        """Makes sure that the system knows an app that is about to run; its package's name."""
        self._read_packages()
        package = spec.options.get("package", spec.app_id)
        known = self._listed.get(package) or self._tried.get(package)
        entry = Installed(
            package=package,
            app=spec.app_id,
            folder=str(spec.package_dir),
            label=spec.label,
            activity=spec.options.get("activity") or "",
            target_sdk=int(spec.options.get("target_sdk") or 36),
            internet=spec.options.get("internet") == "1",
        )
        if known is None or known.folder != entry.folder or known.app != entry.app:
            self._listed.pop(package, None)
            self._tried[package] = entry
            self._tell_packages()
        return package

    def is_current(self, spec: AppSpec) -> bool:
        """Whether the account still has an app as it is about to run."""
        found = self.installed(spec.options.get("package", spec.app_id))
        return found is not None and found.folder == str(spec.package_dir)

    def look(self, app_id: str) -> None:
        """Tells the system what is installed now, and lets go of an app that was only tried."""
        tried = [name for name, item in self._tried.items() if item.app == app_id]
        for name in tried:
            del self._tried[name]
        if tried:
            self._tell_packages()
        self._read_packages()

    async def attach(self, package: str, path: Path, screen: bool) -> int:
        """The system listens at `path` for a process of a package; its number. Raises `Unavailable`."""
        self._check()
        self._last += 1
        number = self._last
        self._listening[number] = asyncio.get_running_loop().create_future()
        self.say(control.Attach(number, package, str(path), screen))
        try:
            async with asyncio.timeout(LISTENS_WITHIN):
                await self._listening[number]
        except BaseException as error:
            self.say(control.Ended(number))
            if isinstance(error, TimeoutError):
                raise Unavailable("android-system", NO_ANSWER) from None
            raise
        finally:
            self._listening.pop(number, None)
        return number

    async def ask(self, what: str) -> str:
        """The system's answer to an operator's line (`system.shell`). Raises `Unavailable`."""
        return await self._answer(lambda number: control.Ask(number, what))

    async def act(self, key: str, action: int) -> str:
        """Presses a notification (`action` -1) or one of its actions; the app to show, if any. Raises
        `Unavailable`."""
        return await self._answer(lambda number: control.Act(number, key, action))

    async def _answer(self, question: Callable[[int], ToSystem]) -> str:
        self._check()
        self._asked += 1
        number = self._asked
        self._answers[number] = asyncio.get_running_loop().create_future()
        self.say(question(number))
        try:
            async with asyncio.timeout(LISTENS_WITHIN):
                return await self._answers[number]
        except TimeoutError:
            raise Unavailable("android-system", NO_ANSWER) from None
        finally:
            self._answers.pop(number, None)

    async def close(self) -> None:
        await self._system.close()

    def _heard(self, message: ToEngine) -> None:
        if isinstance(message, control.Answer):
            asked = self._answers.get(message.number)
            if asked is not None and not asked.done():
                asked.set_result(message.text)
            return
        if isinstance(message, control.Deaf):
            waiting = self._listening.get(message.process)
            if waiting is not None and not waiting.done():
                waiting.set_exception(Unavailable("android-system", message.why))
        elif isinstance(message, control.Listening):
            waiting = self._listening.get(message.process)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
        else:
            self._take(message)

    def _check(self) -> None:
        if self._system.ended:
            raise Unavailable("android-system", ENDED)

    def _gone(self) -> None:
        waiting: list[asyncio.Future[Any]] = [*self._listening.values(), *self._answers.values()]
        for asked in waiting:
            if not asked.done():
                asked.set_exception(Unavailable("android-system", ENDED))
        self._lost()

    def _read_packages(self) -> None:
        listed = read_packages(self.folder)
        if listed is None:
            return
        now = {item.package: item for item in listed}
        if now != self._listed:
            self._listed = now
            self._tell_packages()

    def _tell_packages(self) -> None:
        self.say(control.Packages(tuple({**self._listed, **self._tried}.values())))


def folder(settings: Settings, account_id: str) -> Path:
    """The folder of an account's apps."""
    return settings.data_dir / "android" / "accounts" / account_id


def read_packages(folder: Path) -> list[Installed] | None:
    """The packages that an account has, as `write_packages` left them."""
    try:
        return msgspec.json.decode((folder / FOLDER / PACKAGES).read_bytes(), type=list[Installed])
    except (OSError, msgspec.DecodeError):
        return None


def write_packages(folder: Path, packages: list[Installed]) -> None:
    """Keeps the list for whoever starts an app next; replaced whole. Blocks."""
    place = folder / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(place / PACKAGES, msgspec.json.encode(packages), 0o644)


def any_installed(accounts: Path) -> bool:
    """Whether an account has an Android app; `accounts` is the folder of theirs. Blocks."""
    return accounts.is_dir() and any(read_packages(folder) for folder in accounts.iterdir())
