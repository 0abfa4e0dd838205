"""A mouse and a finger on the glass: what they mean over an app, and where the focus goes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Device, Keep, Phone
from .hand import Hand, Mouse, icon, open_web_app, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
RING = """element => {
  const roots = [element, element.shadowRoot].flatMap(root => root ? [root, ...root.querySelectorAll('*')] : []);
  return roots.some(one => one instanceof Element && one.matches(':focus-visible')
    && getComputedStyle(one).outlineStyle !== 'none');
}"""
CHOICE = {
    "number": 1,
    "choose": {
        "number": 7,
        "title": "",
        "choices": [
            {"app": "notes", "component": "notes/.A", "label": "Notes"},
            {"app": "files", "component": "files/.B", "label": "Files"},
        ],
    },
}
HOME_AND_OPEN = """async (icon) => {
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
  for (let frames = 0; frames < 4; frames += 1) await new Promise(requestAnimationFrame);
  icon.click();
}"""
SHADOW = """element => {
  const [, down, blur] = getComputedStyle(element).boxShadow.match(/0px (\\d+)px (\\d+)px/);
  const [ground, box] = [element.parentElement, element].map(one => one.getBoundingClientRect());
  return { needs: Number(down) + Number(blur), has: ground.bottom - box.bottom };
}"""


def test_a_mouse_flicks_an_apps_window_home(phone: Phone, device: Device) -> None:
    phone.account("flick")
    page = device(touch=False)
    sign_in(page, phone, "flick")
    notes = open_web_app(page, "Notes")
    expect(notes.get_by_role("heading", name="Notes")).to_be_visible()
    front = page.locator("pl-stage .box.front")
    # Two moves: a quick hand is over the app's frame at once.
    flick(page, page.locator("pl-phone .bar i"), 420, steps=2)
    expect(front).to_have_count(0)
    icon(page, "Notes").click()
    expect(front).to_be_visible()
    # The frame takes the mouse again when the drag is over.
    new = notes.locator(".new")
    shadow = new.evaluate(SHADOW)
    assert shadow["needs"] <= shadow["has"], "the button's shadow is whole"
    new.click()
    expect(notes.get_by_role("textbox", name="Text of the note")).to_be_editable()


def test_an_app_opens_while_windows_are_on_their_way_home(phone: Phone, device: Device) -> None:
    phone.account("quick")
    page = device()
    page.emulate_media(reduced_motion="no-preference")
    sign_in(page, phone, "quick")
    front = page.locator("pl-stage .box.front")
    for one in ("Settings", "Notes"):
        icon(page, one).click()
        expect(front).to_be_visible()
        if one == "Settings":
            page.keyboard.press("Home")
            expect(front).to_have_count(0)
    icon(page, "Settings").evaluate(HOME_AND_OPEN)
    expect(front).to_have_attribute("aria-label", "Settings")
    expect(front).to_be_visible()


def test_a_ring_is_shown_to_keys_and_not_to_fingers(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("ring")
    page = device()
    sign_in(page, phone, "ring")
    shade, hand = page.locator("pl-shade"), Hand(page)
    page.keyboard.press("F4")
    page.keyboard.press("F4")
    hand.drag((195, 10), (195, 600))
    expect(page.locator("pl-shade.open")).to_have_count(1)
    expect(shade).to_be_focused()
    assert not shade.evaluate(RING)
    keep(page, "shade-by-finger")
    page.keyboard.press("Tab")
    expect(shade.locator(".toggle").first).to_be_focused()
    assert shade.evaluate(RING)
    page.keyboard.press("Escape")
    expect(page.locator("pl-shade.open")).to_have_count(0)

    choice = page.locator("pl-choice")
    hand.tap((195, 420))
    page.locator("pl-phone").evaluate("(phone, info) => phone.phone.follow(info, 'x')", CHOICE)
    expect(choice.get_by_role("dialog")).to_be_focused()
    assert not choice.evaluate(RING)
    keep(page, "choice-by-finger")
    page.keyboard.press("Tab")
    expect(choice.get_by_role("button").first).to_be_focused()
    assert choice.evaluate(RING)


def test_the_choice_of_the_shape_is_beside_the_tablet(phone: Phone, device: Device, keep: Keep) -> None:
    phone.account("shape")
    page = device(1280, 800, touch=False)
    sign_in(page, phone, "shape")
    page.get_by_role("button", name="Tablet").click()
    body, choice = page.locator("pl-frame .body.tablet"), page.locator("pl-frame .choice")
    expect(body).to_be_visible()
    assert right(body) + 8 <= left(choice)
    keep(page, "desktop-tablet")


@pytest.mark.parametrize("touch", [True, False])
def test_dragging_is_offered_to_those_who_can(phone: Phone, device: Device, touch: bool) -> None:
    name = f"drag-{touch}".lower()
    phone.account(name)
    page = device(touch=touch)
    sign_in(page, phone, name)
    store = open_web_app(page, "Store")
    expect(store.get_by_role("button", name="Install from file")).to_be_visible()
    expect(store.get_by_text("drop", exact=False)).to_be_visible(visible=not touch)


def flick(page: Page, start: Locator, up: float, steps: int) -> None:
    box = start.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    Mouse(page).flick((x, y), (x, y - up), steps)


def left(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["x"]


def right(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"]
