"""What happened to an account, for its owner to look through. All of it runs inside `db.read` or `db.write`.

An entry is kept for a year, of an account the last thousand. Refused tries of one address are one entry for a
quarter of an hour, and have a bound of their own: whoever guesses passwords must not push out what they did next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, true, update

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Deed

KEPT_MS = 365 * 24 * 3600_000
KEPT = 1000
REFUSED_KEPT = 200

Event = (
    Deed
    | Literal[
        "account-made",
        "signed-in",
        "sign-in-refused",
        "signed-out",
        "device-signed-out",
        "device-renamed",
        "password-changed",
        "password-refused",
        "password-set",
        "recovery-codes-made",
        "recovered",
        "recovery-refused",
        "passkey-added",
        "passkey-renamed",
        "passkey-removed",
        "passkey-signed-in",
        "passkey-refused",
        "app-password-made",
        "app-password-removed",
        "app-password-refused",
        "device-rung",
        "device-locate-asked",
        "device-locked",
        "device-unlocked",
        "device-wipe-asked",
        "device-wipe-told",
        "place-key-set",
        "pairing-made",
        "pairing-allowed",
        "pairing-denied",
        "device-paired",
        "family-invited",
        "family-joined",
        "family-left",
        "family-child-made",
        "family-room-set",
        "family-code-made",
        "invitation-made",
        "invitation-removed",
        "invitation-used",
        "made-owner",
        "made-member",
        "quota-set",
        "disabled",
        "enabled",
        "deletion-asked",
        "deletion-undone",
        "exported",
    ]
)
REFUSED: frozenset[Event] = frozenset(
    {"sign-in-refused", "password-refused", "recovery-refused", "passkey-refused", "app-password-refused"}
)
"""Events that are tries of somebody who did not know the password."""


@dataclass(frozen=True)
class Source:
    """Where something came from: a device of the account (its id and name then), and a network address.

    All empty: whoever runs the cloud, at its command line.
    """

    device_id: str = ""
    device: str = ""
    address: str = ""


@dataclass(frozen=True)
class Entry:
    """`about`: what it was done to, such as another device's name. `times`: refusals that are one entry."""

    number: int
    at_ms: int
    event: Event
    source: Source
    about: str
    times: int


def note(conn: Connection, account_id: str, event: Event, source: Source, now_ms: int, about: str = "") -> None:
    """Writes an entry, in the transaction of what happened, and forgets what is no longer kept."""
    if event in REFUSED and _again(conn, account_id, event, source, now_ms):
        return
    table = tables.account_log
    conn.execute(
        insert(table).values(
            account_id=account_id,
            at_ms=now_ms,
            event=event,
            device_id=source.device_id,
            device=source.device,
            address=source.address,
            about=about,
            times=1,
        )
    )
    mine = table.c.account_id == account_id
    conn.execute(delete(table).where(mine, table.c.at_ms < now_ms - KEPT_MS))
    for kept, which in ((KEPT, true()), (REFUSED_KEPT, table.c.event.in_(REFUSED))):
        newest = select(table.c.number).where(mine, which).order_by(table.c.number.desc())
        conn.execute(
            delete(table).where(mine, which, table.c.number <= newest.offset(kept).limit(1).scalar_subquery())
        )


def entries(conn: Connection, account_id: str, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest first, those before the number `before`."""
    table = tables.account_log
    wanted = select(table).where(table.c.account_id == account_id).order_by(table.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(table.c.number < before)
    return [
        Entry(
            row.number, row.at_ms, row.event, Source(row.device_id, row.device, row.address), row.about, row.times
        )
        for row in conn.execute(wanted)
    ]


def _again(conn: Connection, account_id: str, event: Event, source: Source, now_ms: int) -> bool:
    """Whether it could be counted to the same refusal of a moment ago."""
    table = tables.account_log
    same = (
        select(table.c.number)
        .where(
            table.c.account_id == account_id,
            table.c.event == event,
            table.c.device_id == source.device_id,
            table.c.address == source.address,
            table.c.at_ms > now_ms - rules.WINDOW_MS,
        )
        .order_by(table.c.number.desc())
        .limit(1)
    )
    counted = update(table).where(table.c.number == same.scalar_subquery())
    return conn.execute(counted.values(times=table.c.times + 1, at_ms=now_ms)).rowcount > 0
