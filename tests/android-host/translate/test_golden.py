"""The tricky parts, instruction by instruction: a change of what is written there has to be looked at.

`PILEUS_GOLDEN=write pytest ...` writes the listings again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .toolchain import HERE, Toolchain

GOLDEN = HERE / "golden"

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("translate")]


def test_listings(tmp_path: Path) -> None:
    tools = Toolchain.of(tmp_path)
    dex = tools.smali(sorted(GOLDEN.glob("*.smali")), tmp_path / "golden.dex")
    told = tools.translate(dex, tmp_path / "golden.jar")
    assert [line for line in told if line.startswith("failed")] == []
    for source in sorted(GOLDEN.glob("*.smali")):
        made, kept = tmp_path / f"{source.stem}.txt", source.with_suffix(".txt")
        tools.java(tools.tools(), "dev.pileus.translate.Listing", tmp_path / "golden.jar", source.stem, made)
        text = "\n".join(line.rstrip() for line in made.read_text().splitlines()) + "\n"
        if os.environ.get("PILEUS_GOLDEN") == "write":
            kept.write_text(text)
        assert text == kept.read_text(), f"{source.stem} is translated otherwise"
