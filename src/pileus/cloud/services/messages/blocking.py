"""Whom an account does not want to hear of: records `messages.block`. No framework, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pileus.cloud.services.messages.numbers import normal_address
from pileus.cloud.services.messages.rules import MAX_ADDRESS_BYTES, check_text, check_time
from pileus.core.errors import Invalid
from pileus.core.telephone import is_emergency, same_line

BLOCK_FIELDS = frozenset({"address", "since_ms"})


def check_block(fields: Mapping[str, Any]) -> None:
    """Refuses what cannot be blocked: raises `Invalid` or `TooLarge`."""
    unknown = sorted(set(fields) - BLOCK_FIELDS)
    if unknown:
        raise Invalid("block-field", f"A block has no field {unknown[0][:80]!r}.")
    address = fields.get("address")
    check_text("message", "address", address, MAX_ADDRESS_BYTES)
    if not str(address).strip():
        raise Invalid("block-address", "A block names a number or an account.")
    if is_emergency(normal_address(str(address))):
        raise Invalid("block-emergency", "Emergency numbers cannot be blocked.")
    check_time(fields.get("since_ms", 0))


@dataclass(frozen=True)
class Blocked:
    """Numbers, names of senders, and accounts written `@name`."""

    addresses: tuple[str, ...] = ()

    def has(self, address: str, region: str = "") -> bool:
        """`region`: where a national number that comes is at home."""
        if not self.addresses or not address or is_emergency(address):
            return False
        normal = normal_address(address, region)
        return any(same_line(one, address) or same_line(one, normal) for one in self.addresses)


def blocked_of(records: Iterable[Mapping[str, Any]]) -> Blocked:
    """From the fields of an account's blocks."""
    return Blocked(tuple(str(fields.get("address", "")) for fields in records))
