"""Numbers and traces: what they count, where they are given out, and that they are off unless asked for."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import subprocess
import sys
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pileus.cloud.kernel.http.watch import Watch
from pileus.cloud.kernel.manifest import discover
from pileus.cloud.kernel.service import Operation
from pileus.core import tracing
from pileus.core.errors import Invalid, NotFound
from pileus.core.settings import Settings
from tests.cloud.collector import attributes, collector
from tests.conftest import free_port


def numbers(settings: Settings) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each sample by its name and its labels' values."""
    answer = httpx.get(f"http://{settings.metrics}/metrics", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (one.name, tuple(one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def test_what_happens_is_counted(serve: Any, settings: Settings) -> None:
    asked = settings.changed(metrics=f"127.0.0.1:{free_port()}")
    with serve(asked, services=discover()) as server:
        anna = server.account("anna")
        before = numbers(asked)
        with server.client(anna["token"]) as client:
            assert client.get("/account").status_code == 200
            assert client.get("/files/nothing/content").status_code == 404
            assert client.put("/files/nothing/content").status_code == 405
            client.headers.pop("Authorization")
            assert client.get("/account").status_code == 401
        after = numbers(asked)

    def grown(name: str, *labels: str) -> float:
        return after.get((name, labels), 0) - before.get((name, labels), 0)

    assert grown("pileus_http_requests_total", "GET", "/account", "200") == 1
    assert grown("pileus_http_requests_total", "GET", "/account", "401") == 1
    assert grown("pileus_http_requests_total", "GET", "/files/{file}/content", "404") == 1
    assert grown("pileus_http_request_duration_seconds_count", "GET", "/account") == 2
    assert after["pileus_accounts", ()] == 1
    assert after["pileus_devices", ()] == 1
    assert after["pileus_db_writes_total", ()] > 0
    assert after["pileus_db_write_seconds_total", ()] > 0
    assert after["pileus_db_writes_waiting", ()] == 0
    assert after["pileus_supervisor_up", ()] == 0, "there is none beside this server"
    assert ("process_resident_memory_bytes", ()) in after
    assert not [key for key in after if anna["account"]["id"] in "".join(key[1])]


def test_nobody_gets_them_unless_asked(serve: Any, settings: Settings) -> None:
    with serve(settings) as server:
        assert server.cloud.metrics is None
        with server.client() as client:
            assert client.get("/metrics").status_code == 404
            assert "pileus_accounts" not in httpx.get(f"{server.url}/metrics", trust_env=False).text


def test_a_cloud_without_them_loads_nothing_of_them() -> None:
    code = (
        "import sys, pileus.cloud.web;"
        "print([n for n in sys.modules if n.startswith(('opentelemetry', 'prometheus', 'google.protobuf'))])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9100", ("127.0.0.1", 9100)),
        ("0.0.0.0:9100", ("0.0.0.0", 9100)),
        ("[::1]:9100", ("::1", 9100)),
        ("", None),
    ],
)
def test_a_port_alone_is_this_machines_own(text: str, address: tuple[str, int] | None) -> None:
    found = Settings.from_env({"PILEUS_METRICS": text})
    assert found.metrics_address == address
    assert Settings.from_env(found.as_env()).metrics_address == address


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("METRICS", text) for text in ("0", "host", "99999", "²", "::1", "[::1", "a:b:9")),
        *(("TRACES", text) for text in ("localhost:4318", "http://", "ftp://host/x")),
    ],
)
def test_what_makes_no_sense_is_said(name: str, text: str) -> None:
    with pytest.raises(Invalid, match=f"PILEUS_{name}"):
        Settings.from_env({f"PILEUS_{name}": text})


def test_spans_lie_in_each_other_and_tell_errors_by_their_code() -> None:
    with collector() as found:
        traces = tracing.start(found.url, "test")
        with pytest.raises(NotFound), tracing.span("whole", "server", http__route="/x"), tracing.span("part"):
            raise NotFound("no-such-thing", "The file secret.txt is not there.")
        traces.close()
        (whole,), (part,) = found.named("whole"), found.named("part")
        assert part.parent_span_id == whole.span_id
        assert part.trace_id == whole.trace_id
        assert attributes(whole) == {"http.route": "/x", "error.type": "no-such-thing"}
        assert b"secret.txt" not in found.raw
        with tracing.span("afterwards") as one:
            assert isinstance(one, tracing.Nothing)


def test_what_a_caller_did_wrong_is_no_error_of_the_clouds() -> None:
    with collector() as found:
        traces = tracing.start(found.url, "test")
        for error in (NotFound("x", "y"), ValueError("y")):
            with contextlib.suppress(NotFound, ValueError), tracing.span(type(error).__name__):
                raise error
        traces.close()
        (theirs,), (ours,) = found.named("NotFound"), found.named("ValueError")
        assert (theirs.status.code, ours.status.code) == (0, 2)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x", "y"), 404),
        (ClientDisconnect(), 499),
        (asyncio.CancelledError(), 499),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (HTTPException(418), 418),
        (ValueError("x"), 500),
    ],
)
def test_an_operation_is_counted_by_what_it_is_answered_with(error: BaseException, status: int) -> None:
    counted = []

    class Counts:
        @contextlib.contextmanager
        def request(self, method: str, route: str, answered: Any) -> Any:
            try:
                yield
            finally:
                counted.append((method, route, answered()))

    watch = Watch(Counts())  # type: ignore[arg-type]
    with contextlib.suppress(BaseException), watch.operation(Operation("GET", "/x", None, "X")):  # type: ignore[arg-type]
        raise error
    assert counted == [("GET", "/x", status)]
