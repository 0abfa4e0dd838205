"""Programs that make a tool of others crash are set aside and named; the rest of a batch goes on without them.

A night's programs meet a few bugs of the compilers that they go through. Those are no bugs of the translator, and
none of them may cost a batch; many of them would mean that something is wrong here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
AGAIN = "did not crash again"


class ToolFailed(Exception):
    """A tool's own words on why it gave up."""


class ToolCrashed(ToolFailed):
    """What it was given is right, and it broke on it."""


class Sieve:
    """Finds the programs that a tool crashes on; `most` is how many may be set aside before it is a failure."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.aside: dict[str, str] = {}
        """By program what the tool said."""

    def run(self, names: Sequence[str], attempt: Callable[[Sequence[str]], T]) -> T:
        """What the tool makes of the programs, without those that crash it; raises `ToolFailed`."""
        wanted = [name for name in names if name not in self.aside]
        try:
            return attempt(wanted)
        except ToolCrashed as crash:
            if self.most == 0:
                raise
            before = len(self.aside)
            self._search(wanted, attempt, crash)
            if len(self.aside) == before:
                self._set_aside(f"{wanted[0]} to {wanted[-1]}", f"{AGAIN}: {crash}", crash)
        return attempt([name for name in wanted if name not in self.aside])

    def take_out(self, name: str, why: str) -> None:
        """Sets a program aside that a tool made nonsense of; raises `ToolFailed` where they are too many."""
        self._set_aside(name, why, ToolCrashed(why))

    def _search(self, names: Sequence[str], attempt: Callable[[Sequence[str]], T], crash: ToolCrashed) -> None:
        if len(names) == 1:
            self._set_aside(names[0], str(crash), crash)
            return
        middle = len(names) // 2
        for half in (names[:middle], names[middle:]):
            try:
                attempt(half)
            except ToolCrashed as smaller:
                self._search(half, attempt, smaller)

    def _set_aside(self, name: str, why: str, crash: ToolCrashed) -> None:
        self.aside[name] = why
        if len(self.aside) > self.most:
            raise ToolFailed(f"more than {self.most} crashes, of {', '.join(self.aside)}") from crash
