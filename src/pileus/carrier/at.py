"""Command lines cut into commands (ITU-T V.250 §5.2, 3GPP TS 27.007 §4). No effects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from pileus.carrier.errors import PlainError, cme

LONGEST_LINE = 2048

_EXTENDED = re.compile(r"([+*^$%#][A-Za-z0-9]+)(=\?|\?|=)?")
_BASIC = re.compile(r"(&?[A-Za-z])(\d*)(=\?|\?|=)?")
_S_REGISTER = re.compile(r"([Ss]\d+)(=\?|\?|=)?")


class Form(Enum):
    RUN = ""
    READ = "?"
    TEST = "=?"
    SET = "="


@dataclass(frozen=True)
class Command:
    """`name` is in capitals, with its sign; the number of a basic command (`E0`) is its one argument."""

    name: str
    form: Form
    args: tuple[str, ...] = ()

    def text(self, at: int, default: str | None = None) -> str:
        """An argument, without quotation marks; raises AtError where it is missing and has no default."""
        if at < len(self.args) and self.args[at]:
            return self.args[at]
        if default is None:
            raise cme(50)
        return default

    def number(self, at: int, default: int | None = None, *, most: int = 65535) -> int:
        """An argument that is a number from 0 to `most`."""
        text = self.text(at, None if default is None else str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 10) or int(text) > most:
            raise cme(50)
        return int(text)


def parse(line: str) -> list[Command]:
    """The commands of a line after its `AT`; raises PlainError for what is none."""
    commands: list[Command] = []
    at = 0
    while at < len(line):
        if line[at] in "; ":
            at += 1
        elif line[at] in "Dd":  # a number to dial takes the rest (V.250 §6.3.1)
            commands.append(Command("D", Form.RUN, (line[at + 1 :].strip(),)))
            at = len(line)
        else:
            command, at = _command(line, at)
            commands.append(command)
    return commands


def arguments(text: str) -> tuple[str, ...]:
    """Fields between commas; what stands in quotation marks is taken as it is."""
    fields: list[str] = []
    field, quoted = "", False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            fields.append(field)
            field = ""
        elif quoted or not char.isspace():
            field += char
    if quoted:
        raise PlainError
    return (*fields, field)


def _command(line: str, at: int) -> tuple[Command, int]:
    if found := _EXTENDED.match(line, at):
        name, sign = found[1].upper(), found[2] or ""
        end = _end(line, found.end())
        if sign == "=":
            return Command(name, Form.SET, arguments(line[found.end() : end])), end
        if line[found.end() : end].strip():
            raise PlainError
        return Command(name, Form(sign)), end
    if found := _S_REGISTER.match(line, at):
        end = _end(line, found.end())
        args = arguments(line[found.end() : end]) if found[2] == "=" else ()
        return Command(found[1].upper(), Form(found[2] or ""), args), end
    if found := _BASIC.match(line, at):
        args = (found[2],) if found[2] else ()
        return Command(found[1].upper(), Form(found[3] or ""), args), found.end()
    raise PlainError


def _end(line: str, at: int) -> int:
    """Where a command ends: at the next semicolon outside of quotation marks."""
    quoted = False
    for place in range(at, len(line)):
        if line[place] == '"':
            quoted = not quoted
        elif line[place] == ";" and not quoted:
            return place
    return len(line)
