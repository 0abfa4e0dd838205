"""`make bench ONLY=backup SEED=n`: both generations of what is backed up are the seed's."""

from __future__ import annotations

import importlib
import subprocess
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("given", "seed"), [("", 1), ("7", 7)])
def test_both_generations_are_of_the_seed_that_make_is_given(monkeypatch, given, seed):
    said = subprocess.run(
        ["make", "-n", "bench", "ONLY=backup", f"SEED={given}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = [line for line in said.stdout.splitlines() if "bench/run.py" in line]
    settings = dict(word.split("=") for word in line.split(" bench/run.py")[0].split() if "=" in word)
    assert settings == ({"PILEUS_BENCH_SEED": given} if given else {})
    monkeypatch.delenv("PILEUS_BENCH_SEED", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(ROOT / "bench")
    backup = importlib.import_module("backup")
    made = []
    cloud = SimpleNamespace(pids=lambda: [])
    monkeypatch.setattr(backup.clouds, "running", lambda _folder: nullcontext(cloud))
    monkeypatch.setattr(backup, "ours", lambda *_: SimpleNamespace(name="pileus", run=lambda *_: None))
    monkeypatch.setattr(backup, "peers", lambda *_: [])
    monkeypatch.setattr(backup, "same", lambda *_: None)
    monkeypatch.setattr(backup, "figures", lambda _: [])
    monkeypatch.setattr(backup.corpus, "write", lambda _folder, seed, _scale: made.append(("first", seed)))
    monkeypatch.setattr(backup.corpus, "edit", lambda _folder, seed, _scale: made.append(("second", seed)))
    backup.measure()
    assert made == [("first", seed), ("second", seed)]
