"""What Java code computes is what its DEX code computes after translation: same output, same exceptions."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from .toolchain import HERE, Toolchain

CORPUS = sorted(path.stem for path in (HERE / "corpus").glob("*.java"))
# R8 rightly changes what reflection sees of code that it may optimize.
SEEN_BY_REFLECTION = {"Reflected"}


@dataclass(frozen=True)
class Compiled:
    """The corpus as class files, and what it says on the JVM."""

    tools: Toolchain
    classes: Path
    said: Mapping[str, str]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp("corpus")
    tools = Toolchain.of(folder)
    tools.compile([HERE / "corpus"], folder / "classes")
    jar = packed(folder / "classes")
    return Compiled(tools, jar, tools.run(jar, CORPUS))


def packed(classes: Path) -> Path:
    """A jar of a folder of class files."""
    jar = classes.with_suffix(".jar")
    with zipfile.ZipFile(jar, "w") as out:
        for path in sorted(classes.rglob("*.class")):
            out.write(path, path.relative_to(classes))
    return jar
