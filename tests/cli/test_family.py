"""`pileus family`: a parent's and another parent's command line, beside a running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunningServer

PASSWORD = "correct horse\n"


class Machine:
    """What somebody signed in on."""

    def __init__(self, server: RunningServer, config: Path) -> None:
        own = {"LC_ALL": "C.UTF-8", "PILEUS_CLIENT_CONFIG": str(config)}
        self._env = {**os.environ, **server.cloud.settings.as_env(), **own}

    def __call__(self, *words: str, enter: str = PASSWORD) -> str:
        status, told = self.asked(*words, enter=enter)
        assert status == 0, told
        return told

    def asked(self, *words: str, enter: str = PASSWORD) -> tuple[int, str]:
        command = [sys.executable, "-m", "pileus.cli.main", *words]
        done = subprocess.run(command, env=self._env, input=enter, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def anna(server: RunningServer, tmp_path: Path) -> Machine:
    return signed_in(server, tmp_path, "anna")


def signed_in(server: RunningServer, folder: Path, name: str) -> Machine:
    server.account(name)
    machine = Machine(server, folder / f"{name}.json")
    machine("login", server.url, "--name", name, "--password-file", "-")
    return machine


def test_a_parent_looks_after_a_child(server: RunningServer, anna: Machine, tmp_path: Path) -> None:
    assert anna("family", "list") == "You are in no family.\n"
    told = anna("family", "add", "lili", "--quota", "0.25")
    assert told == "lili has an account, with 250 MB of your room.\n"
    assert anna("family", "quota", "LILI", "0.5") == "lili may keep 500 MB.\n"
    assert anna("family", "list") == "anna  parent\nlili  child  0 B of 500 MB\n"
    server.sign_in("lili", "Tablet")
    assert re.search(r"\S+ {2}Tablet {2}last seen", anna("family", "devices", "lili"))
    assert anna("family", "ring", "lili", "Tablet") == "Tablet rings as soon as it hears of it.\n"
    assert "is locked" in anna("family", "lock", "lili", "Tablet")
    assert anna.asked("family", "lock", "lili", "Phone") == (1, "lili has no such device.\n")
    assert anna.asked("family", "devices", "tim") == (1, "You have no child named tim.\n")
    code = anna("family", "recovery-code", "lili").splitlines()[0]
    lili = Machine(server, tmp_path / "lili.json")
    lili("recover", server.url, "--name", "lili", "--password-file", "-", enter=f"{code}\nbattery staple\n")
    assert "made by a parent: anna" in lili("account", "log")
    assert lili.asked("family", "add", "eve", "--quota", "0")[0] == 1
    assert anna.asked("family", "leave")[0] == 1
    assert anna("family", "let-go", "lili") == "lili was let go: the account is its own.\n"
    assert anna("family", "leave") == "You left the family.\n"


def test_another_parent_joins(server: RunningServer, anna: Machine, tmp_path: Path) -> None:
    bob = signed_in(server, tmp_path, "bob")
    assert bob.asked("family", "accept") == (1, "Nobody asks you to be a parent.\n")
    assert anna("family", "invite", "bob") == "bob was asked to be a parent.\n"
    assert anna("family", "list") == "anna  parent\nbob  asked to be a parent\n"
    assert "anna asks you" in bob("family", "list")
    assert bob("family", "accept") == "You are a parent of the family of anna.\n"
    assert bob("family", "list") == "anna  parent\nbob  parent\n"
