"""The job that installs a package: check, translate, then one transaction."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Connection

from pileus.cloud.kernel.service import JobRun, ServiceContext
from pileus.cloud.services.apps import listing, originals, rules, store
from pileus.cloud.services.apps.originals import Originals
from pileus.cloud.services.apps.store import set_left
from pileus.core.errors import NotFound, PileusError
from pileus.surfaces.packages import HEAD, Offer, PackageShelf

JOB = "apps.install"
DIGEST = re.compile("[0-9a-f]{64}")
"""A package's name; a backup's own account may have written another one into it."""
GONE = "The app was removed, and no package of it is kept: install it, then restore again."

log = logging.getLogger(__name__)


class _Leaving(Exception):
    """An app of this name was removed a moment ago."""


class Installer:
    """Handles the job `JOB` with the payload `{"upload"}`; may be run again at any point."""

    def __init__(self, ctx: ServiceContext, folders: store.Folders, shelf: PackageShelf) -> None:
        self._ctx = ctx
        self._folders = folders
        self._shelf = shelf
        self._originals = Originals(ctx)
        self._returning: dict[tuple[str, str], str] = {}
        self._one = asyncio.Lock()
        self._held: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()

    async def run(self, job: JobRun) -> dict[str, Any]:
        """Installs, and tells by the record `apps.install` of the job's id how it goes."""
        file = self._folders.upload(str(job.payload["upload"]))
        if not file.exists():
            told = await self._ctx.db.read_async(
                lambda conn: self._ctx.journal.record(conn, job.account_id, "apps.install", job.id)
            )
            if (
                told is not None and told.fields.get("phase") == "done"
            ):  # killed just before the job's end was kept
                return {"app": told.fields["app"]}
            raise NotFound("upload-lost", "The uploaded package is gone; send it again.")
        app_id = await self._install(job.account_id, file, job)
        file.unlink(missing_ok=True)
        return {"app": app_id}

    async def failed(self, job: JobRun, error: PileusError) -> None:
        """Tells why, and removes what was sent."""
        await self._show(job, phase="failed", code=error.code, message=error.detail)
        self._folders.upload(str(job.payload["upload"])).unlink(missing_ok=True)

    async def _install(self, account_id: str, file: Path, job: JobRun | None, wanted: str = "") -> str:
        """`job`: what tells how it goes, if anything does; `wanted`: the only app that it may be."""
        name = "" if job is None else job.payload.get("name", "")
        await self._show(job, phase="check", progress=0.0, name=name)
        engine = self._shelf.taker(await asyncio.to_thread(_head, file))
        packages = self._shelf.get(engine)
        offer = await packages.check(file)
        if wanted not in ("", offer.app_id):
            raise NotFound("app-package-gone", GONE)
        size = await asyncio.to_thread(_size, file)
        await self._replaced(account_id, engine, offer)
        if not await self._originals.has(account_id, offer.sha256):
            await self._ctx.quota.reserve(account_id, size)
        await self._show(job, phase="translate", progress=0.0, app=offer.app_id, label=offer.label)

        async def progress(_phase: str, fraction: float) -> None:
            if job is not None:
                await job.progress("translate", fraction)
            await self._show(job, phase="translate", progress=fraction)

        async with self._hold("package", offer.sha256):
            async with self._one:
                await packages.add(file, offer, progress)
            async with self._hold("account", account_id):  # two at once would each look before the other is there
                try:
                    old = await self._replaced(account_id, engine, offer)  # another may have come meanwhile
                    await self._check_beside(account_id, engine, offer)
                    await self._originals.keep(account_id, offer.sha256, file)
                except PileusError:
                    await self._drop(store.Digest(engine, offer.sha256))
                    await self._let_go(account_id, offer.sha256)
                    raise
                if self._ctx.sessions is not None and old is not None and old.get("sha256") != offer.sha256:
                    await self._ctx.sessions.close_app(account_id, offer.app_id)
                fields = await asyncio.to_thread(packages.fields, offer.sha256)
                before = await self._published(
                    account_id,
                    offer.app_id,
                    lambda conn: self._publish(conn, account_id, engine, offer, fields, job),
                )
        await listing.keep(self._ctx, self._folders, self._shelf, account_id, engine)
        if old is not None:
            await listing.let_go(self._ctx, account_id, offer.app_id)
        await listing.expect(self._ctx, engine)
        await self.drop(account_id, before)
        return offer.app_id

    async def _published(
        self, account_id: str, app_id: str, publish: Callable[[Connection], store.Digest | None]
    ) -> store.Digest | None:
        """With nothing left of an app of its name that was removed, be it while this one was made ready: what this
        one keeps would go with it."""

        def unless_leaving(conn: Connection) -> store.Digest | None:
            if store.is_leaving(conn, account_id, app_id):
                raise _Leaving
            return publish(conn)

        while True:
            await self.end_removal(account_id, app_id)
            with suppress(_Leaving):
                return await self._ctx.db.write_async(unless_leaving)

    async def end_removal(self, account_id: str, app_id: str) -> None:
        """Removes what an app kept that was removed; nothing where that was done meanwhile, as by an install of an
        app of this name, which has what is there then."""
        async with self._hold("leaving", account_id, app_id):
            for account, app, engine in await self._ctx.db.read_async(store.leaving):
                if (account, app) == (account_id, app_id):
                    await asyncio.to_thread(self._folders.remove_data, engine, account, app)
                    await self._ctx.db.write_async(partial(set_left, account_id=account, app_id=app))

    async def _replaced(self, account_id: str, engine: str, offer: Offer) -> dict[str, Any] | None:
        """What the account has under this name; raises where the offer may not take its place."""
        old = await self._ctx.db.read_async(lambda conn: self._known(conn, account_id, offer.app_id))
        rules.check_owner(old, offer.app_id, engine)
        if old is not None:
            self._shelf.get(engine).check_update(old, offer)
        return old

    async def _check_beside(self, account_id: str, engine: str, offer: Offer) -> None:
        rows = await self._ctx.db.read_async(lambda conn: store.installed(conn, account_id, engine))
        others = [digest for app, digest in rows if app != offer.app_id]
        await asyncio.to_thread(self._shelf.get(engine).check_beside, offer, others)

    def _publish(
        self,
        conn: Connection,
        account: str,
        engine: str,
        offer: Offer,
        fields: dict[str, Any],
        job: JobRun | None,
    ) -> store.Digest | None:
        app = offer.app_id
        before = store.installed_digest(conn, account, app)
        # Its object is what is charged; of one that was installed before there were such, the size was.
        self._ctx.quota.count(conn, account, "apps", -store.installed_size(conn, account, app))
        store.set_installed(conn, account, app, store.Digest(engine, offer.sha256), 0)
        fields = {**fields, "engine": engine, "installed_at": self._ctx.clock.now_ms()}
        self._ctx.journal.put(conn, account, "apps.app", app, fields)
        if job is not None:
            done = {"phase": "done", "progress": 1.0, "app": app, "label": offer.label}
            self._ctx.journal.put(conn, account, "apps.install", job.id, done)
        return before

    def forget(self, conn: Connection, account_id: str) -> None:
        """Removes what installs said that ended long ago."""
        before = rules.oldest_told(self._ctx.clock.now_ms())
        for record in self._ctx.journal.records(conn, account_id, "apps.install"):
            if record.id < before and record.fields.get("phase") in ("done", "failed"):
                self._ctx.journal.delete(conn, account_id, "apps.install", record.id)

    async def drop(self, account_id: str, package: store.Digest | None) -> None:
        """Removes what an account kept of a package, and the package unless another one still has it."""
        if package is None:
            return
        async with self._hold("package", package.sha256):
            await self._drop(package)  # first: the other is noted, and `tend` comes back to both
            await self._let_go(account_id, package.sha256)

    async def bring_back(self, account_id: str, app_id: str, package: store.Digest, label: str) -> bool:
        """Installs an app again from its own file, since what its engine made of it is not there (a cloud that was
        restored from a copy has none of it); False where the file is gone as well. Returns when that is begun."""
        async with self._hold("app", account_id, app_id):
            begun = self._returning.get((account_id, app_id), "")
            told = await self._ctx.db.read_async(
                lambda conn: self._ctx.journal.record(conn, account_id, "apps.install", begun)
            )
            if begun and (told is None or told.fields.get("phase") not in ("done", "failed")):
                return True
            try:
                upload = await self._folders.receive(self._originals.get(account_id, package.sha256), _unheard)
            except NotFound:
                return False
            payload = {"upload": upload, "name": label}
            self._returning[account_id, app_id] = await self._ctx.jobs.submit(JOB, account_id, payload)
            return True

    async def again(self, account_id: str, app_id: str, sha256: str) -> None:
        """Installs an app that was removed from its own file, which a backup keeps. Returns when it is installed.

        Not by a job: whoever waits is one, and two that wait have both turns. Raises `NotFound`
        (`app-package-gone`).
        """
        if not DIGEST.fullmatch(sha256):
            raise NotFound("app-package-gone", GONE)
        async with self._hold("app", account_id, app_id):
            try:
                if not await self._originals.take_back(account_id, sha256):
                    raise NotFound("app-package-gone", GONE)
                upload = await self._folders.receive(self._originals.get(account_id, sha256), _unheard)
                file = self._folders.upload(upload)
                try:
                    await self._install(account_id, file, None, app_id)
                finally:
                    file.unlink(missing_ok=True)
            finally:
                async with self._hold("package", sha256):
                    await self._let_go(account_id, sha256)

    async def tend(self) -> None:
        """Daily: lets go what installs left that came to nothing, and keeps the files of apps that were installed
        before files were kept. What goes wrong with one is tried again the next day."""
        for account, sha256 in await self._ctx.db.read_async(originals.unwanted):
            async with self._hold("package", sha256):
                for engine in self._shelf.names:
                    if await asyncio.to_thread(self._shelf.get(engine).kept, sha256) is not None:
                        await self._drop(store.Digest(engine, sha256))
                await self._let_go(account, sha256)
        for account, app, engine, sha256 in await self._ctx.db.read_async(originals.missing):
            try:
                await self._keep_late(account, app, store.Digest(engine, sha256))
            except PileusError as error:
                log.warning("The package of %s's %s was not kept: %s", account, app, error)

    async def _keep_late(self, account_id: str, app_id: str, package: store.Digest) -> None:
        async with self._hold("package", package.sha256):
            file = await asyncio.to_thread(self._shelf.get(package.engine).original, package.sha256)
            now = await self._ctx.db.read_async(lambda conn: store.installed_digest(conn, account_id, app_id))
            if file is None or now != package:
                return
            await self._originals.keep(account_id, package.sha256, file)
            await self._ctx.db.write_async(lambda conn: self._uncharge(conn, account_id, app_id))

    def _uncharge(self, conn: Connection, account_id: str, app_id: str) -> None:
        self._ctx.quota.count(conn, account_id, "apps", -store.installed_size(conn, account_id, app_id))
        store.set_size(conn, account_id, app_id, 0)

    async def _let_go(self, account_id: str, sha256: str) -> None:
        """For whoever holds it: an account's file, unless it has an app of it."""
        if not await self._ctx.db.read_async(lambda conn: store.has_package(conn, account_id, sha256)):
            await self._originals.let_go(account_id, sha256)

    async def _drop(self, package: store.Digest) -> None:
        """For whoever holds it."""
        if not await self._ctx.db.read_async(lambda conn: store.is_wanted(conn, package.sha256)):
            await asyncio.to_thread(self._shelf.get(package.engine).remove, package.sha256)

    def _hold(self, *key: str) -> asyncio.Lock:
        """By what it is and which, so that what a client names as one is never taken for another.

        Held by package while one is there that nobody has yet, or that nobody may have any more; by account,
        within that, from the look at what it has until it has this as well.
        """
        return self._held.setdefault(key, asyncio.Lock())

    def _known(self, conn: Connection, account_id: str, app_id: str) -> dict[str, Any] | None:
        record = self._ctx.journal.record(conn, account_id, "apps.app", app_id)
        return record.fields if record else None

    async def _show(self, job: JobRun | None, **fields: Any) -> None:
        if job is None:
            return
        await self._ctx.db.write_async(
            lambda conn: self._ctx.journal.put(conn, job.account_id, "apps.install", job.id, fields)
        )


async def _unheard(_size: int) -> None:
    """Nobody's quota is asked: it is charged already."""


def _size(file: Path) -> int:
    return file.stat().st_size


def _head(file: Path) -> bytes:
    with file.open("rb") as handle:
        return handle.read(HEAD)
