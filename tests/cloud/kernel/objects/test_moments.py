"""Objects that are kept for moments, as backups need them, beside deletion, quota and the sweep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects, moments
from pileus.cloud.kernel.objects.packs import GRACE_MS
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.postgres import database, postgres_server

from .shelf import packed

__all__ = ["database", "postgres_server"]
AREA = "messages"


@pytest.fixture
def cloud(settings: Settings, clock: ManualClock, database: str) -> Iterator[Cloud]:
    """On each database."""
    made = build(settings.changed(database=database), clock, services=[])
    made.accounts.create_blocking("anna", "correct horse")
    yield made
    packed(made).close()
    made.close()


class Shelf:
    def __init__(self, cloud: Cloud, clock: ManualClock, account: str) -> None:
        self.cloud, self.clock, self.account, self.objects = cloud, clock, account, packed(cloud)

    def store(self, name: str, area: str = AREA) -> None:
        async def once() -> AsyncIterator[bytes]:
            yield name.encode() * 100

        asyncio.run(self.objects.put(self.account, area, once(), name))

    def delete(self, name: str, area: str = AREA) -> None:
        asyncio.run(self.objects.delete(self.account, area, name))

    def begin(self, name: str) -> None:
        self.cloud.db.write(lambda conn: moments.begin(conn, self.account, [AREA], name))

    def end(self, name: str) -> None:
        self.cloud.db.write(lambda conn: moments.end(conn, self.account, name))

    def moment(self, name: str) -> None:
        self.begin(name)
        self.end(name)

    def drop(self, name: str) -> None:
        now = self.clock.now_ms()
        self.cloud.db.write(lambda conn: moments.drop(conn, self.account, name, now))

    def swept(self) -> int:
        """Objects that a sweep takes after the grace period of all that was deleted."""
        self.clock.advance(GRACE_MS / 1000 + 3600)
        return sweep(self.objects).objects

    def used(self) -> int:
        return asyncio.run(self.cloud.context.quota.used(self.account))

    def is_back(self, name: str) -> bool:
        if not asyncio.run(self.objects.restore(self.account, AREA, name)):
            return False

        async def read() -> bytes:
            return b"".join([piece async for piece in self.objects.get(self.account, AREA, name)])

        return asyncio.run(read()) == name.encode() * 100


@pytest.fixture
def shelf(cloud: Cloud, clock: ManualClock, objects: PackedObjects, account: str) -> Shelf:
    assert packed(cloud) is objects
    return Shelf(cloud, clock, account)


def test_what_a_moment_knew_is_kept_and_counted_until_the_last_is_dropped(shelf: Shelf) -> None:
    shelf.store("a")
    shelf.moment("first")
    shelf.moment("second")
    shelf.delete("a")
    assert (shelf.used(), shelf.swept()) == (100, 0)
    shelf.drop("second")
    assert (shelf.used(), shelf.swept()) == (100, 0)
    shelf.drop("first")
    assert shelf.used() == 0
    assert sweep(shelf.objects).objects == 0, "the grace period begins with the moment's end"
    assert shelf.swept() == 1
    assert not shelf.is_back("a")


def test_what_came_or_went_beside_a_moment_is_not_held(shelf: Shelf) -> None:
    shelf.store("before")
    shelf.delete("before")
    shelf.store("elsewhere", "files")
    shelf.moment("one")
    shelf.store("after")
    shelf.delete("after")
    shelf.delete("elsewhere", "files")
    assert shelf.used() == 0
    assert shelf.swept() == 3


def test_what_comes_or_goes_while_a_moment_lasts_is_held(shelf: Shelf) -> None:
    shelf.store("goes")
    shelf.begin("one")
    shelf.store("comes")
    shelf.delete("goes")
    shelf.delete("comes")
    assert (shelf.used(), shelf.swept()) == (len("goes") * 100 + len("comes") * 100, 0)
    assert shelf.is_back("goes")
    assert shelf.is_back("comes")
    shelf.drop("one")
    assert shelf.used() == 900, "what lives again is only let go of by its deletion"
    assert shelf.swept() == 0


def test_a_life_after_a_moment_counts_once(shelf: Shelf) -> None:
    shelf.store("a")
    shelf.moment("one")
    for _ in range(2):
        shelf.delete("a")
        assert shelf.used() == 100
        assert shelf.is_back("a")
        assert shelf.used() == 100
    shelf.drop("one")
    shelf.delete("a")
    assert shelf.used() == 0


def test_a_moment_never_has_the_number_of_one_that_is_gone(shelf: Shelf) -> None:
    """An object that was stored after it would seem not to be there at the new one."""
    shelf.moment("one")
    shelf.store("a")
    shelf.drop("one")
    shelf.moment("two")
    shelf.delete("a")
    assert (shelf.used(), shelf.swept()) == (100, 0)
    shelf.drop("two")
    shelf.drop("two")
    assert (shelf.used(), shelf.swept()) == (0, 1)
