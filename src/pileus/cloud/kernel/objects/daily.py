"""A part of the packs is read back every day, so that all of them are within a month."""

from __future__ import annotations

import asyncio
import logging

from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.cloud.kernel.objects.upkeep import Report, check_pack, longest_unread

FIRST_SECONDS = 600.0
"""After a start, so that opening and the first devices come before."""
EVERY_SECONDS = 24 * 3600.0
DAYS = 30

log = logging.getLogger(__name__)


async def keep_checking(objects: PackedObjects) -> None:
    """Reads a day's part and says in the log what was found, until cancelled."""
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            await check_part(objects)
        except Exception:
            log.exception("reading stored packs back failed; it is tried again tomorrow")
        await asyncio.sleep(EVERY_SECONDS)


async def check_part(objects: PackedObjects) -> Report:
    """The thirtieth part that was unread the longest, one pack at a time in a worker of low priority."""
    rows, total = await objects.work(lambda: longest_unread(objects, DAYS))
    report = Report(of=len(rows))
    for row in rows:
        await objects.work(lambda row=row: check_pack(objects, row, report))  # type: ignore[misc]
    for problem in report.problems:
        log.error("%s Put a copy of it in its place; `pileus objects check` reads all packs.", problem)
    log.info(
        "read back %d of %d packs (%d MB): %d problems",
        report.packs,
        total,
        report.size // 1_000_000,
        len(report.problems),
    )
    return report
