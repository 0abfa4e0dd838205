"""What Java code computes is what its DEX code computes after translation: same output, same exceptions.

The corpus covers each family of instructions, by two compilers; random programs mix them (500 here, 20,000 with
PILEUS_NIGHTLY=1), from the seed PILEUS_SEED on.
All go through one run of each tool, since starting one costs more than hundreds of programs do.
"""

from __future__ import annotations

import pytest

from .toolchain import Batch

# R8 rightly changes what reflection sees of code that it may optimize.
SEEN_BY_REFLECTION = ["Reflected", "Records"]

LATEST = "36"
"""For this Android D8 leaves interfaces' methods, records and what else it knows as they are."""

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(1800),
]


@pytest.mark.parametrize("batch", ["corpus", "corpus_by_javac"])
def test_the_corpus_through_d8_and_r8(batch: str, request: pytest.FixtureRequest) -> None:
    corpus: Batch = request.getfixturevalue(batch)
    _sound(corpus)
    corpus.check("debug", corpus.d8("--debug"))
    corpus.check("release", corpus.d8("--release"))
    corpus.check("as-is", corpus.d8("--release", "--min-api", LATEST))
    corpus.check("r8", corpus.r8(), without=SEEN_BY_REFLECTION)


def test_both_compilers_say_the_same(corpus: Batch, corpus_by_javac: Batch) -> None:
    assert corpus_by_javac.said == corpus.said


def test_random_programs_through_d8_and_r8(random_programs: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    _sound(random_programs)
    assert len(set(random_programs.said.values())) > 0.9 * len(random_programs.said)
    random_programs.check("debug", random_programs.d8("--debug"))
    random_programs.check("release", random_programs.d8("--release"))
    random_programs.check("r8", random_programs.r8())
    with capsys.disabled():
        for name, why in random_programs.sieve.aside.items():
            print(f"\nset aside: {name}: {why[:300]}")


def test_what_compilers_do_not_write(assembled: Batch) -> None:
    assert len(assembled.said) >= 3
    assembled.check("smali", assembled.classes)


def _sound(batch: Batch) -> None:
    assert all(said.strip() for said in batch.said.values())
    broken = ("never ended", "\nfailed ", "\nthrew ")
    assert [name for name, said in batch.said.items() if any(word in said for word in broken)] == []
