"""Bugs that are seeded into the translator are noticed by the corpus and the programs in smali."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from pileus.surfaces.engines.android import java

from .toolchain import HERE, Batch

SOURCES = (
    Path(__file__).resolve().parents[3] / "android-host" / "translate" / "src" / "dev" / "pileus" / "translate"
)

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(1800),
]


def test_every_seeded_bug_is_caught(corpus: Batch, assembled: Batch, tmp_path: Path) -> None:
    tools = corpus.tools.tools()
    files = [assembled.classes]
    for dex in (corpus.d8("--debug"), corpus.d8("--release")):
        with zipfile.ZipFile(dex) as archive:
            files.append(Path(archive.extract("classes.dex", tmp_path / dex.stem)))
    said = tmp_path / "said.txt"
    texts = {**corpus.said, **assembled.said}
    said.write_text("".join(f"== {name}\n{text}\n" for name, text in texts.items()), errors="surrogateescape")
    translator = [tools[0], java.TRANSLATOR_JAR, *corpus.tools.runtime.store.paths("translate")]
    path = os.pathsep.join(map(str, translator))
    given = [SOURCES, HERE / "bugs.txt", tmp_path, said, path, *files]
    told = corpus.tools.java([*tools, corpus.tools.jar("ecj")], "dev.pileus.translate.Bugs", *given).splitlines()
    assert sum(line.startswith("caught ") for line in told) >= 30
    survived = [line for line in told if line.startswith("survived ")]
    assert not survived, survived
