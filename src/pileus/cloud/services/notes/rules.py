"""What a note may be: no framework, no I/O."""

from __future__ import annotations

from collections.abc import Mapping

from pileus.core.errors import Invalid, TooLarge

MAX_TITLE_BYTES = 1024
MAX_BODY_BYTES = 512 * 1024
"""Half of what a record may have: the Yjs state that travels beside the plain text has the other half."""

LATEST_MS = 253_402_300_799_999
"""The end of the year 9999: later times are mistakes and can't be shown."""

KNOWN = frozenset({"title", "body", "created_ms", "edited_ms", "pinned"})


def check_note(fields: Mapping[str, object]) -> None:
    """Refuses what can't be kept as a note: raises `Invalid` or `TooLarge`."""
    unknown = sorted(set(fields) - KNOWN)
    if unknown:
        raise Invalid("note-field", f"A note has no field {unknown[0][:80]!r}.")
    _check_text(fields, "title", MAX_TITLE_BYTES)
    _check_text(fields, "body", MAX_BODY_BYTES)
    for name in ("created_ms", "edited_ms"):
        time = fields.get(name, 0)
        if isinstance(time, bool) or not isinstance(time, int) or not 0 <= time <= LATEST_MS:
            raise Invalid("note-time", f"A note's {name} is a whole number of milliseconds since 1970.")
    if not isinstance(fields.get("pinned", False), bool):
        raise Invalid("note-pinned", "A note's pinned is true or false.")


def _check_text(fields: Mapping[str, object], name: str, limit: int) -> None:
    text = fields.get(name, "")
    if not isinstance(text, str):
        raise Invalid("note-text", f"A note's {name} is a text.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise TooLarge("note-too-large", f"The note's {name} has {size} bytes; at most {limit} are kept.")
