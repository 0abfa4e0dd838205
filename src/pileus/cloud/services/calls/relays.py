"""The servers by which two devices find a way to each other, as `RTCPeerConnection` takes them. Pure.

A relay's credentials are good for a while: coturn's `use-auth-secret`, by draft-uberti-behave-turn-rest-00 §2.2.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from pileus.core.settings import Settings

GOOD_SECONDS = 6 * 3600
"""A call that lasts longer keeps its way, and finds no new one by the relay."""


class Server(msgspec.Struct, frozen=True):
    """An entry of `RTCConfiguration.iceServers` (W3C WebRTC §4.2.2); the last two are "" but for a relay."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class Servers(msgspec.Struct, frozen=True):
    """None is needed where both devices are on one network."""

    servers: list[Server]
    good_seconds: int


def servers(settings: Settings, secret: str, account_id: str, now_seconds: int) -> Servers:
    """Those of this cloud. The relay learns of an account by a name that says nothing to it."""
    found = [Server(_listed(settings.stun))] if settings.stun else []
    if settings.turn and secret:
        who = hmac.new(secret.encode(), f"who {account_id}".encode(), hashlib.sha256).hexdigest()[:16]
        username = f"{now_seconds + GOOD_SECONDS}:{who}"
        found.append(Server(_listed(settings.turn), username, credential(secret, username)))
    return Servers(found, GOOD_SECONDS)


def credential(secret: str, username: str) -> str:
    """HMAC-SHA-1, which the draft asks for, in base64."""
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


def _listed(text: str) -> list[str]:
    return text.split(",")
