"""Packet data of one modem: its contexts, which of them are active, and the line that carries one (3GPP TS 27.007
§10.1 and §10.2, TS 24.008 §10.5.6.6 for why one is refused).

A context becomes active or not as the network says. Its packets go nowhere: nobody speaks PPP here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pileus.carrier.errors import AtError, cme

KINDS = ("IP", "IPV6", "IPV4V6")
MOST_CONTEXTS = 8
MOST_NAME = 100
"""Octets of an access point's name (TS 23.003 §9.1)."""
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_DIALLED = re.compile(r"\*99(?:\*[^*#]*(?:\*[^*#]*(?:\*(?P<context>\d*))?)?)?#")


@dataclass
class Context:
    """`point` is the access point's name; "" is the one that the card is subscribed to."""

    kind: str
    point: str
    active: bool = False


class Packets:
    """`admit(point)` is the network's word, and raises AtError; `hang_up` takes the line back from a context."""

    def __init__(self, admit: Callable[[str], None], hang_up: Callable[[], None]) -> None:
        self.contexts: dict[int, Context] = {}
        self.online: int | None = None
        """The context whose packets have the line now."""
        self.why = ""
        """The last refusal, as +CEER tells it."""
        self._admit, self._hang_up = admit, hang_up

    def define(self, number: int, kind: str, point: str) -> None:
        """Raises AtError for one that cannot be, or that is active."""
        if not 1 <= number <= MOST_CONTEXTS or kind not in KINDS:
            raise cme(50)
        if point and (len(point) > MOST_NAME or not _NAME.fullmatch(point)):
            raise cme(50)
        if number in self.contexts and self.contexts[number].active:
            raise cme(3)
        self.contexts[number] = Context(kind, point)

    def forget(self, number: int) -> None:
        """Raises AtError for one that is active."""
        if number in self.contexts and self.contexts[number].active:
            raise cme(3)
        self.contexts.pop(number, None)

    def activate(self, number: int) -> None:
        """One that is active stays so. Raises AtError."""
        context = self.contexts.get(number)
        if context is None:
            raise cme(50)
        if not context.active:
            try:
                self._admit(context.point)
            except AtError as refused:
                self.why = refused.text
                raise
            self.why, context.active = "", True

    def dial(self, dialled: str) -> None:
        """By `*99***1#`: the context is active and has the line. Raises AtError."""
        found = _DIALLED.fullmatch(dialled)
        if found is None:
            raise cme(50)
        number = int(found["context"] or 1)
        self.activate(number)
        self.online = number

    def deactivate(self, number: int) -> None:
        if number not in self.contexts:
            raise cme(50)
        self.contexts[number].active = False
        if self.online == number:
            self.hung_up()
            self._hang_up()

    def hung_up(self) -> None:
        """The terminal left the line; its context ends with it (§10.1.0)."""
        if self.online is not None and self.online in self.contexts:
            self.contexts[self.online].active = False
        self.online = None

    def release(self) -> None:
        """The network is gone: so are all contexts."""
        for context in self.contexts.values():
            context.active = False
        if self.online is not None:
            self.online = None
            self._hang_up()
