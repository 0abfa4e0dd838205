"""Who signed a package, really verified: APK Signature Scheme v3.1, v3, v2, and v1 where there is no other.

Sources: source.android.com/docs/security/features/apksigning (v2, v3, v3.1); AOSP ApkSignatureSchemeV2Verifier.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

from pileus.surfaces.engines.android import jarsign
from pileus.surfaces.engines.android.archive import Archive, BadApk

V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
LINEAGE, STRIPPING = 0x3BA06F8C, 0xBEEFF00D
MAX_BLOCK = 32 << 20
SDK = 36
CHUNK = 1 << 20

_MAGIC = b"APK Sig Block 42"


@dataclass(frozen=True)
class Signer:
    """A verified signature: the scheme, SHA-256 of the certificate, and of those it was rotated from."""

    scheme: str
    digest: str
    earlier: tuple[str, ...] = ()

    def continues(self, digest: str) -> bool:
        """Whether a package of this signer may replace one whose certificate has that digest."""
        return digest in (self.digest, *self.earlier)


@dataclass(frozen=True)
class _Algorithm:
    kind: str
    hash: Callable[[], Any]
    content: str


_ALGORITHMS = {
    0x0101: _Algorithm("pss", hashes.SHA256, "sha256"),
    0x0102: _Algorithm("pss", hashes.SHA512, "sha512"),
    0x0103: _Algorithm("rsa", hashes.SHA256, "sha256"),
    0x0104: _Algorithm("rsa", hashes.SHA512, "sha512"),
    0x0201: _Algorithm("ec", hashes.SHA256, "sha256"),
    0x0202: _Algorithm("ec", hashes.SHA512, "sha512"),
    0x0301: _Algorithm("dsa", hashes.SHA256, "sha256"),
}


def verify(archive: Archive) -> Signer:
    """The signer by the newest scheme that the package carries; raises `BadApk`. Reads the whole file."""
    try:
        blocks, start = _signing_block(archive)
        for scheme, name in ((V31, "v3.1"), (V3, "v3"), (V2, "v2")):
            if scheme in blocks:
                signer = _verify_block(archive, start, blocks[scheme], name)
                if signer is not None:
                    return signer
        digest = jarsign.verify(archive, schemes=set(blocks) & {V2, V3})
        return Signer("v1", digest)
    except (struct.error, ValueError, IndexError, UnsupportedAlgorithm, TypeError) as error:
        if isinstance(error, BadApk):
            raise
        raise wrong("its signature cannot be read") from error


def wrong(why: str) -> BadApk:
    return BadApk("apk-signature-wrong", f"The package was changed after it was signed, or badly signed: {why}.")


class Run:
    """Reads length-prefixed fields; raises ValueError beyond the end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def __bool__(self) -> bool:
        return self.at < len(self.data)

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise ValueError("beyond the end")
        self.at += size
        return self.data[self.at - size : self.at]

    def field(self) -> Run:
        return Run(self.take(self.u32()))

    def fields(self) -> list[Run]:
        found = []
        while self:
            found.append(self.field())
        return found


def _signing_block(archive: Archive) -> tuple[dict[int, bytes], int]:
    """The pairs of the APK signing block and its offset; no pairs where there is none."""
    file, end = archive.file, archive.directory
    if end < 32:
        return {}, end
    file.seek(end - 24)
    tail = file.read(24)
    if tail[8:] != _MAGIC:
        return {}, end
    size = int.from_bytes(tail[:8], "little")
    if not 24 <= size <= min(MAX_BLOCK, end - 8):
        raise wrong("its signing block has an absurd size")
    start = end - size - 8
    file.seek(start)
    block = file.read(size + 8)
    if int.from_bytes(block[:8], "little") != size:
        raise wrong("its signing block has two sizes")
    run, pairs = Run(block[8:-24]), dict[int, bytes]()
    while run:
        body = Run(run.take(int.from_bytes(run.take(8), "little")))
        pairs.setdefault(body.u32(), body.data[4:])
    return pairs, start


def _verify_block(archive: Archive, start: int, block: bytes, scheme: str) -> Signer | None:
    """The one signer whose range of SDK levels holds ours; None where v3.1 has none for it."""
    signers = Run(block).field().fields()
    if not signers:
        raise wrong("nobody signed")
    chosen: list[tuple[str, tuple[str, ...]]] = []
    digests: dict[str, bytes] = {}
    for signer in signers:
        signed = signer.field()
        low, high = (signer.u32(), signer.u32()) if scheme != "v2" else (0, SDK)
        signatures, key = signer.field(), signer.field().data
        if low <= SDK <= high or (scheme == "v3" and len(signers) == 1):
            chosen.append(_signer(signed, signatures, key, digests, (low, high), scheme))
    if not chosen:
        if scheme == "v3.1":
            return None
        raise wrong("nobody signed for this version of Android")
    for algorithm, expected in digests.items():
        if content_digest(archive, start, algorithm) != expected:
            raise wrong("its content does not match")
    return Signer(scheme, *chosen[0])


def _signer(
    signed: Run, signatures: Run, key: bytes, digests: dict[str, bytes], range_: tuple[int, int], scheme: str
) -> tuple[str, tuple[str, ...]]:
    given = {item.u32(): item.field().data for item in signatures.fields()}
    known = [number for number in given if number in _ALGORITHMS]
    if not known:
        raise BadApk("apk-signature-unsupported", "The package is signed in a way that is not supported.")
    best = max(known, key=lambda number: (_ALGORITHMS[number].content, number))
    check(key, best, given[best], signed.data)
    named = {item.u32(): item.field().data for item in signed.field().fields()}
    if set(named) != set(given):
        raise wrong("its digests and signatures differ in number")
    digests.setdefault(_ALGORITHMS[best].content, named[best])
    if digests[_ALGORITHMS[best].content] != named[best]:
        raise wrong("its signers disagree")
    certificates = [item.data for item in signed.field().fields()]
    if not certificates:
        raise wrong("a certificate is missing")
    if _public(x509.load_der_x509_certificate(certificates[0])) != key:
        raise wrong("key and certificate differ")
    if scheme != "v2" and (signed.u32(), signed.u32()) != range_:
        raise wrong("its ranges of versions differ")
    earlier: tuple[str, ...] = ()
    for attribute in signed.field().fields():
        kind = attribute.u32()
        if kind == LINEAGE:
            earlier = lineage(attribute.data[4:], certificates[0])
        elif kind == STRIPPING and scheme == "v2" and attribute.u32() == 3:
            raise wrong("its newer signature was taken off")
    return hashlib.sha256(certificates[0]).hexdigest(), earlier


def lineage(data: bytes, current: bytes) -> tuple[str, ...]:
    """Digests of the earlier certificates of a proof of rotation, whose every step is verified."""
    run = Run(data)
    if run.u32() != 1:
        raise wrong("its proof of rotation has an unknown version")
    certificates: list[bytes] = []
    algorithm = 0
    while run:
        node = run.field()
        signed = node.field()
        node.u32()
        following, signature = node.u32(), node.field().data
        if certificates:
            check(_public(x509.load_der_x509_certificate(certificates[-1])), algorithm, signature, signed.data)
        certificate = signed.field().data
        if certificates and signed.u32() != algorithm:
            raise wrong("its proof of rotation names two algorithms")
        certificates.append(certificate)
        algorithm = following
    if not certificates or certificates[-1] != current:
        raise wrong("its proof of rotation ends with another certificate")
    return tuple(hashlib.sha256(certificate).hexdigest() for certificate in certificates[:-1])


def check(key: bytes, algorithm: int, signature: bytes, signed: bytes) -> None:
    """Raises `BadApk` unless `signature` over `signed` was made with the key (SubjectPublicKeyInfo, DER)."""
    known = _ALGORITHMS.get(algorithm)
    if known is None:
        raise BadApk("apk-signature-unsupported", "The package is signed in a way that is not supported.")
    public = serialization.load_der_public_key(key)
    digest = known.hash()
    try:
        if known.kind == "pss" and isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, signed, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        elif known.kind == "rsa" and isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, signed, padding.PKCS1v15(), digest)
        elif known.kind == "ec" and isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, signed, ec.ECDSA(digest))
        elif known.kind == "dsa" and isinstance(public, dsa.DSAPublicKey):
            public.verify(signature, signed, digest)
        else:
            raise wrong("key and algorithm do not fit")
    except InvalidSignature:
        raise wrong("its signature is not its signer's") from None


def content_digest(archive: Archive, start: int, algorithm: str) -> bytes:
    """The digest of all but the signing block, in parts of 1 MiB (scheme v2, "Integrity-protected contents")."""
    file = archive.file
    file.seek(archive.end)
    tail = bytearray(file.read())
    tail[16:20] = start.to_bytes(4, "little")
    parts: list[bytes] = []

    def add(data: bytes) -> None:
        parts.append(hashlib.new(algorithm, b"\xa5" + len(data).to_bytes(4, "little") + data).digest())

    for begin, end in ((0, start), (archive.directory, archive.end)):
        file.seek(begin)
        for at in range(begin, end, CHUNK):
            add(file.read(min(CHUNK, end - at)))
    for at in range(0, len(tail), CHUNK):
        add(bytes(tail[at : at + CHUNK]))
    top = hashlib.new(algorithm, b"\x5a" + len(parts).to_bytes(4, "little"))
    for part in parts:
        top.update(part)
    return top.digest()


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
