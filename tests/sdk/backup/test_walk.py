"""Sizes that are counted beside a backup are those that it reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pileus.sdk.backup.excludes import Patterns, patterns
from pileus.sdk.backup.save import Options
from pileus.sdk.backup.walk import Ahead

from .conftest import Account


def test_the_count_is_what_a_backup_takes(account: Account, source: Path) -> None:
    (source / "sub" / "left out.tmp").write_bytes(b"x" * 5000)
    wishes: dict[str, Any] = {
        "excluded": Patterns(patterns(["*.tmp"])),
        "exclude_larger": 4 << 20,
        "exclude_caches": True,
    }
    options = Options(paths=[os.fsencode(source)], host="here", user="me", **wishes)
    ahead = Ahead(options)
    ahead.count()
    taken = account.backup(source, **wishes).bytes
    assert ahead.total == taken == sum_of(source, 4 << 20) > 0
    with Ahead(options) as stopped:
        pass
    assert stopped.total in (None, ahead.total)


def sum_of(source: Path, largest: int) -> int:
    found = [path for path in source.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in found if path.suffix != ".tmp" and path.stat().st_size <= largest)
