"""What goes wrong in a command is one sentence and a status, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pileus.sdk.config import Config, write_config


@pytest.fixture
def stranger() -> Iterator[str]:
    """The address of a server that is no Pileus."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A router</title>")

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def pileus(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    config = str(folder / "client.json")
    return subprocess.run(
        [sys.executable, "-m", "pileus.cli.main", *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", "PILEUS_CLIENT_CONFIG": config, **env},
        input="correct horse\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_files_that_are_not_there(tmp_path: Path) -> None:
    missing = str(tmp_path / "none")
    made = pileus(tmp_path, "account", "create", "anna", "--password-file", missing, "--data", str(tmp_path))
    assert said(made) == f"{missing} is not there.\n"
    write_config(Config("http://127.0.0.1:1", "token"), tmp_path / "client.json")
    assert f"PILEUS_CA_FILE: {missing}" in said(pileus(tmp_path, "files", "ls", PILEUS_CA_FILE=missing))
    assert "does not answer" in said(pileus(tmp_path, "files", "ls"))
    assert "pileus login" in said(pileus(tmp_path / "elsewhere", "app", "list"))


def test_a_server_that_is_no_pileus(tmp_path: Path, stranger: str) -> None:
    assert "not as a Pileus does" in said(pileus(tmp_path, "login", stranger, "--name", "anna"))
    assert "is not an address" in said(pileus(tmp_path, "login", "nonsense", "--name", "anna"))


def test_settings_that_make_no_sense(tmp_path: Path) -> None:
    done = pileus(tmp_path, "account", "list", "--data", str(tmp_path), PILEUS_PORT="x")
    assert said(done) == "PILEUS_PORT must be a number, not 'x'.\n"
