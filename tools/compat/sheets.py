"""Contact sheets: what each activity of a package drew first, small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from tools.compat.campaign import Found

ACROSS, DOWN = 10, 10
WIDTH, HEIGHT = 84, 140
LABEL = 11
GAP = 2
QUALITY = 38


def sheets(pictures: Path, found: Found, out: Path, key: str) -> list[str]:
    """Writes `KEY-N.webp`, ten activities a row in the package's order; their names."""
    drawn = [name for name in found.activities if (pictures / f"{name}.png").exists()]
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob(f"{key}-[0-9]*.webp"):
        old.unlink()
    names = []
    for number, part in enumerate(_parts(drawn, ACROSS * DOWN), 1):
        names.append(f"{key}-{number}.webp")
        _sheet(pictures, part).save(out / names[-1], quality=QUALITY, method=6)
    return names


def _sheet(pictures: Path, names: Sequence[str]) -> Image.Image:
    across = min(ACROSS, len(names))
    rows = -(-len(names) // across)
    size = (across * (WIDTH + GAP), rows * (HEIGHT + LABEL + GAP))
    sheet = Image.new("RGB", size, "#808080")
    pen = ImageDraw.Draw(sheet)
    for place, name in enumerate(names):
        x, y = place % across * (WIDTH + GAP), place // across * (HEIGHT + LABEL + GAP)
        with Image.open(pictures / f"{name}.png") as picture:
            sheet.paste(picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), (x, y + LABEL))
        pen.text((x + 1, y), name.rpartition(".")[2][-14:], fill="white")
    return sheet


def _parts(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
