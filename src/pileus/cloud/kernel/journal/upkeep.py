"""Forgetting what no device needs any more: old tombstones, mutation ids and history, once a day."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sqlalchemy import select

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.journal import history, pages
from pileus.cloud.kernel.service import Database
from pileus.core.clock import Clock

KEPT_MS = 180 * 24 * 3600_000
EVERY_SECONDS = 24 * 3600.0

log = logging.getLogger(__name__)


async def keep_up(db: Database, clock: Clock) -> None:
    """Prunes every account's journal now and then daily, until cancelled."""
    while True:
        try:
            await prune_all(db, clock)
        except Exception:
            log.exception("pruning the journal failed; it is tried again tomorrow")
        await asyncio.sleep(EVERY_SECONDS)


async def prune_all(db: Database, clock: Clock) -> None:
    """A transaction or two an account, so that no write waits for all of them."""
    before = clock.now_ms() - KEPT_MS
    ids = await db.read_async(lambda conn: list(conn.execute(select(tables.account.c.id)).scalars()))
    for account_id in ids:
        for forget in (pages.prune, history.forget):
            await db.write_async(partial(forget, account_id=account_id, before_ms=before))
