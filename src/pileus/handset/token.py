"""What a shell has to know to be let in at the gateway."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from pileus.core import durable


def ensure(folder: Path) -> str:
    """The token of the handset in this folder, made at its first start and kept, so that a shell that knows it
    finds the gateway again."""
    durable.make_folder(folder)
    path = folder / "gateway-token"
    with contextlib.suppress(FileNotFoundError):
        if found := path.read_text(encoding="ascii").strip():
            return found
    made = secrets.token_urlsafe(32)
    durable.write(path, made.encode())
    return made
