"""Programs that went through the tools once, for all tests that look at them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .generator import program
from .toolchain import HERE, Batch, Toolchain

CORPUS = sorted(path.stem for path in (HERE / "corpus").glob("*.java"))
SMALI = sorted((HERE / "smali").glob("*.smali"))
A_BATCH = 500
PROGRAMS = 20_000 if "PILEUS_NIGHTLY" in os.environ else A_BATCH


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The hand-written programs, and what they say."""
    tools = Toolchain.of(tmp_path_factory.mktemp("corpus"))
    return Batch.compile(tools, [HERE / "corpus"], CORPUS)


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


@pytest.fixture(scope="session", params=range(0, PROGRAMS, A_BATCH))
def random_programs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Random programs, and what they say."""
    folder = tmp_path_factory.mktemp("random")
    seeds = range(request.param, request.param + A_BATCH)
    sources = folder / "src"
    sources.mkdir()
    for seed in seeds:
        (sources / f"P{seed}.java").write_text(program(seed))
    names = [f"P{seed}" for seed in seeds]
    return Batch.compile(Toolchain.of(folder), [sources, HERE / "programs"], names)


@pytest.fixture(scope="session")
def apidemos() -> Path:
    return (
        Path(__file__).resolve().parents[3] / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
    )
