"""Whether snapshots are whole. Everything here blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pileus.core.errors import PileusError, Unavailable
from pileus.sdk.backup import tree, wire
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.deposit import ask_known
from pileus.sdk.backup.link import TRIES, Link
from pileus.sdk.backup.save import load_tree
from pileus.sdk.backup.wire import Snapshot, Step


@dataclass(frozen=True)
class Problem:
    """What is wrong with a snapshot; `path`: the first thing in it that needs a chunk which is not there."""

    snapshot: str
    reason: str
    path: bytes | None = None


def check_trees(link: Link, found: list[Snapshot], heard: Callable[[int], None]) -> list[Problem]:
    """Reads each tree, checks its form, and asks whether all chunks that it names are stored."""
    naming = Naming(bytes.fromhex(link.get("/backups/area", wire.Area).naming))
    checked: dict[str, Problem | None] = {}
    problems = []
    for number, one in enumerate(found, 1):
        if one.tree not in checked:
            checked[one.tree] = _tree(link, naming, one)
        problem = checked[one.tree]
        if problem is not None:
            problems.append(Problem(one.id, problem.reason, problem.path))
        heard(number)
    return problems


def read_data(link: Link) -> Iterator[Step]:
    """The cloud reads every chunk back; a connection that breaks is made anew, and it goes on where it was."""
    since, tries, read = "", 0, 0
    while True:
        done = 0
        try:
            for step in link.lines(f"/backups/check{since}", Step):
                since, tries = f"?since={step.since_ms}", 0
                done = step.bytes
                yield Step(step.since_ms, step.done, step.of, read + done, step.problems, step.end)
                if step.end:
                    return
        except Unavailable:
            tries += 1
            if tries >= TRIES:
                raise
        read += done


def _tree(link: Link, naming: Naming, one: Snapshot) -> Problem | None:
    try:
        _, whole = load_tree(link, naming, one.tree)
        needed: dict[bytes, bytes] = {}
        for folder, nodes in whole.walk():
            for node in nodes:
                for piece in node.pieces:
                    if piece.name:
                        needed.setdefault(piece.name, tree.join(folder, node.name))
    except PileusError as error:
        if error.code not in ("backup-damaged", "no-chunk"):
            raise
        return Problem(one.id, error.detail)
    names = list(needed)
    for start in range(0, len(names), wire.MOST_NAMES):
        asked = names[start : start + wire.MOST_NAMES]
        for name, known in zip(asked, ask_known(link, asked), strict=True):
            if not known:
                return Problem(one.id, "", needed[name])
    return None
