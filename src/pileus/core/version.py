"""Which Pileus this is."""

from __future__ import annotations


def version() -> str:
    """This program's version, as installed; 0 in a tree that is not."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("pileus")
    except PackageNotFoundError:
        return "0"
