"""The first account of a phone on a network: by the address that its owner was shown, and by no other."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Device, Keep, running_phone
from .hand import sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_the_shown_address_makes_the_first_account(device: Device, keep: Keep) -> None:
    with running_phone("--lan", "--host", "127.0.0.1") as lan:
        address, _, code = lan.shown.partition("#")
        assert code.startswith("setup=")
        stranger = device(1180, 820, "zh-CN", ignore_https_errors=True)
        stranger.goto(address)
        expect(stranger.get_by_role("alert")).to_contain_text("创建第一个账户需要设置码")
        keep(stranger, "setup-without-code-tablet-zh")
        owner = device(390, 844, ignore_https_errors=True)
        owner.goto(lan.shown)
        expect(owner.get_by_label("Password again")).to_be_visible()
        expect(owner.get_by_role("alert")).to_have_count(0)
        keep(owner, "setup-with-code")
        sign_up(owner, "mei")
        assert "setup=" not in owner.url, "the code is spent, and in no history"
