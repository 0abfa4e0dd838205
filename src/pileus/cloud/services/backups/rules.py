"""What a snapshot may be: no framework, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pileus.core.errors import Invalid, TooLarge

ID = re.compile(r"[0-9a-f]{32}")
HASH = re.compile(r"[0-9a-f]{64}")
MOST_TEXTS = 1000
"""Paths, tags or excludes of one snapshot."""
MOST_TEXT = 4096 * 4
"""Bytes of one of them: a path has at most 4096, each at most four when it is told."""
LATEST_MS = 253_402_300_799_999
NAME = 32


def check_snapshot(fields: Mapping[str, object]) -> None:
    """Raises `Invalid` or `TooLarge`."""
    for member in ("host", "user", "tree", "object"):
        _check_text(fields.get(member))
    for member in ("paths", "tags", "excludes"):
        texts = fields.get(member)
        if not isinstance(texts, list) or len(texts) > MOST_TEXTS:
            raise Invalid("snapshot-wrong", f"A snapshot's {member} are a list of at most {MOST_TEXTS} texts.")
        for text in texts:
            _check_text(text)
    if HASH.fullmatch(str(fields.get("tree"))) is None:
        raise Invalid("snapshot-wrong", "A snapshot's tree is the name of a chunk in hexadecimal.")
    for member in ("time_ms", "files", "folders", "bytes", "added", "skipped"):
        number = fields.get(member)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 1 << 62:
            raise Invalid("snapshot-wrong", f"A snapshot's {member} is a whole number that is not negative.")
    if int(str(fields["time_ms"])) > LATEST_MS:
        raise Invalid("snapshot-wrong", "A snapshot's time lies before the year 10000.")


def check_names(names: Sequence[bytes], most: int) -> None:
    """Raises `Invalid` or `TooLarge`."""
    if len(names) > most:
        raise TooLarge("too-many-chunks", f"At most {most} chunks are taken at once, not {len(names)}.")
    if any(len(name) != NAME for name in names):
        raise Invalid("chunk-name", f"The name of a chunk has {NAME} bytes.")


def check_id(text: str) -> str:
    """Raises `Invalid`."""
    if ID.fullmatch(text) is None:
        raise Invalid("snapshot-wrong", "A snapshot's id has 32 hexadecimal digits.")
    return text


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise Invalid("snapshot-wrong", "A snapshot's host, user, paths and tags are texts.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Invalid("snapshot-wrong", "A snapshot's texts are Unicode.") from None
    if size > MOST_TEXT:
        raise TooLarge(
            "snapshot-too-large", f"A text of a snapshot has {size} bytes; at most {MOST_TEXT} are kept."
        )
