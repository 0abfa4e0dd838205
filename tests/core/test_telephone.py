"""When two addresses are one, by the examples that the shell's own code is held to as well."""

from __future__ import annotations

import json
from pathlib import Path

from pileus.core.telephone import is_emergency, same_line

EXAMPLES = json.loads((Path(__file__).parents[2] / "contracts/numbers.json").read_text(encoding="utf-8"))


def test_addresses_are_compared_as_the_contract_says() -> None:
    for one, other in EXAMPLES["same"]:
        assert same_line(one, other), (one, other)
        assert same_line(other, one), (other, one)
    for one, other in EXAMPLES["different"]:
        assert not same_line(one, other), (one, other)
        assert not same_line(other, one), (other, one)
    assert [one for one in EXAMPLES["emergency"] if not is_emergency(one)] == []
    assert [one for one in EXAMPLES["ordinary"] if is_emergency(one)] == []
