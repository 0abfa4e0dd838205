"""Random codes that people type: Crockford's base 32 in groups of four. Pure, but for the randomness."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U; each character is five bits."""
GROUP = 4
READ_AS = str.maketrans("ILO", "110", " -\u2010\u2011\u2013\u00a0\t")
"""What is typed for what is meant."""


def new_code(length: int) -> str:
    """As in `7KQ2-M0XW-94TA-BC8Z`."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(length)))


def grouped(text: str) -> str:
    """Characters of the alphabet as people read them."""
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def plain(code: str) -> str:
    """A code in whatever way it was typed: small letters, spaces, an O for a 0."""
    return code[:100].upper().translate(READ_AS)
