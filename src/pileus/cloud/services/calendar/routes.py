"""HTTP of the calendar service, below /api/v1: import, export, occurrences, reminders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Caller, ExportedFile, Operation, ServiceContext, reply
from pileus.cloud.services.calendar import store
from pileus.cloud.services.calendar.events import Fields, whole_calendar
from pileus.cloud.services.calendar.expansion import Occurrence, Reminder, Unread, happens, occurrences, reminders
from pileus.cloud.services.calendar.imports import Import, ImportReport
from pileus.cloud.services.calendar.invitations import Deliverer, forget
from pileus.cloud.services.calendar.rules import CALENDAR
from pileus.cloud.services.calendar.scheduling import told_apart
from pileus.cloud.services.calendar.telling import Teller
from pileus.core import stated
from pileus.core.errors import Invalid, NotFound, PileusError, TooLarge
from pileus.core.ids import RECORD_ID, is_record_id

MAX_FILE_BYTES = 64 << 20
"""Read as a whole: exceptions may stand before what they except from."""
LONGEST = timedelta(days=400)
LATEST_MS = 10**14 - 1
MEDIA = "text/calendar; charset=utf-8"


class OccurrenceList(msgspec.Struct, frozen=True):
    """By their start. Times are milliseconds since 1970; those of whole days are of the zone asked for.

    `unread`: events whose times cannot be told, or not all of them.
    """

    occurrences: list[Occurrence]
    unread: list[Unread]


class ReminderList(msgspec.Struct, frozen=True):
    """By when they fall due; `unread` as of occurrences."""

    reminders: list[Reminder]
    unread: list[Unread]


def operations(ctx: ServiceContext) -> list[Operation]:
    calendar = CalendarRoutes(ctx)
    ctx.exports.offer(calendar.offered)
    ctx.jobs.always(Teller(ctx).keep_telling)
    ctx.jobs.always(Deliverer(ctx).keep_delivering)
    ctx.departures.own_rows(forget)
    moment = Annotated[int, stated.number(0, LATEST_MS)]
    span = {"from": moment, "to": moment, "zone": str}
    needed = frozenset({"from", "to"})
    calendar_id = Annotated[str, stated.text(pattern=RECORD_ID)]
    return [
        Operation(
            "POST",
            "/calendar/import",
            calendar.take_file,
            "Take events, tasks and journals from an iCalendar file into the calendar of that id",
            response=ImportReport,
            takes="application/octet-stream",
            query={"calendar": calendar_id},
            costly="import",
        ),
        Operation(
            "GET",
            "/calendar/export",
            calendar.give_file,
            "All events as iCalendar, or those of one calendar, or one event",
            query={"calendar": str, "event": str},
            costly="export",
        ),
        Operation(
            "GET",
            "/calendar/occurrences",
            calendar.happening,
            "What happens from a moment to another (milliseconds since 1970, at most 400 days)",
            response=OccurrenceList,
            query=span,
            needed=needed,
        ),
        Operation(
            "GET",
            "/calendar/reminders",
            calendar.due,
            "Reminders that fall due from a moment to another",
            response=ReminderList,
            query=span,
            needed=needed,
        ),
        Operation(
            "GET",
            "/calendar/guests/{name}",
            calendar.guest,
            "Whether an account of this name can be invited",
            response=Guest,
            devices_only=True,
            costly="look-up",
        ),
    ]


class Guest(msgspec.Struct, frozen=True):
    """Somebody who can be invited. `name`: as the account is written; `pileus:NAME` is the address."""

    name: str


class CalendarRoutes:
    """The handlers."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    async def take_file(self, request: Request, caller: Caller) -> Response:
        """An error tells in `report` what was kept before it."""
        calendar = request.query_params.get("calendar", store.DEFAULT)
        if not is_record_id(calendar):
            raise Invalid("query-parameter", "calendar is a calendar's id.")
        work = Import(self._ctx, caller, calendar)
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > MAX_FILE_BYTES:
                raise TooLarge("ical-file-too-large", f"At most {MAX_FILE_BYTES >> 20} MiB are read at once.")
            await asyncio.to_thread(work.feed, part)
        try:
            await work.finish()
        except PileusError as error:
            kept = msgspec.to_builtins(work.report())
            raise PileusError(
                error.code, error.detail, status=error.status, **{**error.extra, "report": kept}
            ) from error
        return reply(work.report())

    async def give_file(self, request: Request, caller: Caller) -> Response:
        calendar, event = request.query_params.get("calendar"), request.query_params.get("event")
        events = {
            one: fields
            for one, fields in (await store.all_events(self._ctx, caller.account_id)).items()
            if event in (None, one) and calendar in (None, fields[CALENDAR])
        }
        headers = {"Content-Disposition": 'attachment; filename="calendar.ics"', "Cache-Control": "no-store"}
        return StreamingResponse(_written(list(events.values())), headers=headers, media_type=MEDIA)

    async def offered(self, account_id: str) -> AsyncIterator[ExportedFile]:
        """For the export of the whole account."""
        events = list((await store.all_events(self._ctx, account_id)).values())
        if events:
            yield ExportedFile("calendar.ics", _written(events), text=True)

    async def happening(self, request: Request, caller: Caller) -> Response:
        events = await store.all_events(self._ctx, caller.account_id)
        return reply(OccurrenceList(*await asyncio.to_thread(occurrences, events, *_span(request))))

    async def due(self, request: Request, caller: Caller) -> Response:
        events = await store.all_events(self._ctx, caller.account_id)
        return reply(ReminderList(*await asyncio.to_thread(reminders, events, *_span(request))))

    async def guest(self, request: Request, _caller: Caller) -> Response:
        name = request.path_params["name"]
        found = await self._ctx.db.read_async(lambda conn: self._ctx.directory.find(conn, name))
        if found is None:
            raise NotFound("no-account", "There is no account of this name here.")
        return reply(Guest(found.name))


async def _written(events: list[Fields]) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(lambda: whole_calendar(_apart(one) for one in events).to_ical())


def _apart(fields: Fields) -> Mapping[str, Any]:
    return told_apart(fields, partial(happens, fields))


def _span(request: Request) -> tuple[datetime, datetime, ZoneInfo]:
    try:
        zone = ZoneInfo(request.query_params.get("zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("query-parameter", "zone is a name such as Europe/Berlin.") from None
    start, end = (_moment(request, name) for name in ("from", "to"))
    if not start < end <= start + LONGEST:
        raise Invalid("query-parameter", f"to is after from, at most {LONGEST.days} days.")
    return start, end, zone


def _moment(request: Request, name: str) -> datetime:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LATEST_MS):
        raise Invalid("query-parameter", f"{name} is a number of milliseconds since 1970.")
    return datetime.fromtimestamp(int(text) / 1000, UTC)
