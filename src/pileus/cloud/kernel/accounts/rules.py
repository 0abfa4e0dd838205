"""Names, passwords and throttling: pure rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from itertools import count

from pileus.core.errors import Invalid

NAME_LENGTH = 64
BETWEEN = " .-_'’·"
"""What may stand between two letters of an account's name."""
PASSWORD_SHORTEST = 8
PASSWORD_LONGEST = 1024
WINDOW_MS = 15 * 60_000
BLOCK_LONGEST_MS = 15 * 60_000


@dataclass(frozen=True)
class Tries:
    """Failed tries under one key."""

    failures: int = 0
    last_ms: int = 0
    blocked_until_ms: int = 0


@dataclass(frozen=True)
class Allowance:
    """Failures that cost nothing; each further one doubles the wait."""

    free: int


PAIR = Allowance(free=5)
"""Of one name from one address."""
ADDRESS = Allowance(free=30)
NAME = Allowance(free=100)


def visible_name(code: str, name: str) -> str:
    """A name as it is kept; raises `Invalid` with this code."""
    shown = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(shown) <= NAME_LENGTH or any(unicodedata.category(one)[0] == "C" for one in shown):
        raise Invalid(code, f"A name has 1 to {NAME_LENGTH} visible characters.")
    return shown


def account_name(name: str) -> str:
    """A new account's name as it is kept; raises `Invalid`. Those from before this rule go on.

    Letters and digits of any script, and between them one sign each of those that names are written with: others
    call the account `@name`, and read its name aloud, in lists and in addresses.
    """
    shown = visible_name("account-name", name)
    if not _is_name(shown):
        between = "a space, dot, hyphen, underscore, apostrophe or middle dot"
        raise Invalid(
            "account-name", f"A name has 1 to {NAME_LENGTH} letters or digits, and {between} between them."
        )
    return shown


def _is_name(shown: str) -> bool:
    after = False  # a letter or digit
    for one in shown:
        kind = unicodedata.category(one)[0]
        if not (kind in "LN" or (after and (kind == "M" or one in BETWEEN))):
            return False
        after = one not in BETWEEN
    return after


def name_key(name: str) -> str:
    """What two names have in common that are one account: case and width do not count."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def check_password(password: str) -> None:
    """Raises `Invalid` for one that is too short or absurdly long."""
    if len(password) < PASSWORD_SHORTEST:
        raise Invalid("password-short", f"A password has at least {PASSWORD_SHORTEST} characters.")
    if len(password) > PASSWORD_LONGEST:
        raise Invalid("password-long", f"A password has at most {PASSWORD_LONGEST} characters.")


def device_name(name: str) -> str:
    """A device's name as it is kept: never empty, never a way to draw over a screen."""
    shown = "".join(one for one in unicodedata.normalize("NFC", name) if unicodedata.category(one)[0] != "C")
    return shown.strip()[:NAME_LENGTH] or "?"


def free_name(name: str, taken: Container[str]) -> str:
    """The name, or the first of "name 2", "name 3" … that no other device has."""
    tries = (name if number == 1 else f"{name[: NAME_LENGTH - 8]} {number}" for number in count(1))
    return next(one for one in tries if one not in taken)


def wait_ms(tries: Tries, now_ms: int) -> int:
    """How long the next try has to wait."""
    return max(0, tries.blocked_until_ms - now_ms)


def failed(tries: Tries, allowance: Allowance, now_ms: int) -> Tries:
    """The tries with one more failure: 1 s, 2 s, 4 s … up to a quarter of an hour."""
    if now_ms - tries.last_ms > WINDOW_MS:
        tries = Tries()
    failures = tries.failures + 1
    over = failures - allowance.free
    block = 0 if over < 0 else min(1000 * 2 ** min(over, 20), BLOCK_LONGEST_MS)
    return Tries(failures, now_ms, now_ms + block)
