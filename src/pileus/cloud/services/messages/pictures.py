"""Pictures that go along with a sent message: what is taken, and copies of their own for who gets them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Annotated

import msgspec

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.messages import parts
from pileus.cloud.services.messages.rules import MAX_PART_BYTES, MAX_PARTS_BYTES, Part
from pileus.core import stated
from pileus.core.errors import Invalid, NotFound, QuotaExceeded, TooLarge

MOST = 10
"""Of one message."""
MOST_NAME = 100
"""Characters of a picture's name."""
KINDS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
"""How pictures begin that every browser and handset shows (and WebP, whose name comes after a length)."""


class Picture(msgspec.Struct):
    """An attachment of this account's that is to go along: one that `POST /messages/parts` or an import kept."""

    object: Annotated[str, stated.text(1)]
    name: Annotated[str, stated.text(0, MOST_NAME)] = ""


Read = tuple[Part, bytes]
"""A picture and its bytes."""


def kind_of(data: bytes) -> str:
    """A picture's type by how it begins, whatever it was said to be. Raises `Invalid`."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for begins, kind in KINDS.items():
        if data.startswith(begins):
            return kind
    raise Invalid("message-picture", "A message takes pictures along: JPEG, PNG, GIF or WebP.")


def check_wishes(wishes: Sequence[Picture]) -> None:
    if len(wishes) > MOST:
        raise TooLarge("message-pictures", f"A message takes at most {MOST} pictures along.")
    if any(len(one.name) > MOST_NAME for one in wishes):
        raise Invalid("message-picture", f"A picture's name has at most {MOST_NAME} characters.")


async def keep(ctx: ServiceContext, account_id: str, data: bytes) -> Part:
    """Stores a picture that is to be sent; the same one once. It goes again where no message ever names it.

    Raises `Invalid` for what is none, `QuotaExceeded`.
    """
    part = await asyncio.to_thread(_described, data)
    kept = await parts.keep(ctx, account_id, [(part, data)])
    return msgspec.structs.replace(part, object=kept[part.sha256])


async def read(ctx: ServiceContext, account_id: str, wishes: Sequence[Picture]) -> list[Read]:
    """The pictures that a wish names, as they are kept. Raises `NotFound`, `Invalid`, `TooLarge`."""
    found: list[Read] = []
    room = MAX_PARTS_BYTES
    for wish in wishes:
        data = await _bytes(ctx, account_id, wish.object, min(room, MAX_PART_BYTES))
        room -= len(data)
        found.append((await asyncio.to_thread(_described, data, wish.name, wish.object), data))
    return found


async def copy(
    ctx: ServiceContext, receivers: Iterable[str], pictures: Sequence[Read]
) -> dict[str, tuple[Part, ...]]:
    """The pictures as each of these accounts has them, in objects of its own that count in its own storage.

    One without room for all of them is left out. Nothing names them yet: they go again where no message comes.
    """
    copies: dict[str, tuple[Part, ...]] = {}
    size = sum(part.size for part, _ in pictures)
    for receiver in receivers:
        try:
            await ctx.quota.reserve(receiver, size)  # or what fits of them would lie there until the daily work
            kept = await parts.keep(ctx, receiver, pictures)
        except QuotaExceeded:
            continue
        copies[receiver] = tuple(msgspec.structs.replace(part, object=kept[part.sha256]) for part, _ in pictures)
    return copies


def _described(data: bytes, name: str = "", object_: str = "") -> Part:
    """Takes some fifty milliseconds for the largest."""
    return Part(kind_of(data), len(data), sha256(data).hexdigest(), name, object_)


async def _bytes(ctx: ServiceContext, account_id: str, name: str, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in ctx.objects.get(account_id, parts.AREA, name):
            size += len(piece)
            if size > most:
                raise TooLarge("message-pictures-size", "These pictures are too large for one message.")
            pieces.append(piece)
    except NotFound:
        raise NotFound("no-attachment", "There is no such attachment of this account.") from None
    return b"".join(pieces)
