"""HTTP of outgoing messages, below /api/v1: what any device sends, and what a handset does with it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, decode, read_limited, reply
from pileus.cloud.services.messages import arrivals, outbox, pictures, sending
from pileus.cloud.services.messages.arrivals import Arrivals, ArrivalsWish
from pileus.cloud.services.messages.numbers import Region, known_region
from pileus.cloud.services.messages.outbox import KnownSim, Leased, Sim
from pileus.cloud.services.messages.pictures import Picture
from pileus.cloud.services.messages.rules import CLOUD, MAX_PART_BYTES, MAX_PEOPLE, Message, Part, check_message
from pileus.core import stated
from pileus.core.errors import Invalid, TooLarge
from pileus.core.ids import RECORD_ID, is_record_id

LEASED_AT_ONCE = 10
SAYS = r"[\s\S]*\S[\s\S]*"
T = TypeVar("T")


class SendWish(msgspec.Struct):
    """`id` is chosen by the device: asked again, it is the same message. People are numbers, or `@account`s."""

    id: Annotated[str, stated.text(pattern=RECORD_ID)]
    people: Annotated[list[Annotated[str, stated.text(pattern=SAYS)]], stated.items(1, MAX_PEOPLE)]
    body: str
    sim: str = ""
    contact: str = ""
    region: Region = ""
    parts: Annotated[list[Picture], stated.items(0, pictures.MOST)] = []


class SendState(msgspec.Struct, frozen=True):
    message: str
    state: str


class HandsetWish(msgspec.Struct):
    sims: Annotated[list[Sim], stated.items(0, sending.MOST_SIMS)]


class Start(msgspec.Struct):
    token: str


class Started(msgspec.Struct, frozen=True):
    """The handset may hand the message to its modem for so long after it asked, by its own clock."""

    hand_over_ms: int


class Report(msgspec.Struct):
    token: str
    outcome: Literal["released", "sent", "delivered", "failed", "unknown"]
    error: str = ""


class DecisionWish(msgspec.Struct):
    decision: Literal["again", "sent", "cancel"]


class SimList(msgspec.Struct, frozen=True):
    sims: list[KnownSim]


class LeaseList(msgspec.Struct, frozen=True):
    messages: list[Leased]


def operations(ctx: ServiceContext) -> list[Operation]:
    send, one = Outgoing(ctx), "/messages/outgoing/{message}"
    ctx.jobs.daily(send.expire)
    ctx.db.write(lambda conn: outbox.doubt_restored(conn, ctx.journal, ctx.clock.now_ms()))
    return [
        Operation(
            "POST", "/messages/send", send.send, "Send a message", SendWish, SendState, status=202, costly="send"
        ),
        Operation(
            "POST",
            "/messages/parts",
            send.bring,
            "Bring a picture that a message is to take along",
            response=Part,
            status=201,
            takes="application/octet-stream",
            costly="send",
        ),
        Operation("GET", "/messages/sims", send.sims, "The cards of the account's handsets", response=SimList),
        Operation(
            "PUT", "/messages/sims", send.announce, "A handset's cards", HandsetWish, status=204, devices_only=True
        ),
        Operation(
            "POST",
            "/messages/arrivals",
            send.arrived,
            "What a handset's modem got, messages and calls, and what it sent without us",
            ArrivalsWish,
            Arrivals,
            devices_only=True,
        ),
        Operation(
            "POST",
            "/messages/outgoing/lease",
            send.lease,
            "Messages for this handset to send",
            response=LeaseList,
            devices_only=True,
        ),
        Operation(
            "POST",
            f"{one}/start",
            send.start,
            "Just before it goes to the modem",
            Start,
            Started,
            devices_only=True,
        ),
        Operation("POST", f"{one}/report", send.report, "What became of it", Report, SendState, devices_only=True),
        Operation(
            "POST",
            f"{one}/decide",
            send.decide,
            "The owner's word about it",
            DecisionWish,
            SendState,
            devices_only=True,
        ),
    ]


class Outgoing:
    """The handlers."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    async def send(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, SendWish)
        if not is_record_id(wish.id):
            raise Invalid("malformed-id", "A message's id has 1 to 200 letters, digits or . _ : @ + -")
        if not wish.people or not (wish.body.strip() or wish.parts):
            raise Invalid("message-empty", "A message has somebody that it goes to, and a text or a picture.")
        pictures.check_wishes(wish.parts)
        region, now = known_region(wish.region), self._ctx.clock.now_ms()
        accounts = [one.startswith("@") for one in wish.people]
        if any(accounts) and not all(accounts):
            raise Invalid("message-people", "A message goes to numbers or to accounts of this cloud, not to both.")
        people = tuple(one.strip() for one in wish.people)
        message = Message(
            people[0],
            now,
            "out",
            wish.body,
            wish.contact,
            people=people if len(people) > 1 else (),
            sim=wish.sim,
            via=CLOUD if all(accounts) else "",
        )
        check_message(message.fields(region))
        state = await self._sent(caller.account_id, wish, message, region, now)
        return reply(SendState(wish.id, state), 202)

    async def _sent(self, account: str, wish: SendWish, message: Message, region: str, now: int) -> str:
        """The state of a new message; asked again it is the same one, and its pictures are not looked for."""
        db, journal, directory, push = self._ctx.db, self._ctx.journal, self._ctx.directory, self._ctx.push
        record, read = wish.id, list[pictures.Read]()
        if wish.parts:
            known = await db.read_async(lambda conn: outbox.state_of(conn, journal, account, record, message, now))
            if known is not None:
                return known
            read = await pictures.read(self._ctx, account, wish.parts)
            message = msgspec.structs.replace(message, parts=tuple(part for part, _ in read))
            check_message(message.fields(region))

        def addressed(conn: Connection) -> str | dict[str, str]:
            return outbox.addressed(conn, journal, directory, account, record, message, now)

        def hand_over(conn: Connection, receivers: dict[str, str], copies: dict[str, tuple[Part, ...]]) -> str:
            return outbox.hand_over(conn, journal, directory, push, account, record, message, receivers, copies)

        def write(conn: Connection) -> str:
            if not message.via:
                return outbox.queue(conn, journal, account, record, message, region, now)
            told = addressed(conn)
            return told if isinstance(told, str) else hand_over(conn, told, {})

        if not (message.via and read):
            return await db.write_async(write)
        # What it costs is counted before anything is copied: nobody fills another's storage by what is refused.
        told = await db.write_async(addressed)
        if isinstance(told, str):
            return told
        receivers, copies = told, await pictures.copy(self._ctx, told, read)
        return await db.write_async(lambda conn: hand_over(conn, receivers, copies))

    async def bring(self, request: Request, caller: Caller) -> Response:
        try:
            data = await read_limited(request, MAX_PART_BYTES)
        except TooLarge:
            raise TooLarge("message-pictures-size", f"A picture has at most {MAX_PART_BYTES} bytes.") from None
        return reply(await pictures.keep(self._ctx, caller.account_id, data), 201)

    async def sims(self, _request: Request, caller: Caller) -> Response:
        await self.expire(caller.account_id)
        now = self._ctx.clock.now_ms()
        found = await self._ctx.db.read_async(lambda conn: outbox.sims(conn, caller.account_id, now))
        return reply(SimList(found))

    async def announce(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, HandsetWish, 16 * 1024), self._ctx.clock.now_ms()
        await self._ctx.db.write_async(
            lambda conn: outbox.announce(conn, caller.account_id, caller.device_id, wish.sims, now)
        )
        return reply(status=204)

    async def arrived(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, ArrivalsWish)
        for held in (wish.messages, wish.calls, wish.sent):
            if len(held) > arrivals.MOST:
                raise TooLarge("too-many-arrivals", f"At most {arrivals.MOST} of a kind are taken at once.")
        ctx = self._ctx
        whose = arrivals.From(caller.account_id, caller.device_id, known_region(wish.region), ctx.clock.now_ms())
        return reply(
            await ctx.db.write_async(lambda conn: arrivals.take(conn, ctx.journal, ctx.push, whose, wish))
        )

    async def lease(self, _request: Request, caller: Caller) -> Response:
        tokens = [secrets.token_urlsafe(16) for _ in range(LEASED_AT_ONCE)]
        account, device, now = caller.account_id, caller.device_id, self._ctx.clock.now_ms()
        given = await self._ctx.db.write_async(
            lambda conn: outbox.lease(conn, self._ctx.journal, account, device, tokens, now)
        )
        return reply(LeaseList(given))

    async def start(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, Start, 16 * 1024)
        await self._change(request, caller, lambda one, now: sending.started(one, wish.token, now))
        # Without news the owner is asked when the time is over; after a restart at the next look.
        later = sending.SEND_MS / 1000 + 1
        asyncio.get_running_loop().call_later(later, self._expire_soon, caller.account_id)
        return reply(Started(sending.HAND_OVER_MS))

    async def report(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, Report, 16 * 1024), self._ctx.clock.now_ms()
        more: dict[str, object] = {"error": wish.error[:200] or None}
        if wish.outcome in ("sent", "delivered"):
            more[f"{wish.outcome}_ms"] = now
        state = await self._change(
            request, caller, lambda one, at: sending.reported(one, wish.token, wish.outcome, at), more
        )
        return reply(state)

    async def decide(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, DecisionWish, 16 * 1024)
        more: dict[str, object] = {"error": None}
        return reply(
            await self._change(request, caller, lambda one, now: sending.decided(one, wish.decision, now), more)
        )

    async def expire(self, account_id: str | None = None) -> None:
        """Asks the owners about what a handset did not report of: of one account, or all."""
        now = self._ctx.clock.now_ms()
        await self._ctx.db.write_async(lambda conn: outbox.expire(conn, self._ctx.journal, now, account_id))

    def _expire_soon(self, account_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self.expire(account_id))
        _TASKS.add(task)
        task.add_done_callback(_TASKS.discard)

    async def _change(
        self,
        request: Request,
        caller: Caller,
        rule: Callable[[sending.Sending, int], sending.Sending],
        more: dict[str, object] | None = None,
    ) -> SendState:
        record, now = request.path_params["message"], self._ctx.clock.now_ms()
        state = await self._ctx.db.write_async(
            lambda conn: outbox.change(
                conn, self._ctx.journal, caller.account_id, record, lambda one: rule(one, now), now, more
            )
        )
        return SendState(record, state)


_TASKS: set[asyncio.Task[None]] = set()
"""Held, so that none is collected before it is done."""
