"""A push service on loopback (RFC 8030) and browsers that are subscribed to it: they decrypt as RFC 8291 says and
check who sent (RFC 8292)."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from pileus.cloud.kernel import certificates
from pileus.cloud.kernel.db import tables
from pileus.core.settings import Settings

LOOPBACK = "127.0.0.0/8"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Pushed:
    """A request that came: where to, its headers (lower case), its body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Browser:
    """A subscription as a browser holds it."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def wish(self, zone: str = "UTC", language: str = "en") -> dict[str, Any]:
        """The body of PUT /push/subscription."""
        keys = {"p256dh": b64(self.p256dh), "auth": b64(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys, "zone": zone, "language": language}

    def decrypt(self, body: bytes) -> bytes:
        """RFC 8188 §2.1, RFC 8291 §3.4; one record."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        info = b"WebPush: info\0" + self.p256dh + sender
        secret = HKDF(SHA256(), 32, self.auth, info).derive(shared)
        content_key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded[-1] == 2  # the last record's delimiter
        return padded[:-1]

    def read(self, pushed: Pushed) -> Any:
        return json.loads(self.decrypt(pushed.body))


@dataclass
class PushService:
    """Takes messages (201), unless `answers` says how to answer the next ones: (status, headers)."""

    origin: str
    certificate: Path
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    came: queue.Queue[Pushed] = field(default_factory=queue.Queue)

    def browser(self) -> Browser:
        return Browser(f"{self.origin}/push/{b64(os.urandom(18))}")

    def next(self, seconds: float = 20) -> Pushed:
        return self.came.get(timeout=seconds)

    @property
    def quiet(self) -> bool:
        return self.came.empty()


def check_vapid(header: str, audience: str, key: str, now: float) -> dict[str, Any]:
    """The claims of an `Authorization`, whose signature is of the key that the browser subscribed with."""
    scheme, _, rest = header.partition(" ")
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", key)
    head, claims, signature = parts["t"].split(".")
    assert json.loads(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    told: dict[str, Any] = json.loads(unb64(claims))
    assert told["aud"] == audience
    assert 0 < told["exp"] - now <= 24 * 3600
    return told


@contextlib.contextmanager
def push_service(folder: Path, settings: Settings) -> Iterator[PushService]:
    """One on a free port of 127.0.0.1, with a certificate of its own authority in `folder`."""
    made = certificates.ensure(settings.changed(data_dir=folder, domain="127.0.0.1", origins="port"))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers = service.answers.pop(0) if service.answers else (201, {"location": "/m/1"})
            service.came.put(Pushed(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(status)
            for name, value in ({"content-length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"x" * int(headers.get("content-length", "0")))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service = PushService(f"https://127.0.0.1:{server.server_port}", made.authority)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def all_sent(server: Any) -> bool:
    """Whether every message that was told to anybody has come to its push service: what has not come then never
    will."""
    return not server.cloud.db.read(lambda conn: conn.execute(select(tables.push_message.c.id)).first())


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for something that another thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
