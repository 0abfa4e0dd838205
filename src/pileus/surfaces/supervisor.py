"""The session supervisor: `python -m pileus.surfaces.supervisor`, settings from `PILEUS_*`.

Owns the running apps of all accounts. It survives a restart of the web process, and ends its children
at SIGTERM; they end with it when it is killed.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from pileus.core.clock import SystemClock
from pileus.core.errors import NotFound, PileusError
from pileus.core.ids import new_id
from pileus.core.settings import Settings
from pileus.surfaces import freezing, links, memory, wire
from pileus.surfaces.control import ControlDoor
from pileus.surfaces.discovery import EngineShelf
from pileus.surfaces.door import Door
from pileus.surfaces.engine import AppSpec, Begins, Display, EndsApps, HasSystem, HoldsApps, link_root
from pileus.surfaces.frozen import About, FrozenShelf
from pileus.surfaces.session import Session
from pileus.surfaces.tickets import Grant, TicketBook

ENDED_MEMORY = 60.0
"""Seconds for which a session that ended unseen can still say why."""

HELD_MOST = 5.0
"""Seconds for which an app may stand still for the sake of its folder."""

log = logging.getLogger("pileus.surfaces.supervisor")


class Supervisor:
    """The sessions, and the two doors to them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sessions: dict[str, Session] = {}
        self._ending: dict[str, Session] = {}
        """Those that have said why they end, and whose processes are not gone yet."""
        self._endings: dict[str, tuple[str, wire.State]] = {}
        self._tickets = TicketBook(SystemClock())
        self._shelf = EngineShelf(settings)
        self._links = link_root(settings)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._door = Door(
            settings, self._tickets, self._sessions.get, lambda key: self._endings.get(key, (None, None))[1]
        )
        methods: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
            name: getattr(self, f"_do_{name}")
            for name in (
                *(
                    "open",
                    "ticket",
                    "sessions",
                    "freeze",
                    "picture",
                    "close",
                    "close_app",
                    "hold",
                    "release",
                    "sign_out",
                    "let_in",
                    "warm",
                ),
                *("press", "dismiss", "choose", "ask", "ping"),
            )
        }
        self._holds: dict[str, AsyncExitStack] = {}
        """Apps that stand still."""
        self._frozen = FrozenShelf(settings.data_dir / "frozen")
        self._control = ControlDoor(settings.supervisor_socket, methods)

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then ends every session."""
        links.claim(self._links)
        for about in self._frozen.all():
            self._take_up(about)
        await self._door.listen(_tls(self._settings))
        await self._control.listen()
        watch = asyncio.create_task(self._watch())
        for name in self._shelf.beginning:
            self._spawn(self._begin(name))
        log.info("surfaces on port %d", self._settings.surface_port)
        try:
            await stop.wait()
        finally:
            watch.cancel()
            await self._control.close()
            for hold in list(self._holds):
                await self._let_go_on(hold)
            closing = (s.lay_down() for s in list(self._sessions.values()) if not s.frozen)
            await asyncio.gather(*closing, return_exceptions=True)
            await self._door.close()
            await self._shelf.close()
            links.release(self._links)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.watch()

    def watch(self) -> None:
        """Called every second. One session's trouble leaves no other unwatched."""
        for session in list(self._sessions.values()):
            try:
                session.watch()
            except Exception:
                log.exception("session %s could not be looked after", session.id)
        self._freeze_due()

    def _freeze_due(self) -> None:
        unseen = [one for session in self._sessions.values() if (one := session.unseen) is not None]
        if not unseen:
            return
        free = memory.available()
        scarce = free is not None and free < self._settings.memory_reserve_mb << 20
        now = asyncio.get_running_loop().time()
        for key in freezing.due(unseen, now, self._settings.freeze_seconds, scarce):
            self._spawn(self._sessions[key].freeze())

    def _take_up(self, about: About) -> None:
        """A session that an earlier supervisor froze is there again."""
        session = self._session(about.session, about.spec, about.display)
        session.lie(lambda: self._shelf.get(about.spec.engine), about)

    def _session(self, key: str, spec: AppSpec, display: Display) -> Session:
        session = Session(key, spec, display, self._links / key[-12:], self._frozen)
        session.on_end = self._ended
        self._sessions[key] = session
        return session

    async def _do_open(self, spec: dict[str, Any], display: dict[str, Any]) -> dict[str, Any]:
        app = msgspec.convert(spec, AppSpec, strict=True, dec_hook=_path)
        while (closing := self._closing(app)) is not None:
            await closing.over()
        for session in self._sessions.values():
            if (session.spec.account_id, session.spec.app_id) == (app.account_id, app.app_id):
                if session.frozen:
                    session.spec = app  # its package may have been translated anew since
                return _info(session)
        if app.engine not in self._shelf.names:
            raise NotFound("engine-unknown", f"There is no engine called {app.engine!r}.")
        session = self._session(new_id(), app, msgspec.convert(display, Display))
        session.start(lambda: self._shelf.get(app.engine))
        return _info(session)

    def _closing(self, app: AppSpec) -> Session | None:
        """A session of an app that is on its way out: another one would get the process that ends with it."""
        found = (*self._sessions.values(), *self._ending.values())
        same = (one for one in found if (one.spec.account_id, one.spec.app_id) == (app.account_id, app.app_id))
        return next((one for one in same if one.closing), None)

    async def _do_ticket(self, session: str, account: str, device: str, device_name: str) -> dict[str, Any]:
        found = self._sessions.get(session)
        owner = found.spec.account_id if found else self._endings.get(session, ("", None))[0]
        if not owner or owner != account:
            raise NotFound("session-unknown", "This app is not running any more.")
        value, expires = self._tickets.issue(Grant(session, account, device, device_name))
        return {"value": value, "expires": expires}

    async def _do_sessions(self, account: str) -> dict[str, Any]:
        return {"sessions": [_info(s) for s in self._sessions.values() if s.spec.account_id == account]}

    async def _do_freeze(self, session: str, account: str) -> dict[str, Any]:
        return {"frozen": await self._owned(session, account).freeze()}

    async def _do_picture(self, session: str, account: str) -> dict[str, Any]:
        path = self._frozen.picture_path(self._owned(session, account).id)
        if path is None:
            raise NotFound("picture-unknown", "There is no picture of this app.")
        return {"path": str(path)}

    async def _do_close(self, session: str, account: str) -> dict[str, Any]:
        await self._owned(session, account).close()
        return {}

    def _owned(self, session: str, account: str) -> Session:
        found = self._sessions.get(session)
        if found is None or found.spec.account_id != account:
            raise NotFound("session-unknown", "This app is not running any more.")
        return found

    async def _do_close_app(self, account: str, app: str) -> dict[str, Any]:
        for session in list(self._sessions.values()):
            if (session.spec.account_id, session.spec.app_id) == (account, app):
                await session.close()
        for engine in self._shelf.made:
            if isinstance(engine, EndsApps):
                await engine.end_app(account, app)
        return {}

    async def _do_hold(self, engine: str, account: str, app: str, end: bool) -> dict[str, Any]:
        """`end` ends the app's session and processes first. It goes on by itself after `HELD_MOST` seconds."""
        found = self._shelf.get(engine) if engine in self._shelf.names else None
        if not isinstance(found, HoldsApps):
            raise NotFound("engine-holds-nothing", f"Apps of the engine {engine!r} cannot be held.")
        if end:
            await self._do_close_app(account, app)
        key, holding = new_id(), AsyncExitStack()
        await holding.enter_async_context(found.hold(account, app, end))
        self._holds[key] = holding
        asyncio.get_running_loop().call_later(HELD_MOST, lambda: self._spawn(self._let_go_on(key)))
        return {"hold": key}

    async def _do_release(self, hold: str) -> dict[str, Any]:
        return {"held": await self._let_go_on(hold)}

    async def _let_go_on(self, hold: str) -> bool:
        """Whether it was held until now."""
        holding = self._holds.pop(hold, None)
        if holding is not None:
            await holding.aclose()
        return holding is not None

    async def _do_let_in(self, device: str) -> dict[str, Any]:
        self._tickets.let_in(device)
        return {}

    async def _do_sign_out(self, device: str) -> dict[str, Any]:
        self._tickets.sign_out(device)
        for session in self._sessions.values():
            session.sign_out(device)
        return {}

    async def _do_warm(self, engine: str) -> dict[str, Any]:
        self._spawn(self._warm(engine))
        return {}

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _warm(self, engine: str) -> None:
        try:
            await self._shelf.get(engine).warm()
        except Exception as error:
            log.warning("engine %s has no spare: %s", engine, error)

    async def _do_press(self, engine: str, account: str, folder: str, key: str, action: int) -> dict[str, Any]:
        app = await self._system(engine).press(account, Path(folder), key, action)
        return {"app": app or None}

    async def _do_dismiss(self, engine: str, account: str, folder: str, key: str) -> dict[str, Any]:
        await self._system(engine).dismiss(account, Path(folder), key)
        return {}

    async def _do_choose(
        self, engine: str, account: str, folder: str, number: int, component: str | None
    ) -> dict[str, Any]:
        await self._system(engine).choose(account, Path(folder), number, component)
        return {}

    async def _do_ask(self, engine: str, account: str, folder: str, what: str) -> dict[str, Any]:
        return {"text": await self._system(engine).ask(account, Path(folder), what)}

    def _system(self, engine: str) -> HasSystem:
        found = self._shelf.get(engine) if engine in self._shelf.names else None
        if not isinstance(found, HasSystem):
            raise NotFound("no-system", f"The engine {engine!r} has no system.")
        return found

    async def _begin(self, name: str) -> None:
        try:
            engine = self._shelf.get(name)
            if isinstance(engine, Begins):
                await engine.begin()
        except Exception:
            log.exception("engine %s does not begin", name)

    async def _do_ping(self) -> dict[str, Any]:
        sessions = [
            {
                "session": s.id,
                "app": s.spec.app_id,
                "state": s.state,
                "host": s.host_pid,
                "encoder": s.encoder_pid,
            }
            for s in self._sessions.values()
        ]
        return {"version": 1, "pid": os.getpid(), "engines": self._shelf.names, "sessions": sessions}

    def _ended(self, session: Session) -> None:
        self._sessions.pop(session.id, None)
        self._ending[session.id] = session
        self._spawn(self._let_go(session))
        if session.ending is None:
            return
        self._endings[session.id] = (session.spec.account_id, session.ending)
        asyncio.get_running_loop().call_later(ENDED_MEMORY, self._endings.pop, session.id, None)

    async def _let_go(self, session: Session) -> None:
        await session.over()
        del self._ending[session.id]


def main() -> int:
    """Runs until SIGTERM or SIGINT; 1 with a sentence when it cannot start."""
    settings = Settings.from_env()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    settings.make_dirs()
    lock = open(settings.runtime_dir / "supervisor.lock", "w")  # noqa: SIM115 - held until the process ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"A supervisor runs already for {settings.runtime_dir}.", file=sys.stderr)
        return 1
    try:
        uvloop.run(_serve(settings))
    except (OSError, PileusError) as error:
        print(f"The supervisor cannot start: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Supervisor(settings).run(stop)


def _info(session: Session) -> dict[str, Any]:
    grant = session.viewer.grant if session.viewer else None
    return {
        "session_id": session.id,
        "app_id": session.spec.app_id,
        # On its way to being frozen it runs for others: only then is its last picture there.
        "state": "running" if session.state == "paused" and not session.frozen else session.state,
        "label": session.spec.label,
        "device_id": grant.device_id if grant else None,
        "device_name": grant.device_name if grant else None,
    }


def _path(kind: type, value: Any) -> Any:
    return kind(value)


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """The certificate that the web process made, in the form `port`."""
    if not settings.tls:
        return None
    folder = settings.data_dir / "tls"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


if __name__ == "__main__":
    sys.exit(main())
