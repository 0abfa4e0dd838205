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
from pileus.surfaces.engines.android.chunks import Malformed, Value
from pileus.surfaces.engines.android.resources import Resources, fits, rank

SIDE = 192
MAX_FILE = 4 << 20
MAX_SIDE = 2048
MAX_BYTES = 64 << 10
MAX_PARTS = 64
SAFE_ZONE = 72 / 108
"""What a launcher shows of an adaptive icon's 108 units."""


def draw(archive: Archive, resource: int | None) -> bytes | None:
    """The icon as WebP of at most 64 KiB, or None where the package has none that can be drawn."""
    table = apk.table_of(archive) if resource else None
    if table is None or not resource:
        return None
    try:
        image = _Drawing(archive, table).drawable(resource)
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


class _Drawing:
    """One icon's parts. Each resource is looked at once, and no more than `MAX_PARTS` parts are: a small table can
    refer to itself in more ways than could ever be followed."""

    def __init__(self, archive: Archive, table: Resources) -> None:
        self._archive = archive
        self._table = table
        self._seen: dict[int, Image.Image | None] = {}
        self._parts = 0

    def drawable(self, resource: int) -> Image.Image | None:
        """The best that the resource has; raises `BadApk`."""
        if resource not in self._seen:
            self._seen[resource] = None  # what leads back to it finds nothing
            self._seen[resource] = self._best(resource)
        return self._seen[resource]

    def _best(self, resource: int) -> Image.Image | None:
        found = [item for item in self._table.all(resource) if fits(item.config, "", "")]
        for item in sorted(found, key=lambda item: rank(item.config, "", 640), reverse=True):
            if (image := self._part(item.value)) is not None:
                return image
        return None

    def _part(self, value: Value) -> Image.Image | None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Malformed("its icon has too many parts")
        name = value.text or ""
        if value.is_reference:
            return self.drawable(value.data)
        if value.is_colour:
            return _colour(value)
        return self._adaptive(name) if name.endswith(".xml") else _bitmap(self._archive, name)

    def _adaptive(self, name: str) -> Image.Image | None:
        if name not in self._archive:
            return None
        root = axml.parse(self._archive.read(name, MAX_FILE))
        if root.name == "bitmap" and (source := root.attributes.get("src")) is not None and source.is_reference:
            return self._part(source)
        if root.name != "adaptive-icon":
            return None
        parts = [self._layer(child) for child in root.children if child.name != "monochrome"]
        layers = [part for part in parts if part is not None]
        foreground = bool(parts) and parts[-1] is not None
        if not layers or not foreground:
            return None
        whole = Image.new("RGBA", (SIDE, SIDE))
        for layer in layers:
            whole.alpha_composite(layer.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        edge = round(SIDE * (1 - SAFE_ZONE) / 2)
        return whole.crop((edge, edge, SIDE - edge, SIDE - edge))

    def _layer(self, item: axml.Element) -> Image.Image | None:
        value = item.attributes.get("drawable")
        return self._part(value) if value is not None and (value.is_colour or value.is_reference) else None


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


def _colour(value: Value) -> Image.Image:
    alpha, red, green, blue = value.data.to_bytes(4, "big")
    return Image.new("RGBA", (SIDE, SIDE), (red, green, blue, alpha))
