"""Web Push over HTTP: a browser subscribes its device."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.push import rules
from pileus.cloud.kernel.push.rows import Subscription
from pileus.cloud.kernel.push.store import PushStore
from pileus.cloud.kernel.push.vapid import VapidKey
from pileus.cloud.kernel.service import Caller, Operation, decode, reply
from pileus.core import stated

LIMIT = 16 * 1024


class PushKey(msgspec.Struct):
    key: str
    """`applicationServerKey`: an uncompressed point of P-256 in base64url."""


class BrowserKeys(msgspec.Struct):
    p256dh: str
    auth: str


class NewSubscription(msgspec.Struct):
    """What `PushSubscription.toJSON` gives, and how the device tells time and speaks ("en", "zh" or "auto")."""

    endpoint: Annotated[str, stated.text(0, rules.ENDPOINT_LONGEST, f"https://{rules.ENDPOINT.pattern}")]
    keys: BrowserKeys
    zone: str
    language: str = "auto"


class SubscriptionInfo(msgspec.Struct):
    subscribed: bool
    service: str | None
    """Host of the push service; the endpoint itself is not told again."""
    taken_at: int | None
    """When the push service took a message last (milliseconds since 1970)."""


def operations(push: PushStore, key: VapidKey) -> list[Operation]:
    """The kernel's operations on Web Push."""

    async def public(_request: Request, _caller: Caller) -> Response:
        return reply(PushKey(await asyncio.to_thread(key.public)))

    async def subscription(_request: Request, caller: Caller) -> Response:
        return reply(_info(await push.subscription(caller)))

    async def subscribe(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewSubscription, LIMIT)
        keys = wish.keys
        made = await push.subscribe(caller, wish.endpoint, keys.p256dh, keys.auth, wish.zone, wish.language)
        return reply(_info(made))

    async def unsubscribe(_request: Request, caller: Caller) -> Response:
        await push.unsubscribe(caller)
        return reply(status=204)

    async def try_out(_request: Request, caller: Caller) -> Response:
        await push.try_out(caller)
        return reply(status=202, value={})

    return [
        Operation("GET", "/push/key", public, "What a browser subscribes with", response=PushKey),
        Operation(
            "GET", "/push/subscription", subscription, "Whether this device hears", response=SubscriptionInfo
        ),
        Operation(
            "PUT",
            "/push/subscription",
            subscribe,
            "Have this device hear of what happens while its page is closed",
            NewSubscription,
            SubscriptionInfo,
        ),
        Operation("DELETE", "/push/subscription", unsubscribe, "This device hears no more", status=204),
        Operation("POST", "/push/try", try_out, "Send this device a note that it works", status=202),
    ]


def _info(one: Subscription | None) -> SubscriptionInfo:
    if one is None:
        return SubscriptionInfo(False, None, None)
    return SubscriptionInfo(True, urlsplit(one.endpoint).hostname, one.taken_ms)
