"""The vault's format, version 1: contents and names that only a holder of the area key reads.

docs/design/vault.md has the form; the phone's program of it is `web/shell/src/vault/format.ts`. Nothing here asks
a cloud. All `seal…` draw random bytes; all `open…` raise where something is not as it was sealed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pileus.core.codes import ALPHABET, grouped, plain
from pileus.core.errors import Forbidden, Invalid

TYPE = "application/vnd.pileus.sealed"
"""The media type of a sealed file's record."""
MAGIC = b"PILEUSVT"
VERSION = 1
HEADER = 1024
SEGMENT = 64 * 1024
"""Plain bytes that are sealed together."""
TAG = 16
NONCE = 12
ID = 16
KEY = 32
SALT = 32
PAD = 128
"""A name's plain form is a multiple of it, so that its length tells little."""
MOST_NAMED = 896
SECRET = 16
"""Random bytes in a recovery code: too many to be guessed, so that no slow hash stands before them."""
CHECK_BITS = 12
CODE_LENGTH = (SECRET * 8 + CHECK_BITS) // 5

_FIXED = struct.Struct("<8sB3xI16s16s32sH")


@dataclass(frozen=True)
class Area:
    """The key that a vault's names and files' keys are sealed with, and its random id."""

    id: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Named:
    """What a sealed file or folder is called. `key` (a file's own; b"" of a folder) seals its contents."""

    file: bytes
    name: str
    type: str
    key: bytes = field(repr=False)


def new_area() -> Area:
    return Area(os.urandom(ID), os.urandom(KEY))


def new_named(name: str, type_: str, *, folder: bool = False) -> Named:
    return Named(os.urandom(ID), name, type_, b"" if folder else os.urandom(KEY))


def new_code() -> str:
    """A recovery code: seven groups, as in `7KQ2-M0XW-94TA-…`; 128 random bits and 12 that tell a slip."""
    return code_of(os.urandom(SECRET))


def code_of(secret: bytes) -> str:
    number = (int.from_bytes(secret) << CHECK_BITS) | _check(secret)
    return grouped("".join(ALPHABET[(number >> (5 * at)) & 31] for at in reversed(range(CODE_LENGTH))))


def secret_of(code: str) -> bytes:
    """Raises `Invalid` ("vault-code") for what is no recovery code, most slips of a typing hand among it."""
    text = plain(code)
    if len(text) == CODE_LENGTH and all(one in ALPHABET for one in text):
        number = 0
        for one in text:
            number = (number << 5) | ALPHABET.index(one)
        secret = (number >> CHECK_BITS).to_bytes(SECRET)
        if number & ((1 << CHECK_BITS) - 1) == _check(secret):
            return secret
    raise Invalid("vault-code", "That is no recovery code of a vault. Compare it letter by letter.")


def wrap(area: Area, secret: bytes) -> str:
    """The area key for whoever has the recovery code; Base64."""
    nonce = os.urandom(NONCE)
    sealed = AESGCM(_recovery_key(area.id, secret)).encrypt(nonce, area.key, b"pileus vault key 1\0" + area.id)
    return _b64(nonce + sealed)


def unwrap(area_id: bytes, wrapped: str, code: str) -> Area:
    """Raises `Invalid` ("vault-code"), and `Forbidden` ("wrong-vault-code") for another vault's code."""
    secret, data = secret_of(code), _bytes(wrapped)
    try:
        key = AESGCM(_recovery_key(area_id, secret)).decrypt(
            data[:NONCE], data[NONCE:], b"pileus vault key 1\0" + area_id
        )
    except (InvalidTag, ValueError):
        raise Forbidden("wrong-vault-code", "This recovery code is not this vault's.") from None
    return Area(area_id, key)


def verifier(area: Area) -> str:
    """What tells the cloud that a device knows the area key, and nothing of the key; Base64 of 32 bytes."""
    return _b64(HKDF(SHA256(), KEY, area.id, b"pileus vault verifier 1").derive(area.key))


def seal_named(area: Area, named: Named) -> str:
    """A record's `sealed`; Base64. Raises `Invalid` ("vault-name") where the name is too long."""
    return _b64(area.id + named.file + _seal_name(area, named))


def open_named(area: Area, sealed: str) -> Named:
    """Raises `Forbidden` ("vault-other-key") for what another key sealed, and `Invalid` ("vault-damaged")."""
    data = _bytes(sealed)
    _same_area(area, data[:ID])
    return _open_name(area, data[ID : 2 * ID], data[2 * ID :])


def seal_content(area: Area, named: Named, source: BinaryIO) -> Iterator[bytes]:
    """The header, then the segments of what `source` gives up to its end. Blocks on it."""
    name, salt = _seal_name(area, named), os.urandom(SALT)
    fixed = _FIXED.pack(MAGIC, VERSION, SEGMENT, area.id, named.file, salt, len(name))
    header = (fixed + name).ljust(HEADER, b"\0")
    yield header
    cipher, index, data = AESGCM(_content_key(named, salt)), 0, source.read(SEGMENT)
    while True:
        after = source.read(SEGMENT) if len(data) == SEGMENT else b""
        yield cipher.encrypt(_nonce(index, last=not after), data, header)
        if not after:
            return
        data, index = after, index + 1


def sealed_size(size: int) -> int:
    """Bytes of a sealed content of so many plain ones."""
    return HEADER + size + TAG * max(1, -(-size // SEGMENT))


def header_named(area: Area, header: bytes) -> Named:
    """What a content's own header says that it is called; raises as `open_named` does."""
    return _read_header(area, header)[0]


def open_content(area: Area, source: BinaryIO, named: Named | None = None) -> Iterator[bytes]:
    """A sealed content's plain bytes, segment by segment, each proved before it is given.

    With `named` it must be a content of that file. Raises `Invalid` ("vault-damaged") for a changed, cut, moved
    or longer one, wherever that shows; whoever writes it down throws away what came before.
    """
    header = source.read(HEADER)
    within, salt = _read_header(area, header)
    key = within if named is None else named
    if key.file != within.file or not key.key:
        raise damaged()
    cipher, index = AESGCM(_content_key(key, salt)), 0
    data = source.read(SEGMENT + TAG)
    while True:
        after = source.read(SEGMENT + TAG) if len(data) == SEGMENT + TAG else b""
        try:
            yield cipher.decrypt(_nonce(index, last=not after), data, header)
        except (InvalidTag, ValueError):
            raise damaged() from None
        if not after:
            return
        data, index = after, index + 1


def _read_header(area: Area, header: bytes) -> tuple[Named, bytes]:
    if len(header) != HEADER:
        raise damaged()
    magic, version, segment, area_id, file, salt, length = _FIXED.unpack_from(header)
    if magic != MAGIC or version != VERSION or segment != SEGMENT or length > HEADER - _FIXED.size:
        raise damaged()
    _same_area(area, area_id)
    return _open_name(area, file, header[_FIXED.size : _FIXED.size + length]), salt


def _seal_name(area: Area, named: Named) -> bytes:
    told = {"name": named.name, "type": named.type}
    if named.key:
        told["key"] = _b64(named.key)
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    padded = text.ljust(-(-len(text) // PAD) * PAD)
    if len(padded) > MOST_NAMED:
        raise Invalid("vault-name", "This name is too long for the vault.")
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(area.key).encrypt(nonce, padded, _name_data(area, named.file))


def _open_name(area: Area, file: bytes, data: bytes) -> Named:
    try:
        told = json.loads(AESGCM(area.key).decrypt(data[:NONCE], data[NONCE:], _name_data(area, file)))
        return Named(file, told["name"], told["type"], base64.b64decode(told.get("key", "")))
    except (InvalidTag, ValueError):
        raise damaged() from None


def _name_data(area: Area, file: bytes) -> bytes:
    return b"pileus vault name 1\0" + area.id + file


def _same_area(area: Area, other: bytes) -> None:
    if other != area.id:
        raise Forbidden("vault-other-key", "This was sealed with another vault's key.")


def _recovery_key(area_id: bytes, secret: bytes) -> bytes:
    return HKDF(SHA256(), KEY, area_id, b"pileus vault recovery 1").derive(secret)


def _content_key(named: Named, salt: bytes) -> bytes:
    return HKDF(SHA256(), KEY, salt, b"pileus vault content 1").derive(named.key)


def _nonce(index: int, *, last: bool) -> bytes:
    """A key seals one content: its segments' numbers are enough, and the last one is told (STREAM)."""
    return bytes(7) + struct.pack(">IB", index, last)


def _check(secret: bytes) -> int:
    digest = hashlib.sha256(b"pileus vault code 1\0" + secret).digest()
    return int.from_bytes(digest[:2]) >> (16 - CHECK_BITS)


def damaged() -> Invalid:
    """What does not open as it was sealed."""
    return Invalid("vault-damaged", "This is not what was put into the vault: it was changed, cut or exchanged.")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise damaged() from None
