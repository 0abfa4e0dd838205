"""Makes a backup of a phone: its records in files, then a snapshot of them. Blocks; in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.backups.phone import rules
from pileus.cloud.services.backups.phone.last import Last
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.records import Records
from pileus.cloud.services.backups.phone.rules import (
    ABOUT,
    APPS,
    RECORDS,
    About,
    AppKept,
    Before,
    Skipped,
)
from pileus.core import trees
from pileus.core.errors import PileusError
from pileus.sdk.backup import save
from pileus.sdk.backup.wire import PHONE, PHONE_PATHS

ANEW = save.USELESS | {"backup-unreadable", "no-snapshot"}
"""What goes wrong where the last backup is damaged, or was forgotten meanwhile: then everything is read."""
log = logging.getLogger(__name__)
Tell = Callable[[str, float | None], None]
"""A phase and how much of it is done."""


@dataclass(frozen=True)
class Made:
    """`as_of`: the journal's number when the reading began; `read_ms`: when all records were last read."""

    about: About
    tally: save.Tally
    as_of: int
    read_ms: int


def begin(folder: Path) -> Path:
    """Makes `folder` anew; where the apps' folders are to be copied to."""
    trees.remove_soon(folder)
    for part in (RECORDS, APPS):
        (folder / part).mkdir(parents=True, mode=0o700)
    return folder / APPS


def make(
    ctx: ServiceContext,
    cloud: LocalCloud,
    account_id: str,
    snapshot: str,
    folder: Path,
    apps: tuple[list[AppKept], list[Skipped]],
    before: Before | None,
    tell: Tell,
) -> Made:
    """Makes the snapshot of this id, from a `folder` in which the apps' folders are already.

    Raises `PileusError` where it could not be made.
    """
    if before is not None:
        try:
            return _made(ctx, cloud, account_id, snapshot, folder, apps, Last(cloud, before), tell)
        except PileusError as error:
            if error.code not in ANEW:
                raise
            log.warning("nothing can be taken over from backup %s: %s", before.snapshot.id, error.detail)
    return _made(ctx, cloud, account_id, snapshot, folder, apps, None, tell)


def _made(
    ctx: ServiceContext,
    cloud: LocalCloud,
    account_id: str,
    snapshot: str,
    folder: Path,
    apps: tuple[list[AppKept], list[Skipped]],
    last: Last | None,
    tell: Tell,
) -> Made:
    now = ctx.clock.now_ms()
    records = Records(ctx, cloud, account_id, folder / RECORDS, last)
    names = [name for name in ctx.journal.declared() if rules.is_kept(name)]
    for number, name in enumerate(names):
        tell("records", number / len(names))
        records.write(name)
    about = About(1, now, records.counts, *apps)
    (folder / ABOUT).write_bytes(msgspec.json.encode(about))
    tell("store", None)
    options = save.Options(
        paths=[path.encode() for path in PHONE_PATHS],
        host=PHONE,
        user="",
        tags=[PHONE],
        time_ms=now,
        id=snapshot,
        ignore_ctime=True,
        ignore_inode=True,  # these are copies: what tells an app's file is its size and when it was written
        parent=last.before.snapshot.id if last else None,
        places={part.encode(): bytes(folder / part) for part in (ABOUT, APPS, RECORDS)},
        carried=records.carried,
    )
    tally = save.back_up(cloud, options)
    return Made(about, tally, records.as_of, last.before.read_ms if last else now)
