from __future__ import annotations

import pytest

from pileus.cli.sizes import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (652_300, "652 kB"),
        (999_600, "1 MB"),
        (3_249_000_000, "3.2 GB"),
        (100 * 1000**3, "100 GB"),
        (5 * 1000**5, "5000 TB"),
    ],
)
def test_a_size_speaks_in_the_unit_that_fits(size: int, text: str) -> None:
    assert size_text(size) == text
