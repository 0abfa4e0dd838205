"""`pileus files`, as it is typed: what goes to a pipe is the answer alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pileus.sdk.config import Config, write_config
from tests.cloud.names import of_test


def test_a_pipe_gets_the_answer_without_the_progress(
    shared_server: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    token = shared_server.account(of_test(request), "laptop")["token"]
    write_config(Config(shared_server.url, token), tmp_path / "client.json")
    (tmp_path / "list.txt").write_text("milk")
    env = {**os.environ, "PILEUS_CLIENT_CONFIG": str(tmp_path / "client.json"), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "pileus.cli.main", "files", "put", str(tmp_path / "list.txt")]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1, done.stdout
    assert "list.txt" in done.stdout
