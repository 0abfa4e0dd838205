"""Conversations that are put aside: records `messages.archive`. No framework, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.cloud.services.messages.rules import MAX_ADDRESS_BYTES, check_text, check_time
from pileus.core.errors import Invalid

ARCHIVE_FIELDS = frozenset({"thread", "last_ms", "last_seq"})
MOST_SEQ = 2**53 - 1
"""What JSON's readers keep exactly."""


def check_archive(fields: Mapping[str, Any]) -> None:
    """`last_ms`: the time of its newest message then, not later than that moment; a newer one brings it back.
    `last_seq`: the last number in the journal of what it had, 0 for not known; what nobody read and has a later
    one brings it back too. Raises `Invalid`, `TooLarge`."""
    unknown = sorted(set(fields) - ARCHIVE_FIELDS)
    if unknown:
        raise Invalid("archive-field", f"What is archived has no field {unknown[0][:80]!r}.")
    check_text("message", "thread", fields.get("thread"), MAX_ADDRESS_BYTES * 3)
    check_time(fields.get("last_ms"))
    last = fields.get("last_seq", 0)
    if isinstance(last, bool) or not isinstance(last, int) or not 0 <= last <= MOST_SEQ:
        raise Invalid("archive-field", "The last number of what is archived is a whole one.")
