"""The way out of a sandbox, in a network of the test's own in which every address answers."""

from __future__ import annotations

import ipaddress
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.surfaces.engines.android import names
from pileus.surfaces.engines.android.gateway import PORTS, own_addresses

STORY = '''
import asyncio, ipaddress, json, os, socket, sys, threading
from network import OWN, every_address_answers
from tests_inside import inside
from pileus.surfaces.engines.android import gateway, names, users
from pileus.surfaces.engines.android.sandbox import Mount, launch

every_address_answers((80, 443, 25))

HOSTS = {"good.example": ["93.184.216.34"], "evil.example": ["10.0.0.1", "127.0.0.1", OWN],
         "mixed.example": ["169.254.169.254", "8.8.8.8"]}
def tell():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("0.0.0.0", 53))
        while True:
            data, peer = server.recvfrom(512)
            asked = names.question(data)
            known = HOSTS.get(asked.name.lower(), [])
            server.sendto(names.answer(asked, 0 if known else 3, map(ipaddress.IPv4Address, known)), peer)
threading.Thread(target=tell, daemon=True).start()

code = """
import json, socket, sys
said = {}
for place in PLACES:
    host, port = place.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), 5) as one:
            one.sendall(b"me")
            said[place] = one.recv(100).decode() or "nothing"
    except OSError as error:
        said[place] = type(error).__name__
print(json.dumps(said), flush=True)
"""
PLACES = ["93.184.216.34:443", "8.8.8.8:80", "good.example:443", "evil.example:443", "mixed.example:80"]
PLACES += ["none.example:80", "10.0.0.1:443", "192.168.1.1:80", "169.254.169.254:80", "127.0.0.1:80"]
PLACES += ["100.64.0.1:80", OWN + ":443", "93.184.216.34:25", "localhost:80", "server:80"]
PLACES += json.loads(sys.argv[1])
code = "PLACES = " + repr(PLACES) + code
exec(code)

async def try_it():
    with open("resolv.conf", "w") as file:
        file.write("nameserver 127.0.0.1\\n")
    os.chmod("resolv.conf", 0o644)
    box = await launch(inside("import os, time\\nwhile not os.path.exists('/tmp/go'): time.sleep(0.01)\\n" + code,
                              Mount(__import__("pathlib").Path("resolv.conf").resolve(), "/etc/resolv.conf")))
    user = users.lend()
    way = await gateway.start(box.holder, box.inside, user, "pileus.localhost")
    owner = os.stat(f"/proc/{way.pid}").st_uid
    open(f"/proc/{box.inside}/root/tmp/go", "w").close()
    await box.wait()
    await box.kill()
    print(box.log.strip().splitlines()[-1])
    print(json.dumps(user is None or owner == user))
    way.kill()
    await way.wait()

asyncio.run(try_it())
'''


IPV6 = {
    "this machine": ["::1"],
    "link-local": ["fe80::1%lo", "fe80::a9fe:a9fe%lo", "fec0::1"],
    "unique local": ["fc00::1", "fd00:ec2::254"],
    "mapped": ["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"],
    "compatible and translated": ["::10.0.0.1", "::ffff:0:a00:1"],
    "NAT64": ["64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe"],
    "6to4": ["2002:a9fe:a9fe::1", "2002:7f00:1::1"],
    "Teredo": ["2001:0:a9fe:a9fe::1"],
    "public, to which there is no way yet": ["2606:4700:4700::1111"],
}
"""Addresses that an app must not reach, each of which answers in the network outside."""
MAPPED = "::ffff:93.184.216.34"
"""What a socket for both families says for an IPv4 address: checked as that."""


def test_only_public_addresses_are_reached(tmp_path: Path) -> None:
    space = ["--net"] if os.getuid() == 0 else ["--user", "--map-root-user", "--net"]
    (tmp_path / "tests_inside.py").symlink_to(Path(__file__).with_name("test_sandbox.py"))
    sixth = [f"{address}:80" for address in (MAPPED, *(one for kind in IPV6.values() for one in kind))]
    done = subprocess.run(
        ["unshare", *space, sys.executable, "-c", STORY, json.dumps(sixth)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parent), *sys.path])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outside, within, dropped = map(json.loads, done.stdout.splitlines())
    assert dropped
    # The control: without the sandbox, every address of this network answers.
    unreached = [place for place, said in outside.items() if "hears" not in said]
    assert set(unreached) <= {"none.example:80", "localhost:80", "server:80"}
    reached = {place: said for place, said in within.items() if "hears" in said}
    assert reached == {
        "93.184.216.34:443": "93.184.216.34 hears me",
        "8.8.8.8:80": "8.8.8.8 hears me",
        "good.example:443": "93.184.216.34 hears me",
        "mixed.example:80": "8.8.8.8 hears me",
        f"{MAPPED}:80": "93.184.216.34 hears me",
    }


def asked(name: str, kind: int = names.A) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def test_a_question_is_read_and_answered() -> None:
    found = names.question(asked("www.example.org"))
    assert found is not None
    assert (found.number, found.name, found.kind) == (7, "www.example.org", names.A)
    said = names.answer(found, names.NO_ERROR, [ipaddress.IPv4Address("8.8.8.8")])
    assert said[:8] == struct.pack(">HHHH", 7, 0x8180, 1, 1)
    assert said.endswith(bytes([8, 8, 8, 8]))


@pytest.mark.parametrize("name", ["localhost", "server", "a b.example", "a..example", "-x.example", "x-.example"])
def test_what_is_no_name_of_the_world_is_not_looked_up(name: str) -> None:
    found = names.question(asked(name)) if ".." not in name else None
    assert found is None or found.name == ""


@given(st.binary(max_size=600))
def test_any_bytes_are_a_question_or_none(data: bytes) -> None:
    found = names.question(data)
    assert found is None or found.raw in data


@given(st.integers(0, 60), st.binary(min_size=1, max_size=3))
def test_a_damaged_question_is_a_question_or_none(at: int, put: bytes) -> None:
    data = bytearray(asked("www.example.org"))
    data[at : at + len(put)] = put
    found = names.question(bytes(data))
    assert found is None or len(found.name) <= 253


def test_this_machine_knows_its_addresses() -> None:
    assert ipaddress.ip_address("127.0.0.1") in own_addresses("")


def test_no_mail_is_delivered() -> None:
    assert 25 not in PORTS
