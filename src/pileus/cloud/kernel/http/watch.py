"""What is seen of each operation: its time and status, as numbers and as a span. Both are off unless asked for."""

from __future__ import annotations

import contextlib
from asyncio import CancelledError
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pileus.cloud.kernel.room import storage_failure
from pileus.cloud.kernel.service import Operation
from pileus.core.errors import PileusError
from pileus.core.tracing import span

if TYPE_CHECKING:
    from pileus.cloud.kernel.metrics import Metrics

GONE = 499
"""The client went away before all of its request had come, or its answer began (as nginx counts it)."""


def _status(error: BaseException) -> int:
    """What the problem document of an error says, or would."""
    if isinstance(error, CancelledError | ClientDisconnect):
        return GONE
    full = storage_failure(error)
    if full is not None:
        return full.status
    if isinstance(error, HTTPException):
        return error.status_code
    return error.status if isinstance(error, PileusError) else 500


class Seen:
    """How an operation ended; set `status` before its end."""

    status = 500


class Watch:
    """Sees operations; without metrics and traces it does nothing."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self.metrics = metrics

    @contextlib.contextmanager
    def operation(self, operation: Operation) -> Iterator[Seen]:
        seen = Seen()
        method, route = operation.method, operation.path
        with contextlib.ExitStack() as stack:
            if self.metrics is not None:
                stack.enter_context(self.metrics.request(method, route, lambda: seen.status))
            one = stack.enter_context(
                span(f"{method} {route}", "server", http__request__method=method, http__route=route)
            )
            try:
                yield seen
            except BaseException as error:
                seen.status = _status(error)
                raise
            finally:
                one.set_attribute("http.response.status_code", seen.status)
