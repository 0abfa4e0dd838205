"""The services' tests run on SQLite and on PostgreSQL: each fixture of a cloud is made on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.core.settings import Settings
from tests.conftest import RunningServer, running, temporary_settings
from tests.postgres import database, postgres_server, shared_database

__all__ = ["database", "postgres_server", "shared_database"]


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Iterator[Settings]:
    """Settings of a cloud of its own, on each database."""
    with temporary_settings(tmp_path) as one:
        yield one.changed(database=database)


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory, shared_database: str) -> Iterator[RunningServer]:
    """One running server for all tests of a module, on each database."""
    with temporary_settings(tmp_path_factory.mktemp("shared")) as one:
        settings = one.changed(database=shared_database)
        with running(settings) as server:
            yield server
