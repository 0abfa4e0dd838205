"""Edits of each kind on both sides of a sync, and what they must have come to."""

from __future__ import annotations

import shutil

from .conftest import Box


def prepare(one: Box, other: Box, name: str, large: int = 2 << 20) -> set[bytes]:
    """Edits on both sides since they agreed, one of each kind; the contents that must be there in the end.

    `large`: bytes of those that are sent by themselves.
    """
    for path in ("changed here", "changed there", "changed twice", "deleted here", "moved here", "moved there"):
        one.write(f"{name}/{path}", f"{name} {path}")
    for path in ("swap/a", "swap/b", "folder deleted there/x", "folder deleted here/x"):
        one.write(f"{name}/{path}", f"{name} {path}")
    one.sync()
    other.sync()
    here, there = one.path / name, other.path / name
    for path in ("changed here", "changed twice"):
        one.write(f"{name}/{path}", f"{name} new here {path}")
    one.write(f"{name}/new/here", f"{name} new here")
    one.write(f"{name}/large here", f"{name} large here".encode() + bytes(large))
    (here / "deleted here").unlink()
    (here / "moved here").rename(here / "new" / "moved")
    (here / "folder deleted here" / "x").unlink()
    (here / "folder deleted here").rmdir()
    for path in ("changed there", "changed twice"):
        other.write(f"{name}/{path}", f"{name} new there {path}")
    other.write(f"{name}/new there/b", f"{name} new there")
    other.write(f"{name}/large there", f"{name} large there".encode() + bytes(large))
    (there / "moved there").rename(there / "new there" / "moved")
    for source, to in (("a", "c"), ("b", "a"), ("c", "b")):
        (there / "swap" / source).rename(there / "swap" / to)
    (there / "folder deleted there" / "x").unlink()
    (there / "folder deleted there").rmdir()
    other.sync()
    kept = {content for box in (one, other) for path, content in box.tree().items() if path.startswith(f"{name}/")}
    gone = {f"{name} {path}" for path in ("changed here", "changed there", "changed twice", "deleted here")}
    gone |= {f"{name} folder deleted there/x", f"{name} folder deleted here/x"}
    return {content for content in kept if content is not None} - {text.encode() for text in gone}


def check(one: Box, other: Box, name: str, wanted: set[bytes]) -> None:
    """Both come together with all that must be there, and nothing is left over."""
    for box in (one, other, one):
        assert box.sync().troubles == []
    assert one.tree() == other.tree()
    assert {text for path, text in one.tree().items() if text and path.startswith(f"{name}/")} == wanted
    assert one.tree()[f"{name}/swap/a"] == f"{name} swap/b".encode()
    assert one.sync().steps == other.sync().steps == 0
    for kind in ("aside", "old", "parts"):
        assert not list((one.path / ".pileus" / kind).iterdir()), kind
    shutil.rmtree(one.path / name)
    for box in (one, other):
        box.sync()
