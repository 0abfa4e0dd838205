"""A cloud without services or server, on real files and a real SQLite, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings

from .shelf import packed


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now_ms())


@pytest.fixture
def cloud(settings: Settings, clock: ManualClock) -> Iterator[Cloud]:
    made = build(settings, clock, services=[])
    made.accounts.create_blocking("anna", "correct horse")
    yield made
    packed(made).close()
    made.close()


@pytest.fixture
def objects(cloud: Cloud) -> PackedObjects:
    return packed(cloud)


@pytest.fixture
def account(cloud: Cloud) -> str:
    return str(cloud.db.read(lambda conn: conn.execute(text("SELECT id FROM account")).scalar_one()))
