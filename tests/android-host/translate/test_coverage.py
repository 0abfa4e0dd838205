"""Every instruction that DEX code may have is in some program that the differential tests run."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from .toolchain import Batch

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(900),
]


def test_every_opcode_is_translated(
    corpus: Batch, assembled: Batch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = [assembled.classes]
    for dex in (corpus.d8("--debug"), corpus.d8("--release"), corpus.r8()):
        with zipfile.ZipFile(dex) as archive:
            files.append(Path(archive.extract("classes.dex", tmp_path / dex.stem)))
    told = corpus.tools.java(corpus.tools.tools(), "dev.pileus.translate.code.Coverage", *files)
    counts = {name: int(count) for name, count in (line.split() for line in told.splitlines())}
    with capsys.disabled():
        rows = [f"{name.lower()} {count}" for name, count in counts.items()]
        print("\n" + "\n".join("".join(f"{row:32}" for row in rows[i : i + 4]) for i in range(0, len(rows), 4)))
    assert len(counts) == 224
    assert [name for name, count in counts.items() if count == 0] == []
