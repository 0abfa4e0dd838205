"""Programs that went through the tools once, for all tests that look at them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .generator import program
from .sifting import Sieve
from .toolchain import HERE, SHARED, Batch, Toolchain

CORPUS = sorted((HERE / "corpus").glob("*.java"))
SMALI = sorted((HERE / "smali").glob("*.smali"))
A_BATCH = 500
PROGRAMS = 20_000 if "PILEUS_NIGHTLY" in os.environ else A_BATCH
SEED = int(os.environ.get("PILEUS_SEED", "0"))
"""The first program's seed: a night that goes on from another sees other programs."""
FEW = 3
"""Programs of a batch that tools may crash on."""


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The hand-written programs, and what they say."""
    return Batch.compile(Toolchain.of(tmp_path_factory.mktemp("corpus")), {"ecj": CORPUS})


@pytest.fixture(scope="session")
def corpus_by_javac(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The same as another compiler writes them: other string concatenations, switches, lambdas, finally blocks."""
    return Batch.compile(Toolchain.of(tmp_path_factory.mktemp("javac")), {"javac": CORPUS})


@pytest.fixture(scope="session")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The programs written in smali, and what their first lines say they say."""
    tools = Toolchain.of(tmp_path_factory.mktemp("smali"))
    dex = tools.smali(SMALI, tools.folder / "smali.dex")
    expected = {path.stem: said for path in SMALI for said in says(path.read_text())}
    return Batch(tools, dex, expected)


def says(text: str) -> Iterator[str]:
    """What the line `# says: ...` of a smali file announces, if it has one."""
    for line in text.splitlines():
        if line.startswith("# says: "):
            yield line.removeprefix("# says: ")


@pytest.fixture(scope="session", params=range(SEED, SEED + PROGRAMS, A_BATCH))
def random_programs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Random programs, every other one by another compiler, and what they say."""
    folder = tmp_path_factory.mktemp("random")
    sources = [folder / f"P{seed}.java" for seed in range(request.param, request.param + A_BATCH)]
    for seed, source in enumerate(sources, request.param):
        source.write_text(program(seed))
    shared = [HERE / "programs" / name for name in SHARED]
    by_compiler = {"ecj": [*sources[::2], *shared], "javac": [*sources[1::2], *shared]}
    return Batch.compile(Toolchain.of(folder), by_compiler, Sieve(FEW))


@pytest.fixture(scope="session")
def apidemos() -> Path:
    return (
        Path(__file__).resolve().parents[3] / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
    )
