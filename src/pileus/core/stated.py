"""What a rule asks of a value, said in JSON Schema (2020-12) beside its type.

A `msgspec.Meta` with `ge` or `pattern` would refuse while decoding, as `malformed-body`, before the rule could say
what is wrong by a code of its own. What is made here refuses nothing: it goes into the OpenAPI document, for those
who write clients, and is made of the constants that the rule itself goes by. `tests/cloud/test_contract.py` holds
the two against each other: what the document allows is taken, what it forbids is refused.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_B64 = "[A-Za-z0-9+/]"


def text(
    least: int = 0,
    most: int | None = None,
    pattern: re.Pattern[str] | str | None = None,
    *,
    empty: bool = False,
    **more: Any,
) -> msgspec.Meta:
    """A text of `least` to `most` characters, all of which are as `pattern`; with `empty` it may also be "".

    Patterns are those that ECMA-262 (with `u`) and Python have in common, and its classes as `\\p{L}`.
    """
    said: dict[str, Any] = {}
    if least:
        said["minLength"] = least
    if most is not None:
        said["maxLength"] = most
    if pattern is not None:
        one = pattern if isinstance(pattern, str) else pattern.pattern
        said["pattern"] = f"^(?:{one})?$" if empty else f"^(?:{one})$"
    return msgspec.Meta(extra_json_schema={**said, **more})


def number(least: int, most: int) -> msgspec.Meta:
    """A whole number, both bounds included."""
    return msgspec.Meta(extra_json_schema={"minimum": least, "maximum": most})


def items(least: int = 0, most: int | None = None, *, unique: bool = False) -> msgspec.Meta:
    """A list of so many."""
    said: dict[str, Any] = {"minItems": least} if least else {}
    if most is not None:
        said["maxItems"] = most
    return msgspec.Meta(extra_json_schema={**said, **({"uniqueItems": True} if unique else {})})


def members(least: int) -> msgspec.Meta:
    """An object of at least so many members."""
    return msgspec.Meta(extra_json_schema={"minProperties": least})


def base64(least: int, most: int | None = None) -> msgspec.Meta:
    """`least` to `most` bytes in padded Base64 (RFC 4648 §4); exactly `least` where `most` is left out."""
    most = least if most is None else most
    forms = []
    for rest, end in enumerate(("", f"{_B64}{{2}}==", f"{_B64}{{3}}=")):
        low, high = -(-max(least - rest, 0) // 3), (most - rest) // 3
        if low <= high:
            times = f"{low}" if low == high else f"{low},{high}"
            forms.append(f"(?:{_B64}{{4}}){{{times}}}{end}")
    return text(pattern="|".join(forms), contentEncoding="base64")
