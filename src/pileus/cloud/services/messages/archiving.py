"""Conversations that are put aside: records `messages.archive`. No framework, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.cloud.services.messages.rules import MAX_ADDRESS_BYTES, check_text, check_time
from pileus.core.errors import Invalid

ARCHIVE_FIELDS = frozenset({"thread", "last_ms"})


def check_archive(fields: Mapping[str, Any]) -> None:
    """`last_ms`: the time of its newest message then; a newer one brings it back. Raises `Invalid`, `TooLarge`."""
    unknown = sorted(set(fields) - ARCHIVE_FIELDS)
    if unknown:
        raise Invalid("archive-field", f"What is archived has no field {unknown[0][:80]!r}.")
    check_text("message", "thread", fields.get("thread"), MAX_ADDRESS_BYTES * 3)
    check_time(fields.get("last_ms"))
