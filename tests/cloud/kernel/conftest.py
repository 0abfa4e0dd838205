"""The kernel's tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.settings import Settings
from tests.conftest import temporary_settings
from tests.postgres import database, postgres_server

__all__ = ["database", "postgres_server"]


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Iterator[Settings]:
    """Settings of a cloud of its own, on each database."""
    with temporary_settings(tmp_path) as one:
        yield one.changed(database=database)


@pytest.fixture
def anna(server: Any) -> Any:
    """The session of the first account."""
    return server.account("anna")


@pytest.fixture
def client(server: Any, anna: Any) -> Iterator[httpx.Client]:
    """What anna asks with."""
    with server.client(anna["token"]) as one:
        yield one
