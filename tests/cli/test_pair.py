"""A command line lets another one in by a code, beside a running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from tests.conftest import RunningServer

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(server: RunningServer, tmp_path: Path) -> Start:
    """Starts `pileus` of one of two people's machines."""

    def start(machine: str, *words: str) -> subprocess.Popen[str]:
        own = {"LC_ALL": "C.UTF-8", "PILEUS_CLIENT_CONFIG": str(tmp_path / f"{machine}.json")}
        return subprocess.Popen(
            [sys.executable, "-m", "pileus.cli.main", *words],
            env={**os.environ, **server.cloud.settings.as_env(), **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def done(process: subprocess.Popen[str], enter: str = "") -> tuple[int, str]:
    out, _ = process.communicate(enter, timeout=60)
    return process.returncode, out


def found(lines: IO[str], pattern: re.Pattern[str]) -> str:
    """The first match in what is printed."""
    for line in lines:
        if match := pattern.search(line):
            return match[0]
    raise AssertionError(f"{pattern.pattern} was not printed")


def pairing(server: RunningServer, start: Start) -> tuple[subprocess.Popen[str], str]:
    """Signs the old machine in, and has it show a code."""
    server.account("anna")
    login = start("old", "login", server.url, "--name", "anna", "--password-file", "-")
    assert done(login, "correct horse\n")[0] == 0
    old = start("old", "devices", "pair", "--password-file", "-")
    assert old.stdin is not None
    assert old.stdout is not None
    old.stdin.write("correct horse\n")
    old.stdin.flush()
    return old, found(old.stdout, CODE)


def test_a_new_machine_is_let_in(server: RunningServer, start: Start) -> None:
    old, code = pairing(server, start)
    new = start("new", "login", server.url, "--code", code.lower())
    assert new.stdout is not None
    number = found(new.stdout, re.compile(r"(?<=Type )\d\d"))
    status, told = done(old, f"{number}\n")
    assert (status, told.splitlines()[-1].endswith("is signed in.")) == (0, True), told
    assert done(new) == (0, f"Signed in to {server.url} as anna.\n")
    assert done(start("new", "devices", "list"))[1].count("pileus @") == 2
    assert "new device let in" in done(start("new", "account", "log"))[1]


def test_one_that_is_kept_out_hears_so(server: RunningServer, start: Start) -> None:
    old, code = pairing(server, start)
    new = start("new", "login", server.url, "--code", code)
    status, told = done(old, "\n")
    assert (status, told.splitlines()[-1].endswith("was kept out.")) == (0, True), told
    status, told = done(new)
    # Which of both it hears depends on whether the code was taken back before it asked again.
    assert status == 1
    assert "kept this one out" in told or "taken back" in told
    assert done(start("new", "devices", "list"))[0] == 1
