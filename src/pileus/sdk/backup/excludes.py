"""Which paths are left out or taken in, by patterns as restic's users write them. Pure.

A pattern without a leading `/` may match at any depth; `*`, `?` and `[…]` stay within a name, `**` spans any
number of folders; what is in a matched folder is matched with it. `!` before a pattern takes what matched back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ANY_FOLDERS = "(?:[^/]+/)*"


@dataclass(frozen=True)
class Patterns:
    """Made by `patterns`; later ones go before earlier ones."""

    rules: Sequence[tuple[bool, re.Pattern[str]]] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.rules)

    def match(self, path: str) -> bool:
        """`path`: absolute."""
        matched = False
        for taken_back, rule in self.rules:
            if matched == taken_back and rule.search(path) is not None:
                matched = not taken_back
        return matched


def patterns(texts: Iterable[str], *, ignore_case: bool = False) -> list[tuple[bool, re.Pattern[str]]]:
    """Empty ones are left out."""
    found = []
    for text in texts:
        taken_back = text.startswith("!")
        bare = text[1:] if taken_back else text
        if bare.strip("/"):
            found.append((taken_back, _compiled(bare, ignore_case)))
    return found


def lines_of(text: str) -> list[str]:
    """The patterns of a file: a line each, without comments (`#`) and empty lines."""
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def size_of(text: str) -> int | None:
    """Bytes of a size such as 100k, 2M, 1.5G (powers of 1024); None where it is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", text.strip().lower())
    if found is None:
        return None
    return int(float(found[1]) * 1024 ** " kmgt".index(found[2] or " "))


def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    whole = "^/" if pattern.startswith("/") else "(?:^|/)"
    for part in pattern.strip("/").split("/"):
        whole += ANY_FOLDERS if part == "**" else _name(part) + "/"
    # A pattern's end is a name's end; `**` at the end matches everything below.
    ending = whole[:-1] + "(?:/|$)" if whole.endswith("/") else whole + "[^/]+"
    return re.compile(ending, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _name(part: str) -> str:
    made, place = "", 0
    while place < len(part):
        one = part[place]
        end = part.find("]", place + 2) if one == "[" else -1
        if one == "*":
            made += "[^/]*"
        elif one == "?":
            made += "[^/]"
        elif one == "\\" and place + 1 < len(part):
            place += 1
            made += re.escape(part[place])
        elif end > 0:
            inside = part[place + 1 : end]
            negated = inside[0] in "^!"
            body = inside[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
            made += f"[{'^/' if negated else ''}{body}]"
            place = end
        else:
            made += re.escape(one)
        place += 1
    return made
