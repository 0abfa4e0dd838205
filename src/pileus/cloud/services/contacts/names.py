"""The name that a contact is shown by. No framework, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

CJK = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def display_name(fields: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """FN, or what stands for it: the name's parts, nickname, organisation, mail, number; "" where all lack."""
    for prop in fields.get("fn", ()):
        if prop["value"].strip():
            return str(prop["value"]).strip()
    for prop in fields.get("n", ()):
        if joined := joined_name(prop["value"]):
            return joined
    for name in ("nickname", "org", "email", "tel", "impp"):
        for prop in fields.get(name, ()):
            value = prop["value"]
            first = (
                _words(value[0]) if isinstance(value, list) and value else "" if isinstance(value, list) else value
            )
            if first.strip():
                return str(first).strip().removeprefix("tel:")
    return ""


def joined_name(parts: Sequence[str | Sequence[str]]) -> str:
    """The components of N in the order of their language: 张三, but Anna Maria Berg."""
    family, given, middle, prefix, suffix = [_words(one) for one in [*parts, "", "", "", "", ""][:5]]
    if CJK.search(family + given):
        return (
            f"{family}{middle}{given}"
            if not re.search(r"[A-Za-z]", family + given)
            else f"{family} {given}".strip()
        )
    return " ".join(one for one in (prefix, given, middle, family, suffix) if one)


def _words(component: str | Sequence[str]) -> str:
    return component.strip() if isinstance(component, str) else " ".join(one.strip() for one in component if one)
