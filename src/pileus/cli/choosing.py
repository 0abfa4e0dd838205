"""One of a list, as somebody names it at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def matching(known: Sequence[Any], wanted: str) -> list[Any]:
    """Those with that `id` or `name`; else those whose id begins so."""
    named = [one for one in known if wanted in (one["id"], one["name"])]
    return named or [one for one in known if wanted and one["id"].startswith(wanted)]
