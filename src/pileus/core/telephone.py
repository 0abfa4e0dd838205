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
_SCHEME = re.compile(r"^\s*tel:", re.IGNORECASE)
_TRUNK = re.compile(r"^(\s*\+[\s.-]*[0-9]{1,3}[\s.-]*)\(0\)")
"""`+44 (0)7700 ...`: the zero is dialled at home alone."""
_AFTER = re.compile(r"[,;](?=\S).*$", re.DOTALL)
"""What is dialled after it, or is said of it (RFC 3966); after a space somebody else of a list follows."""


def is_number(address: str) -> bool:
    """Whether somebody can be called by it; else it is a name, as `@anna` or `BANK24`."""
    return _NUMBER.fullmatch(_plain(address)) is not None


def same_line(one: str, other: str) -> bool:
    """Whether two addresses are likely one: names by their letters without regard to case; numbers that are the
    same, or of which one is the other's end, as where it lacks the country."""
    if not (is_number(one) and is_number(other)):
        return bool(_folded(one)) and _folded(one) == _folded(other)
    one, other = _plain(one), _plain(other)
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
    return _plain(address) in EMERGENCY


def _plain(address: str) -> str:
    """A number's digits and signs; a name is nothing that is looked at."""
    number = _AFTER.sub("", _SCHEME.sub("", _shown(address)))
    return _LEFT_OUT.sub("", _TRUNK.sub(r"\1", number))


def _shown(address: str) -> str:
    """Without letters that nobody sees, as those are that say which way is written (U+202A)."""
    if address.isascii():  # most are, of lists with thousands
        return address
    return "".join(one for one in address if unicodedata.category(one) != "Cf")


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", _ABROAD.sub("", number))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", _shown(name)).strip().casefold()
