"""The walls where Pileus is a plain user, on a machine whose tests run as root: the tests of the sandbox and a
hostile app once more, in a child without any right."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

NOBODY = 65534
ROOT = Path(__file__).resolve().parents[4]
HERE = Path(__file__).parent
CORE = HERE / "test_sandbox.py"
BREAKOUT = f"{HERE / 'test_breakout.py'}::test_calls_that_the_filter_lacks_are_refused"
SHARED = ("probe", "samples")
"""Folders of the cache that tests write to."""

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("android"),
    pytest.mark.skipif(os.getuid() != 0, reason="all tests run as a plain user here"),
]


@pytest.fixture
def own(samples: ModuleType) -> Iterator[Path]:
    """A folder of nobody's, with what a child keeps of packages and what it has of samples."""
    folder = Path(tempfile.mkdtemp(prefix="plain-"))
    for name in SHARED:
        (folder / name).mkdir()
    for made in (samples.build("hostile"), samples.framework()):
        shutil.copyfile(made, folder / "samples" / made.name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def test_the_walls_stand_for_a_plain_user(own: Path) -> None:
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    needed = [Path(sys.base_prefix), ROOT, cache]
    for name in SHARED:
        (cache / name).mkdir(exist_ok=True)
    tests = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", f"--basetemp={own}/base"]
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    steps = [
        *opened(needed, own / "kept"),
        *(shlex.join(["mount", "--bind", str(own / name), str(cache / name)]) for name in SHARED),
        shlex.join(["exec", *user, *tests, str(CORE), BREAKOUT]),
    ]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-ec", "\n".join(steps)],
        cwd=ROOT,
        env=os.environ | {"HOME": str(own), "TMPDIR": str(own), "PILEUS_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = set(re.findall(r"^PASSED \S+::(\w+)", done.stdout, re.MULTILINE))
    assert {
        "test_it_has_no_rights",
        "test_it_reaches_no_file_of_the_server",
        BREAKOUT.rpartition(":")[2],
    } <= passed
    assert "as a plain user programs run as that user" in done.stdout  # which root's run does not skip


def opened(needed: Iterable[Path], kept: Path) -> Iterator[str]:
    """Commands after which everybody may reach these folders, for this mount namespace alone: a folder on the way
    that others may not enter is replaced by an empty one, in which only the needed ones are mounted."""
    closed: dict[Path, list[Path]] = {}
    for path in needed:
        above = [parent for parent in reversed(path.parents) if not parent.stat().st_mode & 0o001]
        if above:
            closed.setdefault(above[0], []).append(path)
    for parent, inside in closed.items():
        for number, path in enumerate(inside):
            place = kept / str(number)
            yield shlex.join(["mkdir", "-p", str(place)])
            yield shlex.join(["mount", "--bind", str(path), str(place)])
        yield shlex.join(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(parent)])
        for number, path in enumerate(inside):
            yield shlex.join(["mkdir", "-p", str(path)])
            yield shlex.join(["mount", "--move", str(kept / str(number)), str(path)])
