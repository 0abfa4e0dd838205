"""Dying at a chosen moment: a process that kills itself at the n-th boundary of what it does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


class Boundaries:
    """A boundary lies before and after each call of a function that it is laid around; at the last it dies."""

    def __init__(self, left: int) -> None:
        self._left = left

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self._cross()
            answer = function(*arguments)
            self._cross()
            return answer

        return called

    def around_async(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def called(*arguments: Any) -> Any:
            self._cross()
            answer = await function(*arguments)
            self._cross()
            return answer

        return called

    def _cross(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
