"""Every day a part of the packs is read back, so that all are within a month, and room in them is won back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from pileus.cloud.kernel.objects.blobs import Exposure
from pileus.cloud.kernel.objects.care import Task, note_done, note_failed
from pileus.cloud.kernel.objects.check import Report, check_named, check_pack, longest_unread
from pileus.cloud.kernel.objects.compact import Won, plan, rewrite
from pileus.cloud.kernel.objects.copy_check import CopyRead, read_back, unreadable_there
from pileus.cloud.kernel.objects.second import Copied
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.cloud.kernel.objects.structure import stock_problems, structure
from pileus.cloud.kernel.room import storage_failure
from pileus.core.errors import PileusError

FIRST_SECONDS = 600.0
"""After a start, so that opening and the first devices come before."""
EVERY_SECONDS = 24 * 3600.0
DAYS = 30
GROUPS = 256
"""Packs that are written anew in one day at the most: some 4 GB."""

EXPOSED: Mapping[Exposure, str] = {
    "overwrite": "the second copy's store lets the server's keys overwrite it: a thief of them could, too",
    "delete": "the second copy's store lets the server's keys delete from it: a thief of them could, too",
    "folder": "the second copy is a folder: whoever gets into this machine can change or delete it, too",
    "versions": "the second copy's store keeps versions: see that the server's keys may not delete those",
}

log = logging.getLogger(__name__)


async def look_after(objects: PackedObjects, tell: Callable[[], Awaitable[object]]) -> None:
    """Does a day's part and notes what was found, until cancelled; `tell` has the people concerned hear of it."""
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        await do_all(objects)
        try:
            await tell()
        except Exception:
            log.exception("telling of the stored packs failed; it is tried again tomorrow")
        await asyncio.sleep(EVERY_SECONDS)


async def do_all(objects: PackedObjects) -> None:
    """A day's part of each task; one that fails is noted, and the others are done."""
    for task, work in WORKS.items():
        try:
            await work(objects)
        except Exception as error:
            log.exception("%s of the stored packs failed; it is tried again tomorrow", work.__name__)
            known = error if isinstance(error, PileusError) else storage_failure(error) or PileusError()
            code, now = known.code, objects.clock.now_ms()
            with suppress(Exception):  # the disk may be what fails
                await objects.db.write_async(
                    lambda conn, task=task, code=code, now=now: note_failed(conn, task, now, code)  # type: ignore[misc]
                )


async def check_structure(objects: PackedObjects) -> list[str]:
    """What can be told without reading data; a pack that is not whole is read at once, for what is lost of it."""
    problems = await objects.work(lambda: structure(objects))
    stock = await objects.work(lambda: stock_problems(objects))
    await objects.work(lambda: check_named(objects, stock))
    await _note_done(objects, "structure", len(problems))
    problems += [f"Pack {name}: {problem}" for name, problem in stock.items()]
    for problem in problems:
        log.error("%s", problem)
    return problems


async def check_part(objects: PackedObjects) -> Report:
    """The thirtieth part that was unread the longest, one pack at a time in a worker of low priority."""
    rows, total = await objects.work(lambda: longest_unread(objects, DAYS))
    report = Report(of=len(rows))
    for row in rows:
        await objects.work(lambda row=row: check_pack(objects, row, report))  # type: ignore[misc]
    await _note_done(objects, "check")
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
    await _note_done(objects, "room", len(told.problems))
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
    for path, problem in told.not_kept.items():
        log.error("the second copy lacks %s: %s It is tried again tomorrow.", path, problem)
    if told.left:
        await objects.work(lambda: check_named(objects, told.left))
    for exposure in told.exposures:
        log.warning("%s", EXPOSED[exposure])
    return told


async def check_copy(objects: PackedObjects) -> CopyRead | None:
    """The thirtieth part of the copy that was unread the longest, a pack at a time; None without a copy."""
    if objects.copy is None:
        return None
    steps, told = read_back(objects, objects.copy.store, DAYS), CopyRead()
    while (step := await objects.work(lambda: next(steps, None))) is not None:
        told = step
    await _note_done(objects, "copy-check", await objects.db.read_async(unreadable_there))
    for problem in told.problems:
        log.error("%s Take it away there, and the next run copies it again.", problem)
    log.info("read back %d packs (%d MB) of the second copy", told.done, told.size // 1_000_000)
    return told


async def _note_done(objects: PackedObjects, task: Task, problems: int = 0) -> None:
    now = objects.clock.now_ms()
    await objects.db.write_async(lambda conn: note_done(conn, task, now, problems))


WORKS: Mapping[Task, Callable[[PackedObjects], Awaitable[object]]] = {
    "structure": check_structure,
    "check": check_part,
    "room": win_room,
    "copy": copy_away,
    "copy-check": check_copy,
}
"""In the order of a day: what is damaged is told before it is compacted and copied."""
