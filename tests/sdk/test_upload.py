"""Uploads that do not fit are refused before they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pileus.core.errors import QuotaExceeded
from pileus.sdk import client
from pileus.sdk.client import Client


def test_a_file_larger_than_the_room_is_refused_unread(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(200 * 1000**3)  # a hole: it takes no room here

    def read(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(client, "hash_file", read)
    port = server.cloud.settings.port
    with Client(f"http://pileus.localhost:{port}", server.account("anna")["token"]) as sdk:
        with pytest.raises(QuotaExceeded) as refused:
            sdk.upload(large)
        assert refused.value.extra["limit"] == 100 * 1000**3
