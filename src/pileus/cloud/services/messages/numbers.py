"""Telephone numbers in one form (ITU-T E.164), by the numbering plans of libphonenumber. No I/O."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Annotated

import phonenumbers

from pileus.core import stated
from pileus.core.errors import Invalid

_SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]+")
_DIGITS = re.compile(r"\+?\d+")


@lru_cache(maxsize=1 << 16)
def normal_address(address: str, region: str = "") -> str:
    """What all spellings of one address share.

    A number that its country's plan knows is `+` and digits; `region` (ISO 3166, two letters, or "") says where a
    national number is at home. Other numbers (short codes, unknown plans) keep their digits, a leading 00 is `+`;
    names and mail addresses lose their case.
    """
    plain = unicodedata.normalize("NFKC", address).strip()
    digits = _SEPARATORS.sub("", plain)
    if not _DIGITS.fullmatch(digits):
        return " ".join(plain.casefold().split())
    if digits.startswith("00") and len(digits) > 8:
        digits = "+" + digits[2:]
    return _planned(digits, region) or digits


Region = Annotated[str, stated.text(pattern=r"\s*(?:[A-Za-z]{2})?\s*")]
"""What `known_region` takes, but for the two letters that are no region's."""


def known_region(region: str) -> str:
    """A region as the plans name it, "" for none; raises `Invalid` for one that has no plan."""
    name = region.strip().upper()
    if name and name not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(
            "unknown-region", f"No numbering plan is known for {region[:20]!r}: name a country by two letters."
        )
    return name


def _planned(digits: str, region: str) -> str:
    if not region and not digits.startswith("+"):
        return ""
    try:
        number = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
