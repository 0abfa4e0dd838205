"""Events with guests among the accounts of this cloud: brought to them, their answers brought back.

A device writes an event like any other; who has to hear of it is noted in the same transaction, and told from the
database, so that a crash in between loses nothing and tells nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AccountName, AppliedChange, DayCount, PushNote, Record, ServiceContext
from pileus.cloud.services.calendar import scheduling, store
from pileus.cloud.services.calendar.events import Fields, text_of
from pileus.core.errors import PileusError
from pileus.core.pace import Pace

LOOK_SECONDS = 2.0
MOST_GUESTS = 100
"""Names of accounts that are looked up for one event."""
TRIED, TRIED_A_MINUTE = 300, 60.0
"""Names of new guests that an account may try at once, then in a minute: as often as it may ask for a name."""
MOST_BYTES = 256 << 10
"""Of an event that is brought to others, as JSON: it counts in their storage."""
AGAIN_MS, MOST_TRIES = 60_000, 12
"""What could not be brought is tried again after a minute, two, four … for some days."""
INVITED = DayCount("calendar_invitations", "guest")
A_DAY = 100
"""New invitations of one account to another in a day (UTC); further ones do not arrive."""
DAY_MS = 86_400_000
TITLE_LONGEST = 300

log = logging.getLogger(__name__)


class Waiting(NamedTuple):
    account_id: str
    record: str
    organizer: str
    tries: int


def project(conn: Connection, change: AppliedChange) -> None:
    """Notes that others have to hear of a change."""
    if not scheduling.concerns(change.fields) and not scheduling.concerns(change.before):
        return
    organizer = scheduling.organizer(change.fields) or scheduling.organizer(change.before or {})
    _note(conn, Waiting(change.account_id, change.record, organizer, 0), change.at_ms)


class Deliverer:
    """Brings what waits."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._tried = Pace(TRIED, TRIED_A_MINUTE)

    async def keep_delivering(self) -> None:
        """Until cancelled."""
        while True:
            await self.deliver_all()
            await asyncio.sleep(LOOK_SECONDS)

    async def deliver_all(self) -> None:
        while one := await self._ctx.db.read_async(lambda conn: _first(conn, self._ctx.clock.now_ms())):
            await self._ctx.db.write_async(lambda conn, one=one: self._deliver(conn, one))  # type: ignore[misc]

    def _deliver(self, conn: Connection, one: Waiting) -> None:
        """What could not be brought waits for another time, longer each time."""
        try:
            with conn.begin_nested():
                brought = self._bring(conn, one)
        except Exception as error:  # of one event: what waits behind it is not to wait for ever
            told = log.info if isinstance(error, PileusError) else log.exception
            told("an invitation of account %s could not be brought: %s", one.account_id, error)
            brought = False
        mine = {"account": one.account_id, "record": one.record}
        if brought or one.tries == MOST_TRIES:
            which = "DELETE FROM calendar_outbox WHERE account_id = :account AND record = :record"
            conn.execute(text(which), mine)
        else:
            due = self._ctx.clock.now_ms() + AGAIN_MS * 2**one.tries
            again = "UPDATE calendar_outbox SET due_ms = :due, tries = :tries"
            which = f"{again} WHERE account_id = :account AND record = :record"
            conn.execute(text(which), mine | {"due": due, "tries": one.tries + 1})

    def _bring(self, conn: Connection, one: Waiting) -> bool:
        """Whether all is where it belongs."""
        name = self._ctx.directory.name(conn, one.account_id)
        event = self._event(conn, one.account_id, one.record)
        if one.organizer and not scheduling.same(one.organizer, scheduling.address(name)):
            self._answer(conn, one, name, event)
            return True
        return self._invite(conn, one, name, event)

    def _answer(self, conn: Connection, one: Waiting, name: str, event: Record | None) -> None:
        """A guest's answer, for the organizer; a guest who deletes the event declines it."""
        name_of_host = scheduling.account_in(one.organizer)
        host = self._ctx.directory.find(conn, name_of_host) if name_of_host else None
        asked = self._event(conn, host.id, one.record) if host else None
        if host is None or asked is None or not _is_host(asked.fields, host):
            return
        me = scheduling.address(name)
        answer = scheduling.partstat(event.fields, me) if event else "DECLINED"
        put = scheduling.with_answer(asked.fields, me, answer)
        said = scheduling.single_answers(event.fields, me) if event else {}
        put |= scheduling.with_single_answers(asked.fields, me, said)
        if put:
            self._ctx.journal.put(conn, host.id, store.EVENTS, one.record, put)

    def _invite(self, conn: Connection, one: Waiting, name: str, event: Record | None) -> bool:
        """An organizer's event, for its guests; for those who were, that it is cancelled."""
        fields = event.fields if event else {}
        statuses: dict[str, str] = {}
        guests: dict[str, AccountName] = {}
        invited, brought = _invited(conn, one), True
        for tried, guest in enumerate(dict.fromkeys(scheduling.guests(fields))):
            found = self._ctx.directory.find(conn, guest) if tried < MOST_GUESTS else None
            if tried >= MOST_GUESTS:
                statuses[guest] = scheduling.NOT_DELIVERED
            elif found is not None and found.id in invited | {one.account_id}:
                guests[found.id] = AccountName(found.id, guest)
            elif self._tried.take(one.account_id, self._ctx.clock.monotonic()) > 0:
                statuses[guest], brought = scheduling.NOT_DELIVERED, False  # whether it is there or not
            elif found is None:
                statuses[guest] = scheduling.NO_SUCH
            else:
                guests[found.id] = AccountName(found.id, guest)
        guests.pop(one.account_id, None)
        if event is not None:
            own = scheduling.owned(fields, name)
            self._put(conn, one.account_id, one.record, own)
            fields = fields | own
        for found in guests.values():
            if not self._reached(conn, found.id, partial(self._bring_to, conn, one, name, found, fields)):
                statuses[found.name], brought = scheduling.NOT_DELIVERED, False
        for gone in invited - guests.keys():
            brought &= self._reached(conn, gone, partial(self._strike, conn, one, name, gone))
        if event is not None:
            self._put(conn, one.account_id, one.record, scheduling.with_statuses(fields, statuses))
        return brought

    def _reached(self, conn: Connection, guest: str, work: Callable[[], bool]) -> bool:
        """One guest's, who keeps nothing from the others."""
        try:
            with conn.begin_nested():
                return work()
        except PileusError as error:
            log.info("an invitation did not reach account %s: %s", guest, error.code)
            return False

    def _bring_to(self, conn: Connection, one: Waiting, name: str, guest: AccountName, fields: Fields) -> bool:
        """Whether the guest has it, or does not want it."""
        there = self._event(conn, guest.id, one.record)
        if there is not None and not scheduling.same(scheduling.organizer(there.fields), scheduling.address(name)):
            return False  # an event of the guest's own, or of another's: its UID is no secret
        if there is None and scheduling.partstat(fields, scheduling.address(guest.name)) == "DECLINED":
            return True
        put = scheduling.delivered(fields, there.fields if there else None, guest.name, store.DEFAULT)
        if not put:
            return True
        if len(msgspec.json.encode(put)) > MOST_BYTES:
            return False
        if there is None and not self._may(conn, one.account_id, guest.id):
            return False
        store.calendar(conn, self._ctx.journal, guest.id, store.DEFAULT, "Calendar")
        self._ctx.journal.put(conn, guest.id, store.EVENTS, one.record, put)
        if there is None:
            _remember(conn, one, guest.id)
            self._ctx.push.tell(conn, guest.id, note(one.record, name, fields))
        return True

    def _strike(self, conn: Connection, one: Waiting, name: str, guest: str) -> bool:
        there = self._event(conn, guest, one.record)
        if there is not None and scheduling.same(scheduling.organizer(there.fields), scheduling.address(name)):
            self._put(conn, guest, one.record, scheduling.cancelled(there.fields))
        conn.execute(
            text(
                "DELETE FROM calendar_invited WHERE account_id = :account AND record = :record AND guest = :guest"
            ),
            {"account": one.account_id, "record": one.record, "guest": guest},
        )
        return True

    def _may(self, conn: Connection, account_id: str, guest: str) -> bool:
        """Counts a new invitation; False where there were too many today."""
        return INVITED.add(conn, account_id, guest, self._ctx.clock.now_ms()) <= A_DAY

    def _event(self, conn: Connection, account_id: str, record: str) -> Record | None:
        return self._ctx.journal.record(conn, account_id, store.EVENTS, record)

    def _put(self, conn: Connection, account_id: str, record: str, fields: Fields) -> None:
        if fields:
            self._ctx.journal.put(conn, account_id, store.EVENTS, record, fields)


def forget(conn: Connection, account_id: str) -> int:
    """Of an account that is erased: where it was a guest."""
    return conn.execute(text("DELETE FROM calendar_invited WHERE guest = :guest"), {"guest": account_id}).rowcount


def note(record: str, host: str, fields: Fields) -> PushNote:
    told = {"event": record, "from": f"@{host}", "summary": text_of(fields, "summary")[:TITLE_LONGEST]}
    return PushNote("invitation", f"invitation-{record}", told)


def _is_host(fields: Fields, host: AccountName) -> bool:
    return scheduling.same(scheduling.organizer(fields), scheduling.address(host.name))


def _first(conn: Connection, now_ms: int) -> Waiting | None:
    """What has waited longest."""
    query = text(
        "SELECT account_id, record, organizer, tries FROM calendar_outbox"
        " WHERE due_ms <= :now ORDER BY due_ms LIMIT 1"
    )
    row = conn.execute(query, {"now": now_ms}).first()
    return None if row is None else Waiting(*row)


def _note(conn: Connection, one: Waiting, now_ms: int) -> None:
    conn.execute(
        text(
            "INSERT INTO calendar_outbox (account_id, record, organizer, due_ms, tries)"
            " VALUES (:account, :record, :organizer, :now, 0) ON CONFLICT (account_id, record)"
            " DO UPDATE SET organizer = excluded.organizer, due_ms = excluded.due_ms, tries = 0"
        ),
        {"account": one.account_id, "record": one.record, "organizer": one.organizer, "now": now_ms},
    )


def _invited(conn: Connection, one: Waiting) -> set[str]:
    query = text("SELECT guest FROM calendar_invited WHERE account_id = :account AND record = :record")
    return set(conn.execute(query, {"account": one.account_id, "record": one.record}).scalars())


def _remember(conn: Connection, one: Waiting, guest: str) -> None:
    conn.execute(
        text(
            "INSERT INTO calendar_invited (account_id, record, guest) VALUES (:account, :record, :guest)"
            " ON CONFLICT DO NOTHING"
        ),
        {"account": one.account_id, "record": one.record, "guest": guest},
    )
