"""What is left alone on both sides: the folder's own `.pileus`, and what `.pileusignore` names as Git would."""

from __future__ import annotations

import os
from collections.abc import Callable

from pathspec import GitIgnoreSpec

from pileus.core.errors import Invalid
from pileus.sdk.sync.folder import OWN
from pileus.sdk.sync.scan import OPEN_FILE

FILE = ".pileusignore"
LARGEST = 1 << 20

Ignored = Callable[[str, bool], bool]
"""Hears a path below the folder and whether it is a folder's."""


def ignored_in(root: int) -> Ignored:
    """The rules of an open folder as they are now; raises `Invalid` where they cannot be understood."""
    try:
        with os.fdopen(os.open(FILE, OPEN_FILE, dir_fd=root), "rb") as file:
            return ignored_by(file.read(LARGEST))
    except FileNotFoundError:
        return ignored_by(b"")


def ignored_by(text: bytes) -> Ignored:
    """gitignore(5): the last pattern that matches decides; what is in an ignored folder is ignored with it."""
    try:
        patterns = GitIgnoreSpec.from_lines(text.decode("utf-8-sig").splitlines())
    except ValueError as error:
        raise Invalid("bad-ignore", f"{FILE} cannot be understood: {error}") from None
    return lambda path, folder: path == OWN or patterns.match_file(path + "/" if folder else path)
