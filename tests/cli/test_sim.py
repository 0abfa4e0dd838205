"""`pileus sim` as it is typed, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pileus.carrier.card import Card
from pileus.carrier.events import Happening
from pileus.cli.sim import ECHO, TEXTS

ANN, BEN = "+447700900001", "+447700900002"
SCENE = f"""
[numbers]
ann = "{ANN}"
ben = "{BEN}"

[[step]]
do = "sms"
from = "ann"
to = "ben"
text = "你好"

[[step]]
do = "wait-for"
what = "sms-delivered"

[[step]]
do = "call"
from = "ann"
to = "ben"

[[step]]
do = "wait-for"
what = "call-rings"

[[step]]
do = "answer"
number = "ben"

[[step]]
do = "hangup"
number = "ann"

[[step]]
do = "wait-for"
what = "call-ended"
"""


def pileus(*args: str) -> list[str]:
    return [sys.executable, "-m", "pileus.cli.main", "sim", *args]


def environment(language: str) -> dict[str, str]:
    return os.environ | {"LC_ALL": language, "PYTHONUTF8": "1"}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sim-") as made:
        yield Path(made)


@contextmanager
def carrier(folder: Path, *words: str) -> Iterator[list[str]]:
    """A running one; what it said."""
    with subprocess.Popen(
        pileus("--folder", str(folder), *words), stdout=subprocess.PIPE, text=True, env=environment("C.UTF-8")
    ) as process:
        assert process.stdout is not None
        try:
            yield [process.stdout.readline() for _ in range(8 if words else 7)]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


def play(folder: Path, scene: str, language: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    file = folder / "scene.toml"
    file.write_text(scene, encoding="utf-8")
    return run(pileus("--folder", str(folder), "play", str(file)), language)


def run(command: list[str], language: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, env=environment(language), check=False)


def test_a_scene_is_played_at_a_running_carrier(folder: Path) -> None:
    with carrier(folder) as said:
        assert "A carrier with 2 phones runs in" in said[0]
        assert (ANN in said[1], f"abstract:{folder.name}-1" in said[1], ECHO in said[3]) == (True, True, True)
        done = play(folder, SCENE)
        assert done.returncode == 0, done.stderr
        for line in (
            "waits for “sms-delivered” of anybody, 30 s at most",
            "message delivered",
            "it rings",
            "call answered",
            "call ended: hung up",
            "7 steps were played.",
        ):
            assert line in done.stdout
        again = run(pileus("--folder", str(folder)))
        assert (again.returncode, "already" in again.stderr) == (1, True)
        refused = play(folder, f'[[step]]\ndo = "answer"\nnumber = "{ANN}"\n', "zh_CN.UTF-8")
        assert (refused.returncode, refused.stderr.strip()) == (1, f"第 1 步：{ANN} 没有通话。")
    assert not (folder / "control").exists()
    nobody = play(folder, SCENE)
    assert (nobody.returncode, "start one with `pileus sim`" in nobody.stderr) == (1, True)


def test_whoever_tries_the_pin_learns_the_puk(folder: Path) -> None:
    with carrier(folder, "--pin", "1234") as said:
        assert f"PUK is {Card.puk}" in said[-1]


def test_each_happening_and_each_mistake_has_words() -> None:
    assert all(happening.value in TEXTS for happening in Happening)
    for code in ("toml", "step", "field", "missing", "value", "number", "no-call", "waited", "refused"):
        assert f"scene-{code}" in TEXTS
