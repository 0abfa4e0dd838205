"""Pictures and other bytes of contacts: small ones live in the record, large ones as objects with a small picture.

A record travels to every device and works offline; an original of some megabytes does not belong into it.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping

from blake3 import blake3
from PIL import Image, ImageOps

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.contacts import store
from pileus.cloud.services.contacts.cards import Fields
from pileus.cloud.services.contacts.names import display_name
from pileus.cloud.services.contacts.properties import Property, join_data, kind, split_data
from pileus.core.errors import PileusError, unreadable

INLINE_BYTES = 64 * 1024
SIDE = 512
MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


class Pictures:
    """The objects of the account's contacts."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    async def taken_out(self, account_id: str, fields: Fields) -> Fields:
        """The fields with large values stored as objects; raises `QuotaExceeded`."""
        large = [name for name in fields if kind(name) == "binary"]
        if not large:
            return fields
        kept = {name: [await self._taken_out(account_id, name, prop) for prop in fields[name]] for name in large}
        return {**fields, **kept}

    async def put_in(self, account_id: str, fields: Fields, problems: list[str] | None = None) -> Fields:
        """The fields with whole values, as an export has them.

        For a picture that cannot be read the small one stays, any other large value is left out; `problems` gets a
        sentence of each. Without it what is damaged raises.
        """
        found: dict[str, bytes] = {}
        gone: set[str] = set()
        for name in sorted(store.objects(fields)):
            try:
                pieces = [piece async for piece in self._ctx.objects.get(account_id, store.AREA, name)]
                found[name] = b"".join(pieces)
            except (PileusError, OSError) as error:
                why = unreadable(error)
                if problems is None:
                    raise
                gone.add(name)
                problems.append(f"{display_name(fields)} is not whole: {why}")
        kept = store.without(fields, gone) if gone else fields
        return {name: [_whole(prop, found) for prop in props] for name, props in kept.items()}

    async def settle(self, account_id: str | None = None) -> None:
        """Deletes objects that no contact stands for any more; one that fails stays for the next time."""
        await store.DOUBTS.settle(self._ctx, account_id)

    async def _taken_out(self, account_id: str, field: str, prop: Property) -> Property:
        found = split_data(prop["value"]) if len(prop["value"]) > INLINE_BYTES else None
        if found is None:
            return prop
        media, data = found
        # Named by its content: a repeated import stores it once.
        name = f"{field}-{blake3(data).hexdigest()[:40]}"
        kept = await store.DOUBTS.keep(self._ctx, account_id, name, data)
        small = await asyncio.to_thread(thumbnail, data)
        value = join_data("image/jpeg", small) if small else ""
        return {**prop, "value": value, "object": kept.id, "media": media, "size": kept.size}


def _whole(prop: Property, found: Mapping[str, bytes]) -> Property:
    if "object" not in prop:
        return prop
    kept = {name: prop[name] for name in prop if name not in ("object", "media", "size")}
    return {**kept, "value": join_data(prop["media"], found[prop["object"]])}


def thumbnail(data: bytes) -> bytes | None:
    """A JPEG of at most 512 pixels a side, upright; None for what is no picture that can be drawn."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            upright.save(out, "JPEG", quality=80)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
