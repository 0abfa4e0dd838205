"""The job that installs a package: check, translate, then one transaction."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Connection

from pileus.cloud.kernel.service import JobRun, ServiceContext
from pileus.cloud.services.apps import listing, originals, rules, store
from pileus.cloud.services.apps.originals import Originals
from pileus.core.errors import NotFound, PileusError
from pileus.surfaces.packages import HEAD, Offer, PackageShelf

JOB = "apps.install"

log = logging.getLogger(__name__)


class Installer:
    """Handles the job `JOB` with the payload `{"upload"}`; may be run again at any point."""

    def __init__(self, ctx: ServiceContext, folders: store.Folders, shelf: PackageShelf) -> None:
        self._ctx = ctx
        self._folders = folders
        self._shelf = shelf
        self._originals = Originals(ctx)
        self._returning: dict[tuple[str, str], str] = {}
        self._one = asyncio.Lock()
        self._held: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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
        app_id = await self._install(job, file)
        file.unlink(missing_ok=True)
        return {"app": app_id}

    async def failed(self, job: JobRun, error: PileusError) -> None:
        """Tells why, and removes what was sent."""
        await self._show(job, phase="failed", code=error.code, message=error.detail)
        self._folders.upload(str(job.payload["upload"])).unlink(missing_ok=True)

    async def _install(self, job: JobRun, file: Path) -> str:
        await self._show(job, phase="check", progress=0.0, name=job.payload.get("name", ""))
        engine = self._shelf.taker(await asyncio.to_thread(_head, file))
        packages = self._shelf.get(engine)
        offer = await packages.check(file)
        size = await asyncio.to_thread(_size, file)
        await self._replaced(job.account_id, engine, offer)
        if not await self._originals.has(job.account_id, offer.sha256):
            await self._ctx.quota.reserve(job.account_id, size)
        await self._show(job, phase="translate", progress=0.0, app=offer.app_id, label=offer.label)

        async def progress(_phase: str, fraction: float) -> None:
            await job.progress("translate", fraction)
            await self._show(job, phase="translate", progress=fraction)

        async with self._hold(offer.sha256):
            async with self._one:
                await packages.add(file, offer, progress)
            async with self._hold(job.account_id):  # two at once would each look before the other is there
                try:
                    old = await self._replaced(job.account_id, engine, offer)  # another may have come meanwhile
                    await self._check_beside(job.account_id, engine, offer)
                    await self._originals.keep(job.account_id, offer.sha256, file)
                except PileusError:
                    await self._drop(store.Digest(engine, offer.sha256))
                    await self._let_go(job.account_id, offer.sha256)
                    raise
                if self._ctx.sessions is not None and old is not None and old.get("sha256") != offer.sha256:
                    await self._ctx.sessions.close_app(job.account_id, offer.app_id)
                fields = await asyncio.to_thread(packages.fields, offer.sha256)
                before = await self._ctx.db.write_async(
                    lambda conn: self._publish(conn, job, engine, offer, fields)
                )
        await listing.keep(self._ctx, self._folders, self._shelf, job.account_id, engine)
        if old is not None:
            await listing.let_go(self._ctx, job.account_id, offer.app_id)
        await listing.expect(self._ctx, engine)
        await self.drop(job.account_id, before)
        return offer.app_id

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
        self, conn: Connection, job: JobRun, engine: str, offer: Offer, fields: dict[str, Any]
    ) -> store.Digest | None:
        account, app = job.account_id, offer.app_id
        before = store.installed_digest(conn, account, app)
        # Its object is what is charged; of one that was installed before there were such, the size was.
        self._ctx.quota.count(conn, account, "apps", -store.installed_size(conn, account, app))
        store.set_installed(conn, account, app, store.Digest(engine, offer.sha256), 0)
        fields = {**fields, "engine": engine, "installed_at": self._ctx.clock.now_ms()}
        self._ctx.journal.put(conn, account, "apps.app", app, fields)
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
        async with self._hold(package.sha256):
            await self._let_go(account_id, package.sha256)
            await self._drop(package)

    async def bring_back(self, account_id: str, app_id: str, package: store.Digest, label: str) -> bool:
        """Installs an app again from its own file, since what its engine made of it is not there (a cloud that was
        restored from a copy has none of it); False where the file is gone as well. Returns when that is begun."""
        async with self._hold(f"{account_id} {app_id}"):
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

    async def tend(self) -> None:
        """Daily: lets go what installs left that came to nothing, and keeps the files of apps that were installed
        before files were kept. What goes wrong with one is tried again the next day."""
        for account, sha256 in await self._ctx.db.read_async(originals.unwanted):
            async with self._hold(sha256):
                await self._let_go(account, sha256)
        for account, app, engine, sha256 in await self._ctx.db.read_async(originals.missing):
            try:
                await self._keep_late(account, app, store.Digest(engine, sha256))
            except PileusError as error:
                log.warning("The package of %s's %s was not kept: %s", account, app, error)

    async def _keep_late(self, account_id: str, app_id: str, package: store.Digest) -> None:
        async with self._hold(package.sha256):
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

    def _hold(self, key: str) -> asyncio.Lock:
        """Held by digest while a package is there that nobody has yet, or that nobody may have any more; by
        account, within that, from the look at what it has until it has this as well."""
        return self._held.setdefault(key, asyncio.Lock())

    def _known(self, conn: Connection, account_id: str, app_id: str) -> dict[str, Any] | None:
        record = self._ctx.journal.record(conn, account_id, "apps.app", app_id)
        return record.fields if record else None

    async def _show(self, job: JobRun, **fields: Any) -> None:
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
