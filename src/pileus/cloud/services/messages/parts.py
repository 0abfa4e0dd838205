"""The attached pieces of messages as objects: kept once an account, deleted with the last message of theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pileus.cloud.kernel.service import Attachments, Doubts, References, ServiceContext
from pileus.cloud.services.messages.rules import Part

AREA = "messages"
DOUBTS = Doubts(AREA, "messages_doubt", "messages_part")
REFERENCES = References(DOUBTS, "record", "An attachment of this message is kept no more.")


async def keep(ctx: ServiceContext, account_id: str, parts: Sequence[tuple[Part, bytes]]) -> dict[str, str]:
    """Stores pieces, the same ones once; their objects by SHA-256. Durable when it returns.

    They are doubted first, so that those of an import that breaks off here do not stay for ever. Raises
    `QuotaExceeded`.
    """
    wanted = {part.sha256: data for part, data in parts}
    return {
        sha256: (await DOUBTS.keep(ctx, account_id, f"part-{sha256[:40]}", data)).id
        for sha256, data in wanted.items()
    }


def named(fields: Mapping[str, Any]) -> set[str]:
    """The objects of a message."""
    return {part["object"] for part in fields.get("parts") or () if part.get("object")}


def without(fields: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """The message with names, types and sizes of all its pieces, and without the bytes of those that are gone."""
    kept = [{**part, "object": ""} if part.get("object") in gone else part for part in fields["parts"]]
    return {**fields, "parts": kept}


ATTACHMENTS = Attachments(AREA, named, without)
