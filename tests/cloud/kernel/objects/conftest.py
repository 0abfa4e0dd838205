"""A cloud without services or server, on real files and a real SQLite, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from pileus.cloud.app import Cloud, build
from pileus.cloud.kernel.objects import PackedObjects
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings
from tests.s3 import SERVERS, Line, S3Server, use

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


@pytest.fixture(scope="module", params=SERVERS)
def store(request: pytest.FixtureRequest) -> Iterator[S3Server]:
    with SERVERS[request.param]() as one:
        yield one


@pytest.fixture
def line(store: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    made = Line(store.url)
    use(monkeypatch, made.url)
    yield made
    made.cut()
