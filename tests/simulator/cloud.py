"""The real kernel's journal, its HTTP routes called without sockets, on a real SQLite file.

It can crash around a commit and be opened again. Each history has an account of its own, so that one
database serves a whole batch of seeds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Coroutine, Mapping, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar
from unittest.mock import patch

import msgspec
from sqlalchemy import Connection, func, insert, select, update
from starlette.applications import Starlette
from starlette.routing import Mount

from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.accounts.app_passwords import AppPasswords
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.events import LocalEvents
from pileus.cloud.kernel.http import api, journal_routes
from pileus.cloud.kernel.http.entrance import Entrance
from pileus.cloud.kernel.http.paces import Paces
from pileus.cloud.kernel.http.problems import HANDLERS
from pileus.cloud.kernel.http.watch import Watch
from pileus.cloud.kernel.journal import Collection, Collections, JournalStore, history, pages
from pileus.cloud.kernel.quota import QuotaStore
from pileus.cloud.kernel.service import Record
from pileus.core.clock import ManualClock

from .database import ROOM, CrashingDatabase, Died, migrated

T = TypeVar("T")
Crash = Literal["before-commit", "after-commit"]

COLLECTIONS = (
    Collection("sim.note", "fields", texts=frozenset({"body"})),
    Collection("sim.file", "copy"),
    Collection("sim.event", "append", mutable=frozenset({"read"}), priority=10),
)
PAGE = 3
"""Records a page, whatever a device asks for, so that small histories have several."""
BATCH = 2
"""Mutations in one request of an account that is narrow, so that small ledgers need several."""

_NEW_ACCOUNT = insert(tables.account)
_NEW_DEVICE = insert(tables.device)


class Answer(NamedTuple):
    status: int
    body: Any


TOO_MANY = Answer(413, {"code": "too-many-mutations", "detail": f"One request carries at most {BATCH} mutations."})


class Cloud:
    """One process of the kernel after the other, all on one database file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "cloud.db"
        self._clock = ManualClock()
        self.account = ""
        self.rings = 0
        """How often the doorbell rang: after each commit that gave a number."""
        self._devices = 0
        self._narrow = False
        self._path.write_bytes(_empty())
        self._open()

    def begin(self, seed: int, limit: int = ROOM, *, narrow: bool = False) -> None:
        """A fresh account for the history of a seed, with room for `limit` bytes."""
        self._narrow = narrow
        self.account = f"account-{seed}-{self._clock.now_ms()}"
        self._clock.advance(1)
        values: dict[str, Any] = {
            "id": self.account,
            "name": self.account,
            "name_key": self.account,
            "password_hash": "-",
        }
        values |= {"keeper": False, "quota_bytes": limit, "created_ms": self._clock.now_ms()}
        self.db.write(lambda conn: conn.execute(_NEW_ACCOUNT, values) and None)

    def make_room(self) -> None:
        """From now on the account has room for all."""
        account = tables.account
        query = update(account).where(account.c.id == self.account).values(quota_bytes=ROOM)
        self.db.write(lambda conn: conn.execute(query) and None)

    def device(self, name: str) -> str:
        """A new device's token."""
        self._devices += 1
        token = f"{name}-{self._devices}-{self._clock.now_ms()}"
        values: dict[str, Any] = {"id": token, "account_id": self.account, "name": name}
        values["token_hash"] = hashlib.sha256(token.encode()).hexdigest()
        values |= {"created_ms": 0, "last_seen_ms": 0}
        self.db.write(lambda conn: conn.execute(_NEW_DEVICE, values) and None)
        return token

    def request(self, token: str, request: Mapping[str, Any], crash: Crash | None = None) -> Answer | None:
        """The answer; None where the process died first."""
        self._clock.advance(0.001)
        if self._narrow and request["method"] == "POST" and len(request["body"]["mutations"]) > BATCH:
            return TOO_MANY
        self.db.dies = crash == "before-commit"
        try:
            answer = driven(self._ask(token, request))
        except Died:
            answer = None
        if crash:
            self.restart()
            return None
        return answer

    def restart(self) -> None:
        """The process ends and a new one opens the same file."""
        self.db.close()
        self._open()

    def compact(self, share: float) -> int:
        """Forgets the tombstones among the oldest `share` of changes. Returns the new floor.

        Ids of mutations and what merges set aside stay, as they do in life: they are kept for far longer than
        a history lasts.
        """
        record, spent = tables.record, tables.mutation

        def forget(conn: Connection) -> int:
            times = conn.execute(
                select(record.c.changed_ms)
                .where(record.c.account_id == self.account, record.c.deleted)
                .order_by(record.c.changed_ms)
            ).scalars()
            dead = list(times)
            before = dead[int(len(dead) * share)] + 1 if dead else 0
            kept = conn.execute(select(spent).where(spent.c.account_id == self.account)).mappings().all()
            with patch.object(history, "forget", lambda *_: 0):
                floor = pages.prune(conn, self.account, before)
            left = set(conn.execute(select(spent.c.id).where(spent.c.account_id == self.account)).scalars())
            gone = [dict(row) for row in kept if row["id"] not in left]
            if gone:
                conn.execute(insert(spent), gone)
            return floor

        return self.db.write(forget)

    def head(self) -> int:
        query = f"SELECT head FROM {tables.account.name} WHERE id = ?"
        return int(self.db.read(lambda conn: conn.exec_driver_sql(query, (self.account,)).scalar_one()))

    def records(self) -> list[Record]:
        """Live records of all collections."""
        names = [collection.name for collection in COLLECTIONS]
        return self.db.read(
            lambda conn: [r for name in names for r in self.journal.records(conn, self.account, name)]
        )

    def history(self) -> list[tuple[str, str, str, Any]]:
        """(collection, record, field, value) that merges set aside."""
        table = tables.history
        query = select(table.c.collection, table.c.record_id, table.c.field, table.c.value)
        found = self.db.read(lambda conn: conn.execute(query.where(table.c.account_id == self.account)).all())
        return [(row.collection, row.record_id, row.field, json.loads(row.value)) for row in found]

    def mutations(self) -> int:
        """How many different mutations had an outcome."""
        table = tables.mutation
        query = select(func.count()).where(table.c.account_id == self.account)
        return int(self.db.read(lambda conn: conn.execute(query).scalar_one()))

    def close(self) -> None:
        self.db.close()

    def _open(self) -> None:
        self.db = CrashingDatabase(self._path)
        events = LocalEvents()
        events.listen(self._rung)
        self.journal = JournalStore(self.db, Collections(COLLECTIONS), QuotaStore(self.db), events, self._clock)
        accounts = Accounts(self.db, self._clock, ROOM)
        routes = api.routes(
            journal_routes.operations(self.db, self.journal),
            Entrance(accounts, AppPasswords(self.db, self._clock, accounts, ()), Paces(self._clock)),
            Watch(),
        )
        self._app = Starlette(routes=[Mount(api.PREFIX, routes=routes)], exception_handlers=HANDLERS)

    def _rung(self, _account: str) -> None:
        self.rings += 1

    async def _ask(self, token: str, request: Mapping[str, Any]) -> Answer:
        path, _, query = re.sub(r"limit=\d+", f"limit={PAGE}", request["path"]).partition("?")
        body = b"" if request["method"] == "GET" else msgspec.json.encode(request["body"])
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request["method"],
            "scheme": "http",
            "path": api.PREFIX + path,
            "raw_path": (api.PREFIX + path).encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(b"host", b"cloud"), (b"authorization", b"Bearer " + token.encode())],
            "server": ("cloud", 80),
            "client": ("device", 1),
        }
        status, said = 0, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, said
            status = message.get("status", status)
            said += message.get("body", b"")

        await self._app(scope, receive, send)
        return Answer(status, msgspec.json.decode(said))


def driven(work: Coroutine[Any, Any, T]) -> T:
    """What waits for nothing, without a loop: it may be within another one's."""
    try:
        work.send(None)
    except StopIteration as ended:
        value: T = ended.value
        return value
    raise AssertionError("it waits for something")


@cache
def _empty() -> bytes:
    """The file of a database without accounts."""
    return migrated({})
