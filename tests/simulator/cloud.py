"""The real kernel's journal on a real SQLite file, which can crash around a commit and be opened again.

Each history has an account of its own, so that one database serves a whole batch of seeds. The file
should lie in memory (`/dev/shm`): a crash here is one of the process, never of the machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Connection, func, insert, select

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.db.migrations import migrate
from pileus.cloud.kernel.db.sqlite import SqliteDatabase
from pileus.cloud.kernel.events import LocalEvents
from pileus.cloud.kernel.journal import Collection, Collections, JournalStore, pages
from pileus.cloud.kernel.quota import QuotaStore
from pileus.cloud.kernel.service import Mutation, Outcome, Record
from pileus.core.clock import ManualClock
from pileus.core.errors import PileusError

T = TypeVar("T")
Crash = Literal["before-commit", "after-commit"]

COLLECTIONS = (
    Collection("sim.note", "fields", texts=frozenset({"body"})),
    Collection("sim.file", "copy"),
    Collection("sim.event", "append", mutable=frozenset({"read"}), priority=10),
)
PAGE = 3
"""Records a page, whatever a device asks for, so that small histories have several."""


class Answer(NamedTuple):
    status: int
    body: Any


class Died(Exception):
    """The process ended before the commit."""


class Cloud:
    """`request` is what the journal's HTTP routes do, around the same store and pages."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "cloud.db"
        self._clock = ManualClock()
        self.account = ""
        self._devices = 0
        self._open()
        migrate(self.db, {})

    def begin(self, seed: int) -> None:
        """A fresh account for the history of a seed."""
        self.account = f"account-{seed}-{self._clock.now_ms()}"
        self._clock.advance(1)
        values = {"id": self.account, "name": self.account, "name_key": self.account, "password_hash": "-"}
        values |= {"keeper": False, "quota_bytes": 1 << 40, "created_ms": self._clock.now_ms()}
        self.db.write(lambda conn: conn.execute(insert(tables.account).values(values)) and None)

    def device(self, name: str) -> str:
        """A new device's token (here: its id)."""
        self._devices += 1
        token = f"{name}-{self._devices}-{self._clock.now_ms()}"
        values = {"id": token, "account_id": self.account, "name": name, "token_hash": token}
        values |= {"created_ms": 0, "last_seen_ms": 0}
        self.db.write(lambda conn: conn.execute(insert(tables.device).values(values)) and None)
        return token

    def request(self, token: str, request: Mapping[str, Any], crash: Crash | None = None) -> Answer | None:
        """The answer; None where the process died first."""
        self._clock.advance(0.001)
        try:
            body = self._serve(token, request, crash)
        except Died:
            self.restart()
            return None
        except PileusError as error:
            return Answer(error.status, {"code": error.code, "detail": error.detail})
        if crash:
            self.restart()
            return None
        return Answer(200, json.loads(json.dumps(body)))

    def restart(self) -> None:
        """The process ends and a new one opens the same file."""
        self.db.close()
        self._open()

    def compact(self, share: float) -> int:
        """Forgets the tombstones among the oldest `share` of changes. Returns the new floor.

        Ids of mutations stay, as they do in life: they are kept for longer than a device repeats one.
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
            floor = pages.prune(conn, self.account, before)
            left = set(conn.execute(select(spent.c.id).where(spent.c.account_id == self.account)).scalars())
            gone = [dict(row) for row in kept if row["id"] not in left]
            if gone:
                conn.execute(insert(spent), gone)
            return floor

        return self.db.write(forget)

    def head(self) -> int:
        query = select(tables.account.c.head).where(tables.account.c.id == self.account)
        return int(self.db.read(lambda conn: conn.execute(query).scalar_one()))

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
        self.db = SqliteDatabase(self._path)
        self.journal = JournalStore(
            self.db, Collections(COLLECTIONS), QuotaStore(self.db), LocalEvents(), self._clock
        )

    def _serve(self, token: str, request: Mapping[str, Any], crash: Crash | None) -> dict[str, Any]:
        url = urlsplit(request["path"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/journal/mutations":
            wishes = [_mutation(wish) for wish in request["body"]["mutations"]]
            outcomes = self._write(lambda conn: self.journal.apply(conn, self.account, token, wishes), crash)
            return {"outcomes": [_outcome(outcome) for outcome in outcomes]}
        if url.path == "/journal/changes":
            since = int(query["since"])
            tail = self.db.read(lambda conn: pages.changes(conn, self.account, since, PAGE))
            return {"changes": [_change(r) for r in tail.changes], "next": tail.next, "more": tail.more}
        collections, page = self.journal.collections, query.get("page")
        shot = self.db.read(lambda conn: pages.snapshot(conn, self.account, collections, page, PAGE))
        return {"as_of": shot.as_of, "records": [_change(r) for r in shot.records], "next": shot.next}

    def _write(self, work: Callable[[Connection], T], crash: Crash | None) -> T:
        def run(conn: Connection) -> T:
            result = work(conn)
            if crash == "before-commit":
                raise Died
            return result

        return self.db.write(run)


def _mutation(wish: Mapping[str, Any]) -> Mutation:
    texts = {name: base64.b64decode(update) for name, update in wish["texts"].items()}
    return Mutation(
        wish["id"], wish["base"], wish["collection"], wish["record"], wish["op"], wish["fields"], texts
    )


def _outcome(outcome: Outcome) -> dict[str, Any]:
    told = {"id": outcome.id, "status": outcome.status, "seq": outcome.seq}
    return told | ({"code": outcome.code, "detail": outcome.detail} if outcome.code else {})


def _change(record: Record) -> dict[str, Any]:
    texts = {name: base64.b64encode(state).decode() for name, state in record.texts.items()}
    return {
        "seq": record.seq,
        "collection": record.collection,
        "id": record.id,
        "deleted": record.deleted,
        "fields": record.fields,
        "texts": texts,
    }
