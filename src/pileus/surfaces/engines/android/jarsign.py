"""The first signature scheme: a signed JAR (META-INF/*.SF, *.RSA, MANIFEST.MF).

Sources: the JAR file specification ("Signed JAR File"); RFC 5652 (CMS), sections 5.1-5.4.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

from pileus.surfaces.engines.android.archive import Archive, BadApk

MAX_FILE = 16 << 20
MAX_DEPTH = 32

_BLOCK = re.compile(r"META-INF/([^/]+)\.(RSA|DSA|EC)", re.IGNORECASE)
_UNSIGNED = re.compile(r"META-INF/([^/]+\.(SF|RSA|DSA|EC)|MANIFEST\.MF|SIG-[^/]*)", re.IGNORECASE)
_DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_NAMES = {"SHA-512": "sha512", "SHA-384": "sha384", "SHA-256": "sha256", "SHA1": "sha1", "SHA-1": "sha1"}
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNED_DATA = "1.2.840.113549.1.7.2"


@dataclass(frozen=True)
class Section:
    """A manifest section: its bytes as they are, and its headers."""

    raw: bytes
    headers: dict[str, str]


def verify(archive: Archive, schemes: set[int]) -> str:
    """SHA-256 of the signer's certificate; raises `BadApk` when unsigned or wrong.

    `schemes` are the newer ones that the package carries, so that one that was taken off is seen.
    """
    blocks = sorted(name for name in archive.names if _BLOCK.fullmatch(name))
    if not blocks:
        raise BadApk("apk-unsigned", "The package is not signed, so its origin cannot be told.")
    name = blocks[0]
    signed_name = name[: name.rindex(".")] + ".SF"
    signed = archive.read(signed_name, MAX_FILE)
    certificate = _signer(archive.read(name, MAX_FILE), signed)
    manifest = archive.read("META-INF/MANIFEST.MF", MAX_FILE)
    parts, wholes = sections(signed), sections(manifest)
    _not_stripped(parts[0].headers.get("X-Android-APK-Signed", ""), schemes)
    if not _matches(parts[0].headers, "-Digest-Manifest", manifest):
        _check_sections(parts[1:], {part.headers.get("Name", ""): part for part in wholes[1:]})
    covered = {part.headers["Name"]: part for part in wholes[1:] if "Name" in part.headers}
    for entry in archive.names:
        if entry.endswith("/") or _UNSIGNED.fullmatch(entry):
            continue
        if entry not in covered:
            raise _wrong(f"{entry} is not signed")
        _check_entry(archive, entry, covered[entry].headers)
    return hashlib.sha256(certificate).hexdigest()


def sections(data: bytes) -> list[Section]:
    """The sections of a manifest or signature file; the first is the main one."""
    found = []
    for raw in re.findall(rb"(?:[^\r\n]+(?:\r\n|\n|\r))+(?:\r\n|\n|\r)?", data):
        lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n ", b"").split(b"\n")
        pairs = (line.decode("utf-8", "replace").partition(": ") for line in lines if line)
        found.append(Section(raw, {key: content for key, _, content in pairs}))
    if not found:
        raise _wrong("a manifest is empty")
    return found


def _not_stripped(named: str, schemes: set[int]) -> None:
    ids = {"2": 0x7109871A, "3": 0xF05368C0}
    wanted = {ids[item.strip()] for item in named.split(",") if item.strip() in ids}
    if wanted and not wanted & schemes:
        raise _wrong("its newer signature was taken off")


def _check_sections(signed: list[Section], wholes: dict[str, Section]) -> None:
    for part in signed:
        name = part.headers.get("Name", "")
        if name not in wholes or not _matches(part.headers, "-Digest", wholes[name].raw):
            raise _wrong(f"the manifest's part {name!r} does not match")
    if set(wholes) - {part.headers.get("Name", "") for part in signed}:
        raise _wrong("parts of the manifest are not signed")


def _matches(headers: dict[str, str], suffix: str, data: bytes) -> bool:
    for name, algorithm in _NAMES.items():
        if name + suffix in headers:
            return base64.b64decode(headers[name + suffix]) == hashlib.new(algorithm, data).digest()
    return False


def _check_entry(archive: Archive, entry: str, headers: dict[str, str]) -> None:
    for name, algorithm in _NAMES.items():
        if name + "-Digest" in headers:
            state = hashlib.new(algorithm)
            for part in archive.chunks(entry):
                state.update(part)
            if base64.b64decode(headers[name + "-Digest"]) == state.digest():
                return
            raise _wrong(f"{entry} does not match")
    raise _wrong(f"{entry} has no digest")


def _wrong(why: str) -> BadApk:
    return BadApk("apk-signature-wrong", f"The package was changed after it was signed, or badly signed: {why}.")


# CMS


@dataclass(frozen=True)
class Node:
    """A DER element: its tag, content, and its whole encoding."""

    tag: int
    content: bytes
    whole: bytes

    def nodes(self) -> list[Node]:
        found, at = [], 0
        while at < len(self.content):
            node = read_der(self.content, at)
            found.append(node)
            at += len(node.whole)
        return found

    def oid(self) -> str:
        numbers, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def read_der(data: bytes, at: int = 0) -> Node:
    """The element that starts at `at`; raises ValueError beyond the end."""
    if at + 2 > len(data):
        raise ValueError("beyond the end")
    size, body = data[at + 1], at + 2
    if size & 0x80:
        width = size & 0x7F
        if not 1 <= width <= 4 or body + width > len(data):
            raise ValueError("a length without end")
        size, body = int.from_bytes(data[body : body + width], "big"), body + width
    if body + size > len(data):
        raise ValueError("beyond the end")
    return Node(data[at], data[body : body + size], data[at : body + size])


def _signer(block: bytes, signed: bytes) -> bytes:
    """The DER certificate of the first signer of a detached SignedData over `signed`."""
    kind, wrapped = read_der(block).nodes()[:2]
    if kind.oid() != _SIGNED_DATA:
        raise _wrong("its signature is of another kind")
    data = wrapped.nodes()[0].nodes()
    certificates = [item.whole for part in data if part.tag == 0xA0 for item in part.nodes()]
    info = data[-1].nodes()[0].nodes()
    serial = int.from_bytes(info[1].nodes()[1].content, "big", signed=True)
    for der in certificates:
        certificate = x509.load_der_x509_certificate(der)
        if certificate.serial_number == serial:
            _check_info(info, certificate, signed)
            return der
    raise _wrong("its signer's certificate is missing")


def _check_info(info: list[Node], certificate: x509.Certificate, signed: bytes) -> None:
    algorithm = _DIGESTS.get(info[2].nodes()[0].oid())
    if algorithm is None:
        raise BadApk("apk-signature-unsupported", "The package is signed in a way that is not supported.")
    rest = info[3:]
    content = signed
    if rest[0].tag == 0xA0:
        attributes = {item.nodes()[0].oid(): item.nodes()[1].nodes()[0] for item in rest[0].nodes()}
        digest = attributes.get(_MESSAGE_DIGEST)
        if digest is None or digest.content != hashlib.new(algorithm, signed).digest():
            raise _wrong("the list of its parts does not match")
        content = b"\x31" + rest[0].whole[1:]
        rest = rest[1:]
    key, signature, form = certificate.public_key(), rest[1].content, _HASHES[algorithm]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), form)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(form))
        elif isinstance(key, dsa.DSAPublicKey):
            key.verify(signature, content, form)
        else:
            raise _wrong("its key is of another kind")
    except InvalidSignature:
        raise _wrong("its signature is not its signer's") from None
