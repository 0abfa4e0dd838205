"""The phone's backups of all accounts: made daily and when asked for, looked into, brought back."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import Fields, JobRun, ServiceContext
from pileus.cloud.services.backups.phone import apps, making, rules
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.reading import Inside, Item, Report
from pileus.cloud.services.backups.phone.rules import APPS, About, Skipped
from pileus.cloud.services.backups.snapshots import Snapshots
from pileus.core.errors import NotFound, PileusError
from pileus.core.ids import new_id
from pileus.sdk.backup import policy
from pileus.sdk.backup.wire import Snapshot

JOB = "backups.phone"
COLLECTION, STATE = "backups.phone", "state"
NICE = 10
MOST_ITEMS = 200
READERS = 2
"""Backups that are looked into or brought back at once; further ones wait for their turn."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Overview(msgspec.Struct, frozen=True):
    """`state`: the record `backups.phone`/`state`; `snapshots` by falling time."""

    state: dict[str, Any]
    snapshots: list[Snapshot]


class PhoneBackups:
    """Raises `PileusError`."""

    def __init__(self, ctx: ServiceContext, snapshots: Snapshots) -> None:
        self._ctx, self._snapshots = ctx, snapshots
        self._folder = ctx.folder("backups") / "phone"
        # A finger goes first: the threads that a snapshot begins have this one's priority.
        self._worker = ThreadPoolExecutor(1, "phone backup", _lower)
        # Not the executor in which people sign in.
        self._readers = ThreadPoolExecutor(READERS, "phone backup reader")
        self._asking, self._making = asyncio.Lock(), asyncio.Lock()

    async def begin(self, account_id: str) -> str:
        """Makes a backup soon; gives the job's id, that of one which has not ended where there is such."""
        async with self._asking:
            there = await self._ctx.db.read_async(lambda conn: _open_job(conn, account_id))
            return there or await self._ctx.jobs.submit(JOB, account_id, {})

    async def daily(self) -> None:
        """Of each account whose last backup is not of today, one after another, in no job's turn."""
        for account_id in await self._ctx.db.read_async(_accounts):
            last = (await self.state(account_id)).get("last_ms", 0)
            if self._ctx.clock.now_ms() - last < rules.FRESH_MS:
                continue
            try:
                await self._make(account_id, lambda _phase, _fraction: None)
            except PileusError as error:
                await self._failed(account_id, error)
            except Exception:  # of one account; the others have theirs
                log.exception("the phone of account %s could not be backed up", account_id)
                await self._failed(account_id, PileusError("internal"))

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """The job."""
        loop = asyncio.get_running_loop()

        def tell(phase: str, fraction: float | None) -> None:
            asyncio.run_coroutine_threadsafe(run.progress(phase, fraction), loop)

        return await self._make(run.account_id, tell)

    async def failed(self, run: JobRun, error: PileusError) -> None:
        await self._failed(run.account_id, error)

    async def _make(self, account_id: str, tell: making.Tell) -> dict[str, Any]:
        """Makes a snapshot, tells of it, lets go of those that no rule keeps; one at a time."""
        async with self._making:
            return await self._made(account_id, tell)

    async def _made(self, account_id: str, tell: making.Tell) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        cloud = LocalCloud(self._snapshots, account_id, loop)
        folder = self._place(account_id)
        try:
            place = await asyncio.to_thread(making.begin, folder)
            kept = await apps.copy_all(self._ctx, account_id, place, cloud.check, lambda part: tell("apps", part))
            about, tally = await loop.run_in_executor(
                self._worker, making.make, self._ctx, cloud, account_id, folder, kept, tell
            )
        except asyncio.CancelledError:
            cloud.stop()
            raise
        finally:
            await asyncio.shield(asyncio.to_thread(making.remove, folder))
        done = {
            "last_ms": about.time_ms,
            "snapshot": tally.snapshot,
            "records": sum(about.collections.values()),
            "apps": len(about.apps),
            "bytes": tally.bytes,
            "added": tally.added,
            "skipped": len(about.skipped) + tally.skipped,
            "failed_ms": None,
            "failed_code": None,
        }
        await self._tell(account_id, done)
        own = await self._own(account_id)
        gone = [one.id for choice in policy.choose(own, rules.KEPT, ()) for one in choice.gone]
        if gone:
            await self._snapshots.forget(account_id, gone)
        return {name: value for name, value in done.items() if value is not None}

    async def _failed(self, account_id: str, error: PileusError) -> None:
        log.warning("the phone of account %s could not be backed up: %s", account_id, error.code)
        await self._tell(account_id, {"failed_ms": self._ctx.clock.now_ms(), "failed_code": error.code})

    async def state(self, account_id: str) -> dict[str, Any]:
        """What is known of the last backup; {} before the first."""
        journal = self._ctx.journal
        record = await self._ctx.db.read_async(lambda conn: journal.record(conn, account_id, COLLECTION, STATE))
        return dict(record.fields) if record else {}

    async def overview(self, account_id: str) -> Overview:
        return Overview(await self.state(account_id), (await self._own(account_id))[::-1])

    async def about(self, account_id: str, snapshot: str) -> About:
        return await self._reading((await self._inside(account_id, snapshot)).about)

    async def items(self, account_id: str, snapshot: str, collection: str, words: str) -> list[Item]:
        inside = await self._inside(account_id, snapshot)
        return await self._reading(inside.items, collection, words, MOST_ITEMS)

    async def restore(
        self,
        account_id: str,
        snapshot: str,
        wanted: Mapping[str, Collection[str] | None],
        wanted_apps: Sequence[str],
    ) -> Report:
        """Of each collection all records, or those with the ids named; and what these apps kept."""
        inside, report = await self._inside(account_id, snapshot), Report()
        for collection, ids in wanted.items():
            await self._reading(inside.restore, collection, ids, report)
        for app in wanted_apps:
            await self._restore_app(account_id, inside, app, report)
        return report

    async def _restore_app(self, account_id: str, inside: Inside, app: str, report: Report) -> None:
        place = self._place(account_id).with_name(f"{account_id}.{new_id()}")
        try:
            left = await self._ctx.quota.limit(account_id) - await self._ctx.quota.used(account_id)
            await self._reading(inside.lay_out, app, place, left)
            await self._ctx.app_folders.replace(account_id, app, place)
            report.restored += 1
        except (PileusError, OSError) as error:
            log.warning("the app %s of account %s could not be brought back: %s", app, account_id, error)
            report.skip(Skipped(f"{APPS}/{app}", app, apps.code_of(error)))
        finally:
            await asyncio.shield(asyncio.to_thread(making.remove, place))

    async def leave(self, account_id: str) -> None:
        """Removes what an account that is being erased had begun to write."""
        await asyncio.to_thread(making.remove, self._place(account_id))

    async def _inside(self, account_id: str, snapshot: str) -> Inside:
        found = next((one for one in await self._own(account_id) if one.id == snapshot), None)
        if found is None:
            raise NotFound("no-backup", "There is no such backup of this phone.")
        cloud = LocalCloud(self._snapshots, account_id, asyncio.get_running_loop())
        return await self._reading(Inside, self._ctx, cloud, account_id, found)

    async def _reading(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *arguments)

    async def _own(self, account_id: str) -> list[Snapshot]:
        """The phone's backups among the account's snapshots, by rising time."""
        return [one for one in await self._snapshots.listed(account_id) if rules.is_phone(one)]

    async def _tell(self, account_id: str, fields: Fields) -> None:
        journal = self._ctx.journal

        def write(conn: Connection) -> None:
            journal.put(conn, account_id, COLLECTION, STATE, fields)

        await self._ctx.db.write_async(write)

    def _place(self, account_id: str) -> Path:
        return self._folder / account_id


def _accounts(conn: Connection) -> list[str]:
    return list(conn.execute(text("SELECT id FROM account ORDER BY id")).scalars())


def _open_job(conn: Connection, account_id: str) -> str | None:
    query = text(
        "SELECT id FROM job WHERE account_id = :account AND name = :name AND state IN ('waiting', 'running')"
    )
    found: str | None = conn.execute(query, {"account": account_id, "name": JOB}).scalar()
    return found


def _lower() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
