"""The GSM alphabet against the tables and examples of 3GPP TS 23.038."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.carrier import gsm7
from pileus.carrier.errors import PduError

CHARACTERS = gsm7.BASIC.replace("\x1b", "") + "".join(gsm7.EXTENSION.values())


def test_a_text_packs_as_everybody_else_packs_it() -> None:
    assert gsm7.pack(gsm7.encode("hellohello")).hex() == "e8329bfd4697d9ec37"
    assert gsm7.encode("€[~]|") == bytes.fromhex("1b651b3c1b3d1b3e1b40")
    assert len(set(gsm7.BASIC)) == 128


@given(st.text(alphabet=CHARACTERS, max_size=170), st.integers(0, 6))
def test_what_is_packed_is_unpacked(text: str, fill: int) -> None:
    septets = gsm7.encode(text)
    assert gsm7.decode(gsm7.unpack(gsm7.pack(septets, fill), len(septets), fill)) == text


@given(st.binary(max_size=200))
def test_any_septets_are_a_text(octets: bytes) -> None:
    assert len(gsm7.decode(bytes(octet & 0x7F for octet in octets))) <= len(octets)


def test_an_escape_that_leads_nowhere_loses_no_letter() -> None:
    assert gsm7.decode(b"\x1bA\x1b\x1bB\x1b") == "A B"


def test_what_the_alphabet_lacks_is_refused() -> None:
    assert not gsm7.fits("你")
    with pytest.raises(PduError, match="pdu-alphabet"):
        gsm7.encode("你")
    with pytest.raises(PduError, match="pdu-short"):
        gsm7.unpack(b"\0", 2)
