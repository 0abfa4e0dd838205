"""Composition root: one cloud from its settings."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

import pileus
from pileus.cloud.kernel import manifest
from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.accounts.app_passwords import AppPasswords
from pileus.cloud.kernel.accounts.deeds import Deeds
from pileus.cloud.kernel.accounts.deletion import Deletion
from pileus.cloud.kernel.accounts.directory import AccountDirectory
from pileus.cloud.kernel.accounts.family import Families
from pileus.cloud.kernel.accounts.finding import DEVICES, KEYS, Finding
from pileus.cloud.kernel.accounts.invitations import Invitations
from pileus.cloud.kernel.accounts.members import Members
from pileus.cloud.kernel.accounts.pairing import Pairings
from pileus.cloud.kernel.accounts.passkeys import Passkeys, relying_party
from pileus.cloud.kernel.accounts.recovery import Recovery
from pileus.cloud.kernel.accounts.rows import every
from pileus.cloud.kernel.accounts.takeout import Takeout
from pileus.cloud.kernel.app_folders import AppFolderShelf
from pileus.cloud.kernel.db import OneWriter, connect
from pileus.cloud.kernel.db.migrations import migrate
from pileus.cloud.kernel.events import LocalEvents
from pileus.cloud.kernel.http import (
    account_routes,
    api,
    app_password_routes,
    family_routes,
    finding_routes,
    journal_routes,
    pairing_routes,
    passkey_routes,
    people_routes,
    push_routes,
    security_routes,
    unifiedpush_routes,
)
from pileus.cloud.kernel.http.doorbells import Doorbells
from pileus.cloud.kernel.http.entrance import Entrance
from pileus.cloud.kernel.http.guard import Guard
from pileus.cloud.kernel.http.origins import Origins, assign_ports
from pileus.cloud.kernel.http.paces import Paces
from pileus.cloud.kernel.http.problems import HANDLERS
from pileus.cloud.kernel.http.static import Site
from pileus.cloud.kernel.http.watch import Watch
from pileus.cloud.kernel.jobs import JobRunner
from pileus.cloud.kernel.jobs.runner import COLLECTION as JOBS
from pileus.cloud.kernel.journal import Collections, JournalStore
from pileus.cloud.kernel.journal.upkeep import keep_up
from pileus.cloud.kernel.manifest import Service, discover
from pileus.cloud.kernel.objects import PackedObjects, open_objects
from pileus.cloud.kernel.objects.daily import look_after
from pileus.cloud.kernel.openapi import told
from pileus.cloud.kernel.push.distributor import Distributor
from pileus.cloud.kernel.push.rules import networks
from pileus.cloud.kernel.push.sender import Sender
from pileus.cloud.kernel.push.store import PushStore
from pileus.cloud.kernel.push.vapid import VapidKey
from pileus.cloud.kernel.quota import QuotaStore
from pileus.cloud.kernel.service import Operation, ServiceContext
from pileus.cloud.kernel.storage import STATE as STORAGE
from pileus.cloud.kernel.storage import StorageNews
from pileus.cloud.setup_code import SetupCode
from pileus.cloud.signed_out import Farewell
from pileus.core.clock import Clock, SystemClock
from pileus.core.errors import PileusError
from pileus.core.settings import Settings

if TYPE_CHECKING:
    from pileus.cloud.kernel.metrics import Metrics

PATIENCE = 2.0
"""Seconds for which numbers of the apps' supervisor are waited for."""
OBJECTS = {"kernel-objects": Path(__file__).parent / "kernel" / "objects" / "migrations"}
"""The object store's tables, beside the kernel's own."""


@dataclass(frozen=True)
class Cloud:
    """A built cloud. `asgi` serves it; close it when the serving has ended."""

    settings: Settings
    asgi: ASGIApp
    operations: tuple[Operation, ...]
    db: OneWriter
    accounts: Accounts
    journal: JournalStore
    context: ServiceContext
    origins: Origins
    metrics: Metrics | None

    def close(self) -> None:
        """Ends the database's threads; what was acknowledged is on the disk already. Blocks."""
        self.db.close()


def build(
    settings: Settings,
    clock: Clock | None = None,
    services: Sequence[Service] | None = None,
    sessions: Any = None,
) -> Cloud:
    """Opens the data folder, migrates it and wires everything. Blocks; changes what is on the disk."""
    clock = clock or SystemClock()
    settings.make_dirs()
    services = discover() if services is None else services
    db = connect(settings)
    try:
        return _wire(settings, clock, services, sessions, db)
    except BaseException:
        db.close()
        raise


def migration_folders() -> dict[str, Path]:
    """All that a whole cloud's database is brought to its form by, beside the kernel's own revisions."""
    return manifest.migration_folders() | OBJECTS


def web_dir(settings: Settings) -> Path:
    """Where the built web parts are: as set, inside an installed package, or in a checkout."""
    if settings.web_dir is not None:
        return settings.web_dir
    package = Path(str(pileus.__file__)).parent
    installed = package / "web"
    return installed if installed.is_dir() else package.parent.parent / "web" / "dist"


def open_database(settings: Settings) -> OneWriter:
    """Brought to this version's form, for a command beside a server that may be running. Blocks."""
    settings.make_dirs()
    db = connect(settings)
    try:
        migrate(db, migration_folders())
    except BaseException:
        db.close()
        raise
    return db


def _setup_code(settings: Settings, db: OneWriter) -> SetupCode | None:
    """Whoever reaches this machine by its loopback address may keep the server; a network may not."""
    if not settings.tls:
        return None
    code = SetupCode(settings.data_dir)
    if db.read(every):
        code.spend()
    else:
        code.ensure()
    return code


def _wire(settings: Settings, clock: Clock, services: Sequence[Service], sessions: Any, db: OneWriter) -> Cloud:
    owners = {service.name: service.migrations for service in services if service.migrations.is_dir()}
    migrate(db, owners | OBJECTS)
    events = LocalEvents()
    quota = QuotaStore(db)
    collections = Collections(
        [JOBS, DEVICES, KEYS, STORAGE, *(one for service in services for one in service.collections)]
    )
    journal = JournalStore(db, collections, quota, events, clock)
    jobs = JobRunner(db, journal, clock)
    accounts = Accounts(db, clock, settings.quota_bytes, _setup_code(settings, db))
    farewell = Farewell(sessions)
    if sessions is not None:
        accounts.on_sign_out(farewell.say)
    objects = open_objects(settings, db, clock, quota)
    news = StorageNews(db, journal, objects.copy is not None)
    deletion = Deletion(db, clock, accounts)
    scopes = [service.name for service in services if service.app_passwords]
    app_passwords = AppPasswords(db, clock, accounts, scopes)
    takeout = Takeout(db, clock, accounts, journal, collections)
    allowed = networks(settings.push_networks)
    push = PushStore(db, clock, allowed)
    distributor = Distributor(db, clock, events, settings.shell_origins[0] + api.PREFIX)
    finding = Finding(db, clock, accounts, journal, push)
    if sessions is not None:
        finding.on_lock(farewell.say)
        finding.on_unlock(farewell.take_back)
    vapid = VapidKey(settings.data_dir / "keys" / "vapid.pem", _contact(settings))
    site = Site(web_dir(settings))
    origins = Origins(settings, _app_ports(settings, site))
    context = ServiceContext(
        settings,
        clock,
        db,
        journal,
        objects,
        events,
        jobs,
        quota,
        sessions,
        origins.app,
        AccountDirectory(),
        accounts.passwords,
        deletion,
        takeout,
        push,
        AppFolderShelf(),
        news,
        Deeds(db, accounts),
        lambda caller, present: accounts.prove(caller, present, caller.address),
    )
    room = settings.quota_bytes
    operations = [
        *account_routes.operations(accounts, quota, origins, site.apps),
        *security_routes.operations(accounts, Recovery(db, clock, accounts), deletion, takeout, finding, quota),
        *passkey_routes.operations(Passkeys(db, clock, accounts, relying_party(settings)), quota),
        *app_password_routes.operations(app_passwords),
        *pairing_routes.operations(Pairings(db, clock, accounts), quota),
        *family_routes.operations(Families(db, clock, accounts, finding)),
        *finding_routes.operations(finding),
        *push_routes.operations(push, vapid),
        *people_routes.operations(Members(db, clock, accounts), Invitations(db, clock, accounts, room), quota),
        *unifiedpush_routes.operations(distributor),
        *journal_routes.operations(db, journal),
        *(operation for service in services for operation in service.operations(context)),
    ]
    operations.append(told(operations))
    doorbells = Doorbells(db, clock, accounts, events)
    watch = Watch(_metrics(settings, db, clock, doorbells, sessions))
    routes = api.routes(operations, Entrance(accounts, app_passwords, Paces(clock)), watch)
    shell = _application(
        routes, deletion, jobs, context, objects, news, doorbells, site, Sender(db, clock, push, vapid, allowed)
    )
    return Cloud(
        settings,
        Guard(origins, shell, site),
        tuple(operations),
        db,
        accounts,
        journal,
        context,
        origins,
        watch.metrics,
    )


def _contact(settings: Settings) -> str:
    """Whom a push service's operator turns to (RFC 8292 §2.1): an address that only this machine knows is none."""
    origin = settings.shell_origins[0]
    return origin if origin.startswith("https://") else ""


def _metrics(
    settings: Settings, db: OneWriter, clock: Clock, doorbells: Doorbells, sessions: Any
) -> Metrics | None:
    if not settings.metrics:
        return None
    from pileus.cloud.kernel.metrics import Metrics  # loaded only where somebody asks for it

    async def states() -> Mapping[str, int] | None:
        try:
            async with asyncio.timeout(PATIENCE):  # whoever asks for numbers does not wait longer than ten
                running = (await sessions.ping())["sessions"] if sessions is not None else None
        except (PileusError, TimeoutError):
            return None
        return None if running is None else Counter(str(one["state"]) for one in running)

    return Metrics(db, clock, lambda: doorbells.count, states)


def _application(
    routes: Sequence[Route],
    deletion: Deletion,
    jobs: JobRunner,
    context: ServiceContext,
    objects: PackedObjects,
    news: StorageNews,
    doorbells: Doorbells,
    site: Site,
    sender: Sender,
) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await jobs.start()
        upkeep = [
            asyncio.create_task(keep_up(context.db, context.clock)),
            asyncio.create_task(look_after(objects, news.tell)),
            asyncio.create_task(news.keep_telling()),
            asyncio.create_task(deletion.keep_erasing(objects)),
            asyncio.create_task(sender.keep_sending()),
        ]
        try:
            yield
        finally:
            for task in upkeep:
                task.cancel()
            await asyncio.gather(*upkeep, return_exceptions=True)
            await jobs.stop()

    # An application of its own, so that what it does not know is a problem document, never a page.
    inner = [*routes, WebSocketRoute("/journal/doorbell", doorbells.serve)]
    answers = Starlette(routes=inner, exception_handlers=HANDLERS)
    missing = Starlette(exception_handlers=HANDLERS)
    return Starlette(
        routes=[Mount(api.PREFIX, answers), Mount("/api", missing), Mount("/", site)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )


def _app_ports(settings: Settings, site: Site) -> dict[str, int]:
    """Ports of the apps in the form `port`; kept in a file, so that an app keeps its origin."""
    if settings.origins != "port":
        return {}
    path = settings.data_dir / "app-ports.json"
    known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    ports = assign_ports(known, site.apps(), settings.port)
    if ports.keys() - known.keys():
        path.write_text(json.dumps(known | ports))
    return ports
