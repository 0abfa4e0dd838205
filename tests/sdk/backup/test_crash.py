"""Client and cloud are killed while a folder is backed up and restored."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.core.settings import Settings
from pileus.sdk.backup.link import Link
from pileus.sdk.config import Config, write_config
from tests.boundaries import all_listed, killer
from tests.kills import struck

from .conftest import Account, Look, fill

NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
KILLS = 60 if NIGHTLY else 4


def below(source: Path) -> dict[str, Any]:
    return {"below": os.fsencode(source).strip(b"/")}


def test_the_client_is_killed_at_every_request(server: Any, tmp_path: Path, look: Callable[[Path], Look]) -> None:
    """What earlier runs brought is not brought again; a snapshot is whole, or not there."""
    token = server.account("anna")["token"]
    write_config(Config(server.url, token), tmp_path / "client.json")
    source = fill(tmp_path / "source")
    link = Link(Config(server.url, token))
    account = Account(link)
    boundary = 0
    with killer(f"{__package__}.killed", "backup", PILEUS_CLIENT_CONFIG=str(tmp_path / "client.json")) as run:
        while run.run(str(source), left=boundary).killed:
            boundary += 1
            assert len(account.snapshots()) <= 1
            if account.snapshots():  # its last answer was lost with it
                break
    all_listed("backup", run.places)
    told = account.backup(source)
    assert told.added < 1 << 20
    account.restore("latest", tmp_path / "back", **below(source))
    assert look(tmp_path / "back") == look(source)
    link.close()


class Web:
    """A web process of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        out, into = os.pipe()
        env = {**os.environ, **self.settings.as_env(), "PILEUS_READY_FD": str(into)}
        process = subprocess.Popen([sys.executable, "-m", "pileus.cloud.web"], env=env, pass_fds=[into])
        os.close(into)
        with os.fdopen(out, "rb") as pipe:
            assert pipe.readline() == b"ready\n", "the web process did not start"
        return process

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def strike(self) -> None:
        self.kill()
        struck("backup")

    def again(self) -> None:
        self.process = self._start()


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    settings.make_dirs()
    made = Web(settings)
    yield made
    made.kill()


def test_the_cloud_is_killed_at_random_moments(web: Web, tmp_path: Path, look: Callable[[Path], Look]) -> None:
    """Client code waits for it and goes on; each snapshot that was acknowledged comes back right."""
    import httpx

    wish = {"name": "anna", "password": "correct horse", "device_name": "t"}
    session = httpx.post(f"{web.url}/api/v1/accounts", json=wish, trust_env=False).json()
    dice = random.Random(7)
    source = fill(tmp_path / "source")
    for number in range(KILLS):
        (source / f"more {number}.bin").write_bytes(dice.randbytes(12 << 20))
        after, seen = dice.randrange(1, 14), 0
        restarted: list[threading.Thread] = []

        class Line(Link):
            """Kills the cloud while the n-th request is on its way."""

            def copy(self) -> Link:
                return Line(self.config, self._pause)

            def _answer(self, *arguments: Any) -> Any:
                nonlocal seen
                seen += 1
                if seen == after:  # noqa: B023 - used up within the round
                    killer = threading.Timer(dice.uniform(0, 0.02), web.strike)
                    killer.start()
                    try:
                        return super()._answer(*arguments)
                    finally:
                        killer.join()
                        restarted.append(threading.Thread(target=web.again))  # noqa: B023
                        restarted[0].start()  # noqa: B023
                return super()._answer(*arguments)

        link = Line(Config(web.url, session["token"]))
        account = Account(link)
        told = account.backup(source)
        for thread in restarted:
            thread.join()
        assert told.snapshot in {one.id for one in account.snapshots()}
        account.restore("latest", tmp_path / f"back {number}", verify=True, **below(source))
        assert look(tmp_path / f"back {number}") == look(source)
        link.close()


def test_a_restore_that_is_killed_goes_on(server: Any, tmp_path: Path, look: Callable[[Path], Look]) -> None:
    token = server.account("anna")["token"]
    write_config(Config(server.url, token), tmp_path / "client.json")
    env = {**os.environ, "PILEUS_CLIENT_CONFIG": str(tmp_path / "client.json")}
    source = fill(tmp_path / "source")
    for number in range(6):
        (source / f"more {number}.bin").write_bytes(os.urandom(8 << 20))
    link = Link(Config(server.url, token))
    account = Account(link)
    account.backup(source)
    dice = random.Random(3)
    pileus = [sys.executable, "-m", "pileus.cli.main", "restore", f"latest:{source}", "--target"]
    for _ in range(KILLS):
        process = subprocess.Popen([*pileus, str(tmp_path / "back")], env=env, stdout=subprocess.DEVNULL)
        try:
            process.wait(dice.uniform(0.3, 1.2))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            struck("backup")
    done = subprocess.run([*pileus, str(tmp_path / "back"), "--verify"], env=env, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert look(tmp_path / "back") == look(source)
    link.close()
