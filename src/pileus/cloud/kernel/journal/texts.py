"""Yjs documents on the server: one document a text, its root text is named `text`.

pycrdt is imported at the first text, not at start. An update that builds on what the state does not hold
is refused: it would be kept and nobody would see it. A deletion of what is not there is kept for the time
when it is; a state without such is compacted.
"""

from __future__ import annotations

from typing import Any

from pileus.core.errors import Conflict, Invalid

ROOT = "text"
EMPTY = b"\x00\x00"


def applied(state: bytes, update: bytes) -> tuple[bytes, str]:
    """The state with the update in it, and its plain string.

    Raises `Invalid` for what is no update, `Conflict` for one that builds on what is not there.
    """
    import pycrdt

    try:
        merged: bytes = pycrdt.merge_updates(state or EMPTY, update)
        doc = _document(merged)
        compact: bytes = doc.get_update()
        whole = pycrdt.merge_updates(compact, merged) == compact
        # What is left of the update beyond the document begins with the number of its clients.
        stranded = pycrdt.get_update(update, doc.get_state())[0] != 0
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the Rust side's panics are no Exception
        raise Invalid("malformed-text", "A text update is not a Yjs update.") from error
    if stranded:
        raise Conflict("text-incomplete", "A text update builds on what the cloud does not hold: send that too.")
    return (compact if whole else merged), _plain(doc)


def replaced(state: bytes, text: str) -> tuple[bytes, str]:
    """The state after its whole text was replaced, and the string."""
    import pycrdt

    doc = _document(state or EMPTY)
    shared = doc.get(ROOT, type=pycrdt.Text)
    if str(shared) != text:
        with doc.transaction():
            shared.clear()
            shared += text
    update: bytes = doc.get_update()
    return pycrdt.merge_updates(state or EMPTY, update), text


def _document(state: bytes) -> Any:
    import pycrdt

    doc: Any = pycrdt.Doc()
    doc.apply_update(state)
    return doc


def _plain(doc: Any) -> str:
    import pycrdt

    return str(doc.get(ROOT, type=pycrdt.Text))
