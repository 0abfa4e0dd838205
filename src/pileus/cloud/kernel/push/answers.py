"""What becomes of a post: an answer, or why there is none. Without what posts, which takes long to import."""

from __future__ import annotations

from dataclasses import dataclass


class Unreachable(Exception):
    """Nothing answered, or what answered does not speak HTTP over TLS; worth another try."""


class Forbidden(Exception):
    """The name leads to an address that no message may go to."""


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None
