"""Where commands are entered, and those with three forms that set something (3GPP TS 27.007 §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pileus.carrier.at import Command, Form
from pileus.carrier.modem import Modem

Answer = Callable[[Modem, Command], Iterable[str]]
"""The lines before the OK; raises AtError."""

Change = Callable[[Modem, Command], Iterable[str] | None]
"""As `Answer`; most have no lines before the OK."""

COMMANDS: dict[str, Answer] = {}


def command(*names: str) -> Callable[[Answer], Answer]:
    def enter(answer: Answer) -> Answer:
        for name in names:
            if name in COMMANDS:
                raise ValueError(f"{name} is there already")
            COMMANDS[name] = answer
        return answer

    return enter


def setting(name: str, can: str, now: Callable[[Modem], object]) -> Callable[[Change], Change]:
    """Enters a command whose test form tells what it `can` be, whose read form what it is `now`; the function
    sets it."""

    def enter(change: Change) -> Change:
        @command(name)
        def answer(modem: Modem, asked: Command) -> Iterable[str]:
            if asked.form is Form.TEST:
                return [f"{name}: {can}"]
            if asked.form is Form.READ:
                return [f"{name}: {now(modem)}"]
            return change(modem, asked) or []

        return change

    return enter
