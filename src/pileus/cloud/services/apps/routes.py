"""HTTP of the apps service, below /api/v1."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, decode, reply
from pileus.cloud.services.apps import builtin, listing, originals, rules, store
from pileus.cloud.services.apps.exporting import Exporting
from pileus.cloud.services.apps.folders import DataFolders
from pileus.cloud.services.apps.incoming import Incoming
from pileus.cloud.services.apps.install import JOB, Installer
from pileus.cloud.services.apps.store import set_left
from pileus.cloud.services.apps.usage import AppData
from pileus.core.errors import Forbidden, Invalid, NotFound, TooLarge, Unavailable
from pileus.surfaces.client import SessionInfo, SupervisorClient, Ticket
from pileus.surfaces.engine import AppSpec, Display
from pileus.surfaces.packages import PackageShelf

log = logging.getLogger(__name__)


class Room(msgspec.Struct):
    """What an app is opened on."""

    width: int = 480
    height: int = 800
    dpi: int = 160
    locale: str = "en"
    theme: str = "light"
    time_zone: str = "UTC"
    font_scale: float = 1.0
    reduced_motion: bool = False


class Opened(msgspec.Struct):
    session: str
    ticket: str
    expires: int
    url: str


class Accepted(msgspec.Struct):
    job: str


class Running(msgspec.Struct):
    session: str
    app: str
    state: str
    label: str
    device: str | None
    device_name: str | None


class Press(msgspec.Struct):
    """A notification that the owner pressed (`action` -1), one of its actions, or that they wiped away."""

    app: str
    """Whose it is."""
    key: str
    action: int = -1
    dismissed: bool = False


class Pressed(msgspec.Struct):
    app: str | None
    """The app that the phone has to show."""


class Choice(msgspec.Struct):
    """Which app is to do it; without one, none."""

    app: str
    """The app that asked."""
    number: int
    component: str | None = None


class Catalogue(msgspec.Struct):
    apps: dict[str, dict[str, Any]]


class Apps:
    """The handlers."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._folders = store.Folders(ctx)
        self._shelf = PackageShelf(ctx.settings)
        self._folders.clean(self._shelf.names)
        self._finish_leaving()
        self._shelf.clean()
        self._installer = Installer(ctx, self._folders, self._shelf)
        self._data = AppData(ctx, self._folders)
        ctx.jobs.daily(self._data.count_all)
        ctx.jobs.daily(self._installer.tend)
        ctx.departures.outside(self.leave)
        self._kept = DataFolders(ctx, self._folders, self._data, self._installer)
        ctx.app_folders.offer(self._kept)
        ctx.exports.offer(Exporting(ctx, self._folders, self._kept).offered)
        self._incoming = Incoming(ctx, self._folders, JOB)
        ctx.jobs.handler(JOB, self._installer.run, self._installer.failed)

    async def catalog(self, _request: Request, caller: Caller) -> Response:
        await self._seed(caller)
        return reply(
            Catalogue(await asyncio.to_thread(builtin.built_in, self._ctx.settings, self._ctx.app_origin))
        )

    async def install(self, request: Request, caller: Caller) -> Response:
        declared = request.headers.get("content-length", "")
        size = int(declared) if declared.isdigit() else 0
        if size > rules.MAX_PACKAGE:
            raise TooLarge("apk-too-large", "A package may have at most 1 GB.")
        async with self._incoming.receive(caller.account_id, size, request.stream()) as upload:
            await self._ctx.db.write_async(lambda conn: self._installer.forget(conn, caller.account_id))
            name = rules.file_name(request.query_params.get("name", ""))
            # First the log: from the job on it is installed, also where a crash comes between.
            await self._ctx.log.write(caller, "app-installed", name)
            job = await self._ctx.jobs.submit(JOB, caller.account_id, {"upload": upload, "name": name})
        return reply(Accepted(job), 202)

    async def open(self, request: Request, caller: Caller) -> Response:
        room = await decode(request, Room)
        spec = await self._spec(caller.account_id, request.path_params["app"], room.locale)
        display = Display(**msgspec.to_builtins(room))
        await listing.keep(self._ctx, self._folders, self._shelf, caller.account_id, spec.engine)
        session = await self._sessions.open(spec, display)
        return reply(self._opened(request, session.session_id, await self._ticket(session.session_id, caller)))

    async def sessions(self, _request: Request, caller: Caller) -> Response:
        return reply([_running(item) for item in await self._sessions.sessions(caller.account_id)])

    async def ticket(self, request: Request, caller: Caller) -> Response:
        session = request.path_params["session"]
        return reply(self._opened(request, session, await self._ticket(session, caller)))

    async def picture(self, request: Request, caller: Caller) -> Response:
        path = await self._sessions.picture(request.path_params["session"], caller.account_id)
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise NotFound("picture-unknown", "There is no picture of this app.") from None
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return Response(content, media_type=kind, headers={"Cache-Control": "no-store"})

    async def close(self, request: Request, caller: Caller) -> Response:
        session = request.path_params["session"]
        running = await self._sessions.sessions(caller.account_id)
        await self._sessions.close(session, caller.account_id)
        for app in {one.app_id for one in running if one.session_id == session}:
            await self._count_soon(caller.account_id, app)
        return reply(status=204)

    async def press(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, Press)
        engine, folder = await self._system(caller.account_id, wish.app)
        if wish.dismissed:
            await self._sessions.dismiss(engine, caller.account_id, folder, wish.key)
            return reply(Pressed(None))
        return reply(Pressed(await self._sessions.press(engine, caller.account_id, folder, wish.key, wish.action)))

    async def choose(self, request: Request, caller: Caller) -> Response:
        choice = await decode(request, Choice)
        engine, folder = await self._system(caller.account_id, choice.app)
        await self._sessions.choose(engine, caller.account_id, folder, choice.number, choice.component)
        return reply(status=204)

    async def remove(self, request: Request, caller: Caller) -> Response:
        account, app = caller.account_id, request.path_params["app"]
        fields = await self._fields(account, app)
        engine = str(fields.get("engine", ""))
        if not engine:
            raise Forbidden("app-built-in", f"{fields.get('label')} is a part of Pileus and stays.")
        label = str(fields.get("label", app))
        await self._remove(
            account, app, engine, lambda conn: self._ctx.log.note(conn, caller, "app-removed", label)
        )
        return reply(status=204)

    async def leave(self, account: str) -> None:
        """Removes all that an account's apps are and keep: it is being erased."""
        installed = await self._ctx.db.read_async(lambda conn: store.of_account(conn, account))
        for app, engine in installed:
            await self._remove(account, app, engine, lambda _conn: None)
        await self._ctx.db.write_async(lambda conn: originals.forget(conn, account))
        for upload in await self._ctx.db.read_async(lambda conn: store.waiting(conn, account, JOB)):
            self._folders.upload(upload).unlink(missing_ok=True)
        for engine in self._shelf.names:
            await asyncio.to_thread(self._folders.remove_account, engine, account)

    def _finish_leaving(self) -> None:
        """Removes what apps kept whose removal a crash broke off. Blocks."""
        for account, app, engine in self._ctx.db.read(store.leaving):
            try:
                self._folders.remove_data(engine, account, app)
            except OSError:
                log.exception("What the removed app %s kept could not be removed", app)
                continue
            self._ctx.db.write(partial(set_left, account_id=account, app_id=app))

    async def _remove(self, account: str, app: str, engine: str, told: Callable[[Connection], None]) -> None:
        """`told`: is called in the transaction from which on it is gone."""
        async with self._kept.alone(account, app):
            await self._removed(account, app, engine, told)

    async def _removed(self, account: str, app: str, engine: str, told: Callable[[Connection], None]) -> None:
        if self._ctx.sessions is not None:
            await self._ctx.sessions.close_app(account, app)
        digest = await self._ctx.db.read_async(lambda conn: store.installed_digest(conn, account, app))

        def write(conn: Connection) -> None:
            kept = store.installed_size(conn, account, app) - store.set_data(conn, account, app, 0)
            self._ctx.quota.count(conn, account, "apps", -kept)
            store.unset_installed(conn, account, app)
            self._ctx.journal.delete(conn, account, "apps.app", app)
            told(conn)

        await self._ctx.db.write_async(write)
        await listing.keep(self._ctx, self._folders, self._shelf, account, engine)
        await listing.let_go(self._ctx, account, app)
        try:
            await self._installer.end_removal(account, app)
        except OSError:  # a process of its own on its way out wrote to it: it goes with the next start, or install
            log.exception("What the removed app %s kept could not be removed", app)
        await self._installer.drop(account, digest)

    @property
    def _sessions(self) -> SupervisorClient:
        if self._ctx.sessions is None:
            raise Unavailable("supervisor-unavailable", "This cloud runs no apps.")
        client: SupervisorClient = self._ctx.sessions
        return client

    async def _seed(self, caller: Caller) -> None:
        await self._ctx.db.write_async(lambda conn: builtin.seed(self._ctx, conn, caller.account_id))

    async def _fields(self, account: str, app: str) -> dict[str, Any]:
        record = await self._ctx.db.read_async(
            lambda conn: self._ctx.journal.record(conn, account, "apps.app", app)
        )
        if record is None:
            raise NotFound("app-unknown", "There is no such app.")
        return record.fields

    async def _spec(self, account: str, app: str, locale: str) -> AppSpec:
        fields = await self._fields(account, app)
        engine = _engine(fields)
        digest = store.Digest(engine, str(fields.get("sha256", "")))
        found = await asyncio.to_thread(self._shelf.get(engine).kept, digest.sha256)
        if found is None:
            label = str(fields.get("label", app))
            if not await self._installer.bring_back(account, app, digest, label):
                raise NotFound("package-missing", f"The package of {label} is gone; install it again.")
            raise Unavailable(
                "package-returning",
                f"{label} is being made ready again from its package: open it when that is done.",
            )
        return AppSpec(
            account_id=account,
            app_id=app,
            engine=engine,
            label=rules.label_for(fields, locale),
            package_dir=found.package_dir,
            data_dir=self._folders.data(engine, account, app),
            options=found.options,
        )

    async def _system(self, account: str, app: str) -> tuple[str, Path]:
        """The engine of an app, and the folder of all that the account has there."""
        engine = _engine(await self._fields(account, app))
        return engine, self._folders.account(engine, account)

    async def _count_soon(self, account: str, app: str) -> None:
        found = await self._ctx.db.read_async(lambda conn: store.installed_digest(conn, account, app))
        if found is not None:
            self._data.count_soon(found.engine, account, app)

    async def _ticket(self, session: str, caller: Caller) -> Ticket:
        name = await self._ctx.db.read_async(lambda conn: store.device_name(conn, caller.device_id))
        return await self._sessions.ticket(session, caller.account_id, caller.device_id, name)

    def _opened(self, request: Request, session: str, ticket: Ticket) -> Opened:
        settings = self._ctx.settings
        secure = settings.tls or request.url.scheme == "https"
        host = request.url.hostname or settings.domain
        host = f"[{host}]" if ":" in host else host
        url = f"{'wss' if secure else 'ws'}://{host}:{settings.surface_port}/surface"
        return Opened(session, ticket.value, ticket.expires, url)


def _engine(fields: dict[str, Any]) -> str:
    """Raises `Invalid` for an app that no engine runs."""
    engine = str(fields.get("engine", ""))
    if not engine:
        raise Invalid("app-not-streamed", f"{fields.get('label')} runs on the phone itself.")
    return engine


def operations(ctx: ServiceContext) -> list[Operation]:
    """The service's operations; cleans up what an earlier process left half done."""
    apps = Apps(ctx)
    return [
        Operation("GET", "/apps/catalog", apps.catalog, "The built-in web apps", response=Catalogue),
        Operation(
            "POST",
            "/apps/packages",
            apps.install,
            "Install a package",
            response=Accepted,
            status=202,
            takes="application/octet-stream",
            query={"name": str},
            costly="install",
        ),
        Operation("POST", "/apps/{app}/open", apps.open, "Open an app", request=Room, response=Opened),
        Operation("DELETE", "/apps/{app}", apps.remove, "Remove an app and its data", status=204),
        Operation(
            "POST", "/apps/notices", apps.press, "Press or dismiss a notification", request=Press, response=Pressed
        ),
        Operation("POST", "/apps/choices", apps.choose, "Choose among apps", request=Choice, status=204),
        Operation("GET", "/sessions", apps.sessions, "Running apps", response=list[Running]),
        Operation("GET", "/sessions/{session}/picture", apps.picture, "The last picture of a frozen app"),
        Operation("POST", "/sessions/{session}/ticket", apps.ticket, "A ticket to attach", response=Opened),
        Operation("DELETE", "/sessions/{session}", apps.close, "End a running app", status=204),
    ]


def _running(info: SessionInfo) -> Running:
    return Running(info.session_id, info.app_id, info.state, info.label, info.device_id, info.device_name)
