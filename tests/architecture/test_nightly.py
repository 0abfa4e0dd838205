"""Every test that is longer at night is in what `make nightly` runs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "PILEUS" + "_NIGHTLY"


def named() -> list[str]:
    recipe = re.search(rf"{VARIABLE}=1 \$\(BIN\)/pytest ([^|]*)", (ROOT / "Makefile").read_text())
    assert recipe is not None
    return [one for one in recipe[1].split() if one.startswith("tests/")]


def test_every_test_with_a_nights_size_is_in_the_nightly_run() -> None:
    """A file that asks for the variable, but one that everything else asks (its folder's conftest.py)."""
    listed = named()
    asking = subprocess.run(
        ["git", "grep", "-l", VARIABLE, "--", "tests", ":!tests/architecture"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    places = [one.removesuffix("/conftest.py") for one in asking if one.endswith(".py")]
    assert len(places) > 10
    missing = [one for one in places if not any(f"{one}/".startswith(f"{path}/") for path in listed)]
    assert missing == [], "add these to the nightly run of the Makefile"


def test_what_the_nightly_run_names_is_there() -> None:
    assert [one for one in named() if not (ROOT / one).exists()] == []
