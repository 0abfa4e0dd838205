"""Engines whose apps come from package files are found by their folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from pileus.core.errors import PileusError
from pileus.core.settings import Settings
from pileus.surfaces import discovery
from pileus.surfaces.packages import PackageShelf, account_folder


def test_the_engine_is_told_by_how_a_file_begins(tmp_path: Path) -> None:
    shelf = PackageShelf(Settings(data_dir=tmp_path, runtime_dir=tmp_path, cache_dir=tmp_path))
    assert shelf.taker(b"PK\x03\x04 and so on") == "android"
    for head in (b"", b"PK", b"dex\n035\0", b"<html>"):
        with pytest.raises(PileusError) as caught:
            shelf.taker(head)
        assert (caught.value.code, caught.value.status) == ("not-a-package", 400)


def test_an_engine_without_packages_installs_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, runtime_dir=tmp_path, cache_dir=tmp_path)
    shelf = PackageShelf(settings)
    assert "fake" in discovery.manifests()
    for name in ("fake", "none"):
        with pytest.raises(PileusError, match="engine-unknown"):
            shelf.get(name)
    assert account_folder(settings, "android", "a") == tmp_path / "android" / "accounts" / "a"
