"""A tool's crash costs the program that it crashed on, and not the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from .generator import program
from .sifting import AGAIN, Sieve, ToolCrashed, ToolFailed
from .toolchain import HERE, Batch, Toolchain

NAMES = [f"P{i}" for i in range(37)]


class Tool:
    """Joins names, and crashes on some; `tired` is how often it crashes on anything first."""

    def __init__(self, *bad: str, tired: int = 0) -> None:
        self.bad, self.tired, self.runs = bad, tired, 0

    def __call__(self, names: Sequence[str]) -> str:
        self.runs += 1
        if self.runs <= self.tired or set(names) & set(self.bad):
            raise ToolCrashed("broke")
        return " ".join(names)


@pytest.mark.parametrize("bad", [("P0",), ("P36",), ("P3", "P4"), ("P1", "P18", "P30")])
def test_the_programs_that_crash_it_are_named(bad: tuple[str, ...]) -> None:
    sieve = Sieve(3)
    assert sieve.run(NAMES, Tool(*bad)).split() == [name for name in NAMES if name not in bad]
    assert sieve.aside == dict.fromkeys(bad, "broke")
    assert sieve.run(NAMES, Tool()).split() == [name for name in NAMES if name not in bad]


def test_many_crashes_are_a_failure() -> None:
    with pytest.raises(ToolFailed, match="more than 3 crashes, of P2, P7, P11, P12"):
        Sieve(3).run(NAMES, Tool("P2", "P7", "P11", "P12", "P20"))


def test_a_crash_that_does_not_come_again_is_counted() -> None:
    sieve = Sieve(1)
    assert sieve.run(NAMES, Tool(tired=1)).split() == NAMES
    assert sieve.aside == {"P0 to P36": f"{AGAIN}: broke"}


def test_what_is_wrong_for_other_reasons_is_not_searched() -> None:
    def wrong(_names: Sequence[str]) -> str:
        raise ToolFailed("an error in a program")

    sieve = Sieve(3)
    with pytest.raises(ToolFailed, match="an error in a program"):
        sieve.run(NAMES, wrong)
    assert sieve.aside == {}


@pytest.mark.android
@pytest.mark.slow
@pytest.mark.xdist_group("translate")
def test_a_batch_goes_on_without_a_program_that_d8_cannot_read(tmp_path: Path) -> None:
    sources = [tmp_path / f"P{seed}.java" for seed in range(5)]
    for seed, source in enumerate(sources):
        source.write_text(program(seed))
    shared = HERE / "programs" / "Support.java"
    sieve = Sieve(1)
    batch = Batch.compile(Toolchain.of(tmp_path), {"ecj": [*sources, shared]}, sieve)
    damaged = tmp_path / "classes" / "P3.class"
    damaged.write_bytes(damaged.read_bytes()[:-40])
    batch.check("debug", batch.d8("--debug"))
    assert list(sieve.aside) == ["P3"]


@pytest.mark.android
@pytest.mark.slow
@pytest.mark.xdist_group("translate")
def test_programs_that_their_compiler_breaks_on_are_set_aside(tmp_path: Path) -> None:
    """Two that the Eclipse compiler has a bug with: one it gives up on, of the other it writes what is refused."""
    sources = [tmp_path / f"P{seed}.java" for seed in (2298, 2300, 11718)]
    for source in sources:
        source.write_text(program(int(source.stem[1:])))
    sieve = Sieve(2)
    batch = Batch.compile(Toolchain.of(tmp_path), {"ecj": [*sources, HERE / "programs" / "Support.java"]}, sieve)
    assert list(batch.said) == ["P2300"]
    refused = "a compiler wrote what the verifier refuses: failed java.lang.VerifyError"
    assert sieve.aside["P2298"].startswith(refused)
    assert "Internal compiler error" in sieve.aside["P11718"]
    batch.check("debug", batch.d8("--debug"))
