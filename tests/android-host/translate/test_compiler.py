"""A large program of others: the Eclipse compiler, to DEX and back, compiles to the same class files."""

from __future__ import annotations

from pathlib import Path

import pytest

from .toolchain import HERE, Toolchain

COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(1800),
]


def test_the_translated_compiler_compiles_the_same(tmp_path: Path) -> None:
    tools = Toolchain.of(tmp_path)
    compiler, translated = tools.jar("ecj"), tmp_path / "translated.jar"
    told = tools.translate(tools.d8(compiler, tmp_path / "ecj.zip", "--release"), translated)
    assert [line for line in told if line.startswith("failed")] == []

    def compiled(name: str, *path: Path) -> dict[str, bytes]:
        classes = tmp_path / name
        given = ["-25", "-nowarn", "-proc:none", "-g", "-d", classes, HERE / "corpus"]
        tools.java(path, COMPILER, *given, options=["-Xverify:all"])
        return {file.name: file.read_bytes() for file in classes.rglob("*.class")}

    expected = compiled("expected", compiler)
    assert len(expected) > 30
    # The compiler's texts are in its jar; its classes come from the translated one, which is first.
    assert compiled("made", translated, compiler) == expected
