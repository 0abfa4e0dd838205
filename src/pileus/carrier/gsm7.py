"""The GSM 7 bit alphabet with its extension table, and its packing into octets (3GPP TS 23.038 §6)."""

from __future__ import annotations

from pileus.carrier.errors import PduError

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
ESCAPE = 0x1B

_SEPTETS: dict[str, bytes] = {char: bytes([at]) for at, char in enumerate(BASIC) if at != ESCAPE} | {
    char: bytes([ESCAPE, at]) for at, char in EXTENSION.items()
}


def fits(text: str) -> bool:
    """Whether the alphabet has every character of a text."""
    return all(char in _SEPTETS for char in text)


def encode(text: str) -> bytes:
    """One septet an octet, two for a character of the extension table; raises PduError."""
    try:
        return b"".join(_SEPTETS[char] for char in text)
    except KeyError as missing:
        raise PduError("pdu-alphabet", f"The GSM alphabet has no {missing.args[0]!r}.") from None


def characters(text: str) -> list[bytes]:
    """As `encode`, but each character's septets by themselves: an escape and its letter must not be parted."""
    return [encode(char) for char in text]


def decode(septets: bytes) -> str:
    """Any septets. After an escape, what the extension table lacks is shown as the basic table has it, and an
    escape is a space (§6.2.1.1)."""
    text: list[str] = []
    escaped = False
    for septet in septets:
        if septet == ESCAPE:
            if escaped:
                text.append(" ")
            escaped = not escaped
        elif escaped:
            text.append(EXTENSION.get(septet, BASIC[septet & 0x7F]))
            escaped = False
        else:
            text.append(BASIC[septet & 0x7F])
    return "".join(text)


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Septets in octets (§6.1.2.1); `fill_bits` come first, up to the septet boundary after a header."""
    packed = 0
    for at, septet in enumerate(septets):
        packed |= (septet & 0x7F) << (7 * at + fill_bits)
    return packed.to_bytes((7 * len(septets) + fill_bits + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """`count` septets; raises PduError where the octets hold fewer."""
    if 7 * count + fill_bits > 8 * len(octets):
        raise PduError("pdu-short", "The text is shorter than its length says.")
    packed = int.from_bytes(octets, "little") >> fill_bits
    return bytes((packed >> (7 * at)) & 0x7F for at in range(count))
