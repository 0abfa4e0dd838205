"""Answers compressed on their way (RFC 9110 §8.4): a new phone's records are a fifth of their size."""

from __future__ import annotations

import asyncio
import gzip

from starlette.requests import Request
from starlette.responses import Response

LEAST = 4096
"""Bytes from which it is worth its time; whatever holds a token is smaller. (No cookie signs anybody in: no other
site has a browser ask for answers whose size would tell of secrets in them.)"""
LEVEL = 1
"""On lines of some 20 Mbit/s and less, and processors that have more to do, the fastest is the best."""


async def compressed(request: Request, response: Response) -> Response:
    """The answer, its JSON in gzip where the client takes that. Streams and files are left as they are."""
    body = getattr(response, "body", b"")
    if len(body) < LEAST or response.media_type != "application/json" or "content-encoding" in response.headers:
        return response
    response.headers.add_vary_header("Accept-Encoding")
    if takes_gzip(request.headers.get("accept-encoding", "")):
        response.body = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding field names gzip, or all codings, with a weight above 0 (RFC 9110 §12.5.3)."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        coding, *parameters = (one.strip() for one in part.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            weights[coding] = float(weight)
        except ValueError:
            weights[coding] = 0.0
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
