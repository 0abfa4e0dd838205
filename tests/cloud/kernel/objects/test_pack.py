"""The pack format: golden vector, any bodies there and back, any damage noticed."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pileus.cloud.kernel.objects.chunks import LARGEST, SMALLEST, Cutter
from pileus.cloud.kernel.objects.pack import CHUNK, MANIFEST, AreaKey, Corrupt, PackBuilder, read_pack

GOLDEN = Path(__file__).with_name("pack_v1.json")
KEY = AreaKey(bytes(range(16)), bytes(range(32)))


def built(bodies: list[tuple[int, bytes]], key: AreaKey = KEY) -> bytes:
    nonces = itertools.count()
    pack = PackBuilder(key, lambda size: next(nonces).to_bytes(size, "little"))
    for kind, data in bodies:
        pack.add(kind, key.name(data), data)
    return bytes(pack.data())


def test_golden_vector() -> None:
    """The bytes of version 1 stay: noise and an empty body are kept raw, so no compressor's version shows."""
    golden = json.loads(GOLDEN.read_text())
    bodies = [(CHUNK, bytes.fromhex(golden["noise"])), (CHUNK, b""), (MANIFEST, b"m")]
    assert built(bodies).hex() == golden["pack"]
    assert [(one.kind, data) for one, data in read_pack(KEY, bytes.fromhex(golden["pack"]))] == bodies
    compressed = read_pack(KEY, bytes.fromhex(golden["compressed_pack"]))
    assert [(one.packing, data) for one, data in compressed] == [(1, b"pileus " * 100)]


@given(st.lists(st.tuples(st.sampled_from([CHUNK, MANIFEST]), st.binary(max_size=2000)), max_size=8))
def test_any_bodies_come_back(bodies: list[tuple[int, bytes]]) -> None:
    assert [(entry.kind, data) for entry, data in read_pack(KEY, built(bodies))] == bodies


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    pack = bytearray(built([(CHUNK, b"hello " * 20), (CHUNK, b"\x00\xff")]))
    place = data.draw(st.integers(0, len(pack) - 1))
    pack[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Corrupt):
        read_pack(KEY, bytes(pack))


@given(st.integers(0, 400))
def test_any_cut_is_noticed(length: int) -> None:
    pack = built([(CHUNK, bytes(range(256))), (CHUNK, b"tail" * 30)])
    with pytest.raises(Corrupt):
        read_pack(KEY, pack[: min(length, len(pack) - 1)])


def test_another_areas_key_opens_nothing() -> None:
    with pytest.raises(Corrupt):
        read_pack(AreaKey(bytes(range(16)), b"x" * 32), built([(CHUNK, b"secret")]))


def test_names_differ_between_areas() -> None:
    assert KEY.name(b"same") != AreaKey(b"k" * 16, b"x" * 32).name(b"same")


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 12 << 20))
def test_cuts_do_not_depend_on_the_pieces(random: object, size: int) -> None:
    data = random.randbytes(size)  # type: ignore[attr-defined]
    whole, pieces = Cutter(), Cutter()
    expected = [*whole.feed(data), *whole.finish()]
    found, place = [], 0
    while place < size:
        step = random.randint(1, 5 << 20)  # type: ignore[attr-defined]
        found += pieces.feed(data[place : place + step])
        place += step
    found += pieces.finish()
    assert found == expected
    assert b"".join(found) == data
    assert all(SMALLEST <= len(chunk) <= LARGEST for chunk in found[:-1])
