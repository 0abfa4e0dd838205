"""Sends what waits: the messages' rows are the truth, this task their hands. A crash costs a second sending."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.push import rows, rules
from pileus.cloud.kernel.push.answers import Answer, Forbidden, Unreachable
from pileus.cloud.kernel.push.rows import Message
from pileus.cloud.kernel.push.store import PushStore
from pileus.cloud.kernel.push.vapid import VapidKey
from pileus.cloud.kernel.service import Database
from pileus.core.clock import Clock

if TYPE_CHECKING:
    from pileus.cloud.kernel.push.reach import Poster

AT_ONCE = 8
OF_ONE = 2
LONGEST_SLEEP = 600.0
AFTER_FAILURE = 30.0

log = logging.getLogger(__name__)


class Sender:
    """A task for the life of the server."""

    def __init__(
        self, db: Database, clock: Clock, store: PushStore, key: VapidKey, allowed: Sequence[rules.Network]
    ) -> None:
        self._db = db
        self._clock = clock
        self._store = store
        self._key = key
        self._allowed = allowed
        self._bell = asyncio.Event()
        self._sending: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._poster: Poster | None = None

    async def keep_sending(self) -> None:
        """Until cancelled."""
        self._store.wake = _waker(asyncio.get_running_loop(), self._bell)
        try:
            while True:
                self._bell.clear()
                try:
                    wait = await self._begin()
                except Exception:
                    log.exception("push messages could not be looked at")
                    wait = AFTER_FAILURE
                await self._until(wait)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._poster is not None:
                await self._poster.close()

    async def _begin(self) -> float:
        """Begins to send what is due; seconds until there is more to do (a bell may ring before)."""
        now = self._clock.now_ms()
        next_ms = await self._db.read_async(lambda conn: rows.next_ms(conn, *self._taken()))
        if next_ms is not None and next_ms <= now and len(self._sending) < AT_ONCE:
            await self._db.write_async(lambda conn: rows.expire(conn, now))
            free = AT_ONCE - len(self._sending)
            for message in await self._db.read_async(lambda conn: rows.due(conn, now, free, *self._taken())):
                if message.subscription.account_id not in self._taken()[1]:
                    self._start(message)
            next_ms = await self._db.read_async(lambda conn: rows.next_ms(conn, *self._taken()))
        if next_ms is None or len(self._sending) >= AT_ONCE:
            return LONGEST_SLEEP
        return max((next_ms - now) / 1000, 0)

    def _taken(self) -> tuple[list[str], list[str]]:
        """Messages that are being sent, and accounts that have as many of those as one may: a push service that is
        slow holds up nobody else's."""
        accounts = Counter(self._sending.values())
        return list(self._sending), [one for one, count in accounts.items() if count >= OF_ONE]

    def _start(self, message: Message) -> None:
        self._sending[message.id] = message.subscription.account_id
        task = asyncio.create_task(self._send(message))
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, message.id))

    async def _until(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(min(seconds, LONGEST_SLEEP)):
                await self._bell.wait()
        except TimeoutError:
            return

    def _ended(self, message_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._sending.pop(message_id, None)
        self._bell.set()

    async def _send(self, message: Message) -> None:
        try:
            await self._send_or_wait(message)
        except Exception:
            log.exception("a push message could not be sent")
            await self._later(message, None)

    async def _send_or_wait(self, message: Message) -> None:
        host = urlsplit(message.subscription.endpoint).hostname
        try:
            answer = await self._post(message)
        except Unreachable as error:
            log.info("the push service %s cannot be reached: %s", host, error)
            await self._later(message, None)
            return
        except Forbidden:
            log.warning("a subscription leads to an address of %s that push messages may not go to", host)
            await self._db.write_async(lambda conn: rows.drop(conn, message.id))
            return
        await self._heed(message, answer, host)

    async def _post(self, message: Message) -> Answer:
        if self._poster is None:
            # Not before there is something to send: each start of a cloud would wait for it.
            from pileus.cloud.kernel.push.reach import Poster

            self._poster = Poster(self._allowed)
        endpoint, now = message.subscription.endpoint, self._clock.now_ms()
        headers = {
            "Authorization": await asyncio.to_thread(self._key.authorization, endpoint, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(math.ceil((message.expires_ms - now) / 1000), 0)),
            "Topic": message.topic,
            "Urgency": message.urgency,
        }
        return await self._poster.post(endpoint, headers, message.body)

    async def _heed(self, message: Message, answer: Answer, host: str | None) -> None:
        now = self._clock.now_ms()
        match rules.fate(answer.status):
            case "taken":
                await self._db.write_async(lambda conn: rows.taken(conn, message, now))
            case "gone":
                gone = tables.push_subscription.c.id == message.subscription.id
                await self._db.write_async(lambda conn: rows.end(conn, gone))
            case "later":
                await self._later(message, answer.retry_after)
            case "refused":
                log.warning("the push service %s refused a message with %d", host, answer.status)
                await self._db.write_async(lambda conn: rows.drop(conn, message.id))

    async def _later(self, message: Message, retry_after: str | None) -> None:
        now = self._clock.now_ms()
        at = now + rules.wait_ms(message.tries, retry_after, now)
        await self._db.write_async(lambda conn: rows.later(conn, message.id, at))


def _waker(loop: asyncio.AbstractEventLoop, bell: asyncio.Event) -> Callable[[], None]:
    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(bell.set)

    return wake
