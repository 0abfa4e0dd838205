"""A real Android app: installed, used with fingers and a keyboard, and taken over by another device."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pileus.surfaces import wire
from pileus.surfaces.engines.android.watch import runs

from .conftest import PASSWORD, ROOT, Device, Keep, Phone, devices
from .glass import BAR, ROW, Area, Glass, Pixels, difference
from .hand import choose_files, icon, open_web_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.android, pytest.mark.xdist_group("journeys")]
APK = ROOT / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
APP = "io.appium.android.apis"
LABEL = "API Demos"
NEAR = r"rgb\({}\d, {}\d, {}\d\)"
"""Of a colour's tens: the look at it is a frame older or newer than the test's."""
VIEWS, CONTROLS, LIGHT_THEME, DARK_THEME = 11, 4, 0, 1
# "Views → Controls → 1. Light Theme" at 160 dpi, on a window that is 390 wide.
FIELD = Area(4, 76, 370, 40)
BOX = Area(2, 140, 36, 36)
SPINNER = Area(4, 462, 370, 36)


@pytest.fixture(scope="module")
def installed(phone: Phone) -> str:
    """An account with the app, installed from the command line."""
    phone.account("mei")
    phone.cli("login", phone.url, "--name", "mei", "--password-file", "-", enter=f"{PASSWORD}\n")
    said = phone.cli("app", "install", str(APK))
    assert said.startswith(f"{LABEL} is installed"), said
    assert f"{APP}  {LABEL}" in phone.cli("app", "list")
    return "mei"


@pytest.fixture(scope="module")
def held(browser: Browser, phone: Phone, installed: str) -> Iterator[Glass]:
    """The first device, with the app open: the tests of this module go on with it one after the other."""
    with devices(browser) as make:
        page = make()
        glass = Glass(page, APP)
        sign_in(page, phone, installed)
        icon(page, LABEL).click()
        glass.wait_for_picture()
        yield glass


def test_what_an_app_keeps_is_in_the_phones_backup(
    phone: Phone, installed: str, device: Device, keep: Keep
) -> None:
    for width, height, language, words in (
        (390, 844, "en", ("Settings", "Backup", "Back up now", "Apps’ own files", "Restore", "1 item restored.")),
        (1180, 820, "zh-CN", ("设置", "备份", "立即备份", "应用自己的文件", "恢复", "已恢复 1 项。")),
    ):
        settings, backup, now, apps, restore, restored = words
        page = device(width, height, language)
        sign_in(page, phone, installed, zh=language != "en")
        icon(page, settings).click()
        page.locator("pl-settings").get_by_role("button", name=backup).click()
        page.get_by_text(now).click()
        page.locator("pl-backup").get_by_role("button").filter(has_text=re.compile("kB|MB")).first.click(
            timeout=60_000
        )
        page.locator("pl-backup-one").get_by_role("button", name=apps).click()
        expect(page.locator("pl-backup-one").get_by_text(LABEL)).to_be_visible()
        keep(page, f"backup-apps-{language}")
        page.locator("pl-backup-one").get_by_text(restore, exact=True).click()
        expect(page.get_by_role("status").get_by_text(restored)).to_be_visible(timeout=30_000)


def test_an_app_is_installed_from_the_store(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("anna")
    page = device()
    sign_in(page, phone, "anna")
    store = open_web_app(page, "Store")
    choose_files(page, store.get_by_role("button", name="Install from file"), APK)
    job = store.locator(".job")
    expect(job).to_contain_text(re.compile("Uploading|Checking|Preparing"))
    shares = [float(job.locator("progress").get_attribute("value") or 0)]
    keep(page, "store-installing")
    while job.locator("progress").count():
        shares.append(job.evaluate("job => job.querySelector('progress')?.value ?? 1"))
    assert shares == sorted(shares)
    expect(job).to_contain_text("“API Demos” is installed.", timeout=90_000)
    keep(page, "store-installed")
    page.keyboard.press("Home")
    expect(icon(page, LABEL).locator("img")).to_have_attribute("src", re.compile("^data:image/webp;base64,"))
    expect(icon(page, LABEL).locator("span", has_text=LABEL)).to_be_visible()
    keep(page, "home-with-android-app")


def test_what_is_no_package_is_refused_in_words(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("bo")
    page = device()
    sign_in(page, phone, "bo")
    store = open_web_app(page, "Store")
    button = store.get_by_role("button", name="Install from file")
    choose_files(page, button, ("holiday.apk", b"not a package"))
    expect(store.get_by_role("alert")).to_contain_text("holiday.apk")
    choose_files(page, button, ("broken.apk", APK.read_bytes()[:100_000]))
    expect(store.get_by_role("alert").filter(has_text="broken.apk")).to_be_visible()
    keep(page, "store-refused")
    page.keyboard.press("Home")
    page.locator("pl-status-bar").focus()
    page.keyboard.press("Enter")
    notices = page.locator("pl-shade pl-notice")
    expect(notices.first).to_contain_text("could not be installed")
    page.locator("pl-shade .toggle").nth(1).click()
    for number in range(notices.count()):
        expect(notices.nth(number)).to_contain_text("未能安装")
    keep(page, "shade-in-the-new-language")


def test_the_picture_fills_the_window(held: Glass, keep: Keep) -> None:
    box = held.surface.bounding_box()
    assert box is not None
    assert held.size() == (round(box["width"]), round(box["height"])) == (390, 772)
    whole = held.pixels()
    assert whole[:BAR].mean() < 60, "the app's dark action bar is on top"
    assert whole[-40:].mean() > 200, "its light list reaches the bottom"
    page = held.page
    window = page.locator(f"pl-stage .box[data-app='{APP}']")
    top, bottom = window.locator(".under").first, window.locator(".under").last
    for under, row in ((top, whole[0]), (bottom, whole[-1])):
        common = np.median(row, axis=0).round().astype(int)
        expect(under).to_have_css("background-color", re.compile(NEAR.format(*common // 10)))
    expect(page.locator("pl-status-bar")).to_have_css("color", "rgb(253, 254, 255)")
    expect(page.locator("pl-phone .bar")).to_have_css("color", "rgb(16, 21, 28)")
    keep(page, "android-list")


def test_keys_come_as_fast_as_they_are_typed(held: Glass) -> None:
    page = held.page
    held.tap_row(VIEWS)
    held.tap_row(CONTROLS)
    held.tap_row(DARK_THEME, "Views/Controls/2. Dark Theme")
    held.tap(FIELD.middle)
    held.wait_for(wire.Ime, lambda ime: ime.active == 1)
    for _ in range(4):
        page.keyboard.type("abcdef")
        for _ in range(3):
            page.keyboard.press("Backspace")
        page.keyboard.type("XY")
        page.keyboard.press("ArrowLeft")
        page.keyboard.type("z")
        page.keyboard.press("End")
        page.keyboard.type(" ")
    held.wait_for(wire.Ime, lambda ime: ime.text_around == "abcXzY " * 4)
    for _ in range(3):
        before = held.pixels()
        held.surface.evaluate("surface => surface.back()")
        held.until_changed(before, least=0.01)
        held.until_still()


def test_the_app_is_scrolled_and_flung(held: Glass) -> None:
    held.tap_row(VIEWS)
    top = held.pixels()
    hand = held.hand
    hand.drag(held.on_page((195, 600)), held.on_page((195, 551)), rest=300)
    # One row further up: a slow drag follows the finger, less the slop before it begins, and ends with it.
    held.until_changed(top, least=0.01)
    held.until_still()
    moved = held.pixels()
    assert shift(top, moved) in range(ROW - 20, ROW + 1)
    hand.drag(held.on_page((195, 700)), held.on_page((195, 200)))
    held.until_changed(moved, least=0.02)
    held.until_still()
    for _ in range(3):
        hand.drag(held.on_page((195, 200)), held.on_page((195, 760)))
        held.until_still()
    held.until_like(top[BAR:600, :370], Area(0, BAR, 370, 600 - BAR), most=0.01)


def test_text_a_box_and_a_spinner(held: Glass, keep: Keep) -> None:
    page, hand = held.page, held.hand
    held.tap_row(CONTROLS)
    held.tap_row(LIGHT_THEME, "Views/Controls/1. Light Theme")
    empty = held.pixels(FIELD)
    held.tap(FIELD.middle)
    held.wait_for(wire.Ime, lambda ime: ime.active == 1)
    expect(held.surface.locator("textarea")).to_be_focused()
    page.keyboard.type("Tea in ")
    held.wait_for(wire.Ime, lambda ime: ime.text_around == "Tea in ")
    hand.wire.send("Input.imeSetComposition", {"text": "hang zhou", "selectionStart": 9, "selectionEnd": 9})
    held.wait_for(wire.Ime, lambda ime: ime.text_around == "Tea in hang zhou")
    keep(page, "android-composing")
    hand.wire.send("Input.insertText", {"text": "杭州"})
    held.wait_for(wire.Ime, lambda ime: ime.text_around == "Tea in 杭州")
    page.keyboard.press("Backspace")
    held.wait_for(wire.Ime, lambda ime: ime.text_around == "Tea in 杭")
    assert (ime := held.said(wire.Ime)[-1]).selection_end == len(ime.text_around)
    held.until_changed(empty, FIELD, least=0.01)

    unticked = held.pixels(BOX)
    held.tap(BOX.middle)
    ticked = held.until_changed(unticked, BOX, least=0.02)
    keep(page, "android-controls")
    held.tap(BOX.middle)
    held.until_changed(ticked, BOX, least=0.02)
    held.tap(BOX.middle)

    mercury = held.pixels(SPINNER)
    held.tap(SPINNER.middle)
    held.until(lambda: held.pixels(FIELD).mean() < 150)  # dimmed by the list over it
    held.until_still()
    keep(page, "android-spinner")
    page.keyboard.press("Escape")  # closes the list, and not what is below it
    held.until(lambda: held.pixels(FIELD).mean() > 200)
    held.until_still()
    held.tap(SPINNER.middle)
    held.until(lambda: held.pixels(FIELD).mean() < 150)
    held.until_still()
    held.tap((195, 277))  # Earth, the third of the list
    held.until(lambda: held.pixels(FIELD).mean() > 200)
    held.until_changed(mercury, SPINNER, least=0.01)
    held.until_still()


def test_another_device_takes_it_over_as_it_was_left(
    held: Glass, phone: Phone, installed: str, device: Device, keep: Keep
) -> None:
    first = held.page
    left = held.pixels(FIELD)
    page = device()
    glass = Glass(page, APP)
    sign_in(page, phone, installed)
    assert places(page) == places(first)
    icon(page, LABEL).click()
    glass.wait_for_picture()
    glass.until_like(left, FIELD, most=0.02)
    gone = first.get_by_role("alert")
    expect(gone).to_contain_text("Continues on Chrome on Linux")
    keep(first, "android-taken-over")
    unticked = glass.pixels(BOX)
    glass.tap(BOX.middle)
    glass.until_changed(unticked, BOX, least=0.02)
    glass.until_still()  # what it is compared with below is at rest
    gone.get_by_role("button", name="Take it back").click()
    expect(gone).to_be_hidden()
    expect(page.get_by_role("alert")).to_contain_text("Continues on Chrome on Linux")
    held.until_like(glass.pixels(BOX), BOX, most=0.02)
    held.tap(BOX.middle)
    held.until_changed(glass.pixels(BOX), BOX, least=0.02)


def test_an_app_that_was_left_while_it_moved_still_answers(
    held: Glass, phone: Phone, installed: str, device: Device
) -> None:
    page = device()
    glass = Glass(page, APP)
    sign_in(page, phone, installed)
    icon(page, LABEL).click()
    glass.wait_for_picture()
    # Its scroll bar fades from now on for a second, and the device goes in the middle of that.
    glass.hand.drag(glass.on_page((195, 700)), glass.on_page((195, 640)))
    page.close()
    expect(held.page.get_by_role("alert")).to_be_visible()
    held.page.get_by_role("button", name="Take it back").click()
    expect(held.page.get_by_role("alert")).to_be_hidden()
    before = held.pixels(BOX)
    held.tap(BOX.middle)
    held.until_changed(before, BOX, least=0.02)


def test_back_leads_out_of_the_app_step_by_step(held: Glass) -> None:
    page = held.page
    page.keyboard.press("Escape")
    held.wait_for(wire.Title, lambda said: said.title == LABEL)
    held.until(lambda: float(held.pixels()[:BAR].mean()) < 60)  # the list with the action bar is back
    held.until_still()
    controls = held.pixels()
    hand = held.hand
    hand.drag((3, 400), (180, 402))
    held.until_changed(controls, least=0.02)


def test_two_fingers_reach_the_app(held: Glass) -> None:
    held.hand.spread((held.on_page((195, 400)), held.on_page((150, 300))), (held.on_page((210, 400)), (260, 640)))

    def lifted() -> bool:
        touches = [touch for touch in held.told(wire.Touch) if touch.action == 2]
        return [len(touch.pointers) for touch in touches[-2:]] == [2, 1]

    held.until(lifted)
    both = [touch for touch in held.told(wire.Touch) if len(touch.pointers) == 2]
    assert {touch.action for touch in both} == {0, 1, 2}
    last = held.told(wire.Touch)[-1].input_id
    held.until(lambda: any(frame.input_id >= last for frame in [*held.said(wire.Image), *held.said(wire.Video)]))


def test_a_restart_of_the_web_process_is_not_felt(
    held: Glass, phone: Phone, installed: str, device: Device
) -> None:
    before = held.pixels()
    phone.kill("web")
    held.tap_row(CONTROLS)
    page = device()
    glass = Glass(page, APP)
    phone.wait()
    sign_in(page, phone, installed)
    icon(page, LABEL).click()
    glass.wait_for_picture()
    assert difference(before, glass.pixels()) > 0.02, "it is where it was left, not at its beginning"
    drawn = len(held.said(wire.Image)) + len(held.said(wire.Video))
    held.page.get_by_role("button", name="Take it back").click()
    expect(held.page.get_by_role("alert")).to_be_hidden()
    held.until(lambda: len(held.said(wire.Image)) + len(held.said(wire.Video)) > drawn)


def test_an_app_that_does_not_answer_may_be_waited_for(held: Glass, phone: Phone, keep: Keep) -> None:
    pids = hosts(phone.pid("supervisor"))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    while any(runs(pid) for pid in pids):
        pass
    try:
        held.tap((195, BAR + ROW / 2))
        said = held.page.get_by_role("alert")
        expect(said).to_contain_text("API Demos isn't responding.", timeout=20_000)
        keep(held.page, "android-not-responding")
        said.get_by_role("button", name="Wait").click()
        expect(said).to_be_hidden()
        held.tap((195, BAR + ROW / 2))
        expect(said).to_be_visible(timeout=20_000)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    expect(said).to_be_hidden()


@pytest.mark.parametrize("process", ["host", "supervisor"])
def test_an_app_whose_process_is_killed_says_so(held: Glass, phone: Phone, keep: Keep, process: str) -> None:
    if process == "host":
        for pid in hosts(phone.pid("supervisor")):
            os.kill(pid, signal.SIGKILL)
    else:
        phone.kill("supervisor")
    said = held.page.get_by_role("alert")
    expect(said).to_contain_text(re.compile("API Demos (was )?stopped"))
    keep(held.page, f"android-killed-{process}")
    said.get_by_role("button", name="Open again").click()
    held.wait_for_picture()
    expect(said).to_be_hidden()
    held.tap_row(VIEWS)


def test_an_app_that_does_not_answer_may_be_closed(held: Glass, phone: Phone) -> None:
    pids = hosts(phone.pid("supervisor"))
    ends = [os.pidfd_open(pid) for pid in pids]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    while any(runs(pid) for pid in pids):
        pass
    try:
        held.tap((195, BAR + ROW / 2))
        held.page.get_by_role("button", name="Close the app").click(timeout=20_000)
        expect(held.surface).to_have_count(0)
        expect(icon(held.page, LABEL)).to_be_visible()
        assert select.select(ends, [], [], 20)[0], "its process is gone"
    finally:
        for end in ends:
            os.close(end)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def hosts(supervisor: int) -> list[int]:
    """The Java processes below the supervisor: of running apps and of the spare."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, rest = path.read_text().rsplit(")", 1)
            parents[int(path.parent.name)] = (name.split("(", 1)[1], int(rest.split()[1]))

    def below(pid: int) -> bool:
        return pid in parents and (parents[pid][1] == supervisor or below(parents[pid][1]))

    return [pid for pid, (name, _) in parents.items() if name == "java" and below(pid)]


def places(page: Page) -> list[str]:
    """The apps on home in their order."""
    found: list[str] = page.locator("pl-home [data-app]").evaluate_all(
        "icons => icons.map(icon => icon.dataset.app + '@' + icon.parentElement.dataset.cell)"
    )
    return found


def shift(before: Pixels, after: Pixels) -> int:
    """By how many pixels the list moved up."""
    one, other = (picture[:, 16:200].mean(axis=2) for picture in (before, after))
    return min(range(80), key=lambda step: float(np.abs(one[200 + step : 500 + step] - other[200:500]).sum()))
