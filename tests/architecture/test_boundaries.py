"""The directions of import hold, and the check would notice if they did not."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def boundaries() -> ModuleType:
    return load("boundaries")


def test_an_app_that_reaches_into_the_shell_is_named(
    boundaries: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boundaries, "ROOT", tmp_path)
    app = tmp_path / "web" / "apps" / "notes" / "src"
    app.mkdir(parents=True)
    (app / "main.ts").write_text(
        "import { x } from '../../../shell/src/deps';\nimport { y } from '@pileus/sdk';\n"
    )
    problems = boundaries.web_problems(tmp_path / "web")
    assert len(problems) == 1
    assert "apps/notes may not import shell" in problems[0]


def test_apps_never_import_each_other(
    boundaries: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boundaries, "ROOT", tmp_path)
    app = tmp_path / "web" / "apps" / "notes" / "src"
    app.mkdir(parents=True)
    (app / "main.ts").write_text("import { x } from '../../files/src/list';\n")
    assert boundaries.web_problems(tmp_path / "web")


def test_seeing_no_modules_is_a_failure(boundaries: ModuleType, tmp_path: Path) -> None:
    assert boundaries.web_problems(tmp_path) == [f"no TypeScript modules were seen below {tmp_path.name}/"]


def test_seeing_no_python_modules_is_a_failure(boundaries: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, "Analyzed 0 files, 0 dependencies.", "")

    monkeypatch.setattr(boundaries.subprocess, "run", nothing)
    assert "saw no Python modules" in boundaries.python_problems()[0]


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("", False),
        ("GPL-3.0", False),
    ],
)
def test_the_licence_gate_reads_spdx(expression: str, fine: bool) -> None:
    assert load("licences").is_allowed(expression, {"MIT", "Apache-2.0"}, {}) is fine


def test_a_licence_gate_that_saw_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = load("licences")
    monkeypatch.setattr(gate, "npm_licences", lambda lock: {})
    assert gate.main() == 1


@pytest.mark.parametrize("kind", ["SERVICE", "APP"])
def test_a_skeleton_is_written_once(kind: str, tmp_path: Path) -> None:
    scaffold = load("scaffold")
    written = scaffold.write_skeleton(tmp_path, getattr(scaffold, kind), "garden")
    assert written
    with pytest.raises(SystemExit, match="exists already"):
        scaffold.write_skeleton(tmp_path, getattr(scaffold, kind), "garden")
