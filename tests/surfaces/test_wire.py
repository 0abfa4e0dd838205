"""The wire format against its golden vectors and against noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.surfaces import wire

CONTRACT = Path(__file__).resolve().parents[2] / "contracts/surface"
VECTORS = json.loads((CONTRACT / "vectors.json").read_text(encoding="utf-8"))
REFUSED = json.loads((CONTRACT / "refused.json").read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return {k: plain(v) for k, v in vars(value).items()} if isinstance(value, wire.Message) else value


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_vector_decodes_and_encodes(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    message = wire.decode(data)
    assert vector["type"] == message.TYPE
    assert plain(message) == vector["fields"]
    assert wire.encode(message) == data


def test_every_message_has_a_vector() -> None:
    assert {v["type"] for v in VECTORS} == set(wire.TYPES)


@pytest.mark.parametrize("case", REFUSED, ids=lambda c: c["name"])
def test_broken_message_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.decode(bytes.fromhex(case["hex"]))
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_every_cut_is_refused(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    for end in range(len(data)):
        with pytest.raises(wire.WireError):
            wire.decode(data[:end])


@given(st.binary(max_size=300))
def test_noise_never_does_worse_than_an_error(noise: bytes) -> None:
    try:
        message = wire.decode(noise)
    except wire.WireError:
        return
    assert wire.decode(wire.encode(message)) == message


@given(st.sampled_from(VECTORS), st.data())
def test_a_flipped_byte_never_does_worse_than_an_error(vector: dict[str, Any], data: st.DataObject) -> None:
    raw = bytearray(bytes.fromhex(vector["hex"]))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = wire.decode(bytes(raw))
    except wire.WireError:
        return
    assert wire.decode(wire.encode(message)) == message


def test_too_large_values_are_not_sent() -> None:
    with pytest.raises(wire.WireError, match="over its bound"):
        wire.encode(wire.TextInput(1, 0, 1, 0, "x" * (wire.MAX_TEXT + 1)))
    with pytest.raises(wire.WireError):
        wire.encode(wire.Resize(70_000, 1, 1, 0))
    with pytest.raises(wire.WireError, match="half a character"):
        wire.encode(wire.Title("\ud800", 0))
