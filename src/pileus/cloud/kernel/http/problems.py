"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from pileus.cloud.kernel.room import storage_failure
from pileus.core.errors import PileusError, StorageFull, StorageReadOnly, StoreUnavailable

PHRASES = {status.value: status.phrase for status in HTTPStatus}
"""A protocol may have statuses of its own, as tus has 460."""

log = logging.getLogger(__name__)


def problem(error: PileusError) -> Response:
    """The answer for an error."""
    document: dict[str, Any] = {
        **error.extra,
        "type": f"urn:pileus:problem:{error.code}",
        "title": PHRASES.get(error.status, "Refused"),
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = msgspec.json.encode(document)
    return Response(body, error.status, headers, media_type="application/problem+json")


async def on_pileus_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PileusError)  # noqa: S101 - registered for this type only
    if isinstance(error, StorageFull | StorageReadOnly):
        log.error("nothing can be kept: %s", error.detail)
    elif isinstance(error, StoreUnavailable):
        log.error("stored bytes cannot be reached: %s", error.__cause__ or error.detail)
    elif error.status >= 500 and error.status not in (503, 507):
        log.error("an operation failed: %s", error)
    return problem(error)


async def on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    codes = {404: "not-found", 405: "method-not-allowed"}
    code = codes.get(error.status_code, "http")
    answer = problem(PileusError(code, str(error.detail), status=error.status_code))
    answer.headers.update(error.headers or {})
    return answer


async def on_gone_client(_request: Request, _error: Exception) -> Response:
    return problem(PileusError("cut-off", "The request ended before all of it came.", status=400))


async def on_system_error(request: Request, error: Exception) -> Response:
    """What the system refused: a disk that takes nothing is told, anything else is a crash."""
    full = storage_failure(error)
    if full is None:
        raise error
    return await on_pileus_error(request, full)


async def on_crash(_request: Request, _error: Exception) -> Response:
    return problem(PileusError("internal", "Something failed here; the server's log says what."))


HANDLERS = {
    PileusError: on_pileus_error,
    OSError: on_system_error,
    HTTPException: on_http_error,
    ClientDisconnect: on_gone_client,
    Exception: on_crash,
}
