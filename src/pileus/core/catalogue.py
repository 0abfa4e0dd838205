"""What programs say to people in a terminal, in English and Chinese."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

LANGUAGES = ("en", "zh")


class Catalogue:
    """Sentences by key; both languages are complete, which the constructor checks."""

    def __init__(self, en: Mapping[str, str], zh: Mapping[str, str]) -> None:
        if en.keys() != zh.keys():
            raise ValueError(f"These sentences lack a language: {sorted(en.keys() ^ zh.keys())}")
        self._sentences = {"en": en, "zh": zh}

    def __contains__(self, key: str) -> bool:
        return key in self._sentences["en"]

    def text(self, key: str, language: str | None = None, **values: object) -> str:
        """The sentence in a language (the terminal's, unless given) with its values.

        A whole number may bring its noun, one and many: `{count:pack|packs}` is "1 pack", "2 packs".
        """
        shown = {name: _Count(one) if type(one) is int else one for name, one in values.items()}
        return self._sentences[language or terminal_language()][key].format(**shown)


class _Count(int):
    """A number that knows its nouns in a sentence."""

    def __format__(self, spec: str) -> str:
        one, found, many = spec.partition("|")
        if not found:
            return super().__format__(spec)
        noun = one if self == 1 else many
        return f"{int(self)} {noun}"


def terminal_language(env: Mapping[str, str] | None = None) -> str:
    """`zh` where the locale says so, else `en` (POSIX: LC_ALL, LC_MESSAGES, LANG in that order)."""
    return "zh" if _locale(env).startswith("zh") else "en"


def terminal_region(env: Mapping[str, str] | None = None) -> str:
    """The locale's country (ISO 3166), such as `CN`; "" where it names none."""
    match = re.match(r"[a-z]+_([A-Z]{2})\b", _locale(env))
    return match[1] if match else ""


def _locale(env: Mapping[str, str] | None) -> str:
    env = os.environ if env is None else env
    return env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
