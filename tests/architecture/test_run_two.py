"""`make run-two`: what is taken is named, and nobody reads the key of a phone from a command line."""

from __future__ import annotations

import importlib.util
import os
import select
import socket
import stat
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://pileus.localhost:8080/#handset=4711.secret"


@pytest.fixture
def two() -> ModuleType:
    """tools/run_two.py as a module."""
    spec = importlib.util.spec_from_file_location("run_two", ROOT / "tools" / "run_two.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_port_that_is_taken_is_named(
    two: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two.signal, "signal", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert two.main(["--port", str(port), "--data", str(tmp_path)]) == 1
    assert f"port {port} is taken" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_gets_a_short_name_and_no_one_elses(
    two: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ("one", "two"):  # the second one in place of the first: it is ours
        found = two.short(tmp_path / name / "phones", 1)
        assert (found, found.resolve()) == (tmp_path / "pileus-two-1", tmp_path / name / "phones")
    (tmp_path / "pileus-two-2").mkdir()
    with pytest.raises(two.Taken, match="somebody else's"):
        two.short(tmp_path / "one" / "phones", 2)


def test_a_cloud_that_ends_is_not_waited_for(two: Any) -> None:
    with ExitStack() as stack, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and it does not listen: the port is refused
        cloud = two.child(stack, sys.executable, "-c", "")
        with pytest.raises(RuntimeError, match="did not start"):
            two.wait(f"http://127.0.0.1:{nobody.getsockname()[1]}/", cloud)


def test_the_key_of_a_phone_is_on_no_command_line(
    two: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, said = tmp_path / "chromium", tmp_path / "said"
    os.mkfifo(said)
    browser.write_text(f'#!/bin/sh\necho "$@" > {said}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    profile = tmp_path / "browser-1"
    with ExitStack() as stack:
        # It waits for no writer: a browser that never begins is a failure, no test without end.
        reader = os.open(said, os.O_RDONLY | os.O_NONBLOCK)
        stack.callback(os.close, reader)
        assert two.show(stack, tmp_path, 0, ADDRESS)
        assert select.select([reader], [], [], 60)[0], "the browser was not begun"
        words = os.read(reader, 65536).decode()
    page = profile / "open.html"
    assert f"--app={page.as_uri()}" in words
    assert "secret" not in words
    assert f'content="0;url={ADDRESS}"' in page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(profile.stat().st_mode) == 0o700
    two.opener(profile, ADDRESS + "x")
    assert "secretx" in page.read_text()
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with ExitStack() as stack:
        assert not two.show(stack, tmp_path, 0, ADDRESS)
