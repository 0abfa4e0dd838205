"""Which addresses an app may speak to: public ones, and none of this server. Pure.

What is dialled is what was checked: an address, never a name, so a name that changes its answer gains nothing.
Ranges: the IANA special-purpose registries (RFC 6890, RFC 8190) and those of RFC 6052, 3056, 4380 and 5180.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Set as AbstractSet

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # a cloud's host, which answers its guests there
    )
)
_V6_PUBLIC = ipaddress.IPv6Network("2000::/3")
_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo (which carries an IPv4 address) and ORCHID among them
        *("2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"),
    )
)


def allowed(address: Address, own: AbstractSet[Address] = frozenset()) -> bool:
    """Whether an app may speak to an address; `own` are the server's."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None or address in own:
            return False
        # Mapped, compatible, NAT64 and translated forms carry an IPv4 address and lie outside 2000::/3.
        return address in _V6_PUBLIC and not any(address in network for network in _V6)
    return address not in own and not any(address in network for network in _V4)
