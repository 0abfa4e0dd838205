"""What the fake app shows: a pure function of its state, so that a test knows every pixel.

A header with the title and typed text, a scrolled pattern of stripes below it, a disc under each finger,
and in the upper right corner a block whose colour is the hash of all input so far.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

HEADER = 96
STRIPE = 40
DISC = 24
MARK = 32


@dataclass
class Model:
    """Everything that the picture depends on."""

    width: int
    height: int
    theme: str = "light"
    text: str = ""
    composing: str = ""
    scroll: int = 0
    page: int = 0
    inputs: int = 0
    fingers: dict[int, tuple[int, int]] = field(default_factory=dict)
    clipboard: str = ""
    tick: int = 0
    noise: bool = False


def mark_colour(inputs: int) -> tuple[int, int, int]:
    """The colour of the mark after that many inputs; neighbours differ clearly."""
    return (inputs * 97 % 256, inputs * 57 % 256, inputs * 151 % 256)


def draw(model: Model) -> Image.Image:
    """The whole picture, RGB."""
    dark = model.theme == "dark"
    image = Image.fromarray(_stripes(model, dark))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, model.width, HEADER), fill=(24, 26, 32) if dark else (236, 238, 244))
    ink = (235, 235, 240) if dark else (20, 22, 30)
    pen.text((12, 10), f"Fake · page {model.page}", fill=ink, font_size=22)
    pen.text((12, 44), model.text + model.composing, fill=ink, font_size=22)
    if model.composing:
        left = 12 + int(pen.textlength(model.text, font_size=22))
        pen.line((left, 74, left + int(pen.textlength(model.composing, font_size=22)), 74), fill=ink, width=2)
    for x, y in model.fingers.values():
        pen.ellipse((x - DISC, y - DISC, x + DISC, y + DISC), fill=(60, 110, 240))
    pen.rectangle(mark_box(model), fill=mark_colour(model.inputs))
    return image


def mark_box(model: Model) -> tuple[int, int, int, int]:
    """Where the mark is: left, top, right, bottom."""
    return (model.width - MARK - 8, 8, model.width - 8, 8 + MARK)


def _stripes(model: Model, dark: bool) -> np.ndarray[Any, Any]:
    if model.noise:
        return np.random.default_rng(model.tick).integers(0, 255, (model.height, model.width, 3), np.uint8)
    rows = np.arange(model.height) + model.scroll + model.tick * 3
    shade = ((rows // STRIPE) % 5 * 14 + (40 if dark else 170)).astype(np.uint8)
    image = np.empty((model.height, model.width, 3), np.uint8)
    image[:] = shade[:, None, None]
    image[:, :: max(1, STRIPE)] ^= 24
    return image
