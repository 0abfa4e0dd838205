"""How long work shows how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


def progress(*columns: ProgressColumn) -> Progress:
    """A bar on the error stream, gone at its end: what a pipe gets is the answer alone."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, transient=True, console=Console(stderr=True))
