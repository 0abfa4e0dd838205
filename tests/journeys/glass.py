"""A streamed app's window: what is on the glass, pixel by pixel, and what the app says to the device."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, WebSocket, expect

from pileus.surfaces import wire

from .hand import Hand, Point

Pixels = NDArray[np.uint8]
Heard = TypeVar("Heard", bound=wire.Message)
# The action bar and a row of the simple lists below it, as Android draws them, in dp.
BAR, ROW = 56, 49
CHANGED = 40
"""Levels by which a pixel differs clearly: more than a codec's noise."""
TRIES = 150
PICTURE = """async surface => {
  const picture = await new Promise(done => surface.canvas.toBlob(done, 'image/png'));
  const bytes = new Uint8Array(await picture.arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""
NEXT_FRAME = """surface => new Promise(done => {
  setTimeout(done, 150);
  surface.addEventListener('frame', done, { once: true });
})"""


@dataclass(frozen=True)
class Area:
    """A part of an app's picture, from the top left of its window, in the page's pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.left + self.width / 2, self.top + self.height / 2


class Glass:
    """One app on one device. Made before the app is opened, so that nothing it says is missed."""

    def __init__(self, page: Page, app: str) -> None:
        self.page = page
        self.hand = Hand(page)
        self.surface = page.locator(f"pl-stage .box[data-app='{app}'] pileus-surface")
        self.shown = page.locator(f"pl-stage .box.front[data-app='{app}'] .start[gone]")
        self._said: list[wire.Message] = []
        self._told: list[wire.Message] = []
        page.on("websocket", self._listen)

    def wait_for_picture(self) -> None:
        """Until the app's own picture is there and its start screen is gone."""
        expect(self.shown).to_have_count(1, timeout=60_000)

    def pixels(self, area: Area | None = None) -> Pixels:
        """What the canvas shows, as height × width × RGB."""
        data = base64.b64decode(self.surface.evaluate(PICTURE))
        whole = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        if area is None:
            return whole
        left, top = round(area.left), round(area.top)
        return whole[top : top + round(area.height), left : left + round(area.width)]

    def tap(self, at: Point) -> None:
        self.hand.tap(self.on_page(at))

    def tap_row(self, number: int, title: str = "") -> None:
        """A row of a list below the action bar, from 0; waits for what it opens."""
        others = Area(0, BAR + ROW, 340, ROW * 3) if number == 0 else Area(0, BAR, 340, ROW * min(number, 3))
        before = self.pixels(others)
        self.tap((self.size()[0] / 2, BAR + ROW * number + ROW / 2))
        if title:
            self.wait_for(wire.Title, lambda said: said.title == title)
        # Elsewhere than in the row itself, which shows that it is pressed.
        self.until_changed(before, others, least=0.01)
        self.until_still()

    def until_changed(self, before: Pixels, area: Area | None = None, least: float = 0.002) -> Pixels:
        """Until at least that share of the pixels is clearly another; gives the new ones."""
        self.until(lambda: difference(before, self.pixels(area)) >= least)
        return self.pixels(area)

    def until_like(self, before: Pixels, area: Area | None = None, most: float = 0.001) -> None:
        """Until it looks as it did."""
        self.until(lambda: difference(before, self.pixels(area)) <= most)

    def until_still(self) -> None:
        """Until two pictures in a row are the same: nothing moves any more."""
        last = [self.pixels()]

        def still() -> bool:
            before, last[0] = last[0], self.pixels()
            return difference(before, last[0]) == 0

        self.until(still)

    def until(self, condition: Callable[[], bool]) -> None:
        """Looks again with each new frame."""
        for _ in range(TRIES):
            if condition():
                return
            self.surface.evaluate(NEXT_FRAME)
        self.page.screenshot(path="build/screens/failed.png")
        raise AssertionError("The app did not come to show what was expected; see build/screens/failed.png.")

    def said(self, kind: type[Heard]) -> list[Heard]:
        """The app's messages of one kind so far."""
        return [message for message in self._said if isinstance(message, kind)]

    def told(self, kind: type[Heard]) -> list[Heard]:
        """The device's messages of one kind so far."""
        return [message for message in self._told if isinstance(message, kind)]

    def wait_for(self, kind: type[Heard], condition: Callable[[Heard], bool]) -> None:
        """Until the last message of a kind is such."""
        self.until(lambda: bool(found := self.said(kind)) and condition(found[-1]))

    def size(self) -> tuple[int, int]:
        """Of the app's picture, in its own pixels."""
        width, height = self.surface.evaluate("surface => [surface.canvas.width, surface.canvas.height]")
        return int(width), int(height)

    def on_page(self, at: Point) -> Point:
        box = self.surface.bounding_box()
        assert box is not None
        return box["x"] + at[0], box["y"] + at[1]

    def _listen(self, socket: WebSocket) -> None:
        if socket.url.endswith("/surface"):
            socket.on("framereceived", lambda data: keep(self._said, data))
            socket.on("framesent", lambda data: keep(self._told, data))


def keep(into: list[wire.Message], data: str | bytes) -> None:
    if isinstance(data, bytes):
        into.append(wire.decode(data))


def difference(one: Pixels, other: Pixels) -> float:
    """Share of pixels that are clearly others; all of them where the sizes differ."""
    if one.shape != other.shape:
        return 1.0
    return float((np.abs(one.astype(int) - other.astype(int)).max(axis=2) > CHANGED).mean())
