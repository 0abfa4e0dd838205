"""What an app draws on, when another device looks or the device changes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pileus.surfaces import wire
from pileus.surfaces.engine import Display

LEAST_DPI, MOST_DPI = 60, 960
TASTE = {"locale": str, "theme": str, "time_zone": str, "reduced_motion": bool}
Clamp = Callable[[int, int], tuple[int, int]]
"""The nearest size that the app's frames may have."""
Fitted = tuple[Display, list[wire.Message]]
"""The display as it is then, and what its host has to be told."""


def resized(display: Display, wanted: wire.Resize, clamp: Clamp) -> Fitted:
    """The device was turned, or its window has another size."""
    width, height = clamp(wanted.width, wanted.height)
    dpi = max(LEAST_DPI, min(MOST_DPI, wanted.dpi))
    now = replace(display, width=width, height=height, dpi=dpi)
    return now, [wire.Resize(width, height, dpi, wanted.rotation)]


def adopted(display: Display, hello: Mapping[str, Any], clamp: Clamp) -> Fitted:
    """Another device looks: what its HELLO says of size and taste, where it differs."""
    told: list[wire.Message] = []
    sides = [hello.get(name) for name in ("width", "height", "dpi")]
    if all(isinstance(side, int) and 0 < side <= 0xFFFF for side in sides):
        width, height, dpi = (side for side in sides if isinstance(side, int))
        if (*clamp(width, height), dpi) != (display.width, display.height, display.dpi):
            display, told = resized(display, wire.Resize(width, height, dpi, 0), clamp)
    taste = {
        name: hello[name]
        for name, kind in TASTE.items()
        if isinstance(hello.get(name), kind) and hello[name] != getattr(display, name)
    }
    if taste:
        display = replace(display, **taste)
        told.append(wire.Config(taste))
    return display, told
