"""Errors with a stable code that every part raises and one place maps to problem+json (RFC 9457)."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any


class PileusError(Exception):
    """Something that a caller has to be told. `code` is stable; `detail` is a sentence for a person.

    `extra` holds members that the problem document gets beside the standard ones (JSON values).
    """

    status = 500
    code = "internal"
    retry_after: int | None = None
    """Seconds after which trying again makes sense; becomes the Retry-After header."""

    def __init__(
        self, code: str | None = None, detail: str = "", *, status: int | None = None, **extra: Any
    ) -> None:
        self.code = code or type(self).code
        self.detail = detail
        self.status = status or type(self).status
        self.extra: Mapping[str, Any] = extra
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


def refused(error: OSError) -> str:
    """What the system refused, as a line for a person: the file, where it is one, and the reason."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


def unreadable(error: PileusError | OSError) -> str:
    """Why something that was stored cannot be read, for its owner; raises the error again where a store is away,
    which says nothing about what is in it."""
    if isinstance(error, StoreUnavailable):
        raise error
    return refused(error) if isinstance(error, OSError) else error.detail or error.code


def is_disk_full(error: BaseException) -> bool:
    """Whether the system refused to write for want of room, on the disk or in its user's share of it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class Invalid(PileusError):
    """What was sent cannot be understood or is not allowed in this form."""

    status = 400
    code = "invalid"


class Unauthorized(PileusError):
    """No valid token, or a wrong name or password."""

    status = 401
    code = "unauthorized"


class Forbidden(PileusError):
    """Known, but not allowed."""

    status = 403
    code = "forbidden"


class NotFound(PileusError):
    """Nothing here by that name for this account (also when it is another account's)."""

    status = 404
    code = "not-found"


class Conflict(PileusError):
    """It contradicts what is there now."""

    status = 409
    code = "conflict"


class Gone(PileusError):
    """It was there and is kept no more."""

    status = 410
    code = "gone"


class TooLarge(PileusError):
    """Over a fixed bound of size or number."""

    status = 413
    code = "too-large"


class QuotaExceeded(PileusError):
    """The account's storage is full."""

    status = 507
    code = "quota-exceeded"


class StorageFull(PileusError):
    """The disk of the cloud itself has no room: nothing can be kept until somebody makes some (RFC 4918 §11.5)."""

    status = 507
    code = "storage-full"

    def __init__(self, code: str | None = None, detail: str = "", **extra: Any) -> None:
        super().__init__(code, detail or "The cloud's disk is full. Whoever runs it has to make room.", **extra)


class StorageReadOnly(PileusError):
    """The disk of the cloud itself takes no writes, as one that its system shut after an error: what is there can
    be read, and it goes on by itself when the disk can be written again."""

    status = 507
    code = "storage-read-only"

    def __init__(self, code: str | None = None, detail: str = "", **extra: Any) -> None:
        words = "The cloud's disk can only be read. Whoever runs it has to see why."
        super().__init__(code, detail or words, **extra)


class Throttled(PileusError):
    """Too many tries; `retry_after` (seconds) becomes the Retry-After header."""

    status = 429
    code = "throttled"

    def __init__(self, code: str | None = None, detail: str = "", *, retry_after: int = 1, **extra: Any) -> None:
        super().__init__(code, detail, retry_after=retry_after, **extra)
        self.retry_after = retry_after


class Unavailable(PileusError):
    """A part that is needed does not answer at present; trying later makes sense."""

    status = 503
    code = "unavailable"


class StoreUnavailable(Unavailable):
    """The store of blobs does not answer, or refuses this cloud: nothing is lost, and it is tried again."""

    code = "store-unavailable"
    retry_after = 30

    def __init__(self, code: str | None = None, detail: str = "", **extra: Any) -> None:
        super().__init__(code, detail or "The cloud's storage does not answer. Try again in a minute.", **extra)
