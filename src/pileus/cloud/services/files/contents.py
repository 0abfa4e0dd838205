"""A file's content as an answer: ranges, entity tags, and what a browser must not do with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Objects
from pileus.cloud.services.files import rules
from pileus.cloud.services.files.store import AREA


async def serve(objects: Objects, account_id: str, request: Request, fields: Mapping[str, Any]) -> Response:
    """`fields` are a file's: name, type, size, blake3, object. RFC 9110: If-None-Match, Range, If-Range."""
    etag, size = f'"{fields["blake3"]}"', int(fields["size"])
    headers = _headers(fields, etag)
    if rules.matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    valid = request.headers.get("if-range") in (None, etag)
    span = rules.parse_range(request.headers.get("range"), size) if valid else None
    start, end = span or (0, size)
    headers["Content-Length"] = str(end - start)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = await _begun(objects.get(account_id, AREA, fields["object"], start, end))
    return StreamingResponse(body, 206 if span else 200, headers)


async def _begun(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, the first of them read now: what cannot be read is an error, not a cut answer."""
    first = await anext(body, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in body:
            yield piece

    return whole()


def _headers(fields: Mapping[str, Any], etag: str) -> dict[str, str]:
    """What a browser must not do with someone's file: guess its type, or run it."""
    type_ = fields.get("type")
    known = isinstance(type_, str) and rules.TYPE.fullmatch(type_)
    return {
        "Content-Type": str(type_) if known else rules.UNKNOWN,
        "Content-Disposition": rules.disposition(str(fields["name"])),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-cache",
    }
