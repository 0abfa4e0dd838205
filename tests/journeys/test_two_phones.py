"""Two phones of the simulated carrier in two windows, and a third window that sends by the first one's card."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .conftest import Device, Keep, Phone
from .hand import open_web_app, sign_in, turn_keys_to

pytestmark = [pytest.mark.browser, pytest.mark.modem_manager, pytest.mark.xdist_group("journeys")]
ADDRESS = re.compile(r"(\+\d+)\s+http://\S+/(#handset=\S+)")
ASKED, ANSWERED, THIRD = "今晚一起吃饭吗？🍜", "好呀，七点见 👌🏽", "From my laptop: 我晚点到 🚲"
LONG = 40_000
"""Milliseconds that a modem and its network may take on a loaded machine."""


@contextmanager
def two_phones(server: str) -> Iterator[list[tuple[str, str]]]:
    """`pileus sim --phones` for this cloud: number and address of each."""
    with tempfile.TemporaryDirectory(prefix="sim-") as folder:
        words = ["sim", "--phones", "--folder", folder, "--server", server]
        with subprocess.Popen(
            [sys.executable, "-m", "pileus.cli.main", *words],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        ) as process:
            assert process.stdout is not None
            try:
                found: list[tuple[str, str]] = []
                while len(found) < 2:
                    line = process.stdout.readline()
                    assert line, "pileus sim ended"
                    found += ADDRESS.findall(line)
                yield found
            finally:
                process.terminate()
                process.wait(20)


def on(page: Page, phone: Phone, address: str, name: str) -> FrameLocator:
    """Signs in on a phone; its Messages."""
    page.goto(f"{phone.url}/{address}")
    sign_in(page, phone, name)
    expect(page.locator("pl-status-bar").first).to_contain_text("Pileus", timeout=LONG)
    return open_web_app(page, "Messages")


def write(messages: FrameLocator, text: str) -> None:
    messages.get_by_role("textbox", name="Message").fill(text)
    messages.get_by_role("button", name="Send", exact=True).click()


def delivered(messages: FrameLocator) -> None:
    expect(messages.locator(".at").last).to_contain_text("Delivered", timeout=LONG)


def test_two_phones_text_and_call_and_a_laptop_sends(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("ann")
    phone.account("bo")
    with two_phones(phone.url) as ((ann_number, ann_address), (bo_number, bo_address)):
        ann, bo = device(), device()
        from_ann, from_bo = on(ann, phone, ann_address, "ann"), on(bo, phone, bo_address, "bo")

        from_ann.get_by_role("button", name="New message").click()
        from_ann.get_by_role("textbox", name=re.compile("number")).fill(bo_number)
        from_ann.get_by_role("button", name="Write", exact=True).click()
        write(from_ann, ASKED)
        from_bo.locator(".list .row", has_text=ASKED).click(timeout=LONG)
        expect(from_bo.locator("message-thread header b")).to_have_text(ann_number)
        delivered(from_ann)
        write(from_bo, ANSWERED)
        expect(from_ann.locator(".bubble", has_text=ANSWERED)).to_be_visible(timeout=LONG)
        keep(ann, "two-phones-messages")

        ann.locator("pl-status-bar").first.press("Home")
        open_web_app(ann, "Phone")
        turn_keys_to(ann, "Phone")
        ann.keyboard.type(bo_number)
        ann.keyboard.press("Enter")
        coming = bo.get_by_role("alertdialog", name="Incoming call")
        expect(coming.get_by_role("heading", name=ann_number)).to_be_visible(timeout=LONG)
        keep(bo, "two-phones-ringing")
        coming.get_by_role("button", name="Answer").click()
        for page in (ann, bo):
            screen = page.get_by_role("dialog", name="Call", exact=True)
            expect(screen.get_by_role("timer")).to_have_text(re.compile(r"^0:\d\d$"), timeout=LONG)
        keep(ann, "two-phones-call")
        bo.get_by_role("dialog", name="Call", exact=True).get_by_role("button", name="End").click()
        for page in (ann, bo):
            expect(page.get_by_role("dialog", name="Call", exact=True)).to_have_count(0, timeout=LONG)

        laptop = device(1280, 800, touch=False)
        sign_in(laptop, phone, "ann")
        third = open_web_app(laptop, "Messages")
        third.locator(".list .row", has_text=ANSWERED).click()
        write(third, THIRD)
        expect(from_bo.locator(".bubble", has_text=THIRD)).to_be_visible(timeout=LONG)
        delivered(third)
        keep(laptop, "two-phones-laptop")
