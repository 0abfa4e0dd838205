"""Whether an app takes its input: what Android calls "application not responding".

With what it is given the host gets a PING, which it answers from the thread that takes input; one is on its way
at most. Input that came while one was on its way is not answered for by it: the host is asked once more then. An
answer that is late is told once, and again when input came after that and had to wait as well.
"""

from __future__ import annotations

INPUT_WITHIN = 5.0
START_WITHIN = 20.0


class Responding:
    """Pure rules; times are seconds of one clock."""

    def __init__(self) -> None:
        self._nonce = 0
        self._asked: float | None = None
        self._within = INPUT_WITHIN
        self._told = False
        self._later_input: float | None = None
        self.behind = False
        """Something was given that no question was asked for yet; to be looked at after an answer."""

    def given(self, now: float, within: float = INPUT_WITHIN) -> int | None:
        """The host was given something: the nonce to ask with, unless an answer is still awaited."""
        if self._asked is not None:
            self.behind = True
            if self._told and self._later_input is None:
                self._later_input = now
            return None
        self.behind = False
        self._nonce += 1
        self._asked, self._within = now, within
        return self._nonce

    def answered(self, nonce: int) -> bool:
        """Whether this answer ends a silence that was told."""
        if nonce != self._nonce:
            return False
        told = self._told
        self._asked, self._told, self._later_input = None, False, None
        return told

    def late(self, now: float) -> bool:
        """Whether it is time to tell that nothing is answered."""
        since = self._later_input if self._told else self._asked
        if since is None or now - since < self._within:
            return False
        self._told, self._later_input, self._within = True, None, INPUT_WITHIN
        return True
