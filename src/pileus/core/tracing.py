"""Traces: what an operation did and how long each part took, sent to a collector by OTLP. Off unless asked for.

While they are off nothing of OpenTelemetry is loaded, and a `span` costs about a microsecond. Spans carry names of
operations, methods, route templates, statuses and error codes: never an account, an address, or anything of what
people keep.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pileus.core.errors import PileusError
from pileus.core.version import version

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

TIMEOUT = 5.0
"""Seconds for which a batch may wait for the collector; one that does not take it loses it."""

_tracer: Tracer | None = None


class Tracing:
    """Open traces; `close` sends what is left. One at a time in a process."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider

    def close(self) -> None:
        """Blocks for a few seconds at most."""
        global _tracer
        _tracer = None
        ending = threading.Thread(target=self._provider.shutdown, name="traces-end", daemon=True)
        ending.start()
        ending.join(TIMEOUT)


def start(endpoint: str, service: str) -> Tracing:
    """From now on spans go to `endpoint` (OTLP over HTTP, protobuf: `http://HOST:4318/v1/traces`) in batches."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    global _tracer
    resource = Resource({"service.name": service, "service.version": version()})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=TIMEOUT)))
    _tracer = provider.get_tracer("pileus")
    return Tracing(provider)


class Nothing:
    """A span while traces are off."""

    def set_attribute(self, _name: str, _value: Any) -> None:
        pass


_NOTHING = Nothing()


@contextmanager
def span(name: str, kind: str = "internal", **attributes: Any) -> Iterator[Span | Nothing]:
    """A part of what goes on, below the one that it is opened in; `kind` is internal, server or client.

    Attributes are named with `__` for the dots of OpenTelemetry's conventions. Of an error its code is kept, or
    its class: its text may be somebody's.
    """
    if _tracer is None:
        yield _NOTHING
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    with _tracer.start_as_current_span(
        name,
        kind=SpanKind[kind.upper()],
        attributes={key.replace("__", "."): value for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    ) as one:
        try:
            yield one
        except BaseException as error:
            one.set_attribute("error.type", error.code if isinstance(error, PileusError) else type(error).__name__)
            # What a caller did wrong is no error of this side's (OpenTelemetry: HTTP spans).
            if not isinstance(error, PileusError) or error.status >= 500:
                one.set_status(Status(StatusCode.ERROR))
            raise
