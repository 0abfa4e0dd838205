"""What `make new-service`, `make new-app` and `make new-capability` write passes every check, in a copy of the
repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.executable).parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of this working tree with one more service, app and capability."""
    made = tmp_path_factory.mktemp("copy")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made / name)
    (made / "node_modules").symlink_to(ROOT / "node_modules")
    for kind in ("service", "app", "capability"):
        done = run(made, str(PYTHON / "python"), "tools/scaffold.py", kind, "garden")
        assert done.returncode == 0, done.stderr
    return made


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder / "node_modules" / ".bin"), os.environ["PATH"], str(PYTHON)])
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        f"{PYTHON}/ruff format --check .",
        f"{PYTHON}/ruff check .",
        f"{PYTHON}/mypy",
        f"{PYTHON}/python tools/boundaries.py",
        f"{PYTHON}/python tools/generated.py --check",
        f"{PYTHON}/pytest -p no:cacheprovider tests/cloud/services/garden",
        f"{PYTHON}/pytest -p no:cacheprovider -k garden tests/conformance/handset tests/handset/test_contracts.py"
        " tests/handset/capabilities/garden",
        "biome check .",
        "tsc -p tsconfig.json --noEmit",
        "vitest run web/apps/garden",
        "node tools/web/build.mjs garden",
    ],
    ids=lambda command: Path(command.split()[0]).name + " " + command.split()[-1],
)
def test_a_skeleton_passes(copy: Path, command: str) -> None:
    done = run(copy, *command.split())
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_new_service_and_app_are_found(copy: Path) -> None:
    """Without anything central being edited."""
    code = (
        "from pathlib import Path; from pileus.cloud.kernel.manifest import discover;"
        "from pileus.cloud.services.apps.builtin import built_in; from pileus.core.settings import Settings;"
        "here = Path('none'); apps = built_in(Settings(here, here, here), str);"
        "print([one.name for one in discover()], list(apps))"
    )
    done = run(copy, str(PYTHON / "python"), "-c", code)
    services, _, apps = done.stdout.partition("] [")
    assert "'garden'" in services, done.stderr
    assert "'garden'" in apps


def test_a_new_service_that_breaks_a_border_is_named(copy: Path) -> None:
    rules = copy / "src/pileus/cloud/services/garden/rules.py"
    before = rules.read_text()
    rules.write_text("import pileus.cloud.services.notes.rules\nimport sqlalchemy\n" + before)
    done = run(copy, str(PYTHON / "python"), "tools/boundaries.py")
    rules.write_text(before)
    assert done.returncode == 1
    assert "Services never import each other BROKEN" in done.stderr
    assert "Rules import no framework and no database BROKEN" in done.stderr
