"""Headers of the tus protocol 1.0.0. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from pileus.core.errors import Invalid, PileusError

VERSION = "1.0.0"
ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
METADATA_BYTES = 8 * 1024


class ChecksumMismatch(PileusError):
    """The protocol's own status; nothing of the request is kept."""

    status = 460
    code = "checksum-mismatch"


@dataclass
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes
    hasher: hashlib._Hash = field(init=False)

    def __post_init__(self) -> None:
        self.hasher = hashlib.new(self.algorithm, usedforsecurity=False)

    def check(self) -> None:
        """Raises `ChecksumMismatch`."""
        found = self.hasher.digest()
        if found != self.digest:
            told = base64.b64encode(found).decode()
            raise ChecksumMismatch(detail=f"What arrived has the {self.algorithm} {told}: send it again.")


@dataclass(frozen=True)
class Wish:
    """What a creation asks for; `metadata` is the header, `values` what it says."""

    size: int
    metadata: str
    values: dict[str, str]


def check_version(version: str | None) -> None:
    if version != VERSION:
        raise PileusError("tus-version", f"This server speaks tus {VERSION}.", status=412)


def wish(length: str | None, metadata: str, *, deferred: bool, concatenated: bool) -> Wish:
    """Raises `Invalid` for what this server does not offer, and for what is malformed."""
    if deferred or concatenated:
        raise Invalid("tus-extension", "Uploads of unknown length and concatenation are not offered.")
    if length is None or not length.isascii() or not length.isdigit() or len(length) > 18:
        raise Invalid("bad-size", "Upload-Length says how many bytes will come.")
    return Wish(int(length), metadata, parse_metadata(metadata))


def parse_metadata(header: str) -> dict[str, str]:
    """`key base64, key base64, key`: values are UTF-8 here. Raises `Invalid`."""
    if len(header) > METADATA_BYTES:
        raise Invalid("bad-metadata", f"Upload-Metadata has at most {METADATA_BYTES} bytes.")
    values: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else []:
        key, _, value = pair.strip().partition(" ")
        try:
            decoded = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid("bad-metadata", f"The value of {key[:80]!r} is no base64 of UTF-8.") from None
        if not key or not key.isascii() or key in values:
            raise Invalid("bad-metadata", "Upload-Metadata has keys of ASCII, each once.")
        values[key] = decoded
    return values


def checksum(header: str | None) -> Checksum | None:
    """`algorithm base64`. Raises `Invalid`."""
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Invalid("checksum-unknown", f"Upload-Checksum may be one of {', '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        raise Invalid("checksum-unknown", "Upload-Checksum has the hash in base64.") from None
    return Checksum(algorithm, digest)
