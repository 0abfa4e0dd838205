"""Where an app may connect to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.surfaces.engines.android.reach import allowed


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "127.255.0.1", "0.0.0.0", "10.1.2.3", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.251", "239.1.1.1", "255.255.255.255", "198.18.0.1", "203.0.113.9"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808"),
        *("64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "100::1", "::ffff:0:7f00:1"),
        *("2000::1%2", "3fff::1", "5f00::1"),
    ],
)
def test_it_is_kept_from(text: str) -> None:
    assert not allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"])
def test_it_may_speak_to(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert allowed(address)
    assert not allowed(address, {address})


@given(st.ip_addresses(v=4))
def test_what_is_not_public_is_never_reached(address: ipaddress.IPv4Address) -> None:
    """The standard library's opinion is a second one: what either withholds stays out."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not allowed(address)


@given(st.ip_addresses(v=4))
def test_no_ipv6_form_of_an_ipv4_address_is_a_way_round(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    forms = (
        0xFFFF << 32 | number,
        number,
        0xFFFF << 48 | number,
        0x64FF9B << 96 | number,
        0x64FF9B0001 << 80 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | (number ^ 0xFFFFFFFF),
        0xFE80 << 112 | 0x5EFE << 32 | number,
    )
    assert not any(allowed(ipaddress.IPv6Address(form)) for form in forms)


@given(st.ip_addresses(v=6))
def test_only_public_unicast_of_ipv6_is_reached(address: ipaddress.IPv6Address) -> None:
    if allowed(address):
        assert address.is_global
        assert not address.is_multicast
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(st.ip_addresses(v=4), st.sets(st.ip_addresses(v=4), max_size=5))
def test_the_server_itself_is_never_reached(
    address: ipaddress.IPv4Address, own: set[ipaddress.IPv4Address | ipaddress.IPv6Address]
) -> None:
    assert not allowed(address, own | {address})
