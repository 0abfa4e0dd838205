"""Dying at a chosen moment: processes that kill themselves at the n-th boundary of what they do.

A boundary lies before and after each fsync, renaming, link, deletion, new folder and commit of the product's code,
and of what a campaign lays beside them. It is told by where it comes from: `before fsync MODULE:FUNCTION`, the
function of ours that is nearest, but for `PLUMBING`; of a commit the function that wrote. `boundaries.txt` lists
them with the campaigns that die there: a campaign that dies elsewhere, or no longer at one of its own, fails
(`all_listed`), and so does one in the source that the list does not have (tests/architecture/test_durable.py).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tests.kills import struck

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("boundaries.txt")
NEVER = sys.maxsize
CALLS = {
    "fsync": ("fsync", "fdatasync"),
    "rename": ("rename", "replace"),
    "link": ("link",),
    "unlink": ("unlink", "rmdir"),
    "mkdir": ("mkdir",),
}
WRITER = "pileus.cloud.kernel.db.writer"
PLUMBING = {WRITER, "pileus.cloud.kernel.db.postgres", "pileus.core.durable", "pileus.sdk.sync.ledger"}


class Boundaries:
    """Dies at the boundary that comes after `left` others: of all, or of those that `place` names.

    With `after` it dies so many seconds after they were laid, wherever that is.
    """

    def __init__(self, out: int, left: int, place: str = "", after: float = 0) -> None:
        self._out, self._left, self._place, self._after = out, left, place, after
        self._lock = threading.Lock()
        self._ended = False
        self.crossed: list[str] = []

    def lay(self) -> None:
        """Around what the whole product makes durable."""
        from sqlalchemy.engine.default import DefaultDialect

        from pileus.sdk.sync import folder
        from pileus.sdk.sync.ledger import Ledger

        for kind, names in CALLS.items():
            self.around(kind, os, *names)
        self.around("rename", folder, "_renameat2")
        self.around("commit", Ledger, "commit")
        self.around("commit", DefaultDialect, "do_commit")
        if self._after:
            timer = threading.Timer(self._after, self.strike)
            timer.daemon = True
            timer.start()

    def around(self, kind: str, owner: Any, *names: str) -> None:
        """Functions of a module or class, here in this process alone."""
        for name in names:
            setattr(owner, name, self._crossing(kind, getattr(owner, name)))

    def tell(self, word: str) -> None:
        """To whoever asked: something is acknowledged."""
        self._say("told", word)

    def strike(self) -> None:
        """Kills this process, unless its work has ended: then it tells so, whole, and ends by itself."""
        with self._lock:
            if not self._ended:
                os.kill(os.getpid(), signal.SIGKILL)

    def end(self) -> None:
        with self._lock:
            self._ended = True
        self._say("crossed", *self.crossed)

    def _crossing(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def crossing(*arguments: Any, **named: Any) -> Any:
            if (place := _place(sys._getframe(1))) is None:
                return call(*arguments, **named)
            self._cross(f"before {kind} {place}")
            made = call(*arguments, **named)
            self._cross(f"after {kind} {place}")
            return made

        return crossing

    def _cross(self, name: str) -> None:
        with self._lock:
            self.crossed.append(name)
            if self._place in ("", name):
                if self._left == 0:
                    self._say("killed", name)
                    os.kill(os.getpid(), signal.SIGKILL)
                self._left -= 1

    def _say(self, *words: str) -> None:
        data = json.dumps(words).encode() + b"\n"
        while data:
            data = data[os.write(self._out, data) :]


def _place(frame: FrameType | None) -> str | None:
    """Of the function of ours that is nearest; None where there is none, or it only reads."""
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module == WRITER and name == "perform":
            function = frame.f_locals["function"]
            function = getattr(function, "func", function)
            return _named(function.__module__, function.__qualname__)
        if module == WRITER and name == "read":
            return None
        if module.startswith("pileus.") and module not in PLUMBING:
            return _named(module, frame.f_code.co_qualname)
        frame = frame.f_back
    return None


def _named(module: str, function: str) -> str:
    """`test` for a function of what runs, which stands for a route's."""
    return f"{'test' if module == '__main__' else module}:{function.split('.<locals>', 1)[0]}"


def serve(run: Callable[..., None]) -> None:
    """Calls `run(boundaries, *arguments)` in a child for each line of a `Killer`, so that it starts at once."""
    for line in sys.stdin:
        left, place, after, arguments = json.loads(line)
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(out)
            boundaries = Boundaries(into, left, place, after)
            try:
                run(boundaries, *arguments)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            boundaries.end()
            os._exit(0)
        os.close(into)
        with os.fdopen(out, "rb") as pipe:
            said = [json.loads(one) for one in pipe]
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([status, said]), flush=True)


@dataclass(frozen=True)
class Ended:
    """How a run ended: where it was killed (empty: nowhere), what it told, what it crossed to its end."""

    killed: str
    told: list[str]
    crossed: list[str]


class Killer:
    """Runs of a module that calls `serve`, each up to a boundary; kills count for a campaign. Close it."""

    def __init__(self, module: str, campaign: str, **environment: str) -> None:
        self._campaign = campaign
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.places: Counter[str] = Counter()
        """Where it killed, how often."""

    def run(self, *arguments: Any, left: int = NEVER, place: str = "", after: float = 0) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([left, place, after, arguments]), file=self._process.stdin, flush=True)
        status, said = json.loads(self._process.stdout.readline())
        words: dict[str, list[str]] = {"told": [], "killed": [], "crossed": []}
        for kind, *some in said:
            words[kind] += some
        assert status == (-signal.SIGKILL if words["killed"] or (after and not words["crossed"]) else 0)
        self.places.update(words["killed"])
        if status:
            struck(self._campaign)
        return Ended("".join(words["killed"]), words["told"], words["crossed"])

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def killer(module: str, campaign: str, **environment: str) -> Iterator[Killer]:
    made = Killer(module, campaign, **environment)
    try:
        yield made
    finally:
        made.close()


def places() -> dict[str, set[str]]:
    """The list: campaigns by boundary. One without a campaign has a reason, in words, and no set."""
    found: dict[str, set[str]] = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            kind, place, rest = line.split(maxsplit=2)
            found[f"{kind} {place}"] = set() if rest.startswith("- ") else set(rest.split())
    return found


def place_of(boundary: str) -> str:
    """The call, without the `before` or `after`."""
    return boundary.split(" ", 1)[1]


def one_of_each(crossed: list[str], dice: random.Random) -> list[tuple[str, int]]:
    """A boundary of each place and how many of its name come before it: before and after a commit, else one."""
    by_place: dict[str, list[str]] = {}
    for name in sorted(crossed):
        by_place.setdefault(place_of(name), []).append(name)
    names: list[str] = []
    for place, some in by_place.items():
        names += sorted(set(some)) if place.startswith("commit ") else [dice.choice(some)]
    return [(name, dice.randrange(crossed.count(name))) for name in names]


def all_listed(campaign: str, killed: Iterable[str]) -> None:
    """A campaign killed before or after each call that is listed for it, and at no other one."""
    here = {place_of(one) for one in killed}
    listed = {one for one, by in places().items() if campaign in by}
    new, missed = sorted(here - listed), sorted(listed - here)
    assert not new, f"list these in {LIST.name} for {campaign}:\n" + "\n".join(new)
    assert not missed, f"{campaign} no longer dies at:\n" + "\n".join(missed)
