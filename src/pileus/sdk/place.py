"""Places of lost devices: sealed by the device for a key that the owner's passphrase alone opens.

The form is docs/design/finding.md's; the shell's is `web/shell/src/finding/place.ts`.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from pileus.core.errors import Forbidden

ROUNDS = 600_000
"""Of PBKDF2 with SHA-256."""
POINT = 65
NONCE = 12
INFO = b"pileus place"


def new_key(passphrase: str) -> dict[str, Any]:
    """A key pair as `PUT /finding/key` takes it, without the password. Takes some tenths of a second."""
    key, salt, nonce = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), os.urandom(NONCE)
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    wrapped = nonce + AESGCM(_stretched(passphrase, salt, ROUNDS)).encrypt(nonce, plain, None)
    return {
        "public": _b64(_point(key.public_key())),
        "wrapped": _b64(wrapped),
        "salt": _b64(salt),
        "rounds": ROUNDS,
    }


def private_key(key: Mapping[str, Any], passphrase: str) -> ec.EllipticCurvePrivateKey:
    """Raises `Forbidden` for another passphrase."""
    wrapped = base64.b64decode(key["wrapped"])
    stretched = _stretched(passphrase, base64.b64decode(key["salt"]), key["rounds"])
    try:
        plain = AESGCM(stretched).decrypt(wrapped[:NONCE], wrapped[NONCE:], None)
    except InvalidTag:
        raise Forbidden("wrong-passphrase", "That is not the passphrase for places.") from None
    found = load_der_private_key(plain, None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)  # noqa: S101 - sealed by a device of the owner
    return found


def sealed(place: Mapping[str, Any], public: str) -> str:
    """For the key's holder: an ephemeral point, then the ciphertext; Base64."""
    own, other = ec.generate_private_key(ec.SECP256R1()), base64.b64decode(public)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), other))
    point = _point(own.public_key())
    key, nonce = _derived(shared, point, other)
    return _b64(point + AESGCM(key).encrypt(nonce, json.dumps(place).encode(), None))


def opened(text: str, key: ec.EllipticCurvePrivateKey, public: str) -> dict[str, Any]:
    """`lat`, `lon` (degrees), `accuracy` (metres), `at_ms`; raises `Forbidden` where it is for another key."""
    data = base64.b64decode(text)
    point, body = data[:POINT], data[POINT:]
    try:
        shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
        derived, nonce = _derived(shared, point, base64.b64decode(public))
        found: dict[str, Any] = json.loads(AESGCM(derived).decrypt(nonce, body, None))
    except (InvalidTag, ValueError):
        raise Forbidden("wrong-passphrase", "That is not the passphrase for this place.") from None
    return found


def _derived(shared: bytes, point: bytes, public: bytes) -> tuple[bytes, bytes]:
    """A key that is used once, and its nonce."""
    material = HKDF(SHA256(), 32 + NONCE, point + public, INFO).derive(shared)
    return material[:32], material[32:]


def _stretched(passphrase: str, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(SHA256(), 32, salt, rounds).derive(passphrase.encode())


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
