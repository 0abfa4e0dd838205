"""A history of snapshots: devices bring chunks and make snapshots of them, forget and restore them; the cloud
sweeps, compacts, checks, dies between any two steps and has a store that does not always answer.

Packs, index and their care are the real ones, on a SQLite file in memory and a store that keeps what it said it
kept: of a put or a deletion that was cut off it may have done all or nothing. At any call of the database or the
store somebody else's whole work may come between, or days may pass. At rest every snapshot that was acknowledged
and not forgotten reads back, the quota counts what snapshots hold, and the store has no pack that nothing needs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from sqlalchemy import Connection, insert, text

from pileus.cloud.app import OBJECTS
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.objects import PackedObjects, compact, deposit
from pileus.cloud.kernel.objects.blobs import Blob, MemoryBlobs
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.index import let_go
from pileus.cloud.kernel.objects.keys import Keyring
from pileus.cloud.kernel.objects.packs import ASIDE_MS, DAY_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.kernel.quota import QuotaStore
from pileus.cloud.kernel.service import PackedChunk
from pileus.core.clock import ManualClock
from pileus.core.errors import NotFound, PileusError, StoreUnavailable

from ..cloud import driven
from ..database import ROOM, CrashingDatabase, migrated
from ..world import Violation

T = TypeVar("T")

ACCOUNT, AREA = "anna", "backups"
POOL = 12
"""Contents of which snapshots are made: they share many."""
MANY = 3
"""Small packs that are worth being put together."""
DEPTH = 2
"""Works that come between each other at most."""
TOLD = frozenset({"object-swept", "store-unavailable", "object-deleted"})
"""What a client may be told, and begins again after."""


class Killed(BaseException):
    """The cloud's process ended here."""


@dataclass
class Snapshot:
    """`acknowledged` while it was, `forgotten` from the moment in which that was asked for."""

    contents: list[int]
    acknowledged: bool = False
    forgotten: bool = False


class Database(CrashingDatabase):
    """Each call is a boundary."""

    def __init__(self, path: Path, boundary: Callable[[str], None]) -> None:
        super().__init__(path)
        self._boundary = boundary

    def read(self, function: Callable[[Connection], T]) -> T:
        self._boundary("read")
        return super().read(function)

    def write(self, function: Callable[[Connection], T]) -> T:
        self._boundary("before commit")
        made = super().write(function)
        self._boundary("after commit")
        return made


class Store(MemoryBlobs):
    """What was put is there, with its time, whatever becomes of the process."""

    def __init__(self, boundary: Callable[[str], None], clock: ManualClock, answers: Callable[[], None]) -> None:
        super().__init__()
        self._boundary, self._clock, self._answers = boundary, clock, answers
        self._times: dict[str, int] = {}

    def put(self, name: str, data: bytes | bytearray) -> None:
        self._boundary("before put")
        self._answers()
        super().put(name, data)
        self._times[name] = self._clock.now_ms()
        self._boundary("after put")
        self._answers()

    def get(self, name: str) -> bytes:
        self._boundary("get")
        self._answers()
        return super().get(name)

    def list(self, prefix: str) -> Iterator[Blob]:
        found = [Blob(one.name, one.size, self._times[one.name]) for one in super().list(prefix)]
        self._boundary("list")
        yield from found

    def delete(self, name: str) -> None:
        self._boundary("before delete")
        self._answers()
        super().delete(name)
        self._boundary("after delete")
        self._answers()

    def names(self) -> set[str]:
        return {one.name.rpartition("/")[2] for one in MemoryBlobs.list(self, "packs")}


class World:
    """One seed's history, in an empty folder. `run` raises `Violation`."""

    def __init__(self, seed: int, root: Path, trace: Callable[[str], None] | None = None) -> None:
        self.dice = random.Random(seed)
        self._path, self._trace = root / "cloud.db", trace
        self._path.write_bytes(_empty())
        self.clock = ManualClock()
        self.store = Store(self.boundary, self.clock, self._answers)
        self.snapshots: dict[str, Snapshot] = {}
        self._depth = 0
        self._left: int | None = None
        self._quiet = True
        self._silence = self.dice.choice((0, 0, 0.02, 0.1))
        self._between = self.dice.choice((0, 0.02, 0.08))
        self._kills = self.dice.choice((0, 0.2, 0.4))
        self._open()

    def say(self, words: str) -> None:
        if self._trace:
            self._trace(f"{self.clock.now_ms() / DAY_MS:8.2f} {'  ' * self._depth}{words}")

    def end(self) -> None:
        self.objects.close()
        self.db.close()

    def run(self) -> None:
        with self._replaced():
            self._quiet = False
            for _ in range(self.dice.randrange(6, 16)):
                self._left = self.dice.randrange(40) if self.dice.random() < self._kills else None
                try:
                    self._act()
                except Killed:
                    self.say("the cloud is killed")
                    self._again()
                if self.dice.random() < 0.4:
                    self._pass(self.dice.choice((0.01, 1, 8)))
            self._quiet = True
            self._settle()

    # Works

    def _act(self) -> None:
        works = (self._back_up, self._forget, self._restore, self._sweep, self._compact, self._check)
        work = self.dice.choices(works, (5, 3, 2, 3, 2, 1))[0]
        self._depth += 1
        try:
            work()
        except StoreUnavailable:
            self.say("the store does not answer")
        finally:
            self._depth -= 1

    def _back_up(self) -> None:
        """As a client does it: it asks what it has to bring, brings that, and makes the snapshot."""
        dice = self.dice
        one = f"snapshot-{len(self.snapshots)}"
        contents = dice.sample(range(POOL), dice.randrange(1, 6))
        made = self.snapshots[one] = Snapshot(contents)
        self.say(f"{one} of {contents}")
        chunks = [_chunk(number, self.key.name) for number in contents]
        names = [chunk.name for chunk in chunks]
        try:
            known = deposit.known(self.objects, ACCOUNT, AREA, names)
            cut = dice.randrange(len(chunks) + 1)
            missing = [chunk for chunk in chunks[:cut] if chunk.name not in known]
            if missing:
                deposit.bring(self.objects, ACCOUNT, AREA, missing)
            if dice.random() < 0.2:
                self._pass(dice.choice((1, 8)))
            wish = deposit.Wish(ACCOUNT, AREA, one, names, chunks[cut:])
            deposit.compose(self.objects, wish, lambda _conn, ref: ref)
        except PileusError as error:
            if error.code not in TOLD:
                raise
            self.say(f"{one} is told {error.code}")
            return
        made.acknowledged = True
        self.say(f"{one} is there")

    def _forget(self) -> None:
        there = [one for one, made in self.snapshots.items() if made.acknowledged and not made.forgotten]
        if not there:
            return
        one = self.dice.choice(there)
        self.snapshots[one].forgotten = True
        now = self.clock.now_ms()
        self.db.write(lambda conn: let_go(conn, ACCOUNT, AREA, one, now))
        self.say(f"{one} is forgotten")

    def _restore(self) -> None:
        there = [one for one, made in self.snapshots.items() if made.acknowledged and not made.forgotten]
        if there:
            self._read(self.dice.choice(there))

    def _sweep(self) -> None:
        told = sweep(self.objects)
        self.say(f"swept {told}")

    def _compact(self) -> None:
        told = compact.compact(self.objects)
        self.say(f"compacted {told}")
        self._none(told.problems)

    def _check(self) -> None:
        self._none(check(self.objects).problems)

    def _none(self, problems: list[str]) -> None:
        if problems and not self._silence:
            raise Violation(f"these are damaged: {problems}")

    def _read(self, one: str) -> None:
        contents = self.snapshots[one].contents
        names = [_chunk(number, self.key.name).name for number in contents]

        async def read() -> list[bytes | None]:
            found = deposit.bodies(self.objects, ACCOUNT, AREA, names)
            return [chunk.data for group in [some async for some in found] for chunk in group]

        try:
            with patch.object(self.objects, "work", _at_once):
                data = driven(read())
        except NotFound:
            if not self.snapshots[one].forgotten:
                raise
            return
        if self.snapshots[one].forgotten:  # meanwhile
            return
        if [None if one is None else bytes(one) for one in data] != [_content(number) for number in contents]:
            raise Violation(f"{one} does not read back")
        self.say(f"{one} reads back")

    # What comes between

    def boundary(self, name: str) -> None:
        if self._quiet or not self._depth:
            return
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self.say(f"at {name}")
                self._left = None
                raise Killed
        if self._depth <= DEPTH and self.dice.random() < self._between:
            self.say(f"at {name}")
            if self.dice.random() < 0.3:
                self._pass(self.dice.choice((0.01, 0.1, 8)))
            self._act()

    def _answers(self) -> None:
        if not self._quiet and self.dice.random() < self._silence:
            raise StoreUnavailable

    def _pass(self, days: float) -> None:
        self.clock.advance(days * DAY_MS / 1000)
        self.say(f"{days} days passed")

    def _again(self) -> None:
        """The process is gone, and a new one begins."""
        self.end()
        self._depth = 0
        self._open()

    def _open(self) -> None:
        """The area's key is there: it is made under a lock, within which nothing comes between."""
        quiet, self._quiet = self._quiet, True
        self.db = Database(self._path, self.boundary)
        keys = Keyring(self.db, self.store, self.clock, bytes(32))
        self.objects = PackedObjects(self.db, self.store, keys, self.clock, QuotaStore(self.db))
        self.key = keys.key(ACCOUNT, AREA)
        self._quiet = quiet

    # What must be so

    def _settle(self) -> None:
        """Everything goes well from now on, and all that nothing needs is taken in time."""
        self._look()
        for one, made in self.snapshots.items():
            if not made.acknowledged or made.forgotten:
                now = self.clock.now_ms()
                self.db.write(lambda conn, one=one, now=now: let_go(conn, ACCOUNT, AREA, one, now))  # type: ignore[misc]
        for days in (8, 8, ASIDE_MS / DAY_MS + 1, 8):
            self._pass(days)
            sweep(self.objects)
            compact.compact(self.objects)
        self._look()
        if problems := check(self.objects).problems:
            raise Violation(f"these are damaged: {problems}")
        self._look()
        named = self.db.read(lambda conn: set(conn.execute(text("SELECT name FROM object_pack")).scalars()))
        if self.store.names() != named:
            raise Violation(f"the store has {self.store.names()}, the database names {named}")
        held = {number for made in self._there().values() for number in made.contents}
        query = text("SELECT COALESCE(SUM(bytes), 0) FROM quota_use WHERE area = :area")
        used = self.db.read(lambda conn: conn.execute(query, {"area": AREA}).scalar_one())
        if used != sum(len(_content(number)) for number in held):
            raise Violation(f"the quota counts {used} bytes for {sorted(held)}")
        if not held and named:
            raise Violation(f"nothing needs {named}")

    def _there(self) -> dict[str, Snapshot]:
        return {one: made for one, made in self.snapshots.items() if made.acknowledged and not made.forgotten}

    def _look(self) -> None:
        for one in self._there():
            self._read(one)

    @contextmanager
    def _replaced(self) -> Iterator[None]:
        """Names of packs are seeded, and small histories cross the bounds."""
        with ExitStack() as stack:
            stack.enter_context(patch.object(compact, "MANY", MANY))
            stack.enter_context(
                patch("pileus.cloud.kernel.objects.store.os.urandom", lambda size: self.dice.randbytes(size))
            )
            yield


async def _at_once(function: Callable[[], T]) -> T:
    """Instead of a thread."""
    return function()


def _content(number: int) -> bytes:
    return random.Random(number).randbytes(40 + number)


def _chunk(number: int, name: Callable[[bytes], bytes]) -> PackedChunk:
    data = _content(number)
    return PackedChunk(name(data), len(data), False, data)


@cache
def _empty() -> bytes:
    """The file of a database with one account."""
    values: dict[str, Any] = {"id": ACCOUNT, "name": ACCOUNT, "name_key": ACCOUNT, "password_hash": "-"}
    values |= {"keeper": False, "quota_bytes": ROOM, "created_ms": 0}
    return migrated(
        OBJECTS, lambda db: db.write(lambda conn: conn.execute(insert(tables.account), values) and None)
    )
