"""A run says how many tests found FUSE or ModemManager, or were left out; with CI=true it fails then, as does a
test that needs a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.boundaries import ROOT
from tests.lacking import needs

TESTS = """
import pytest
from tests import lacking

lacking.POSSIBLE["{mark}"] = {possible}

@pytest.mark.{mark}
@pytest.mark.parametrize("number", range(3))
def test_one(number):
    pass

@pytest.mark.skip
@pytest.mark.{mark}
def test_skipped_for_another_reason():
    pass

def test_none():
    pass
"""


@pytest.mark.parametrize(
    ("mark", "possible", "ci", "told"),
    [
        ("fuse", True, "true", "3 tests ran"),
        ("fuse", False, "", "3 tests were left out, so nothing is proven by them: there is no /dev/fuse"),
        ("fuse", False, "true", "the power cuts were not tried, so the run fails"),
        (
            "modem_manager",
            False,
            "",
            "3 tests were left out, so nothing is proven by them: there is no ModemManager",
        ),
        ("modem_manager", False, "true", "no modem was spoken to, so the run fails"),
    ],
)
def test_a_run_on_two_workers_says_how_many(mark: str, possible: bool, ci: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(TESTS.format(mark=mark, possible=possible))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\naddopts = --strict-markers\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.lacking", "-p", "no:cacheprovider", "-n", "2"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "CI": ci}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if ci and not possible else 0), done.stdout + done.stderr
    assert done.stdout.count(told) == 1
    assert ("left out" in done.stdout) is not possible


@pytest.mark.parametrize(("ci", "ending"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
@pytest.mark.parametrize("program", ["no-such-program", "/no/such/file"])
def test_what_a_test_needs_is_named(
    program: str, ci: str, ending: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    needs("bash", "sh", "/bin/sh", Path("/bin"))
    with pytest.raises(ending, match=f"{program} is not installed .Debian: apt-get install one two"):
        needs("one two", "sh", program)
