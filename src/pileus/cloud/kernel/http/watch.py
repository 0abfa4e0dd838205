"""What is seen of each operation: its time and status, as numbers and as a span. Both are off unless asked for."""

from __future__ import annotations

import contextlib
from asyncio import CancelledError
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pileus.cloud.kernel.service import Operation
from pileus.core.errors import PileusError
from pileus.core.tracing import span

if TYPE_CHECKING:
    from pileus.cloud.kernel.metrics import Metrics

GONE = 499
"""The client went away before its answer began (as nginx counts it)."""


class Seen:
    """How an operation ended; set `status` before its end."""

    status = 500


class Watch:
    """Sees operations; without metrics and traces it does nothing."""

    metrics: Metrics | None = None

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
            except PileusError as error:
                seen.status = error.status
                raise
            except CancelledError:
                seen.status = GONE
                raise
            finally:
                one.set_attribute("http.response.status_code", seen.status)
