"""HTTP of calls between accounts, below /api/v1."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import (
    Caller,
    Operation,
    ServiceContext,
    decode,
    number,
    number_of,
    reply,
)
from pileus.cloud.services.calls import relays, rules, store
from pileus.cloud.services.calls.rules import Call, Side
from pileus.cloud.services.calls.store import Signal, resume
from pileus.cloud.services.calls.waiting import Ears
from pileus.core import stated
from pileus.core.errors import Invalid, NotFound, Throttled
from pileus.core.ids import RECORD_ID, is_record_id
from pileus.core.pace import Pace

WAIT_SECONDS = 15
"""For so long a request waits for news."""
MOST_WAITING = 16
"""Of an account at once; one more is answered as things are."""
LOOK_SECONDS = 30.0
PER_PAIR = (10, 1.0)
"""Calls from one account to another: so many at once, then so many a minute."""
LAST = 2**31 - 1
BODY_LIMIT = 64 * 1024
SAYS = r"[\s\S]*\S[\s\S]*"
_Description = Annotated[str, stated.text(most=rules.DESCRIPTION_LONGEST, pattern=rules.DESCRIPTION)]
T = TypeVar("T")


class CallWish(msgspec.Struct):
    """`id` is chosen by the device: asked again, it is the same call. `to`: an account, as @name."""

    id: Annotated[str, stated.text(pattern=RECORD_ID)]
    to: Annotated[str, stated.text(pattern=SAYS)]
    offer: _Description


class CallState(msgspec.Struct, frozen=True):
    """`other` is the other account's name, with an @. `offer` is for a device that may answer."""

    call: str
    side: Side
    other: str
    state: rules.State
    reason: rules.Reason
    began_ms: int
    answered_ms: int
    signals: list[Signal]
    offer: str = ""


class AnswerWish(msgspec.Struct):
    answer: _Description


class Said(msgspec.Struct):
    """A candidate is `RTCIceCandidateInit` as JSON, "" for the last one; holding is `on` or `off`."""

    kind: rules.Kind
    body: Annotated[str, stated.text(most=rules.DESCRIPTION_LONGEST)]


class SignalsWish(msgspec.Struct):
    signals: Annotated[list[Said], stated.items(1, rules.MOST_AT_ONCE)]


class EndWish(msgspec.Struct):
    """`hung-up` declines or cancels a call that nobody answered yet."""

    reason: Literal["hung-up", "lost", "failed"] = "hung-up"


def operations(ctx: ServiceContext) -> list[Operation]:
    calls, one = Calls(ctx), "/calls/{call}"
    ctx.departures.own_rows(store.leave)
    ctx.jobs.always(calls.keep_time)
    ctx.db.write(partial(resume, ctx=ctx, now_ms=ctx.clock.now_ms()))
    return [
        Operation(
            "GET",
            "/calls/servers",
            calls.servers,
            "By which servers two devices find a way to each other",
            response=relays.Servers,
            devices_only=True,
            costly="relay",
        ),
        Operation(
            "POST",
            "/calls",
            calls.begin,
            "Call another account",
            CallWish,
            CallState,
            status=201,
            devices_only=True,
            costly="call",
        ),
        Operation(
            "GET",
            one,
            calls.look,
            "How a call is, and what the other side said; waits for news",
            response=CallState,
            devices_only=True,
            query={"after": number_of(0, LAST), "state": Literal["calling", "ringing", "active", "ended"]},
        ),
        Operation(
            "POST", f"{one}/answer", calls.answer, "Answer a call", AnswerWish, CallState, devices_only=True
        ),
        Operation(
            "POST",
            f"{one}/signals",
            calls.signal,
            "Tell the other side's device",
            SignalsWish,
            status=204,
            devices_only=True,
        ),
        Operation(
            "POST",
            f"{one}/end",
            calls.end,
            "Decline, cancel or hang up",
            EndWish,
            CallState,
            devices_only=True,
            while_locked=True,
        ),
    ]


class Calls:
    """The handlers."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._ears = Ears(ctx.events)
        self._pairs = Pace(*PER_PAIR)
        self._secret = _secret(ctx.settings.turn_secret_file)
        self._soon = asyncio.Event()
        """A call began, which may be due before those that are known."""

    async def servers(self, _request: Request, caller: Caller) -> Response:
        now = self._ctx.clock.now_ms() // 1000
        return reply(relays.servers(self._ctx.settings, self._secret, caller.account_id, now))

    async def begin(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, CallWish, BODY_LIMIT), self._ctx.clock.now_ms()
        if not is_record_id(wish.id):
            raise Invalid("malformed-id", "A call's id has 1 to 200 letters, digits or . _ : @ + -")
        rules.check_description(wish.offer)
        to = wish.to.strip()
        if not to.startswith("@"):
            raise NotFound("no-account", "A call goes to an account: @name.")

        def write(conn: Connection) -> CallState:
            account, device = caller.account_id, caller.device_id
            admit = partial(self._pace, account)
            call = store.begin(conn, self._ctx, account, device, wish.id, to[1:], wish.offer, now, admit)
            return self._state(conn, call, rules.side_of(call, caller.account_id, caller.device_id), 0)

        state = await self._ctx.db.write_async(write)
        self._soon.set()
        return reply(state, 201)

    async def look(self, request: Request, caller: Caller) -> Response:
        """At once where the call is not in the `state` that the device knows, or the other side said more."""
        after, known = number(request, "after", 0, 0, LAST), request.query_params.get("state", "")
        with self._ears.listening(caller.account_id) as bell:
            state = await self._ctx.db.write_async(lambda conn: self._heard(conn, request, caller, after))
            waits = self._ears.count(caller.account_id) <= MOST_WAITING and known
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS if waits else 0):
                    while state.state == known != "ended" and not state.signals:
                        await bell.wait()
                        bell.clear()
                        state = await self._ctx.db.read_async(
                            lambda conn: self._read(conn, request, caller, after)
                        )
        return reply(state)

    async def answer(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, AnswerWish, BODY_LIMIT), self._ctx.clock.now_ms()
        rules.check_description(wish.answer)

        def change(conn: Connection, call: Call, side: Side) -> CallState:
            if side == "caller":
                raise Invalid("call-own", "A call is answered by whom it goes to.")
            after = store.answer(conn, self._ctx, call, caller.device_id, wish.answer, now)
            return self._state(conn, after, side, 0)

        return reply(await self._change(request, caller, change))

    async def signal(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, SignalsWish, rules.MOST_AT_ONCE * BODY_LIMIT)
        if not 1 <= len(wish.signals) <= rules.MOST_AT_ONCE:
            raise Invalid("call-signals", f"1 to {rules.MOST_AT_ONCE} things are said at once.")
        for one in wish.signals:
            rules.check_signal(one.kind, one.body)
        said = [(one.kind, one.body) for one in wish.signals]
        await self._change(
            request, caller, lambda conn, call, side: store.signal(conn, self._ctx, call, side, said)
        )
        return reply(status=204)

    async def end(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, EndWish, BODY_LIMIT), self._ctx.clock.now_ms()

        def change(conn: Connection, call: Call, side: Side) -> CallState:
            return self._state(conn, store.end(conn, self._ctx, call, side, wish.reason, now), side, 0)

        return reply(await self._change(request, caller, change))

    async def keep_time(self) -> None:
        """Ends calls that nobody answers or asks after, until cancelled."""
        while True:
            self._soon.clear()
            due, now = await self._ctx.db.read_async(store.due), self._ctx.clock.now_ms()
            if due is not None and due <= now:
                await self._ctx.db.write_async(partial(store.expire, ctx=self._ctx, now_ms=now))
                continue
            wait = LOOK_SECONDS if due is None else min((due - now) / 1000, LOOK_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._soon.wait()

    def _heard(self, conn: Connection, request: Request, caller: Caller, after: int) -> CallState:
        now = self._ctx.clock.now_ms()
        call = store.find(conn, request.path_params["call"], caller.account_id)
        side = rules.side_of(call, caller.account_id, caller.device_id)
        if rules.expired(call, now) is not call:
            store.expire(conn, self._ctx, now)
        else:
            store.hear(conn, call, side, now)
        return self._read(conn, request, caller, after)

    def _read(self, conn: Connection, request: Request, caller: Caller, after: int) -> CallState:
        call = store.find(conn, request.path_params["call"], caller.account_id)
        return self._state(conn, call, rules.side_of(call, caller.account_id, caller.device_id), after)

    def _state(self, conn: Connection, call: Call, side: Side, after: int) -> CallState:
        other = call.callee if side == "caller" else call.caller
        answering = side == "callee" and call.state in ("calling", "ringing")
        return CallState(
            call.id,
            side,
            "@" + self._ctx.directory.name(conn, other),
            rules.told(call, side),
            call.reason,
            call.began_ms,
            call.answered_ms,
            [] if answering else store.signals(conn, call, side, after),
            call.offer if answering else "",
        )

    def _pace(self, caller: str, callee: str) -> None:
        """Whoever is not answered may try again, and not all day long."""
        wait = self._pairs.take(f"{caller} {callee}", self._ctx.clock.monotonic())
        if wait > 0:
            seconds = math.ceil(wait)
            detail = f"You have called this account often: wait {seconds} seconds."
            raise Throttled("too-many-calls", detail, retry_after=seconds)

    async def _change(self, request: Request, caller: Caller, change: Callable[[Connection, Call, Side], T]) -> T:
        now = self._ctx.clock.now_ms()

        def write(conn: Connection) -> T:
            store.expire(conn, self._ctx, now)
            call = store.find(conn, request.path_params["call"], caller.account_id)
            return change(conn, call, rules.side_of(call, caller.account_id, caller.device_id))

        return await self._ctx.db.write_async(write)


def _secret(path: str) -> str:
    """What the relay shares with this cloud; raises `Invalid` where it cannot be read."""
    try:
        return Path(path).read_text().strip() if path else ""
    except (OSError, UnicodeDecodeError):
        raise Invalid("settings", f"PILEUS_TURN_SECRET_FILE cannot be read: {path}") from None
