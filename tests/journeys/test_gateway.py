"""A handset whose page comes from its own disk: before any cloud, with one, and after that is gone."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import free_port

from .conftest import PASSWORD, Device, Keep, Phone
from .hand import open_phone, open_web_app, web_app
from .handset import Handset, running_handset
from .test_without_the_cloud import write

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def cloud() -> Iterator[Phone]:
    """One that is not started yet."""
    folder = Path(tempfile.mkdtemp(prefix="pileus-"))
    one = Phone(folder=folder, port=free_port(), words=(), more={})
    try:
        yield one
    finally:
        one.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def handset(tmp_path: Path) -> Iterator[Handset]:
    with running_handset(tmp_path) as one:
        yield one


def button(place: Locator | Page, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def test_a_phone_from_its_own_disk(handset: Handset, cloud: Phone, device: Device, keep: Keep) -> None:
    page = device()
    page.goto(handset.page)
    address = page.get_by_label("Address of your cloud", exact=True)
    expect(address).to_be_visible()
    keep(page, "gateway-first")
    expect(page.get_by_role("alert")).to_have_count(0)  # nothing went wrong yet: no cloud was named
    button(page, "Emergency call").click()
    pad = page.get_by_role("dialog", name="Emergency call")
    for key in "112":
        button(pad, key).click()
    button(pad, "Call").click()
    calling = page.get_by_role("dialog", name="Call", exact=True)
    button(calling, "End").click()
    assert handset.telephony.dialled == ["112"]
    handset.do(handset.telephony.modem, lock="sim-pin")
    expect(page.get_by_role("dialog", name="Enter the SIM card's PIN")).to_be_visible()
    handset.do(handset.telephony.modem, lock="")

    cloud.start()
    cloud.account("mei")
    page.reload()
    address.fill(f"pileus.localhost:{cloud.port}")
    button(page, "Connect").click()
    page.get_by_label("Name", exact=True).fill("mei")
    keep(page, "gateway-sign-in")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_text("Sign in", exact=True).last.click()
    expect(page.get_by_role("navigation", name="Dock")).to_be_visible()
    assert handset.waits_for_account() == f"http://pileus.localhost:{cloud.port}"

    notes = open_web_app(page, "Notes")
    write(notes, "Kept on the phone")
    origins = {frame.url.partition("/index")[0] for frame in page.frames if ".apps." in frame.url}
    assert f"http://notes.apps.pileus.localhost:{handset.daemon.port}" in {one.rstrip("/") for one in origins}

    cloud.stop()
    page.reload()
    expect(button(page, "Emergency call")).to_be_visible()
    open_phone(page)
    notes = web_app(page, "Notes")  # it was left open
    expect(notes.get_by_role("button", name=re.compile("Kept on the phone"))).to_be_visible()
    keep(page, "gateway-without-cloud")
