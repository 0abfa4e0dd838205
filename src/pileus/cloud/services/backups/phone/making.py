"""Makes a backup of a phone: its records in files, then a snapshot of them. Blocks; in a thread of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Record, ServiceContext
from pileus.cloud.services.backups.phone import rules
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.rules import ABOUT, APPS, RECORDS, About, AppKept, Line, Skipped
from pileus.core import trees
from pileus.sdk.backup import save

PAGE = 1000
TRIES, AGAIN = 20, 0.2
"""How often, and after how many seconds each time, a folder is tried to be removed."""
log = logging.getLogger(__name__)
Tell = Callable[[str, float | None], None]
"""A phase and how much of it is done."""


def begin(folder: Path) -> Path:
    """Makes `folder` anew; where the apps' folders are to be copied to."""
    remove(folder)
    for part in (RECORDS, APPS):
        (folder / part).mkdir(parents=True, mode=0o700)
    return folder / APPS


def make(
    ctx: ServiceContext,
    cloud: LocalCloud,
    account_id: str,
    folder: Path,
    apps: tuple[list[AppKept], list[Skipped]],
    tell: Tell,
) -> tuple[About, save.Tally]:
    """From a `folder` in which the apps' folders are already. Raises `PileusError` where none could be made."""
    now = ctx.clock.now_ms()
    counts = _write(ctx, cloud, account_id, folder / RECORDS, tell)
    about = About(1, now, counts, *apps)
    (folder / ABOUT).write_bytes(msgspec.json.encode(about))
    tell("store", None)
    parts = (ABOUT, APPS, RECORDS)
    options = save.Options(
        paths=[f"/{part}".encode() for part in parts],
        host=rules.HOST,
        user="",
        tags=[rules.TAG],
        time_ms=now,
        ignore_ctime=True,
        ignore_inode=True,  # these are copies: what tells an app's file is its size and when it was written
        places={part.encode(): bytes(folder / part) for part in parts},
    )
    return about, save.back_up(cloud, options)


def remove(folder: Path) -> None:
    """What is left where it cannot be removed is told; a thread that was told to end may still write to it."""
    for last in (*[False] * TRIES, True):
        try:
            return trees.remove(folder)
        except OSError as error:
            if last:
                log.warning("%s cannot be removed: %s", folder, error)
        time.sleep(AGAIN)


def _write(ctx: ServiceContext, cloud: LocalCloud, account_id: str, folder: Path, tell: Tell) -> dict[str, int]:
    """How many records of each collection there are. What changes meanwhile may be in the files or not."""
    names = [name for name in ctx.journal.declared() if rules.is_kept(name)]
    counts: dict[str, int] = {}
    for number, name in enumerate(names):
        tell("records", number / len(names))
        count, after = 0, None
        with (folder / f"{name}.jsonl").open("wb") as out:
            while True:
                cloud.check()
                page: list[Record] = ctx.db.read(partial(_page, ctx, account_id, name, after))
                for one in page:
                    out.write(msgspec.json.encode(Line(one.id, dict(one.fields))) + b"\n")
                count += len(page)
                if len(page) < PAGE:
                    break
                after = page[-1].id
        if count:
            counts[name] = count
        else:
            (folder / f"{name}.jsonl").unlink()
    return counts


def _page(ctx: ServiceContext, account_id: str, name: str, after: str | None, conn: Connection) -> list[Record]:
    return ctx.journal.records(conn, account_id, name, after, PAGE)
