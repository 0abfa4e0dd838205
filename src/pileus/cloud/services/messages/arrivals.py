"""What a handset's modem got, on its way into the account: messages that came, and calls.

A handset keeps what arrives until it hears here that the account has it, under an id that it chose: asked again it
is the same one, and one that was deleted meanwhile stays so. Each is kept or refused by itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Journal, Push, PushNote
from pileus.cloud.services.messages import outbox
from pileus.cloud.services.messages.blocking import Blocked
from pileus.cloud.services.messages.blocks import blocked
from pileus.cloud.services.messages.numbers import Region, normal_address
from pileus.cloud.services.messages.rules import (
    LATEST_MS,
    MAX_CALL_SECONDS,
    MAX_NAME_BYTES,
    Call,
    Message,
    check_call,
    check_message,
)
from pileus.cloud.services.messages.store import CALLS, COLLECTION
from pileus.core import stated
from pileus.core.errors import Invalid, PileusError
from pileus.core.ids import RECORD_ID, is_record_id

MOST = 50
"""Of each kind in one request."""
_Id = Annotated[str, stated.text(pattern=RECORD_ID)]
_Time = Annotated[int, stated.number(0, LATEST_MS)]
_Card = Annotated[str, stated.text(0, MAX_NAME_BYTES // 4)]


class ArrivedMessage(msgspec.Struct):
    """`date_ms`: when the handset got it; `sent_ms`: when the network says that it was sent, 0 for unknown.
    `blocked`: the handset had its sender in the block list when it came."""

    id: _Id
    address: str
    body: str
    date_ms: _Time
    sent_ms: _Time = 0
    sim: _Card = ""
    read: bool = False
    blocked: bool = False


class ArrivedCall(msgspec.Struct):
    """A call that is over; `address` is "" where the number was withheld."""

    id: _Id
    address: str
    date_ms: _Time
    kind: Literal["in", "out", "missed", "rejected", "blocked"]
    duration_s: Annotated[int, stated.number(0, MAX_CALL_SECONDS)] = 0
    sim: _Card = ""


class ArrivalsWish(msgspec.Struct):
    """`region`: where national numbers of this handset are at home."""

    messages: Annotated[list[ArrivedMessage], stated.items(0, MOST)] = []
    calls: Annotated[list[ArrivedCall], stated.items(0, MOST)] = []
    region: Region = ""


class Arrivals(msgspec.Struct, frozen=True):
    """`kept`: the account has these. `refused`: why not, by id: a stable code (`quota-exceeded` may pass)."""

    kept: list[str]
    refused: dict[str, str]


def take(
    conn: Connection, journal: Journal, push: Push, account_id: str, wish: ArrivalsWish, region: str
) -> Arrivals:
    """Keeps what came, and tells the owner's other devices of what is new. One transaction."""
    unwanted = blocked(conn, journal, account_id)
    kept: list[str] = []
    refused: dict[str, str] = {}
    came: list[ArrivedMessage | ArrivedCall] = [*wish.messages, *wish.calls]
    for one in came:
        try:
            with conn.begin_nested():
                _take(conn, journal, push, account_id, _quieted(one, unwanted, region), region)
            kept.append(one.id)
        except PileusError as error:
            refused[one.id] = error.code
    return Arrivals(kept, refused)


def _quieted(one: ArrivedMessage | ArrivedCall, those: Blocked, region: str) -> ArrivedMessage | ArrivedCall:
    """As it is kept where its sender is blocked: nothing that is told of, or counts as unread. The handset may
    not have heard of the block yet, and the account not of one that was made on the handset."""
    if isinstance(one, ArrivedMessage):
        unwanted = one.blocked or those.has(one.address, region)
        return msgspec.structs.replace(one, read=True, blocked=True) if unwanted else one
    unwanted = one.kind == "missed" and those.has(one.address, region)
    return msgspec.structs.replace(one, kind="blocked") if unwanted else one


def _take(
    conn: Connection, journal: Journal, push: Push, account: str, one: ArrivedMessage | ArrivedCall, region: str
) -> None:
    if not is_record_id(one.id):
        raise Invalid("malformed-id", "An id has 1 to 200 letters, digits or . _ : @ + -")
    collection = COLLECTION if isinstance(one, ArrivedMessage) else CALLS
    message = _message(one) if isinstance(one, ArrivedMessage) else None
    fields = message.fields(region) if message else _call(one, region)
    (check_message if message else check_call)(fields)
    made = journal.add(conn, account, "", collection, {one.id: fields})
    for error in made.refused.values():
        raise error
    if made.present:
        return
    if message and not message.read:
        push.tell(conn, account, outbox.note(message, fields))
    elif fields.get("kind") == "missed":
        told = {"from": one.address, "date_ms": one.date_ms}
        thread = normal_address(one.address, region) if one.address else ""
        push.tell(conn, account, PushNote("missed-call", f"missed-{thread}", told, urgency="high"))


def _message(one: ArrivedMessage) -> Message:
    return Message(
        one.address,
        one.date_ms,
        "in",
        one.body,
        state="received",
        read=one.read,
        sim=one.sim,
        sent_ms=one.sent_ms,
        blocked=one.blocked,
    )


def _call(one: Any, region: str) -> dict[str, Any]:
    call = Call(one.address, one.date_ms, one.kind, one.duration_s, sim=one.sim)
    return {**call.fields(region), "seen": one.kind != "missed"}
