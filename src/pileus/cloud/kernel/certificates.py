"""The server's own certificate authority, for the form `port`: made once, installed by its owner.

The authority may only sign for this server's name (a name constraint), so that installing it gives
nobody who steals its key a way into other sites. Certificates follow the limits that browsers set for
server certificates (398 days); they are renewed at a start within 30 days of their end.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pileus.core import durable
from pileus.core.settings import Settings

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
RENEW_DAYS = 30


@dataclass(frozen=True)
class Certificates:
    """Files of the authority and of the server; the chain in `server` ends before the authority."""

    authority: Path
    server: Path
    key: Path


def ensure(settings: Settings) -> Certificates:
    """Makes what is missing, too old or for another name. Blocks some milliseconds."""
    folder = settings.data_dir / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Certificates(folder / "ca.crt", folder / "server.pem", folder / "server.key")
    now = datetime.datetime.now(datetime.UTC)
    if not (folder / "ca.key").exists() or not _fits(files.authority, settings.domain, now, authority=True):
        _make_authority(folder, settings.domain, now)
        files.server.unlink(missing_ok=True)
    if not _fits(files.server, settings.domain, now):
        _make_server(folder, settings.domain, now)
    return files


def _fits(path: Path, domain: str, now: datetime.datetime, *, authority: bool = False) -> bool:
    if not path.exists():
        return False
    found = x509.load_pem_x509_certificate(path.read_bytes())
    if found.not_valid_after_utc - now < datetime.timedelta(days=RENEW_DAYS):
        return False
    if authority:
        limits = found.extensions.get_extension_for_class(x509.NameConstraints).value
        return _limit(domain) in (limits.permitted_subtrees or [])
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _name(domain) in list(names)


def _make_authority(folder: Path, domain: str, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Pileus at {domain}"[:64])])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _builder(title, title, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints([_limit(domain)], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    durable.write(folder / "ca.key", _pem(key))
    durable.write(folder / "ca.crt", made.public_bytes(serialization.Encoding.PEM))


def _make_server(folder: Path, domain: str, now: datetime.datetime) -> None:
    authority = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is of another kind")
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain[:64])])
    made = (
        _builder(title, authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName([_name(domain)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    durable.write(folder / "server.key", _pem(key))
    durable.write(folder / "server.pem", made.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _name(domain: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(domain))
    except ValueError:
        return x509.DNSName(domain)


def _limit(domain: str) -> x509.GeneralName:
    try:
        network: IPv4Network | IPv6Network = ip_network(domain)
    except ValueError:
        return x509.DNSName(domain)
    return x509.IPAddress(network)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
