"""What a handset's modem got, on its way into the account: messages that came, calls, and what it sent alone.

A handset keeps each until it hears here that the account has it, under an id that it (or its shell) chose: asked
again it is the same one, and one that was deleted meanwhile stays so. Each is kept or refused by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Journal, Push, PushNote
from pileus.cloud.services.messages import outbox
from pileus.cloud.services.messages.blocking import Blocked
from pileus.cloud.services.messages.blocks import blocked
from pileus.cloud.services.messages.numbers import Region, known_region, normal_address
from pileus.cloud.services.messages.rules import (
    LATEST_MS,
    MAX_CALL_SECONDS,
    MAX_NAME_BYTES,
    MAX_PEOPLE,
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
TOKEN = r"[A-Za-z0-9_-]{16,64}"  # noqa: S105 - a pattern
_Id = Annotated[str, stated.text(pattern=RECORD_ID)]
_Time = Annotated[int, stated.number(0, LATEST_MS)]
_Card = Annotated[str, stated.text(0, MAX_NAME_BYTES // 4)]
_Token = Annotated[str, stated.text(pattern=TOKEN)]


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


class ArrivedSent(msgspec.Struct):
    """A message that this handset sent while we were out of its reach, by the id that its shell chose.

    Later news of it are reported by `token`, as of any message through a handset. `region`: where the numbers of
    its people are at home, "" for the wish's.
    """

    id: _Id
    people: Annotated[list[Annotated[str, stated.text(pattern=r"[\s\S]*\S[\s\S]*")]], stated.items(1, MAX_PEOPLE)]
    body: str
    date_ms: _Time
    state: Literal["sent", "delivered", "failed", "unknown", "unsent"]
    token: _Token
    sim: _Card = ""
    contact: _Card = ""
    sent_ms: _Time = 0
    error: _Card = ""
    region: Region = ""


class ArrivalsWish(msgspec.Struct):
    """`region`: where national numbers of this handset are at home."""

    messages: Annotated[list[ArrivedMessage], stated.items(0, MOST)] = []
    calls: Annotated[list[ArrivedCall], stated.items(0, MOST)] = []
    sent: Annotated[list[ArrivedSent], stated.items(0, MOST)] = []
    region: Region = ""


class Arrivals(msgspec.Struct, frozen=True):
    """`kept`: the account has these. `refused`: why not, by id: a stable code (`quota-exceeded` may pass)."""

    kept: list[str]
    refused: dict[str, str]


@dataclass(frozen=True)
class From:
    """Whose handset brings something, and when."""

    account_id: str
    device_id: str
    region: str
    now_ms: int


def take(conn: Connection, journal: Journal, push: Push, whose: From, wish: ArrivalsWish) -> Arrivals:
    """Keeps what came, and tells the owner's other devices of what is new. One transaction."""
    unwanted = blocked(conn, journal, whose.account_id)
    kept: list[str] = []
    refused: dict[str, str] = {}
    came: list[ArrivedMessage | ArrivedCall | ArrivedSent] = [*wish.messages, *wish.calls, *wish.sent]
    for one in came:
        try:
            with conn.begin_nested():
                if not is_record_id(one.id):
                    raise Invalid("malformed-id", "An id has 1 to 200 letters, digits or . _ : @ + -")
                if isinstance(one, ArrivedSent):
                    _take_sent(conn, journal, whose, one)
                else:
                    _take(
                        conn, journal, push, whose.account_id, _quieted(one, unwanted, whose.region), whose.region
                    )
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


def _take_sent(conn: Connection, journal: Journal, whose: From, one: ArrivedSent) -> None:
    people = tuple(dict.fromkeys(person.strip() for person in one.people))
    if not people or not all(people) or not one.body.strip():
        raise Invalid("message-empty", "A message has somebody that it goes to, and a text.")
    if not re.fullmatch(TOKEN, one.token):
        raise Invalid("malformed-id", "What was sent has a token of 16 to 64 letters, digits, - or _.")
    message = Message(
        people[0],
        one.date_ms,
        "out",
        one.body,
        one.contact,
        state=one.state,
        people=people if len(people) > 1 else (),
        sim=one.sim,
        sent_ms=one.sent_ms,
    )
    fields = message.fields(known_region(one.region) or whose.region)
    if one.error:
        fields["error"] = one.error[:200]
    check_message(fields)
    sent = outbox.SentAlone(whose.account_id, whose.device_id, one.id, one.token, one.state, one.sim, one.error)
    outbox.adopt(conn, journal, sent, fields, whose.now_ms)


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
