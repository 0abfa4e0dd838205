"""The vault's format: golden vectors that the phone's program reads too, and what a hostile cloud may try."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.core.errors import PileusError
from pileus.sdk import vault
from pileus.sdk.vault import Area, Named

GOLDEN = Path(__file__).resolve().parents[2] / "contracts/vault/v1.json"
AREA = vault.new_area()
SIZES = (0, 1, vault.SEGMENT - 1, vault.SEGMENT, vault.SEGMENT + 1, 3 * vault.SEGMENT)


@pytest.fixture(scope="module")
def golden() -> Any:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def area_of(golden: Any) -> Area:
    return Area(base64.b64decode(golden["area"]["id"]), base64.b64decode(golden["area"]["key"]))


def named_of(one: Any) -> Named:
    file, key = base64.b64decode(one["file"]), base64.b64decode(one["key"])
    return Named(file, one["name"], one["type"], key)


def sealed(data: bytes, named: Named) -> bytes:
    return b"".join(vault.seal_content(AREA, named, io.BytesIO(data)))


def opened(data: bytes, named: Named | None = None, area: Area = AREA) -> bytes:
    return b"".join(vault.open_content(area, io.BytesIO(data), named))


def refused(data: bytes, named: Named | None = None) -> str:
    with pytest.raises(PileusError) as failure:
        opened(data, named)
    return failure.value.code


def test_the_golden_vault_opens(golden: Any) -> None:
    area = area_of(golden)
    assert vault.verifier(area) == golden["verifier"]
    assert vault.code_of(base64.b64decode(golden["secret"])) == golden["code"]
    assert vault.unwrap(area.id, golden["wrapped"], golden["code"].lower().replace("-", " ")) == area
    names = [named_of(one) for one in golden["names"]]
    assert [vault.open_named(area, one["sealed"]) for one in golden["names"]] == names
    for one in golden["contents"]:
        plain = opened(base64.b64decode(one["sealed"]), names[one["name"]], area)
        assert (len(plain), hashlib.sha256(plain).hexdigest()) == (one["plain"], one["sha256"])


@pytest.mark.parametrize("size", SIZES)
def test_contents_of_all_sizes_come_back(size: int) -> None:
    data, named = bytes(range(256)) * (size // 256 + 1), vault.new_named("湖.bin", "text/plain")
    whole = sealed(data[:size], named)
    assert len(whole) == vault.sealed_size(size)
    assert opened(whole, named) == opened(whole) == data[:size]
    assert vault.header_named(AREA, whole[: vault.HEADER]) == named
    assert "湖.bin".encode() not in whole  # all of it: three bytes alone are found in one of a hundred by chance


def test_a_flipped_bit_anywhere_is_refused() -> None:
    named = vault.new_named("a", "text/plain")
    whole = sealed(b"x" * 200, named)
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        assert refused(bytes(changed), named) in ("vault-damaged", "vault-other-key"), at


def test_cut_moved_and_lengthened_contents_are_refused() -> None:
    named = vault.new_named("a", "text/plain")
    whole = sealed(b"".join(bytes([n]) * vault.SEGMENT for n in range(3)), named)
    step = vault.SEGMENT + vault.TAG
    first, second, third = (whole[vault.HEADER + n * step : vault.HEADER + (n + 1) * step] for n in range(3))
    header = whole[: vault.HEADER]
    for wrong in (
        header,
        header + first,
        header + first + second,
        header + second + first + third,
        header + first + third,
        whole[:-1],
        whole + b"\0",
        whole + third,
        header[:-1],
        b"",
    ):
        assert refused(wrong, named) == "vault-damaged"


def test_another_files_content_is_refused() -> None:
    mine, other = vault.new_named("mine", "text/plain"), vault.new_named("other", "text/plain")
    assert refused(sealed(b"other", other), mine) == "vault-damaged"
    first, second = sealed(b"one", mine), sealed(b"two", mine)
    assert opened(first, mine) == b"one"
    assert refused(first[: vault.HEADER] + second[vault.HEADER :], mine) == "vault-damaged"
    theirs = Named(mine.file, "mine", "text/plain", other.key)
    assert refused(sealed(b"forged", theirs), mine) == "vault-damaged"


def test_names_are_bound_to_their_file_and_key() -> None:
    one, two = (vault.seal_named(AREA, vault.new_named(name, "text/plain")) for name in ("one", "two"))
    raw, other = base64.b64decode(one), base64.b64decode(two)
    moved = base64.b64encode(other[:32] + raw[32:]).decode()
    with pytest.raises(PileusError, match="vault-damaged"):
        vault.open_named(AREA, moved)
    with pytest.raises(PileusError, match="vault-damaged"):
        vault.open_named(AREA, "not Base64!")
    with pytest.raises(PileusError, match="vault-other-key"):
        vault.open_named(vault.new_area(), one)
    with pytest.raises(PileusError, match="vault-name"):
        vault.seal_named(AREA, vault.new_named("n" * 900, "text/plain"))
    assert len(raw) == len(other), "lengths tell little"


def test_recovery_codes() -> None:
    code = vault.new_code()
    wrapped = vault.wrap(AREA, vault.secret_of(code))
    assert vault.unwrap(AREA.id, wrapped, f" {code.lower()} ") == AREA
    with pytest.raises(PileusError, match="wrong-vault-code"):
        vault.unwrap(AREA.id, wrapped, vault.new_code())
    with pytest.raises(PileusError, match="wrong-vault-code"):
        vault.unwrap(bytes(16), wrapped, code)
    for slip in ("", code[:-1], code + "0", code.replace("-", "")[::-1] + "U"):
        with pytest.raises(PileusError, match="vault-code"):
            vault.secret_of(slip)


@given(
    st.binary(min_size=16, max_size=16), st.integers(0, 27), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
)
def test_most_slips_are_told_before_the_key_is_tried(secret: bytes, at: int, letter: str) -> None:
    code = vault.code_of(secret).replace("-", "")
    assert vault.secret_of(code) == secret
    typed = code[:at] + letter + code[at + 1 :]
    assert typed == code or told(typed) != secret


def told(code: str) -> bytes | str:
    """What a code says, or why it is none."""
    try:
        return vault.secret_of(code)
    except PileusError as error:
        return error.code
