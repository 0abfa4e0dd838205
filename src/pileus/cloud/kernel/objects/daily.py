"""Every day a part of the packs is read back, so that all are within a month, and room in them is won back."""

from __future__ import annotations

import asyncio
import logging

from pileus.cloud.kernel.objects.check import Report, check_named, check_pack, longest_unread
from pileus.cloud.kernel.objects.compact import Won, plan, rewrite
from pileus.cloud.kernel.objects.second import Copied
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.cloud.kernel.objects.structure import stock_problems, structure

FIRST_SECONDS = 600.0
"""After a start, so that opening and the first devices come before."""
EVERY_SECONDS = 24 * 3600.0
DAYS = 30
GROUPS = 256
"""Packs that are written anew in one day at the most: some 4 GB."""

log = logging.getLogger(__name__)


async def look_after(objects: PackedObjects) -> None:
    """Does a day's part and says in the log what was found, until cancelled."""
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        for task in (check_structure, check_part, win_room, copy_away):
            try:
                await task(objects)
            except Exception:
                log.exception("%s of the stored packs failed; it is tried again tomorrow", task.__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def check_structure(objects: PackedObjects) -> list[str]:
    """What can be told without reading data."""
    problems = await objects.work(lambda: [*structure(objects), *stock_problems(objects)])
    for problem in problems:
        log.error("%s", problem)
    return problems


async def check_part(objects: PackedObjects) -> Report:
    """The thirtieth part that was unread the longest, one pack at a time in a worker of low priority."""
    rows, total = await objects.work(lambda: longest_unread(objects, DAYS))
    report = Report(of=len(rows))
    for row in rows:
        await objects.work(lambda row=row: check_pack(objects, row, report))  # type: ignore[misc]
    for problem in report.problems:
        log.error("%s `pileus objects repair` mends what it can and lists the rest.", problem)
    log.info(
        "read back %d of %d packs (%d MB): %d problems",
        report.packs,
        total,
        report.size // 1_000_000,
        len(report.problems),
    )
    return report


async def win_room(objects: PackedObjects) -> Won:
    """Rewrites the most wasteful packs, one new pack at a time in a worker of low priority."""
    groups, told = await objects.work(lambda: plan(objects)), Won()
    for group in groups[:GROUPS]:
        told.add(await objects.work(lambda group=group: rewrite(objects, group)))  # type: ignore[misc]
    for problem in told.problems:
        log.error("%s Its other bodies were moved to another pack.", problem)
    if groups:
        log.info(
            "%d packs became %d (%d MB won); %d more are worth it",
            told.read,
            told.written,
            told.size // 1_000_000,
            max(len(groups) - GROUPS, 0),
        )
    return told


async def copy_away(objects: PackedObjects) -> Copied | None:
    """Brings the second copy up to date, a blob at a time in a worker of low priority; None without one."""
    if objects.copy is None:
        return None
    steps, told = objects.copy.steps(), Copied()
    while (step := await objects.work(lambda: next(steps, None))) is not None:
        told = step
    log.info("second copy %s: %d blobs (%d MB) were new", told.stamp, told.done, told.size // 1_000_000)
    for pack, problem in told.left.items():
        log.error("the second copy lacks pack %s: %s `pileus objects repair` mends what it can.", pack, problem)
    if told.left:
        await objects.work(lambda: check_named(objects, told.left))
    if told.deletable:
        log.warning("the second copy's store lets the server's keys delete from it: a thief of them could, too")
    return told
