"""`pileus sync`, as it is typed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.sdk.client import Client
from pileus.sdk.config import Config, write_config
from tests.cloud.names import of_test

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def signed_in(shared_server: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Client]:
    token = shared_server.account(of_test(request), "laptop")["token"]
    write_config(Config(shared_server.url, token), tmp_path / "client.json")
    with Client(shared_server.url, token) as client:
        yield client


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The exit status and what was said."""

    def run(*arguments: str, language: str = "C.UTF-8") -> tuple[int, str]:
        command = [sys.executable, "-m", "pileus.cli.main", "sync", *arguments]
        done = subprocess.run(command, env=environment(tmp_path, language), capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return run


def environment(folder: Path, language: str = "C.UTF-8") -> dict[str, str]:
    return {**os.environ, "PILEUS_CLIENT_CONFIG": str(folder / "client.json"), "LC_ALL": language}


def test_once_and_status(signed_in: Client, run: Run, tmp_path: Path) -> None:
    box = tmp_path / "box"
    assert run(str(box), "--once") == (1, f"There is no folder {box}.\n")
    assert run(str(box), "--once", language="zh_CN.UTF-8") == (1, f"没有文件夹 {box}。\n")
    box.mkdir()
    assert "not kept in step yet" in run(str(box), "--status")[1]
    (box / "西湖.txt").write_text("still")
    (box / "link").symlink_to("nowhere")
    status, said = run(str(box), "--once")
    assert (status, "西湖.txt" in said, "1 sent" in said, "1 links" in said) == (0, True, True, True)
    assert [one["name"] for one in signed_in.records("files.file").values()] == ["西湖.txt"]
    assert "is in step" in run(str(box), "--status")[1]
    (box / "西湖.txt").write_text("rough")
    assert run(str(box), "--status") == (3, "To be sent: 1. To be fetched: 0. Other changes: 0.\n")
    with open(os.fsencode(box) + b"/\xff", "wb"):
        pass
    status, said = run(str(box), "--once", language="zh_CN.UTF-8")
    assert status == 3
    assert "已上传     西湖.txt" in said
    assert "\\xff：“文件”无法使用这个名称" in said
    assert "1 项未同步" in said
    status, said = run(str(box), "--status")
    assert (status, "\\xff: Files cannot hold this name" in said) == (3, True)


def test_it_follows_both_sides(signed_in: Client, tmp_path: Path) -> None:
    """Without `--once` it hears what changes here and there, until it is told to end."""
    box = tmp_path / "box"
    box.mkdir()
    command = [sys.executable, "-m", "pileus.cli.main", "sync", str(box)]
    process = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        wait_for(process.stdout, "Waiting for changes")
        (box / "here.txt").write_text("here")
        wait_for(process.stdout, "sent           here.txt")
        source = tmp_path / "there.txt"
        source.write_text("there")
        signed_in.upload(source)
        wait_for(process.stdout, "fetched        there.txt")
        assert (box / "there.txt").read_text() == "there"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(lines: Iterator[str], text: str) -> None:
    for line in lines:
        if text in line:
            return
    raise AssertionError(f"it ended without saying {text!r}")
