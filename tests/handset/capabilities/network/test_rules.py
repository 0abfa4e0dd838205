"""Rules of `network`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.core.errors import Invalid
from pileus.handset.capabilities.network import rules
from pileus.handset.capabilities.network.shape import Bearer, Hotspot, Join


@pytest.mark.parametrize(
    ("ssid", "name"),
    [
        ("家里".encode(), "家里"),
        ("家里".encode("gbk"), "家里"),
        (b"caf\xe9", "caf\\xe9"),
        (b"a\x00\x1b[31mb\n", "a��[31mb�"),
        ("abc\u202e".encode(), "abc�"),
    ],
)
def test_a_name_is_readable_whatever_it_is(ssid: bytes, name: str) -> None:
    assert rules.readable(ssid) == name


@given(st.binary(min_size=1, max_size=32))
def test_every_name_is_one_printable_line(ssid: bytes) -> None:
    name = rules.readable(ssid)
    assert name.isprintable()
    assert name
    json.dumps(name).encode()
    assert rules.ssid_of(ssid) in ("", ssid.hex())


@pytest.mark.parametrize(
    ("point", "how"),
    [
        ({}, "open"),
        ({"Flags": 1}, "wep"),
        ({"Flags": 1, "WpaFlags": 0x100}, "wpa"),
        ({"Flags": 1, "RsnFlags": 0x500}, "wpa"),
        ({"Flags": 1, "RsnFlags": 0x400}, "wpa3"),
        ({"Flags": 1, "RsnFlags": 0x200}, "enterprise"),
        ({"Flags": "x", "RsnFlags": None}, "open"),
    ],
)
def test_security(point: dict[str, Any], how: str) -> None:
    assert rules.security(point) == how


def test_networks_are_one_a_name_and_odd_ones_left_out() -> None:
    points = [
        {"Ssid": b"a", "Strength": 10},
        {"Ssid": b"a", "Strength": 90, "Flags": 1, "RsnFlags": 0x100},
        {"Ssid": b"b", "Strength": 300},
        {"Ssid": b"c", "Strength": -5},
        {"Ssid": b"\0" * 8},
        {"Ssid": "text"},
        {"Ssid": b"x" * 33},
        {},
    ]
    shown = rules.networks(points, {b"c".hex()}, b"c".hex())
    assert [(one.name, one.strength, one.active, one.known) for one in shown] == [
        ("c", 0, True, True),
        ("b", 100, False, False),
        ("a", 90, False, False),
    ]
    assert shown[2].security == "wpa"
    many = [{"Ssid": str(one).encode(), "Strength": 1} for one in range(1000)]
    assert len(rules.networks(many, (), "")) == rules.MOST


@pytest.mark.parametrize(
    ("how", "password", "code"),
    [
        ("wpa", "short", "wifi-password-form"),
        ("wpa", "p\u00e4ssword1", "wifi-password-form"),
        ("wpa", "x" * 64, "wifi-password-form"),
        ("wpa3", "", "wifi-password-form"),
        ("wep", "12345", "wifi-security"),
        ("enterprise", "12345678", "wifi-security"),
    ],
)
def test_what_cannot_be_joined_is_said_before(how: Any, password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.joining("61", how, password, False)
    assert refused.value.code == code
    assert password == "" or password not in str(refused.value)


def test_the_settings_of_a_network() -> None:
    assert rules.joining("61", "open", "ignored", False).keys() == {"connection", "802-11-wireless"}
    hidden = rules.joining("61", "wpa", "f" * 64, True)
    assert hidden["802-11-wireless"] == {"ssid": b"a", "mode": "infrastructure", "hidden": True}
    assert rules.hotspot("a", "12345678")["ipv4"] == {"method": "shared"}
    with pytest.raises(Invalid) as long:
        rules.hotspot("灯" * 11, "12345678")
    assert long.value.code == "hotspot-name"


@pytest.mark.parametrize(
    ("reason", "how", "typed", "code"),
    [
        (7, "wpa", False, "wifi-password"),
        (8, "wpa", False, "wifi-failed"),
        (11, "wpa3", True, "wifi-password"),
        (7, "open", True, "wifi-failed"),
        (999, "wpa", True, "wifi-failed"),
    ],
)
def test_a_failure_has_a_code(reason: int, how: Any, typed: bool, code: str) -> None:
    assert rules.failure(reason, how, typed).code == code


def test_a_password_is_in_no_representation() -> None:
    assert "secret" not in repr(Join(id="61", password="secretsecret"))
    assert "secret" not in repr(Hotspot(name="a", password="secretsecret"))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"Connected": True, "Ip4Config": {"method": 1}}, "no-ppp"),
        ({"Connected": True, "Ip4Config": {"method": 2}}, ""),
        ({"Connected": False, "ConnectionError": ["", ""]}, ""),
        ({"ConnectionError": ["x.Error.Connection.NoCarrier", "No carrier"]}, "no-carrier"),
        ({"ConnectionError": ["x.Error.Connection.NoCarrier", "Missing or unknown APN"]}, "access-point"),
        ({"ConnectionError": ["x.MobileEquipment.GprsServiceOptionNotSubscribed", ""]}, "access-point"),
        ({"ConnectionError": ["x.Error.Core.Failed", "?"]}, "refused"),
        ({"ConnectionError": "odd", "Connected": "yes", "Properties": [1]}, ""),
        ({"ConnectionError": ["x", 3]}, ""),
    ],
)
def test_what_is_wrong_with_a_bearer(values: dict[str, Any], why: str) -> None:
    assert rules.bearer(values, linkable=False).why == why
    assert rules.bearer({"Properties": {"apn": "a", "ip-type": 2}}, linkable=True).ip == "ipv6"


@pytest.mark.parametrize(
    ("reason", "why", "code"),
    [
        (12, "", "mobile-link"),
        (4, "no-ppp", "mobile-link"),
        (29, "", "mobile-access-point"),
        (25, "access-point", "mobile-access-point"),
        (31, "access-point", "no-mobile-network"),
        (25, "no-carrier", "mobile-failed"),
    ],
)
def test_why_there_is_no_mobile_data(reason: int, why: Any, code: str) -> None:
    assert rules.mobile_failure(reason, [Bearer(apn="a", why=why)]).code == code
