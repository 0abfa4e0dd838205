"""What holds for push messages and the addresses that they go to. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pileus.cloud.kernel.push.encryption import AUTH_BYTES, public_key
from pileus.core.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Fate = Literal["taken", "gone", "later", "refused"]
ENDPOINT_LONGEST = 2000
ENDPOINT = re.compile(r"[!-~]+")
FIRST_WAIT_MS = 15_000
LONGEST_WAIT_MS = 3600_000
LONGEST_TOLD_MS = 24 * 3600_000
"""A push service that asks for a longer wait is not believed."""
NAT64 = ip_network("64:ff9b::/96")
ODD = tuple(map(ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10")))
"""IPv4 in old or local dress, and site-local addresses: none is on the internet."""
LANGUAGES = ("en", "zh", "auto")


def networks(text: str) -> tuple[Network, ...]:
    """Of a list with commas, such as `192.168.0.0/16, fd00::/8`; raises `ValueError`."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def may_reach(address: str, allowed: Sequence[Network]) -> bool:
    """Whether a message may be sent to an address that a client's endpoint led to: public ones, and those allowed.

    An address that carries another one (mapped, 6to4, Teredo, NAT64) is as good as that one.
    """
    return all(
        (one.is_global and not one.is_multicast and not any(one in network for network in ODD))
        or any(one in network for network in allowed)
        for one in _with_inner(ip_address(address.partition("%")[0]))
    )


def endpoint(text: str, allowed: Sequence[Network]) -> str:
    """The address of a subscription; raises `Invalid` for what no push service would give."""
    wrong = Invalid("push-endpoint", "A push service's address begins with https:// and is on the internet.")
    if len(text) > ENDPOINT_LONGEST or not ENDPOINT.fullmatch(text):
        raise wrong
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "https" or not host or port == 0 or parts.username is not None or parts.fragment:
        raise wrong
    try:
        literal = str(ip_address(host))
    except ValueError:
        return text
    if not may_reach(literal, allowed):
        raise wrong
    return text


def keys(p256dh: str, auth: str) -> tuple[bytes, bytes]:
    """A browser's keys from base64url; raises `Invalid`."""
    try:
        point, secret = (
            base64.urlsafe_b64decode(one.rstrip("=") + "=" * (-len(one) % 4)) for one in (p256dh, auth)
        )
        public_key(point)
        if len(secret) != AUTH_BYTES:
            raise ValueError("not 16 bytes")
    except ValueError:
        raise Invalid("push-keys", "A subscription has a key of P-256 and a secret of 16 bytes.") from None
    return point, secret


def zone(name: str) -> str:
    """A time zone's name; raises `Invalid`."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("push-zone", "zone is a name such as Europe/Berlin.") from None


def fate(status: int) -> Fate:
    """What an answer means (RFC 8030 §5, §7): 404 and 410 are subscriptions that ended."""
    if 200 <= status < 300:
        return "taken"
    if status in (404, 410):
        return "gone"
    return "later" if status in (408, 425, 429) or status >= 500 else "refused"


def wait_ms(tries: int, retry_after: str | None, now_ms: int) -> int:
    """Until the next try: twice as long each time, or as long as the push service says (RFC 9110 §10.2.3)."""
    own = min(FIRST_WAIT_MS << min(tries, 20), LONGEST_WAIT_MS)
    told = _told_ms(retry_after, now_ms)
    return own if told is None else min(max(told, 1000), LONGEST_TOLD_MS)


def _told_ms(text: str | None, now_ms: int) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1000
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return int(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000) - now_ms


def _with_inner(one: Address) -> list[Address]:
    if isinstance(one, IPv4Address):
        return [one]
    teredo = one.teredo
    inner = [one.ipv4_mapped, one.sixtofour, *(teredo or ())]
    if one in NAT64:
        inner.append(IPv4Address(int(one) & 0xFFFFFFFF))
    found: list[Address] = [each for each in inner if each is not None]
    return found or [one]
