"""Small pictures within records, as data URLs (RFC 2397)."""

from __future__ import annotations

import base64

MAX_PICTURE = 64 << 10
"""Bytes; a record is read whole by every device of an account."""


def data_url(kind: str, content: bytes) -> str:
    """A picture of a media type as a URL; empty where it is too large for a record."""
    if len(content) > MAX_PICTURE:
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
