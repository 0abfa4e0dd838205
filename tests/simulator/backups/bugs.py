"""Seeded bugs of what looks after packs: each takes one rule out. The simulator must find every one of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from sqlalchemy import bindparam, text

from pileus.cloud.kernel.objects import compact, index, packs

sweep = importlib.import_module("pileus.cloud.kernel.objects.sweep")  # whose function has its name
Bug = Callable[[], AbstractContextManager[Any]]


def _always(target: Any, name: str, value: Any) -> Bug:
    return lambda: patch.object(target, name, value)


def _all_old(sql: str) -> str:
    """As if nothing counted on any chunk."""
    return sql.replace(packs.DEAD, "1 = 1")


BUGS: dict[str, Bug] = {
    "a sweep takes packs on which something counts": _always(sweep, "DEAD", "1 = 1"),
    "a compaction drops packs on which something counts": _always(
        compact, "EMPTY", text(_all_old(compact.EMPTY.text)).bindparams(bindparam("ids", expanding=True))
    ),
    "a sweep takes no notice of packs that nobody names": _always(
        sweep, "take_stock", lambda objects: packs.Stock([], packs.take_stock(objects).lost)
    ),
    "the blobs of dropped packs stay": _always(sweep, "delete_dropped", lambda _objects: 0),
    "what is forgotten goes on counting": _always(index, "count", lambda *_: None),
    "what is brought twice is charged twice": _always(
        index, "counted", lambda _conn, _account, _area, one: one.size
    ),
}
