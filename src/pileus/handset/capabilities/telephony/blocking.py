"""Whom the account does not want to hear of, as its shell last said.

Kept in the ledger, so that it holds after a restart and without the cloud; of another account than the one that is
signed in it says nothing. The shell hands it over, not the cloud: a block that is made on the phone holds at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from pileus.core.telephone import is_emergency, same_line
from pileus.handset.ledger import Ledger, set_setting, setting

BLOCKED = "blocked"


class Block(msgspec.Struct):
    addresses: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=320)]], msgspec.Meta(max_length=5000)
    ]


class _Kept(msgspec.Struct):
    whose: str = ""
    addresses: tuple[str, ...] = ()


class Blocking:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept = _Kept()

    async def start(self) -> None:
        text = await self._ledger.read(lambda db: setting(db, BLOCKED))
        if text:
            self._kept = msgspec.json.decode(text, type=_Kept)

    async def take(self, whose: str, addresses: Sequence[str]) -> None:
        """The whole list of an account; on the disk when this returns."""
        kept = _Kept(whose, tuple(addresses))
        text = msgspec.json.encode(kept).decode()
        await self._ledger.write(lambda db: set_setting(db, BLOCKED, text))
        self._kept = kept

    async def forget(self) -> None:
        """Nobody is signed in any more: whom they blocked is theirs."""
        if self._kept.addresses:
            await self.take("", ())

    def has(self, whose: str, address: str) -> bool:
        """Never an emergency number, nor one that is withheld."""
        if not whose or whose != self._kept.whose or not address or is_emergency(address):
            return False
        return any(same_line(one, address) for one in self._kept.addresses)
