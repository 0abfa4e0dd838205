"""The host's end of the link, byte by byte: what it reads and writes, over a real socket, by the golden vectors.

`Mirror` sends each message back through `dev.pileus.host`: texts, FRAME, IME and TITLE are taken apart and put
together anew by what writes them in the host, PING comes back as PONG and RESIZE as CONFIGURED, and the rest as it
is.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

HERE = Path(__file__).resolve().parent
VECTORS = json.loads((HERE.parents[2] / "contracts/surface/vectors.json").read_text(encoding="utf-8"))
ANSWERED_AS = {0x10: 0x4E, 0x07: 0x4C}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs it."""
    runtime = java.built(Settings.from_env())
    [compiler] = [jar for jar in runtime.store.manifest.jars if jar.name.startswith("ecj-")]
    classes = tmp_path_factory.mktemp("mirror")
    options = ["-25", "-nowarn", "-proc:none", "-cp", str(runtime.host_jar), "-d", str(classes)]
    made = [runtime.java, "-jar", str(runtime.store.path(compiler)), *options, str(HERE / "java")]
    subprocess.run(made, check=True)
    path = os.pathsep.join([str(classes), str(runtime.host_jar)])
    return [runtime.java, "-XX:+UseSerialGC", "-cp", path, "dev.pileus.link.Mirror"]


@pytest.fixture
def link(mirror: list[str], tmp_path: Path) -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
    place = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        server.settimeout(60)
        host = subprocess.Popen([*mirror, str(place)], stderr=subprocess.PIPE)
        end, _ = server.accept()
        end.settimeout(60)
        with end:
            yield end, host
    host.kill()
    host.communicate()


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "little") + message


def read(end: socket.socket) -> bytes:
    size = int.from_bytes(end.recv(4, socket.MSG_WAITALL), "little")
    return end.recv(size, socket.MSG_WAITALL)


def test_every_vector_comes_back_as_it_is(link: tuple[socket.socket, subprocess.Popen[bytes]]) -> None:
    end, _ = link
    answers = {}
    for vector in VECTORS:
        message = bytes.fromhex(vector["hex"])
        end.sendall(framed(message))
        answers[vector["name"]] = read(end)
    for vector in VECTORS:
        message = bytes.fromhex(vector["hex"])
        expected = bytes([ANSWERED_AS.get(message[0], message[0])]) + message[1:]
        assert answers[vector["name"]].hex() == expected.hex(), vector["name"]


def test_a_message_may_come_in_parts_and_with_the_next(
    link: tuple[socket.socket, subprocess.Popen[bytes]],
) -> None:
    end, _ = link
    messages = [bytes.fromhex(vector["hex"]) for vector in VECTORS if vector["type"] in (0x80, 0x47, 0x05)]
    stream = b"".join(map(framed, messages))
    for at in range(0, len(stream), 7):
        end.sendall(stream[at : at + 7])
    assert [read(end) for _ in messages] == messages


@pytest.mark.parametrize("size", [0, (64 << 20) + 1, 0xFFFFFFFF])
def test_a_size_that_no_message_has_ends_the_host(
    link: tuple[socket.socket, subprocess.Popen[bytes]], size: int
) -> None:
    end, host = link
    end.sendall(size.to_bytes(4, "little") + b"\x0f")
    _, said = host.communicate(timeout=60)
    assert host.returncode == 1
    assert b"java.io.IOException: a message of" in said


def test_a_text_that_is_longer_than_its_message_ends_the_host(
    link: tuple[socket.socket, subprocess.Popen[bytes]],
) -> None:
    end, host = link
    end.sendall(framed(b"\x80" + (100).to_bytes(4, "little") + b"{}"))
    _, said = host.communicate(timeout=60)
    assert host.returncode == 1
    assert b"BufferUnderflowException" in said
