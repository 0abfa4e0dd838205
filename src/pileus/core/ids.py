"""Identifiers: UUID version 7 (RFC 9562 §5.7), so that they sort by the time they were made."""

from __future__ import annotations

import re
import secrets
import time
import uuid

RECORD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,199}")
COLLECTION = re.compile(r"[a-z][a-z0-9-]{0,39}\.[a-z][a-z0-9-]{0,39}")


def new_id(now_ms: int | None = None) -> str:
    """A new UUIDv7 in its usual text form (36 characters)."""
    milliseconds = int(time.time() * 1000) if now_ms is None else now_ms
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_record_id(text: str) -> bool:
    """Whether a text may name a record: 1–200 characters of a small set, safe in paths and URLs."""
    return RECORD_ID.fullmatch(text) is not None


def is_collection(text: str) -> bool:
    """Whether a text has the form `service.kind`."""
    return COLLECTION.fullmatch(text) is not None
