"""Events in the journal; all but `all_events` runs inside `db.read` or `db.write`."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import Connection

from pileus.cloud.kernel.service import Journal, Mutation, ServiceContext
from pileus.cloud.services.calendar.events import Fields, Found, version
from pileus.cloud.services.calendar.rules import CALENDAR
from pileus.cloud.services.calendar.scheduling import applied
from pileus.core.errors import QuotaExceeded
from pileus.core.ids import new_id

EVENTS = "calendar.event"
CALENDARS = "calendar.calendar"
DEFAULT = "calendar"
"""The calendar of what names none."""
PAGE = 500


REFUSED = {
    "unknown": "There is no event that it is about.",
    "stranger": "It is not of the event's organizer.",
    "uninvited": "It is of somebody who was not invited.",
    "stale": "It is about an earlier version of the event.",
    "malformed": "The event, or the occurrence that it names, has times that cannot be read.",
}
"""Why a message about an event changed nothing."""


class Kept(NamedTuple):
    """What became of an imported event; `code` and `why` where it was refused."""

    state: Literal["new", "updated", "same", "refused"]
    code: str = ""
    why: str = ""


def calendar(conn: Connection, journal: Journal, account_id: str, calendar_id: str, name: str) -> None:
    """Makes the calendar where it is not there."""
    if journal.record(conn, account_id, CALENDARS, calendar_id) is None:
        journal.put(conn, account_id, CALENDARS, calendar_id, {"name": name})


def keep(conn: Connection, journal: Journal, account_id: str, device_id: str, events: list[Found]) -> list[Kept]:
    """Puts events into the journal, one outcome each; a newer version alone replaces one that is there.

    Raises `QuotaExceeded`: then none is kept.
    """
    return [_kept(conn, journal, account_id, device_id, one) for one in events]


def apply_message(
    conn: Connection, journal: Journal, account_id: str, device_id: str, method: str, events: list[Found]
) -> list[Kept]:
    """What a REPLY or a CANCEL makes of the events that are there, one outcome each.

    Raises `QuotaExceeded`: then none is changed.
    """
    return [_applied(conn, journal, account_id, device_id, method, one) for one in events]


def page(
    conn: Connection, journal: Journal, account_id: str, after: str | None, limit: int
) -> list[tuple[str, Fields]]:
    """Events by rising id, those after an id."""
    return [(one.id, one.fields) for one in journal.records(conn, account_id, EVENTS, after, limit)]


async def all_events(ctx: ServiceContext, account_id: str) -> dict[str, Fields]:
    """An account's events by their ids; a page at a time, so that nobody else waits long."""
    events: dict[str, Fields] = {}
    after: str | None = None
    while True:
        found = await ctx.db.read_async(
            lambda conn, after=after: page(conn, ctx.journal, account_id, after, PAGE)  # type: ignore[misc]
        )
        if not found:
            return events
        events.update(found)
        after = found[-1][0]


def _applied(
    conn: Connection, journal: Journal, account_id: str, device_id: str, method: str, found: Found
) -> Kept:
    there = journal.record(conn, account_id, EVENTS, found.id)
    became, put = applied(there.fields if there else None, found.fields, method)
    if became == "updated":
        return _put(conn, journal, account_id, device_id, found.id, put, "updated")
    if became == "same":
        return Kept("same")
    return Kept("refused", f"itip-{became}", REFUSED[became])


def _kept(conn: Connection, journal: Journal, account_id: str, device_id: str, found: Found) -> Kept:
    there = journal.record(conn, account_id, EVENTS, found.id)
    fields = dict(found.fields)
    if there is not None:
        if version(fields) <= version(there.fields):
            return Kept("same")
        fields[CALENDAR] = there.fields[CALENDAR]
        fields = {**dict.fromkeys(set(there.fields) - set(fields)), **fields}
    return _put(conn, journal, account_id, device_id, found.id, fields, "new" if there is None else "updated")


def _put(
    conn: Connection,
    journal: Journal,
    account_id: str,
    device_id: str,
    record: str,
    fields: Fields,
    state: Literal["new", "updated"],
) -> Kept:
    [outcome] = journal.apply(
        conn, account_id, device_id, [Mutation(new_id(), None, EVENTS, record, "put", fields)]
    )
    if outcome.code == "quota-exceeded":
        raise QuotaExceeded("quota-exceeded", outcome.detail or "The account's storage is full.")
    if outcome.status == "refused":
        return Kept("refused", outcome.code or "", outcome.detail or "It was refused.")
    return Kept(state)
