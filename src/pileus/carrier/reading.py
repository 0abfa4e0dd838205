"""Octets read one field after the other; whoever reads past the end is refused."""

from __future__ import annotations

from pileus.carrier.errors import PduError


class Reader:
    """A cursor over octets."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def octet(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        taken = self._octets[self._at : self._at + count]
        if len(taken) < count:
            raise PduError("pdu-short", "The message breaks off.")
        self._at += count
        return taken

    def rest(self) -> bytes:
        return self.take(len(self._octets) - self._at)

    def end(self) -> None:
        """Refuses octets that no field has."""
        if self._at != len(self._octets):
            raise PduError("pdu-long", "There is more than the message says.")
