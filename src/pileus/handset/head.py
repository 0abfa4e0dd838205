"""The head of an HTTP/1.1 request (RFC 9112), read strictly: what one of two readers might take otherwise is
refused. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pileus.core.errors import Invalid

MOST_BYTES = 32 << 10
_LINE = re.compile(rb"([A-Z]{1,16}) (/[\x21-\x7e]{0,8000}) HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t\x80-\xff]*)")
HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade", "host",
     "origin", "referer", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
)  # fmt: skip
"""What is between two ends of one connection (RFC 9110 §7.6.1), or is said anew."""


@dataclass(frozen=True)
class Head:
    """Names of headers are in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The only header of this name; "" for none. Raises `Invalid` for several."""
        found = [value for one, value in self.headers if one == name]
        if len(found) > 1:
            raise Invalid("malformed-request", f"{name} is there more than once.")
        return found[0] if found else ""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def is_socket(self) -> bool:
        """It asks for a WebSocket (RFC 6455 §4.1)."""
        return self.method == "GET" and self.get("upgrade").lower() == "websocket"


def parse(data: bytes) -> Head:
    """Of everything up to the empty line. Raises `Invalid`."""
    first, *lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise Invalid("malformed-request", "This is no request of HTTP/1.1.")
    headers: list[tuple[str, str]] = []
    for one in lines:
        found = _HEADER.fullmatch(one)
        if found is None:
            raise Invalid("malformed-request", "A header is malformed.")
        headers.append((found[1].decode().lower(), found[2].decode("latin-1").strip(" \t")))
    head = Head(line[1].decode(), line[2].decode(), tuple(headers))
    coding, length = head.get("transfer-encoding"), head.get("content-length")
    if (coding and (length or coding.lower() != "chunked")) or (length and not length.isdecimal()):
        raise Invalid("malformed-request", "How long the body is can be read in two ways.")
    head.get("host")
    return head


def forwarded(head: Head, host: str, origin: str) -> bytes:
    """The head as another server is asked: under its own name, for this one request."""
    lines = [f"{head.method} {head.target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in head.headers if name not in HOP]
    if origin:
        lines.append(f"origin: {origin}")
    lines += ["connection: upgrade", "upgrade: websocket"] if head.is_socket else ["connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
