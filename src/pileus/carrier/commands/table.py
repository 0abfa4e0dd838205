"""Where commands are entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pileus.carrier.at import Command
from pileus.carrier.modem import Modem

Answer = Callable[[Modem, Command], Iterable[str]]
"""The lines before the OK; raises AtError."""

COMMANDS: dict[str, Answer] = {}


def command(*names: str) -> Callable[[Answer], Answer]:
    def enter(answer: Answer) -> Answer:
        for name in names:
            if name in COMMANDS:
                raise ValueError(f"{name} is there already")
            COMMANDS[name] = answer
        return answer

    return enter
