"""The phone's backups of all accounts: made daily and when asked for, looked into, brought back."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import (
    Fields,
    JobRun,
    ServiceContext,
    begin_moment,
    drop_moment,
    end_moment,
    held_bytes,
    open_moments,
)
from pileus.cloud.services.backups.phone import apps, making, rules
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.reading import Inside, Item
from pileus.cloud.services.backups.phone.rules import About
from pileus.cloud.services.backups.snapshots import Snapshots
from pileus.cloud.services.backups.store import COLLECTION as SNAPSHOTS
from pileus.cloud.services.backups.store import IN_USE, LAST
from pileus.core import trees
from pileus.core.errors import Conflict, NotFound, PileusError
from pileus.sdk.backup import policy
from pileus.sdk.backup.wire import Snapshot

JOB = "backups.phone"
NICE = 10
MOST_ITEMS = 200
READERS = 2
"""Backups that are looked into or brought back at once; further ones wait for their turn."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Overview(msgspec.Struct, frozen=True):
    """`state`: the record `backups.phone`/`state`; `snapshots` by falling time.

    `held`: bytes of attachments and pictures that were deleted and are kept for backups alone.
    """

    state: dict[str, Any]
    snapshots: list[Snapshot]
    held: int


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
            there = await self._ctx.db.read_async(lambda conn: open_jobs(conn, account_id, JOB))
            return there[0] if there else await self._ctx.jobs.submit(JOB, account_id, {})

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
            state, own = await self.state(account_id), await self._own(account_id)
            before = rules.before(state, own, self._ctx.clock.now_ms())
            place = await asyncio.to_thread(making.begin, folder)
            snapshot = await self._begin_moment(account_id)
            kept = await apps.copy_all(self._ctx, account_id, place, cloud.check, lambda part: tell("apps", part))
            made = await loop.run_in_executor(
                self._worker, making.make, self._ctx, cloud, account_id, snapshot, folder, kept, before, tell
            )
        except asyncio.CancelledError:
            cloud.stop()
            raise
        except Exception:
            await self._ctx.db.write_async(partial(self._settle_moments, account_id))
            raise
        finally:
            await asyncio.shield(asyncio.to_thread(trees.remove_soon, folder))
        about, tally = made.about, made.tally
        done = {
            "last_ms": about.time_ms,
            "snapshot": tally.snapshot,
            "tree": tally.tree,
            "records": sum(about.collections.values()),
            "counts": about.collections,
            "apps": len(about.apps),
            "bytes": tally.bytes,
            "added": tally.added,
            "skipped": len(about.skipped) + tally.skipped,
            "as_of": made.as_of,
            "read_ms": made.read_ms,
            "failed_ms": None,
            "failed_code": None,
        }
        await self._ctx.db.write_async(partial(self._settle_moments, account_id))
        await self._tell(account_id, done)
        own = await self._own(account_id)
        for one in (one for choice in policy.choose(own, rules.KEPT, ()) for one in choice.gone):
            await self._let_go(account_id, one.id)
        return {name: value for name, value in done.items() if value is not None}

    async def _let_go(self, account_id: str, snapshot: str) -> None:
        """One that no rule keeps; what is restored from it now goes after a later backup."""
        try:
            await self._snapshots.forget(account_id, [snapshot])
        except Conflict as error:
            if error.code != IN_USE:
                raise

    async def _begin_moment(self, account_id: str) -> str:
        """The id of a snapshot to be made: what its records name from here on is kept until it is forgotten."""
        snapshot = secrets.token_hex(16)
        declared = self._ctx.journal.declared().values()
        attached = {one.attachments.area for one in declared if one and one.attachments}
        areas = sorted(attached.union(self._ctx.app_folders.areas))

        def write(conn: Connection) -> None:
            self._settle_moments(account_id, conn)
            begin_moment(conn, account_id, areas, snapshot)

        await self._ctx.db.write_async(write)
        return snapshot

    def _settle_moments(self, account_id: str, conn: Connection) -> None:
        """Of backups that ended, however they did: a process may be killed between a snapshot and the end of its
        moment."""
        for name in open_moments(conn, account_id):
            if self._ctx.journal.record(conn, account_id, SNAPSHOTS, name) is not None:
                end_moment(conn, account_id, name)
            else:
                drop_moment(conn, account_id, name, self._ctx.clock.now_ms())

    async def _failed(self, account_id: str, error: PileusError) -> None:
        log.warning("the phone of account %s could not be backed up: %s", account_id, error.code)
        await self._tell(account_id, {"failed_ms": self._ctx.clock.now_ms(), "failed_code": error.code})

    async def state(self, account_id: str) -> dict[str, Any]:
        """What is known of the last backup; {} before the first."""
        journal = self._ctx.journal
        record = await self._ctx.db.read_async(lambda conn: journal.record(conn, account_id, *LAST))
        return dict(record.fields) if record else {}

    async def overview(self, account_id: str) -> Overview:
        held = await self._ctx.db.read_async(lambda conn: held_bytes(conn, account_id))
        return Overview(await self.state(account_id), (await self._own(account_id))[::-1], held)

    async def about(self, account_id: str, snapshot: str) -> About:
        return await self.reading((await self.inside(account_id, snapshot)).about)

    async def items(self, account_id: str, snapshot: str, collection: str, words: str) -> list[Item]:
        inside = await self.inside(account_id, snapshot)
        return await self.reading(inside.items, collection, words, MOST_ITEMS)

    async def leave(self, account_id: str) -> None:
        """Removes what an account that is being erased had begun to write."""
        await asyncio.to_thread(trees.remove_soon, self._place(account_id))

    async def found(self, account_id: str, snapshot: str) -> Snapshot:
        """Raises `NotFound`."""
        found = next((one for one in await self._own(account_id) if one.id == snapshot), None)
        if found is None:
            raise NotFound("no-backup", "There is no such backup of this phone.")
        return found

    async def inside(self, account_id: str, snapshot: str, cloud: LocalCloud | None = None) -> Inside:
        """To be asked by `reading`. `cloud`: the one through which whoever reads can be told to end."""
        found = await self.found(account_id, snapshot)
        cloud = cloud or LocalCloud(self._snapshots, account_id, asyncio.get_running_loop())
        return await self.reading(Inside, self._ctx, cloud, account_id, found)

    async def reading(self, work: Callable[..., T], *arguments: Any) -> T:
        """Runs what blocks in one of the threads that read backups."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *arguments)

    async def _own(self, account_id: str) -> list[Snapshot]:
        """The phone's backups among the account's snapshots, by rising time."""
        return [one for one in await self._snapshots.listed(account_id) if one.of_phone]

    async def _tell(self, account_id: str, fields: Fields) -> None:
        journal = self._ctx.journal

        def write(conn: Connection) -> None:
            journal.put(conn, account_id, *LAST, fields)

        await self._ctx.db.write_async(write)

    def _place(self, account_id: str) -> Path:
        return self._folder / account_id


def _accounts(conn: Connection) -> list[str]:
    return list(conn.execute(text("SELECT id FROM account ORDER BY id")).scalars())


def open_jobs(conn: Connection, account_id: str, name: str) -> list[str]:
    """Ids of the account's jobs of a name that have not ended."""
    query = text(
        "SELECT id FROM job WHERE account_id = :account AND name = :name AND state IN ('waiting', 'running')"
    )
    return list(conn.execute(query, {"account": account_id, "name": name}).scalars())


def _lower() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
