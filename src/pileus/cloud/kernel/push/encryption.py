"""Message encryption for Web Push (RFC 8291): a push service carries what only the browser can read. Pure.

A module of its own because the libraries that there are bring HTTP clients and formats of drafts along; all
cryptography is `cryptography`'s.
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_SIZE = 4096
"""One record holds all of it (RFC 8291 §4)."""
HEADER = 16 + 4 + 1 + 65
TAG = 16
MOST = RECORD_SIZE - HEADER - TAG - 1
"""Bytes of a plain message: what every push service takes (RFC 8030 §7.2), less header, tag and delimiter."""
STEP = 256
"""Messages are padded to whole steps, so that their length tells little of what they say (RFC 8291 §5)."""
KEY_BYTES = 65
"""An uncompressed point of P-256."""
AUTH_BYTES = 16


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Of a browser's `p256dh`; raises `ValueError` for what is no uncompressed point of P-256."""
    if len(point) != KEY_BYTES or point[0] != 4:
        raise ValueError("not an uncompressed point of P-256")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def encrypt(
    message: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    padded: bool = True,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """A push message in the content coding `aes128gcm` (RFC 8188); `message` has `MOST` bytes at most.

    `key` and `salt` are made anew unless a test gives those of an example. Raises `ValueError` for a key that is
    none, or a message that is too long.
    """
    if len(message) > MOST:
        raise ValueError(f"a push message has at most {MOST} bytes")
    browser = public_key(p256dh)
    own = key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), browser)
    secret = _hkdf(auth, b"WebPush: info\0" + p256dh + point, 32, shared)
    content_key = _hkdf(salt, b"Content-Encoding: aes128gcm\0", 16, secret)
    nonce = _hkdf(salt, b"Content-Encoding: nonce\0", 12, secret)
    header = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(point)]) + point
    return header + AESGCM(content_key).encrypt(nonce, message + b"\x02" + _padding(message, padded), None)


def _padding(message: bytes, padded: bool) -> bytes:
    return bytes(min(-len(message) % STEP, MOST - len(message))) if padded else b""


def _hkdf(salt: bytes, info: bytes, length: int, secret: bytes) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
