"""Ways for calls: what the cloud gives out, and what the real coturn lets in by it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pileus.cloud.services.calls import relays
from pileus.core.errors import Invalid
from pileus.core.settings import Settings
from tests.conftest import free_port, running
from tests.lacking import needs

COTURN = shutil.which("turnserver") or "/usr/bin/turnserver"
SECRET = "a secret of both"
ALLOCATE, PERMIT, SEND = 0x0003, 0x0008, 0x0016
OK, FAILED = 0x0100, 0x0110
COOKIE = 0x2112A442
USERNAME, INTEGRITY, ERROR, PEER, DATA, REALM, NONCE, RELAYED, TRANSPORT = (
    0x0006,
    0x0008,
    0x0009,
    0x0012,
    0x0013,
    0x0014,
    0x0015,
    0x0016,
    0x0019,
)


def test_what_a_cloud_says_of_its_servers() -> None:
    env = {
        "HOME": "/nowhere",
        "PILEUS_STUN": "stun:stun.example.org, stun:[::1]:3478",
        "PILEUS_TURN": "turn:relay.example.org:3478?transport=udp,turns:relay.example.org",
        "PILEUS_TURN_SECRET_FILE": "/etc/secret",
    }
    settings = Settings.from_env(env)
    assert Settings.from_env(settings.as_env()) == settings
    stun, turn = relays.servers(settings, SECRET, "anna", 1000).servers
    assert stun == relays.Server(["stun:stun.example.org", "stun:[::1]:3478"])
    assert turn.urls == ["turn:relay.example.org:3478?transport=udp", "turns:relay.example.org"]
    assert turn.username.startswith(f"{1000 + relays.GOOD_SECONDS}:")
    assert "anna" not in turn.username
    assert turn.credential == relays.credential(SECRET, turn.username)
    assert relays.servers(Settings.from_env({"HOME": "/nowhere"}), "", "anna", 1000).servers == []


@pytest.mark.parametrize(
    "change",
    [
        {"PILEUS_STUN": "stun.example.org:3478"},
        {"PILEUS_STUN": "turn:relay.example.org"},
        {"PILEUS_TURN": "turn:relay.example.org/x", "PILEUS_TURN_SECRET_FILE": "/etc/secret"},
        {"PILEUS_TURN": "turn:relay.example.org"},
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="PILEUS_"):
        Settings.from_env({"HOME": "/nowhere"} | change)


@dataclass
class Client:
    """As much of a client as RFC 8656 needs for one allocation over UDP."""

    port: int
    username: str
    credential: str

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", self.port))
        self.signed = b""
        self.key = b""

    def ask(self, kind: int, **more: bytes) -> tuple[int, dict[int, bytes]]:
        """The kind of the answer, and its attributes."""
        self.socket.send(self.message(kind, **more))
        answer = self.socket.recv(2048)
        found, at = {}, 20
        while at < len(answer):
            name, size = struct.unpack_from("!HH", answer, at)
            found[name] = answer[at + 4 : at + 4 + size]
            at += 4 + (size + 3) // 4 * 4
        return struct.unpack_from("!H", answer)[0], found

    def message(self, kind: int, **more: bytes) -> bytes:
        body = b"".join(attribute(int(name[1:], 16), value) for name, value in more.items()) + self.signed
        if self.key:
            head = struct.pack("!HHI", kind, len(body) + 24, COOKIE) + (number := secrets.token_bytes(12))
            body += attribute(INTEGRITY, hmac.new(self.key, head + body, hashlib.sha1).digest())
        else:
            number = secrets.token_bytes(12)
        return struct.pack("!HHI", kind, len(body), COOKIE) + number + body

    def allocate(self) -> int:
        """The relay's port for this client; 0 where it is not let in."""
        wish = {f"x{TRANSPORT:04x}": bytes([17, 0, 0, 0])}
        kind, told = self.ask(ALLOCATE, **wish)
        assert (kind, error_of(told)) == (ALLOCATE | FAILED, 401), "without words nobody is let in"
        self.signed = (
            attribute(USERNAME, self.username.encode())
            + attribute(REALM, told[REALM])
            + attribute(NONCE, told[NONCE])
        )
        words = f"{self.username}:{told[REALM].decode()}:{self.credential}"
        self.key = hashlib.md5(words.encode()).digest()
        kind, told = self.ask(ALLOCATE, **wish)
        if kind == ALLOCATE | FAILED:
            assert error_of(told) in (401, 403), told
            return 0
        return int(struct.unpack_from("!H", told[RELAYED], 2)[0]) ^ (COOKIE >> 16)

    def send(self, port: int, data: bytes) -> None:
        """To a port of this machine, by the relay."""
        peer = struct.pack("!BBHI", 0, 1, port ^ (COOKIE >> 16), 0x7F000001 ^ COOKIE)
        assert self.ask(PERMIT, **{f"x{PEER:04x}": peer})[0] == PERMIT | OK
        key, signed, self.key, self.signed = self.key, self.signed, b"", b""
        self.socket.send(self.message(SEND, **{f"x{PEER:04x}": peer, f"x{DATA:04x}": data}))
        self.key, self.signed = key, signed


def attribute(name: int, value: bytes) -> bytes:
    return struct.pack("!HH", name, len(value)) + value + b"\0" * (-len(value) % 4)


def error_of(told: dict[int, bytes]) -> int:
    return told[ERROR][2] * 100 + told[ERROR][3]


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[int]:
    """Its port. It has nothing of this machine's own coturn."""
    needs("coturn", COTURN)
    port = free_port()
    told = (
        "use-auth-secret",
        f"static-auth-secret={SECRET}",
        "realm=pileus.test",
        "listening-ip=127.0.0.1",
        "relay-ip=127.0.0.1",
        f"listening-port={port}",
        "allow-loopback-peers",
        "no-cli",
        "no-tls",
        "no-dtls",
        f"userdb={tmp_path / 'turndb'}",
        f"pidfile={tmp_path / 'pid'}",
        f"log-file={tmp_path / 'log'}",
        "simple-log",
    )
    (tmp_path / "turn.conf").write_text("\n".join(told))
    process = subprocess.Popen([COTURN, "-c", str(tmp_path / "turn.conf")], stdout=subprocess.DEVNULL)
    try:
        listens(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def listens(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it answers a binding request (RFC 8489)."""
    end = time.monotonic() + 20
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(0.1)
        one.connect(("127.0.0.1", port))
        while time.monotonic() < end and process.poll() is None:
            try:
                one.send(struct.pack("!HHI", 1, 0, COOKIE) + os.urandom(12))
                if one.recv(2048)[:2] == b"\x01\x01":
                    return
            except OSError:
                continue
    raise AssertionError("coturn does not answer")


def test_the_relay_lets_in_whom_the_cloud_gave_words(settings: Any, relay: int, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    more = {"turn": f"turn:127.0.0.1:{relay}", "turn_secret_file": str(secret)}
    with running(settings.changed(**more)) as server, server.client(server.account("anna")["token"]) as client:
        [given] = client.get("/calls/servers").json()["servers"]
        with server.client() as nobody:
            assert nobody.get("/calls/servers").status_code == 401
    known = Client(relay, given["username"], given["credential"])
    assert known.allocate() > 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(5)
        known.send(other.getsockname()[1], b"sound")
        assert other.recv(100) == b"sound"
    assert Client(relay, given["username"], "x" + given["credential"]).allocate() == 0
    late = f"{int(time.time()) - 60}:somebody"
    assert Client(relay, late, relays.credential(SECRET, late)).allocate() == 0, "its time is over"


def test_a_secret_that_cannot_be_read_is_said_at_the_start(settings: Any, tmp_path: Path) -> None:
    with (
        pytest.raises(Invalid, match="PILEUS_TURN_SECRET_FILE"),
        running(settings.changed(turn_secret_file=str(tmp_path / "none"))),
    ):
        pass
