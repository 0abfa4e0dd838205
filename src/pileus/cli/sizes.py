"""Sizes for a reader, in units of 1000 as shops and phones count."""

from __future__ import annotations

UNITS = ("kB", "MB", "GB", "TB")


def size_text(size: int) -> str:
    """As `652 kB`, `3.2 GB`, `100 GB`: two digits where there is one before the point."""
    if size < 1000:
        return f"{size} B"
    value, unit = size / 1000, 0
    while round(value) >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    shown = f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
    return f"{shown.removesuffix('.0')} {UNITS[unit]}"
