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
    compare(Toolchain.of(tmp_path), GOLDEN)


def test_listings_of_methods_in_parts(tmp_path: Path) -> None:
    compare(Toolchain.of(tmp_path), GOLDEN / "parts", portion=3)


def compare(tools: Toolchain, kept_in: Path, portion: int = 0) -> None:
    sources, jar = sorted(kept_in.glob("*.smali")), tools.folder / "golden.jar"
    dex = tools.smali(sources, tools.folder / "golden.dex")
    told = tools.in_parts(dex, jar, portion) if portion else tools.translate(dex, jar)
    assert [line for line in told if line.startswith("failed")] == []
    for source in sources:
        made, kept = tools.folder / f"{source.stem}.txt", source.with_suffix(".txt")
        tools.java(tools.tools(), "dev.pileus.translate.Listing", jar, source.stem, made)
        text = "\n".join(line.rstrip() for line in made.read_text().splitlines()) + "\n"
        if os.environ.get("PILEUS_GOLDEN") == "write":
            kept.write_text(text)
        assert text == kept.read_text(), f"{source.stem} is translated otherwise"
