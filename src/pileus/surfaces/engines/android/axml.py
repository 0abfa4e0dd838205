"""Android's binary XML: the manifest, adaptive icons, vector drawables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pileus.surfaces.engines.android import chunks
from pileus.surfaces.engines.android.chunks import Malformed, Strings, Value, number

MAX_DEPTH = 200
MAX_ELEMENTS = 200_000

# Ids of android: attributes (AOSP, core/res/res/values/public-final.xml): names may be stripped, ids not.
ATTRIBUTES = {
    0x01010001: "label",
    0x01010002: "icon",
    0x01010003: "name",
    0x01010006: "permission",
    0x01010007: "readPermission",
    0x01010008: "writePermission",
    0x01010009: "protectionLevel",
    0x0101000E: "enabled",
    0x01010010: "exported",
    0x01010011: "process",
    0x01010012: "taskAffinity",
    0x01010202: "targetActivity",
    0x01010018: "authorities",
    0x0101001B: "grantUriPermissions",
    0x0101001C: "priority",
    0x0101001D: "launchMode",
    0x0101001E: "screenOrientation",
    0x01010024: "value",
    0x01010026: "mimeType",
    0x01010027: "scheme",
    0x01010028: "host",
    0x01010029: "port",
    0x0101002A: "path",
    0x0101002B: "pathPrefix",
    0x0101002C: "pathPattern",
    0x010100D0: "id",
    0x01010199: "drawable",
    0x0101020C: "minSdkVersion",
    0x0101022D: "noHistory",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010270: "targetSdkVersion",
    0x01010271: "maxSdkVersion",
    0x0101052C: "roundIcon",
    0x010102D3: "hardwareAccelerated",
    0x01010000: "theme",
    0x01010155: "height",
    0x01010159: "width",
    0x01010402: "viewportWidth",
    0x01010403: "viewportHeight",
    0x01010404: "fillColor",
    0x01010405: "pathData",
    0x01010406: "strokeColor",
    0x01010407: "strokeWidth",
    0x010104CC: "fillAlpha",
    0x010104CB: "strokeAlpha",
    0x0101045A: "translateX",
    0x0101045B: "translateY",
    0x01010324: "scaleX",
    0x01010325: "scaleY",
    0x01010326: "rotation",
    0x010101B5: "pivotX",
    0x010101B6: "pivotY",
    0x0101051E: "fillType",
    0x0101019D: "startColor",
    0x0101019E: "endColor",
    0x010101A5: "color",
}


@dataclass
class Element:
    """An element with its attributes by local name (ids win over names)."""

    name: str
    attributes: dict[str, Value]
    children: list[Element] = field(default_factory=list)

    def find(self, name: str) -> Iterator[Element]:
        """Direct children of that name."""
        return (child for child in self.children if child.name == name)

    def text(self, name: str) -> str | None:
        """An attribute that holds a string as such."""
        found = self.attributes.get(name)
        return found.text if found else None

    def whole(self, name: str) -> int | None:
        """An attribute that holds an integer (or its digits)."""
        found = self.attributes.get(name)
        if found is None:
            return None
        if found.type >= chunks.FIRST_INT:
            return int(found.number)
        return int(found.text) if found.text and found.text.isascii() and found.text.isdigit() else None


def parse(data: bytes) -> Element:
    """The document's root; raises `Malformed`."""
    root = chunks.chunk(data, 0, len(data))
    if root.type != chunks.XML:
        raise Malformed("no binary XML")
    strings: Strings | None = None
    ids: list[int] = []
    open_: list[Element] = []
    top: Element | None = None
    count = 0
    for part in chunks.children(data, root.body, root.end):
        if part.type == chunks.STRING_POOL:
            strings = Strings(data, part)
        elif part.type == chunks.XML_MAP:
            ids = [number(data, at) for at in range(part.body, part.end - 3, 4)]
        elif part.type == chunks.XML_START:
            count += 1
            if strings is None or count > MAX_ELEMENTS or len(open_) >= MAX_DEPTH:
                raise Malformed("elements without end")
            element = _element(data, part, strings, ids)
            if open_:
                open_[-1].children.append(element)
            elif top is None:
                top = element
            open_.append(element)
        elif part.type == chunks.XML_END:
            if not open_:
                raise Malformed("an end without a start")
            open_.pop()
    if top is None or open_:
        raise Malformed("no whole document")
    return top


def _element(data: bytes, part: chunks.Chunk, strings: Strings, ids: list[int]) -> Element:
    name = strings[number(data, part.body + 4)]
    start = part.body + number(data, part.body + 8, "<H")
    size = number(data, part.body + 10, "<H")
    count = number(data, part.body + 12, "<H")
    if count and (size < 20 or start + size * count > part.end):
        raise Malformed(f"{count} attributes")
    attributes: dict[str, Value] = {}
    for at in range(start, start + size * count, size or 1):
        index = number(data, at + 4)
        known = ATTRIBUTES.get(ids[index]) if index < len(ids) else None
        content = chunks.value(data, at + 12, strings)
        raw = strings.get(number(data, at + 8))
        if content.type == chunks.STRING and content.text is None:
            content = Value(chunks.STRING, content.data, raw)
        attributes[known or strings[index]] = content
    return Element(name, attributes)
