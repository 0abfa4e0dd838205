"""Kills are counted over all workers, and a timer that kills never cuts an end short."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.boundaries import ROOT
from tests.kills import CAMPAIGNS, lacking

TESTS = """
import pytest
from tests.kills import CAMPAIGNS, struck

@pytest.fixture
def late():
    yield
    struck("late")

@pytest.mark.parametrize("campaign", sorted(CAMPAIGNS))
def test_one(campaign, late):
    for _ in range(3):
        struck(campaign)

def test_none():
    pass
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Pytest on tests that strike 24 times, with this repository's plugin."""
    (folder / "test_one.py").write_text(TESTS)
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.kills", "-p", "no:cacheprovider", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_run_on_two_workers_says_how_many(tmp_path: Path) -> None:
    told = run(tmp_path, "--least-kills", "24", "-n", "2")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "24 processes were killed: backup 3, compaction 3, imports 3, late 6, migration 3" in told.stdout


def test_a_run_with_fewer_fails(tmp_path: Path) -> None:
    told = run(tmp_path, "--least-kills", "25", "-n", "2")
    assert told.returncode == 1
    assert "24 processes were killed, not 25" in told.stdout
    told = run(tmp_path, "--least-kills", "1", "-k", "sync or none")
    assert told.returncode == 1
    assert "no process was killed in: backup, compaction, imports, migration, uploads" in told.stdout


def test_every_campaign_has_to_kill() -> None:
    made = Counter(dict.fromkeys(CAMPAIGNS, 20))
    assert lacking(made, 120) == ""
    assert lacking(made, 121) == "120 processes were killed, not 121"
    del made["sync"]
    assert lacking(made, 1) == "no process was killed in: sync"
    assert lacking(made, 0) == ""


@pytest.mark.parametrize(("ended", "status"), [(False, -signal.SIGKILL), (True, 0)])
def test_who_has_ended_is_not_killed_any_more(ended: bool, status: int) -> None:
    """A timer that comes between the end's word and the exit: the word is whole, the status the exit's."""
    script = (
        "from tests.boundaries import NEVER, Boundaries\n"
        "made = Boundaries(1, NEVER)\n"
        "made.crossed = ['before fsync a:b'] * 10_000\n"
        f"{ended} and made.end()\n"
        "made.strike()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert [len(json.loads(line)) for line in done.stdout.splitlines()] == ([10_001] if ended else [])
