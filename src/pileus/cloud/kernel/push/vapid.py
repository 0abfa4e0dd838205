"""Voluntary application server identification (RFC 8292): the key that says which cloud sends."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from pileus.cloud.kernel.objects.keys import write_key
from pileus.cloud.kernel.push.encryption import public_key
from pileus.core.errors import PileusError

DAY_SECONDS = 24 * 3600
LIFE_SECONDS = 12 * 3600
"""Of a token; at most a day (RFC 8292 §2)."""


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class VapidKey:
    """The cloud's key pair in a file beside its other keys, made at first use; reading it blocks."""

    def __init__(self, path: Path, contact: str) -> None:
        """`contact`: an https address of the cloud, or "" where it has none that others reach."""
        self._path = path
        self._contact = contact
        self._lock = threading.Lock()
        self._key: ec.EllipticCurvePrivateKey | None = None

    def public(self) -> str:
        """What a browser subscribes with (`applicationServerKey`), in base64url."""
        point = self._load().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return b64(point)

    def authorization(self, endpoint: str, now_ms: int) -> str:
        """The `Authorization` of a message to an endpoint."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now_ms // 1000 + LIFE_SECONDS}
        if self._contact:
            claims["sub"] = self._contact
        head = {"typ": "JWT", "alg": "ES256"}
        signed = ".".join(b64(json.dumps(one, separators=(",", ":")).encode()) for one in (head, claims))
        r, s = decode_dss_signature(self._load().sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"vapid t={signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={self.public()}"

    def _load(self) -> ec.EllipticCurvePrivateKey:
        with self._lock:
            if self._key is None:
                self._key = _read(self._path) if self._path.exists() else _make(self._path)
            return self._key


def key_of(text: str) -> ec.EllipticCurvePublicKey | None:
    """A server's public key from base64url; None where it is none."""
    try:
        return public_key(_unb64(text))
    except ValueError:
        return None


def verified(header: str, key: str, origin: str, now_ms: int) -> bool:
    """Whether an `Authorization` is of that key's holder, for this origin and time (RFC 8292 §4)."""
    scheme, _, rest = header.partition(" ")
    parts = dict(one.strip().partition("=")[::2] for one in rest.split(","))
    try:
        signed, _, signature = parts["t"].rpartition(".")
        raw, claims = _unb64(signature), json.loads(_unb64(signed.split(".")[1]))
        held = key_of(key)
        if scheme.lower() != "vapid" or held is None or _unb64(parts["k"]) != _unb64(key) or len(raw) != 64:
            return False
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        held.verify(der, signed.encode(), ec.ECDSA(SHA256()))
        left = int(claims["exp"]) - now_ms / 1000
        return claims["aud"] == origin and 0 < left <= DAY_SECONDS
    except (InvalidSignature, ValueError, KeyError, IndexError, TypeError, RecursionError):
        return False


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _make(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    write_key(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PileusError("vapid-key", f"{path} is no key of P-256: restore it from your copy, or remove it.")
    return key
