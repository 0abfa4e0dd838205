"""What a hand does on the phone, in words of the journey."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, FrameLocator, Locator, Page, expect

from .conftest import PASSWORD, Phone
from .handset import Handset

Point = tuple[float, float]
STEPS = 8
FRAME_MS = 16
AFTER_FLICK = 1000
DROP = """(app, [name, data]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([data], name));
  app.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}"""
STAYS = "screen => clearTimeout(screen.timer)"
"""What is gone after seconds is looked at for longer."""
GHOST = {
    "label": "Ghost",
    "engine": "android",
    "package": "org.example.ghost",
    "version_name": "1",
    "installed_at": 0,
}
OPEN_GHOST = """async ({phone}, record) => {
  const query = phone.sync.query.bind(phone.sync);
  phone.sync.query = async name => (name === 'apps.app' ? [...(await query(name)), record] : query(name));
  await phone.apps.read();
  phone.open(record.id);
}"""
# A key that is pressed as the focus moves into the app's process is lost.
FOCUSED = """() => new Promise(done => {
  if (document.hasFocus()) done();
  else addEventListener('focus', () => done(), {once: true});
})"""
WAIT = "ms => new Promise(done => setTimeout(done, ms))"


def sign_up(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_text("Create account").click()
    expect(page.get_by_role("navigation", name="Dock")).to_be_visible()


def sign_in(page: Page, phone: Phone, name: str, *, zh: bool = False) -> None:
    """Opens the phone's address and signs in to an account that exists."""
    page.goto(phone.url)
    page.get_by_label("用户名" if zh else "Name", exact=True).fill(name)
    page.get_by_label("密码" if zh else "Password", exact=True).fill(PASSWORD)
    page.get_by_text("登录" if zh else "Sign in", exact=True).last.click()
    expect(page.get_by_role("navigation", name="程序坞" if zh else "Dock")).to_be_visible()


def on_handset(page: Page, phone: Phone, handset: Handset, name: str, *, zh: bool = False) -> None:
    """Signs in on the handset, whose shell was told where its daemon is."""
    page.goto(f"{phone.url}/{handset.address}")
    expect(page.locator("pl-handset-layer button")).to_be_visible()
    assert "#" not in page.url
    sign_in(page, phone, name, zh=zh)
    expect(page.locator("pl-status-bar").first).to_contain_text("China Mobile")


def open_phone(page: Page, *, zh: bool = False) -> None:
    """From the lock screen, by a key."""
    lock = page.get_by_role("button", name="打开手机" if zh else "Open the phone")
    lock.focus()
    page.keyboard.press("Enter")
    expect(lock).to_be_hidden()


def icon(page: Page, label: str) -> Locator:
    """An app's icon on the home screen."""
    return page.locator("pl-home").get_by_role("button", name=label, exact=True)


def open_web_app(page: Page, label: str) -> FrameLocator:
    """Opens a web app from the home screen; gives what is in its window."""
    icon(page, label).click()
    return web_app(page, label)


def open_ghost(page: Page) -> str:
    """Opens an app of the cloud's that this page alone has, whenever it reads which there are; gives its id."""
    id = GHOST["package"]
    page.locator("pl-phone").evaluate(OPEN_GHOST, {"id": id, "fields": GHOST})
    return str(id)


def web_app(page: Page, label: str) -> FrameLocator:
    return page.frame_locator(f"iframe[title='{label}']")


def turn_keys_to(page: Page, label: str) -> FrameLocator:
    """A click beside all that an app shows: keys are the app's from then on. Gives what is in its window."""
    app = web_app(page, label)
    app.get_by_role("heading", name=label).click()
    app.locator(":root").evaluate(FOCUSED)
    return app


def choose_files(page: Page, button: Locator, *files: Path | tuple[str, bytes]) -> None:
    """Picks files as the browser's own dialog gives them to the app."""
    with page.expect_file_chooser() as chooser:
        button.click()
    # As bytes: a path would be given to the page's process, which is not the one of the app's frame.
    found = [(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files]
    kind = "application/octet-stream"
    chooser.value.set_files([{"name": name, "mimeType": kind, "buffer": data} for name, data in found])


def drop_file(app: FrameLocator, element: str, name: str, data: str) -> None:
    """Lets a file fall onto an app, as a mouse that brings it from elsewhere."""
    app.locator(element).evaluate(DROP, [name, data])


class Hand:
    """Fingers on the glass, as a touch screen reports them (CDP Input.dispatchTouchEvent)."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._flicked = False
        self.wire: CDPSession = page.context.new_cdp_session(page)

    def tap(self, at: Point) -> None:
        if self._flicked:
            # Chromium takes a tap this soon after a flick for one that stops its fling, and gives no click.
            self._wait(AFTER_FLICK)
            self._flicked = False
        self.down([at])
        self.up()

    def drag(self, start: Point, end: Point, *, rest: int = 0) -> None:
        """From one point to another in eight steps, a frame each; `rest` ms of stillness before it is lifted."""
        self.down([start])
        for step in range(1, STEPS + 1):
            self.move([between(start, end, step / STEPS)])
        if rest:
            self._wait(rest)  # The pause is the gesture itself.
        self.up()
        self._flicked = True

    def spread(self, first: tuple[Point, Point], second: tuple[Point, Point]) -> None:
        """Two fingers at once, each from its first point to its second."""
        self.down([first[0], second[0]])
        for step in range(1, STEPS + 1):
            self.move([between(*finger, step / STEPS) for finger in (first, second)])
        self.up()

    def down(self, points: Iterable[Point]) -> None:
        self._send("touchStart", points)

    def move(self, points: Iterable[Point]) -> None:
        self._send("touchMove", points)
        self._page.evaluate("() => new Promise(requestAnimationFrame)")

    def up(self) -> None:
        self._send("touchEnd", [])

    def _wait(self, milliseconds: int) -> None:
        """A hand's own stillness, by the page's clock."""
        self._page.evaluate(WAIT, milliseconds)

    def _send(self, kind: str, points: Iterable[Point]) -> None:
        touches: list[dict[str, Any]] = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        self.wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


class Mouse:
    """A mouse with the pace of a hand (CDP Input.dispatchMouseEvent).

    Each event says when it was, however late it is heard of: on a busy machine, too, a flick is no slow drag.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._wire: CDPSession = page.context.new_cdp_session(page)

    def flick(self, start: Point, end: Point, steps: int, *, rest: int = 0) -> None:
        """Pressed at the one point, a frame each step, and let go at the other after `rest` ms of stillness."""
        at = time.time()
        self._send("mouseMoved", start, at, buttons=0)
        self._send("mousePressed", start, at, buttons=1)
        for step in range(1, steps + 1):
            at += FRAME_MS / 1000
            self._send("mouseMoved", between(start, end, step / steps), at, buttons=1)
        if rest:
            self._page.evaluate(WAIT, rest)
            at += rest / 1000
        self._send("mouseReleased", end, at, buttons=0)

    def _send(self, kind: str, to: Point, at: float, *, buttons: int) -> None:
        button = "none" if kind == "mouseMoved" and not buttons else "left"
        told = {"type": kind, "x": to[0], "y": to[1], "button": button, "buttons": buttons, "timestamp": at}
        self._wire.send("Input.dispatchMouseEvent", {**told, "clickCount": 0 if kind == "mouseMoved" else 1})


def between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
