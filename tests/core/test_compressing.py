"""What is made shorter, and what is left alone."""

from __future__ import annotations

import random

import pytest
import zstandard

from pileus.core.compressing import LEAST, SAMPLE, SAMPLES, Compressor

NOISE = random.Random(7).randbytes(1 << 20)
TEXT = b"the quick brown fox jumps over the lazy dog, " * 20_000


def opened(packed: bytes | memoryview) -> bytes:
    assert zstandard.frame_content_size(bytes(packed)) > 0  # readers make room by it
    return zstandard.ZstdDecompressor().decompress(packed)


@pytest.mark.parametrize("data", [TEXT, TEXT[: LEAST - 1], b"a" * 300])
def test_text_is_made_shorter(data: bytes) -> None:
    packed = Compressor().shorter(data)
    assert packed is not None
    assert len(packed) < len(data)
    assert opened(packed) == data


@pytest.mark.parametrize("data", [NOISE, NOISE[:300], b"", b"x"])
def test_what_gets_no_shorter_is_left(data: bytes) -> None:
    assert Compressor().shorter(data) is None


@pytest.mark.parametrize("number", range(SAMPLES))
def test_one_sample_of_another_kind_is_seen(number: int) -> None:
    start = len(NOISE) // SAMPLES * number
    data = NOISE[:start] + TEXT[:SAMPLE] + NOISE[start + SAMPLE :]
    packed = Compressor().shorter(data)
    assert packed is not None
    assert opened(packed) == data


def test_several_come_back_in_their_order() -> None:
    texts = [TEXT[start:] + NOISE[:100] for start in range(5)]
    mixed = [NOISE, texts[0], b"", NOISE[:300], *texts[1:], NOISE[1:], texts[0]]
    found = Compressor().each_shorter([memoryview(one) for one in mixed])
    assert [one is None for one in found] == [Compressor().shorter(one) is None for one in mixed]
    assert [
        opened(packed) if packed is not None else one for packed, one in zip(found, mixed, strict=True)
    ] == mixed
