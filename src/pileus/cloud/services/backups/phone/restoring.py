"""Brings records and apps of a phone's backup back: a job, which goes on after a restart and can be cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pileus.cloud.kernel.service import Caller, JobRun, ServiceContext
from pileus.cloud.services.backups.phone import apps
from pileus.cloud.services.backups.phone.backups import PhoneBackups, open_jobs
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.reading import Inside
from pileus.cloud.services.backups.phone.reports import CANCELLED, ReportPage, Reports, Telling
from pileus.cloud.services.backups.phone.rules import APPS, RESTORE, About, AppKept
from pileus.cloud.services.backups.snapshots import Snapshots
from pileus.core import trees
from pileus.core.errors import Conflict, NotFound, PileusError
from pileus.core.ids import new_id

JOB = RESTORE
PAGE = 200
"""Entries of a report that are given at once."""
APP = 1000
"""An app's folder counts as so many records in the progress."""
log = logging.getLogger(__name__)


class Wanted(msgspec.Struct, frozen=True):
    """Of each collection the ids to bring back; null: all. `apps`: whose files are to be as they were. `all`:
    everything that the backup holds."""

    records: dict[str, list[str] | None] = {}
    apps: list[str] = []
    all: bool = False


class Payload(msgspec.Struct, frozen=True):
    """Of the job; `device` and `address`: who asked for it."""

    snapshot: str
    wanted: Wanted
    device: str = ""
    address: str = ""


class Restores:
    """Raises `PileusError`."""

    def __init__(self, ctx: ServiceContext, snapshots: Snapshots, phone: PhoneBackups) -> None:
        self._ctx, self._snapshots, self._phone = ctx, snapshots, phone
        self._folder = ctx.folder("backups") / "phone"
        self._reports = Reports(self._folder / "reports")
        self._asking = asyncio.Lock()

    async def begin(self, caller: Caller, snapshot: str, wanted: Wanted) -> str:
        """Gives the job's id. Raises `Conflict` where one of the account's goes on already, `NotFound`."""
        account_id = caller.account_id
        await self._phone.found(account_id, snapshot)
        async with self._asking:
            if await self._ctx.db.read_async(lambda conn: open_jobs(conn, account_id, JOB)):
                raise Conflict("restore-running", "Something is being restored already: wait for its end.")
            payload = msgspec.to_builtins(Payload(snapshot, wanted, caller.device_id, caller.address))
            return await self._ctx.jobs.submit(JOB, account_id, payload)

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """The job: everything that it brings back may be brought back twice."""
        payload = msgspec.convert(run.payload, Payload)
        loop = asyncio.get_running_loop()
        cloud = LocalCloud(
            self._snapshots, run.account_id, loop, lambda: self._reports.check(run.account_id, run.id)
        )
        cancelled = False
        with await self._phone.reading(self._reports.begin, run.account_id, run.id) as told:
            try:
                await self._bring(run, cloud, payload, told)
            except asyncio.CancelledError:
                cloud.stop()
                raise
            except PileusError as error:
                if error.code != CANCELLED:
                    raise
                cancelled = True
        caller = Caller(run.account_id, payload.device, address=payload.address)
        await self._ctx.log.write(caller, "phone-restored", str(told.counts.restored))
        return {"snapshot": payload.snapshot, "cancelled": cancelled, **msgspec.to_builtins(told.counts)}

    async def _bring(self, run: JobRun, cloud: LocalCloud, payload: Payload, told: Telling) -> None:
        inside = await self._phone.inside(run.account_id, payload.snapshot, cloud)
        about = await self._phone.reading(inside.about)
        records, wanted_apps = _all(about) if payload.wanted.all else (payload.wanted.records, payload.wanted.apps)
        whole = len(wanted_apps) * APP
        for name, ids in records.items():
            whole += about.collections.get(name, 0) if ids is None else len(ids)
        done = 0
        loop = asyncio.get_running_loop()

        def advance(count: int) -> None:
            nonlocal done
            done += count
            cloud.check()
            part = min(done / max(whole, 1), 1.0)
            asyncio.run_coroutine_threadsafe(run.progress("restore", part), loop)

        for collection, ids in records.items():
            cloud.check()
            await self._phone.reading(inside.restore, collection, ids, told, advance)
        for app in wanted_apps:
            cloud.check()
            kept = next((one for one in about.apps if one.app == app), AppKept(app, app, 0))
            await self._bring_app(run.account_id, inside, cloud, kept, told)
            advance(APP)

    async def _bring_app(
        self, account_id: str, inside: Inside, cloud: LocalCloud, kept: AppKept, told: Telling
    ) -> None:
        app, label = kept.app, kept.label
        place = self._folder / f"{account_id}.{new_id()}"
        try:
            left = await self._ctx.quota.limit(account_id) - await self._ctx.quota.used(account_id)
            await self._phone.reading(inside.lay_out, app, place, left)
            await self._ctx.app_folders.install(account_id, app, kept.package)
            await self._ctx.app_folders.replace(account_id, app, place)
        except (PileusError, OSError) as error:
            cloud.check()
            log.warning("the app %s of account %s could not be brought back: %s", app, account_id, error)
            told.tell(f"{APPS}/{app}", label, "skipped", apps.code_of(error))
        else:
            told.tell(f"{APPS}/{app}", label, "restored")
        finally:
            await asyncio.shield(asyncio.to_thread(trees.remove_soon, place))

    async def cancel(self, account_id: str, job: str) -> None:
        """What was brought back until then stays. Raises `NotFound` where no such restore goes on."""
        if job not in await self._ctx.db.read_async(lambda conn: open_jobs(conn, account_id, JOB)):
            raise NotFound("no-restore", "Nothing is being restored by this name.")
        await self._phone.reading(self._reports.cancel, account_id, job)

    async def report(self, account_id: str, job: str, start: int) -> ReportPage:
        return await self._phone.reading(self._reports.page, account_id, job, start, PAGE)

    async def file(self, account_id: str, job: str) -> Path:
        return await self._phone.reading(self._reports.file, account_id, job)

    async def leave(self, account_id: str) -> None:
        await asyncio.to_thread(self._reports.leave, account_id)


def _all(about: About) -> tuple[dict[str, list[str] | None], list[str]]:
    """Collections and apps of a backup."""
    return dict.fromkeys(about.collections), [one.app for one in about.apps]
