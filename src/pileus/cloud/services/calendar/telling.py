"""Reminders for devices whose page is closed: planned for a day ahead, told by push as they fall due.

The plan is in memory and made anew where events or subscriptions changed; until when was told is in the database,
in the write that tells, so that a restart tells nothing twice and leaves out nothing of the last day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import PushNote, ServiceContext, Subscriber
from pileus.cloud.services.calendar import store
from pileus.cloud.services.calendar.expansion import Reminder, reminders

LOOK_SECONDS = 10.0
"""A reminder that is made for sooner than this may be late by it."""
AHEAD_MS = 24 * 3600_000
PLAN_AGAIN_MS = 3600_000
"""A plan that ends sooner is made anew."""
log = logging.getLogger(__name__)
LATE_MS = 24 * 3600_000
"""One that fell due before that, while nobody could tell it, is left out."""
SHOWN_SECONDS = 3600
SUMMARY_LONGEST = 300


@dataclass(frozen=True)
class Plan:
    """What falls due for an account: by time zone, since whole days begin when they do there."""

    seq: int
    zones: frozenset[str]
    until_ms: int
    due: dict[str, list[Reminder]]

    def between(self, zone: str, since_ms: int, now_ms: int) -> list[Reminder]:
        return [one for one in self.due[zone] if since_ms <= one.due_ms <= now_ms]

    def next_ms(self, now_ms: int) -> int | None:
        return min((one.due_ms for each in self.due.values() for one in each if one.due_ms > now_ms), default=None)


class Teller:
    """Tells the reminders of all accounts that have a subscribed device."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._plans: dict[str, Plan] = {}
        self._told: dict[str, int] = {}
        """Until when this process has told."""

    async def keep_telling(self) -> None:
        """Until cancelled."""
        wait = 0.0
        while True:
            await asyncio.sleep(wait)
            wait = min(await self.look(), LOOK_SECONDS)

    async def look(self) -> float:
        """Tells what is due now; seconds until more is, as far as it is known."""
        now = self._ctx.clock.now_ms()
        subscribed, known = await self._ctx.db.read_async(self._subscribed)
        self._plans = {one: plan for one, plan in self._plans.items() if one in subscribed}
        self._told = {one: until for one, until in self._told.items() if one in subscribed}
        if known != subscribed.keys():
            since = {one: min(device.since_ms for device in devices) for one, (devices, _) in subscribed.items()}
            await self._ctx.db.write_async(lambda conn: _begin(conn, since))
        for account_id, (devices, seq) in subscribed.items():
            try:
                plan = await self._plan(account_id, devices, seq, now)
                told = self._told.get(account_id, now - LATE_MS)
                if any(plan.between(zone, told, now) for zone in plan.zones):
                    await self._tell(account_id, devices, plan, now)
                # What comes by an import, and was due before, is no news.
                self._told[account_id] = now + 1
            except Exception:  # one account's: those behind it hear of theirs
                log.exception("the reminders of account %s could not be told", account_id)
        following = [at for plan in self._plans.values() if (at := plan.next_ms(now)) is not None]
        return (min(following) - now) / 1000 if following else LOOK_SECONDS

    def _subscribed(self, conn: Connection) -> tuple[dict[str, tuple[list[Subscriber], int]], set[str]]:
        """Devices by their account, with the number of its last change of an event; accounts told before."""
        found: dict[str, list[Subscriber]] = {}
        for one in self._ctx.push.subscribers(conn):
            found.setdefault(one.account_id, []).append(one)
        last = {one: self._ctx.journal.last_change(conn, one, store.EVENTS) for one in found}
        known = set(conn.execute(text("SELECT account_id FROM calendar_told")).scalars())
        return {one: (devices, last[one]) for one, devices in found.items()}, known

    async def _plan(self, account_id: str, devices: Sequence[Subscriber], seq: int, now: int) -> Plan:
        zones = frozenset(one.zone for one in devices)
        known = self._plans.get(account_id)
        if known and (known.seq, known.zones) == (seq, zones) and known.until_ms - now > PLAN_AGAIN_MS:
            return known
        events = await store.all_events(self._ctx, account_id)
        start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (now - LATE_MS, now + AHEAD_MS))
        due = {zone: (await asyncio.to_thread(reminders, events, start, end, ZoneInfo(zone)))[0] for zone in zones}
        self._plans[account_id] = Plan(seq, zones, now + AHEAD_MS, due)
        return self._plans[account_id]

    async def _tell(self, account_id: str, devices: Sequence[Subscriber], plan: Plan, now: int) -> None:
        def write(conn: Connection) -> None:
            since, told = _advance(conn, account_id, now), self._told.get(account_id, now - LATE_MS)
            for device in devices if since is not None else ():
                for one in plan.between(device.zone, max(since or 0, told), now):
                    self._ctx.push.tell(conn, account_id, note(one), device.device_id)

        await self._ctx.db.write_async(write)


def note(one: Reminder) -> PushNote:
    """Under the key that a page that is open gives it, so that a device tells it once."""
    told = {
        "event": one.event,
        "summary": one.summary[:SUMMARY_LONGEST],
        "start_ms": one.start_ms,
        "due_ms": one.due_ms,
    }
    ttl = min(max(SHOWN_SECONDS, (one.start_ms - one.due_ms) // 1000), LATE_MS // 1000)
    return PushNote("reminder", f"reminder-{one.event}-{one.start_ms}-{one.due_ms}", told, ttl, "high")


def _begin(conn: Connection, accounts: Mapping[str, int]) -> None:
    """An account that is new here hears nothing from before it subscribed; one without devices is new again."""
    known = set(conn.execute(text("SELECT account_id FROM calendar_told")).scalars())
    for account_id in known - accounts.keys():
        conn.execute(text("DELETE FROM calendar_told WHERE account_id = :account"), {"account": account_id})
    for account_id in accounts.keys() - known:
        conn.execute(
            text("INSERT INTO calendar_told (account_id, until_ms) VALUES (:account, :since)"),
            {"account": account_id, "since": accounts[account_id]},
        )


def _advance(conn: Connection, account_id: str, now: int) -> int | None:
    """From when on is to be told until now; None where the account is not heard of any more."""
    mine = {"account": account_id}
    since = conn.execute(text("SELECT until_ms FROM calendar_told WHERE account_id = :account"), mine).scalar()
    conn.execute(
        text("UPDATE calendar_told SET until_ms = :next WHERE account_id = :account AND until_ms < :next"),
        mine | {"next": now + 1},
    )
    return None if since is None else int(since)
