"""Numbers that do as they are told: one that echoes messages, answers, is busy, or never answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from pileus.carrier.body import Body
from pileus.carrier.calls import Call, Ending
from pileus.carrier.parts import join
from pileus.carrier.timer import Timer


class Manner(Enum):
    """What it does when it is called."""

    ANSWERS = "answers"
    BUSY = "busy"
    SILENT = "silent"
    REFUSES = "refuses"


@dataclass(eq=False)
class Scripted:
    """A Party. `answer_after` and `hang_up_after` are seconds from the ringing and from the answer; None is never.
    `texted` is called with each whole message and its sender."""

    number: str
    timer: Timer
    manner: Manner = Manner.ANSWERS
    answer_after: float = 1
    hang_up_after: float | None = None
    echoes: bool = False
    """Who speaks to it hears themselves."""
    texted: Callable[[str, str], None] = field(default=lambda sender, text: None)
    heard: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    _parts: dict[tuple[str, int], list[Body]] = field(default_factory=dict)

    def text(self, sender: str, body: Body) -> None:
        """A message, or a part of one."""
        where = body.concat
        if where is None:
            self.texted(sender, body.text)
            return
        parts = self._parts.setdefault((sender, where.reference), [])
        parts.append(body)
        if {part.concat.number for part in parts if part.concat} >= set(range(1, where.total + 1)):
            del self._parts[sender, where.reference]
            self.texted(sender, join(parts))

    def rings(self, call: Call) -> bool:
        if self.manner is Manner.BUSY:
            return False
        self.calls.append(call)
        if self.manner is Manner.ANSWERS:
            self.timer.later(self.answer_after, lambda: self._answer(call))
        elif self.manner is Manner.REFUSES:
            self.timer.later(self.answer_after, lambda: call.end(Ending.BUSY, by=self))
        return True

    def alerted(self, call: Call) -> None: ...

    def answered(self, call: Call) -> None:
        self._end_later(call)

    def ended(self, call: Call, why: Ending) -> None:
        if call in self.calls:
            self.calls.remove(call)

    def tone(self, call: Call, digit: str) -> None:
        self.heard.append(digit)

    def _answer(self, call: Call) -> None:
        call.answer()
        self._end_later(call)

    def _end_later(self, call: Call) -> None:
        if self.hang_up_after is not None:
            self.timer.later(self.hang_up_after, lambda: call.end(by=self))
