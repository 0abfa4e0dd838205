"""The picture that stands for an app: the best bitmap of its icon, as a small WebP.

An adaptive icon is laid together from its background and foreground; a part that is a vector drawable is left
out, and where nothing is left there is no icon (the shell then draws the label's first letter).
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from pileus.surfaces.engines.android import apk, axml
from pileus.surfaces.engines.android.archive import Archive, BadApk
from pileus.surfaces.engines.android.chunks import Value
from pileus.surfaces.engines.android.resources import Resources, fits, rank

SIDE = 192
MAX_FILE = 4 << 20
MAX_SIDE = 2048
MAX_BYTES = 64 << 10
SAFE_ZONE = 72 / 108
"""What a launcher shows of an adaptive icon's 108 units."""


def draw(archive: Archive, resource: int | None) -> bytes | None:
    """The icon as WebP of at most 64 KiB, or None where the package has none that can be drawn."""
    table = apk.table_of(archive) if resource else None
    if table is None or not resource:
        return None
    try:
        image = _drawable(archive, table, resource, 0)
    except BadApk:
        return None
    return encode(image) if image else None


def encode(image: Image.Image) -> bytes:
    """A square WebP that keeps within the bound."""
    image = image.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    for quality in (90, 75, 50, 20):
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality)
        if out.tell() <= MAX_BYTES:
            break
    return out.getvalue()


def _drawable(archive: Archive, table: Resources, resource: int, depth: int) -> Image.Image | None:
    if depth > 4:
        return None
    found = [item for item in table.all(resource) if fits(item.config, "", "")]
    for item in sorted(found, key=lambda item: rank(item.config, "", 640), reverse=True):
        name = item.value.text or ""
        if item.value.is_reference:
            image = _drawable(archive, table, item.value.data, depth + 1)
        elif item.value.is_colour:
            image = _colour(item.value)
        else:
            image = _adaptive(archive, table, name, depth) if name.endswith(".xml") else _bitmap(archive, name)
        if image is not None:
            return image
    return None


def _bitmap(archive: Archive, name: str) -> Image.Image | None:
    if name not in archive:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(archive.read(name, MAX_FILE)), formats=("PNG", "WEBP", "JPEG"))
            if max(image.size) > MAX_SIDE:
                return None
            return image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning):
        return None


def _adaptive(archive: Archive, table: Resources, name: str, depth: int) -> Image.Image | None:
    if name not in archive:
        return None
    root = axml.parse(archive.read(name, MAX_FILE))
    if root.name == "bitmap" and (source := root.attributes.get("src")) is not None and source.is_reference:
        return _drawable(archive, table, source.data, depth + 1)
    if root.name != "adaptive-icon":
        return None
    parts = [_layer(archive, table, child, depth) for child in root.children if child.name != "monochrome"]
    layers = [part for part in parts if part is not None]
    foreground = bool(parts) and parts[-1] is not None
    if not layers or not foreground:
        return None
    whole = Image.new("RGBA", (SIDE, SIDE))
    for layer in layers:
        whole.alpha_composite(layer.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    edge = round(SIDE * (1 - SAFE_ZONE) / 2)
    return whole.crop((edge, edge, SIDE - edge, SIDE - edge))


def _layer(archive: Archive, table: Resources, item: axml.Element, depth: int) -> Image.Image | None:
    value = item.attributes.get("drawable")
    if value is None:
        return None
    if value.is_colour:
        return _colour(value)
    return _drawable(archive, table, value.data, depth + 1) if value.is_reference else None


def _colour(value: Value) -> Image.Image:
    alpha, red, green, blue = value.data.to_bytes(4, "big")
    return Image.new("RGBA", (SIDE, SIDE), (red, green, blue, alpha))
