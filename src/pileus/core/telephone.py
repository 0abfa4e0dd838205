"""Telephone numbers as cloud and handset compare them, without a numbering plan. Pure.

`contracts/numbers.json` has examples that the shell's own code is held to as well.
"""

from __future__ import annotations

import re
import unicodedata

EMERGENCY = frozenset({"112", "911", "000", "08", "110", "118", "119", "120", "122", "999"})
"""Numbers that are emergency calls without any card (3GPP TS 22.101 §10.1, China's)."""
SUBSCRIBER = 7
"""Digits that are enough to tell subscribers apart where one number lacks the country or the trunk zero."""
_LEFT_OUT = re.compile(r"[\s().\-/\u2010-\u2015]+")
_ABROAD = re.compile(r"^\s*00")
_NUMBER = re.compile(r"\+?[0-9*#]+")


def is_number(address: str) -> bool:
    """Whether somebody can be called by it; else it is a name, as `@anna` or `BANK24`."""
    return _NUMBER.fullmatch(_LEFT_OUT.sub("", address)) is not None


def same_line(one: str, other: str) -> bool:
    """Whether two addresses are likely one: names by their letters without regard to case; numbers that are the
    same, or of which one is the other's end, as where it lacks the country."""
    if not (is_number(one) and is_number(other)):
        return bool(one.strip()) and _folded(one) == _folded(other)
    short, long = sorted((_digits(one), _digits(other)), key=len)
    if not short:
        return False
    if short == long:
        return True
    if "+" in one and "+" in other:
        return False
    bare = short.lstrip("0")
    return len(bare) >= SUBSCRIBER and long.endswith(bare)


def is_emergency(address: str) -> bool:
    return _LEFT_OUT.sub("", address) in EMERGENCY


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", _ABROAD.sub("", number))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
