"""kill -9 of the web process in the middle of an upload; the client and the commands over it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from pileus.core.errors import PileusError, Unauthorized
from pileus.core.settings import Settings
from pileus.sdk.client import Client
from pileus.sdk.config import Config, write_config
from tests.kills import struck
from tests.postgres import sqlite_only

NOISE = random.Random(9).randbytes(40 << 20)
PASSWORD = "correct horse"


class Web:
    """A web process of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        env = {**os.environ, **self._settings.as_env()}
        process = subprocess.Popen([sys.executable, "-m", "pileus.cloud.web"], env=env)
        wait = threading.Event()
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/api/v1/server", trust_env=False).status_code == 200:
                    return process
            except httpx.TransportError:
                assert process.poll() is None, "the web process ended"
            wait.wait(0.05)
        process.kill()
        raise AssertionError("the web process did not start")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def strike(self) -> None:
        self.kill()
        struck("uploads")

    def again(self) -> None:
        self.process = self._start()


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    settings.make_dirs()
    made = Web(settings)
    yield made
    made.kill()


@pytest.fixture
def client(web: Web) -> Iterator[Client]:
    wish = {"name": "anna", "password": PASSWORD, "device_name": "t"}
    token = httpx.post(f"{web.url}/api/v1/accounts", json=wish, trust_env=False).json()["token"]
    with Client(web.url, token) as made:
        yield made


def test_nothing_acknowledged_is_lost(web: Web, client: Client, tmp_path: Path) -> None:
    """Killed between pieces and inside one; what was acknowledged before is there after."""
    begun = client.post("/files/uploads", {"name": "a.bin", "size": len(NOISE)})
    path = f"/files/uploads/{begun['upload']}"
    told = client.request("PATCH", path, content=NOISE[:5_000_000], headers={"Upload-Offset": "0"})
    assert told["offset"] == 5_000_000

    def cut() -> Iterator[bytes]:
        for place in range(5_000_000, len(NOISE), 1 << 20):
            if place > 30_000_000:
                web.strike()
            yield NOISE[place : place + (1 << 20)]

    with pytest.raises(PileusError):
        client.request("PATCH", path, content=cut(), headers={"Upload-Offset": "5000000"})
    web.again()
    offset = client.get(path)["offset"]
    assert 5_000_000 <= offset <= 31_500_000
    done = client.request("PATCH", path, content=NOISE[offset:], headers={"Upload-Offset": str(offset)})
    client.download(done["file"], tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == NOISE
    assert not list((Path(web._settings.data_dir) / "services" / "files" / "uploads").iterdir())


def test_the_client_goes_on_by_itself(web: Web, client: Client, tmp_path: Path) -> None:
    source, killed = tmp_path / "a.bin", []
    source.write_bytes(NOISE)

    def heard(done: int, _size: int) -> None:
        if done >= 16 << 20 and not killed:
            killed.append(done)
            web.strike()
            threading.Thread(target=web.again).start()

    told = client.upload(source, progress=heard)
    assert killed
    assert told["name"] == "a.bin"
    client.download(told["file"], tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == NOISE


Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """What `pileus …` says, in a folder of its own; it must end with the status that is asked for."""
    env = {
        **os.environ,
        "PILEUS_CLIENT_CONFIG": str(tmp_path / "client.json"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }

    def run(*arguments: str, given: str = "", status: int = 0) -> str:
        command = [sys.executable, "-m", "pileus.cli.main", *arguments]
        done = subprocess.run(
            command, env=env, input=given, capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    return run


@sqlite_only
def test_the_commands(web: Web, client: Client, run: Run, tmp_path: Path) -> None:

    assert "pileus login" in run("files", "ls", status=1)
    run("login", web.url, "--name", "anna", "--password-file", "-", given="wrong\n", status=1)
    run("login", web.url, "--name", "anna", "--password-file", "-", given=PASSWORD + "\n")
    assert (tmp_path / "client.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "西湖.txt").write_text("still water")
    run("files", "put", "西湖.txt")
    assert "西湖.txt" in run("files", "ls")
    run("files", "get", "西湖.txt", "back.txt")
    assert (tmp_path / "back.txt").read_text() == "still water"
    assert "here already" in run("files", "get", "西湖.txt", "back.txt", status=1)
    (tmp_path / "西湖.txt").write_text("rough water")
    run("files", "put", "--replace", "西湖.txt")
    told = run("files", "versions", "西湖.txt").splitlines()
    assert (len(told), "now" in told[0], told[1].split()[0]) == (2, True, "1")
    assert "no version 2" in run("files", "restore", "西湖.txt", "--version", "2", status=1)
    run("files", "restore", "西湖.txt", "--version", "1")
    run("files", "get", "西湖.txt", "again.txt")
    assert (tmp_path / "again.txt").read_text() == "still water"
    run("files", "rm", "西湖.txt")
    assert "西湖.txt" not in run("files", "ls")
    assert "西湖.txt" in run("files", "trash")
    assert "is back" in run("files", "restore", "西湖.txt")
    assert "西湖.txt" in run("files", "ls")
    run("files", "rm", "西湖.txt")
    assert "for good" in run("files", "purge", "西湖.txt")
    assert "no 西湖.txt" in run("files", "restore", "西湖.txt", status=1)
    assert "is empty" in run("files", "trash", "--empty")
    assert "no nothing.txt" in run("files", "get", "nothing.txt", status=1)


@sqlite_only
def test_the_commands_of_shares(web: Web, client: Client, run: Run, tmp_path: Path) -> None:

    wish = {"name": "ben", "password": PASSWORD}
    client.post("/accounts", wish)

    def be(name: str) -> None:
        run("login", web.url, "--name", name, "--password-file", "-", given=PASSWORD + "\n")

    be("anna")
    (tmp_path / "list.txt").write_text("milk")
    run("files", "put", "list.txt")
    address = run("share", "add", "list.txt", "--password-file", "-", "--days", "2", given="sesame\n").strip()
    path = address.split("/api/v1", 1)[1]
    with httpx.Client(base_url=f"{web.url}/api/v1", trust_env=False) as nobody:
        assert "list.txt" not in nobody.get(path).text
        assert "list.txt" in nobody.post(path, data={"password": "sesame"}).text
    assert "shared with ben" in run("share", "add", "list.txt", "--with", "ben")
    assert "no account" in run("share", "add", "list.txt", "--with", "carl", status=1)
    lines = run("share", "list").splitlines()
    assert [("ben" in one, "with a password" in one) for one in lines] == [(True, False), (False, True)]
    for line in lines[1:]:
        run("share", "end", line.split()[0])
    with httpx.Client(base_url=f"{web.url}/api/v1", trust_env=False) as nobody:
        assert nobody.get(path).status_code == 404
    be("ben")
    (line,) = run("share", "given").splitlines()
    assert "from anna" in line
    run("share", "given", line.split()[0], "--to", "got.txt")
    assert (tmp_path / "got.txt").read_text() == "milk"
    run("share", "end", line.split()[0])
    assert run("share", "given") == "\n"


def test_a_client_without_a_token(web: Web, tmp_path: Path) -> None:
    with pytest.raises(Unauthorized):
        Client.from_config(tmp_path / "none.json")
    path = write_config(Config(web.url, "wrong"), tmp_path / "c.json")
    with Client.from_config(path) as client, pytest.raises(Unauthorized):
        client.get("/account")
