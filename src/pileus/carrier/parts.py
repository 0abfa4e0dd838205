"""Texts cut into messages that fit, and put together again (3GPP TS 23.040 §9.2.3.24.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pileus.carrier import gsm7
from pileus.carrier.body import MOST_OCTETS, MOST_SEPTETS, Body, Coding, Concat
from pileus.carrier.errors import PduError

MOST_PARTS = 255


def split(text: str, reference: int = 0, *, wide: bool = False) -> list[Body]:
    """One message, or parts that name `reference`: in the GSM alphabet where it has all characters, else in UCS-2
    (characters outside of the basic plane as pairs that stay together). Raises PduError above 255 parts."""
    if gsm7.fits(text):
        coding, characters, most = Coding.GSM7, gsm7.characters(text), MOST_SEPTETS
    else:
        coding, most = Coding.UCS2, MOST_OCTETS
        characters = [char.encode("utf-16-be", "replace") for char in text]
    whole = b"".join(characters)
    if len(whole) <= most:
        return [Body(coding, whole)]
    header = 1 + len(Concat(0, 1, 1, wide).element())
    room = most - (-(-8 * header // 7) if coding is Coding.GSM7 else header)
    pieces = _pieces(characters, room)
    if len(pieces) > MOST_PARTS:
        raise PduError("pdu-parts", "The text is too long for a message.")
    mask = 0xFFFF if wide else 0xFF
    return [
        Body(coding, piece, Concat(reference & mask, len(pieces), number, wide).element())
        for number, piece in enumerate(pieces, 1)
    ]


def join(bodies: Iterable[Body]) -> str:
    """The text of all parts in their order; characters that were cut in two are whole again."""
    ordered = sorted(bodies, key=lambda body: body.concat.number if body.concat else 0)
    text: list[str] = []
    run: list[Body] = []
    for body in ordered:
        if run and run[-1].coding is not body.coding:
            text.append(_joined(run))
            run = []
        run.append(body)
    return "".join([*text, _joined(run)])


def _joined(run: Sequence[Body]) -> str:
    return Body(run[0].coding, b"".join(body.content for body in run)).text if run else ""


def _pieces(characters: Sequence[bytes], room: int) -> list[bytes]:
    pieces: list[bytes] = []
    piece = b""
    for character in characters:
        if len(piece) + len(character) > room:
            pieces.append(piece)
            piece = b""
        piece += character
    return [*pieces, piece]
