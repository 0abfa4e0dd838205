"""The words by which messages and files are found: cutting texts and queries. No framework, no I/O.

A text in a script without spaces is cut so that each character begins one token: it and the one after it, or it
alone at the end of its run. So a query of two characters or more is a phrase of pairs, one of a single character a
prefix, and phrases go across scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from pileus.core.errors import TooLarge

MAX_QUERY_TOKENS = 64

# Scripts that are written without spaces: Han with its extensions, Kana, Bopomofo, Hangul.
CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
_WORD = re.compile(f"(?:[{CJK}]|[^\\W_])+")
_ASCII_RUN = re.compile("[a-z0-9]+")
_CJK = re.compile(f"[{CJK}]")
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」')


class _Fold(dict[int, str | None]):
    """Letters without their marks, where their script is written with spaces; marks by themselves go."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        folded: str | None = char
        if unicodedata.category(char) in {"Mn", "Cs"}:
            folded = None
        elif not _CJK.match(char):
            base = unicodedata.normalize("NFD", char)
            if len(base) > 1 and all(unicodedata.category(mark) == "Mn" for mark in base[1:]):
                folded = base[0]
        self[code] = folded
        return folded


_FOLD = _Fold()


def normal(text: str) -> str:
    """A text as its words are compared: compatible forms, case and marks are one."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)


def tokens(text: str) -> list[str]:
    """The words of a text for the index, in their order."""
    plain = normal(text)
    if plain.isascii():
        return _ASCII_RUN.findall(plain)
    found: list[str] = []
    for run in _RUN.findall(plain):
        if run[0].isascii() or not _CJK.match(run):
            found.append(run)
        else:
            found += map("".join, pairwise(run))
            found.append(run[-1])
    return found


def search_expression(query: str) -> str:
    """An FTS5 expression in which all parts must be there; "" where the query has no word.

    A word is looked for by its beginning, a run of CJK characters at any place, what stands in quotation marks as
    it is. Everything is quoted, so that no character of the query is an operator of FTS5.
    """
    parts: dict[str, None] = {}
    rest, at = [], 0
    for quoted in _QUOTED.finditer(query):
        rest.append(query[at : quoted.start()])
        at = quoted.end()
        phrase = _phrase(_RUN.findall(normal(next(filter(None, quoted.groups()), ""))), exact=True)
        if phrase:
            parts[phrase] = None
    rest.append(query[at:])
    for word in _WORD.findall(normal(" ".join(rest))):
        parts[_phrase(_RUN.findall(word), exact=False)] = None
    if sum(part.count(" ") + 1 for part in parts) > MAX_QUERY_TOKENS:
        raise TooLarge("query-too-long", "The search has too many words: try fewer.")
    return " AND ".join(parts)


def _phrase(runs: list[str], *, exact: bool) -> str:
    """Tokens that follow each other; the last one may go on, but for a word in an `exact` phrase."""
    if not runs:
        return ""
    *before, last = runs
    cut = [token for run in before for token in tokens(run)]
    if not _CJK.match(last):
        return f'"{" ".join([*cut, last])}"' + ("" if exact else " *")
    if len(last) == 1:
        return f'"{" ".join([*cut, last])}" *'
    return f'"{" ".join([*cut, *_pairs(last)])}"'


def _pairs(run: str) -> Iterator[str]:
    return map("".join, pairwise(run))
