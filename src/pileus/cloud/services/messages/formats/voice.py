"""Google Takeout of Google Voice: a ZIP archive of HTML pages. Blocks; reads the file that it is given alone.

The pages are made for people and not documented; read is their markup (microformats hChatLog and haudio) as it has
been since 2011.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import IO

from pileus.cloud.services.messages.formats.items import Found, Item, Skipped
from pileus.cloud.services.messages.rules import MAX_PART_BYTES, MAX_PARTS_BYTES, Call, Message, Part
from pileus.core.errors import Invalid, TooLarge

HEAD = b"PK\x03\x04"
MAX_PAGE_BYTES = 16 << 20
MAX_LIST_BYTES = 64 << 20
"""Of the archive's list of files, which is read whole."""
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".3gp": "video/3gpp",
    ".amr": "audio/amr",
    ".mp3": "audio/mpeg",
    ".vcf": "text/vcard",
}
CALLS = {"placed": "out", "received": "in", "missed": "missed", "voicemail": "voicemail", "recorded": "in"}
_DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?")
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input"})


def read(path: Path) -> Iterator[Item]:
    """Messages and calls; `line` is the number of the page in the archive. Raises `Invalid`, `TooLarge`."""
    try:
        with path.open("rb") as file:
            if _list_bytes(file) > MAX_LIST_BYTES:
                raise TooLarge("import-element", "The archive lists too many files.", line=0)
        with zipfile.ZipFile(path) as archive:
            yield from _pages(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Invalid("import-malformed", f"The archive cannot be read: {error}.", line=0) from None


def _pages(archive: zipfile.ZipFile) -> Iterator[Item]:
    names = [one.filename for one in archive.infolist()]
    pages = [name for name in names if "/Calls/" in f"/{name}" and name.endswith(".html")]
    if not pages:
        raise Invalid("import-format", "The archive is not of Google Voice: it has no folder Calls.", line=0)
    media = {name.rpartition(".")[0]: name for name in names if not name.endswith(".html") and "." in name}
    for number, name in enumerate(pages, 1):
        data = _content(archive, name, MAX_PAGE_BYTES)
        if data is None:
            yield Skipped(number, "page-unread", {"name": repr(name[-120:])})
            continue
        page = _Page()
        page.feed(data.decode("utf-8", "replace"))
        page.close()
        yield from _items(number, name, page, archive, media)


def _items(number: int, name: str, page: _Page, archive: zipfile.ZipFile, media: dict[str, str]) -> Iterator[Item]:
    title = PurePosixPath(name).stem
    who = title.partition(" - ")[0]
    if page.call is not None:
        yield _call(number, page.call, page, who)
    others = [one for one in page.people if one]
    heard = next((one.tel for one in page.messages if not one.me and one.tel), "")
    for one in page.messages:
        at = _time(one.at)
        if at is None:
            yield Skipped(number, "date-strange", {"value": repr(one.at[:40])})
            continue
        parts: list[Part] = []
        blobs: list[bytes] = []
        for source in one.media:
            found = media.get(f"{PurePosixPath(name).parent}/{source}", "")
            data = _content(archive, found, MAX_PART_BYTES) if found else None
            if not data or sum(map(len, blobs)) + len(data) > MAX_PARTS_BYTES:
                yield Skipped(number, "part-broken", {"name": repr(source[-120:])})
                continue
            kind = TYPES.get(PurePosixPath(found).suffix.lower(), "application/octet-stream")
            parts.append(Part(kind, len(data), sha256(data).hexdigest(), PurePosixPath(found).name[-200:]))
            blobs.append(data)
        if not one.text and not parts:
            yield Skipped(number, "message-empty")
            continue
        other = heard or who
        yield Found(
            number,
            Message(
                (others[0] if others else other) if one.me else one.tel or other,
                at,
                "out" if one.me else "in",
                one.text,
                "" if one.me or one.name == one.tel else one.name,
                people=tuple(others) if len(others) > 1 else (),
                parts=tuple(parts),
                sim="Google Voice",
            ),
            tuple(blobs),
        )


def _call(number: int, call: _Said, page: _Page, who: str) -> Item:
    at, kind = _time(call.at), next((CALLS[tag] for tag in page.tags if tag in CALLS), None)
    if at is None:
        return Skipped(number, "date-strange", {"value": repr(call.at[:40])})
    if kind is None:
        return Skipped(number, "type-unknown", {"value": repr(", ".join(page.tags)[:40])})
    match = _DURATION.fullmatch(page.duration)
    hours, minutes, seconds = (int(one or 0) for one in match.groups()) if match else (0, 0, 0)
    name = "" if call.name == call.tel else call.name
    duration = hours * 3600 + minutes * 60 + seconds
    return Found(number, Call(call.tel or who, at, kind, duration, name, "Google Voice"))


@dataclass
class _Said:
    """One message of a page, or the other side of a call."""

    at: str = ""
    tel: str = ""
    name: str = ""
    me: bool = False
    text: str = ""
    media: list[str] = field(default_factory=list)


class _Page(HTMLParser):
    """Collects by the classes of the elements that are open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: list[_Said] = []
        self.people: list[str] = []
        self.call: _Said | None = None
        self.tags: list[str] = []
        self.duration = ""
        self._open: list[tuple[str, frozenset[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        classes = frozenset(values.get("class", "").split())
        if tag == "br" and self._within("q") and self.messages:
            self.messages[-1].text += "\n"
        if tag not in _VOID and len(self._open) < 200:
            self._open.append((tag, classes))
        if "message" in classes:
            self.messages.append(_Said())
        elif "haudio" in classes:
            self.call = _Said()
        elif self._in("participants"):
            if "tel" in classes:
                self.people.append(values.get("href", "").removeprefix("tel:"))
        elif (said := self._said()) is not None:
            self._detail(said, tag, classes, values)
        if tag == "a" and values.get("rel") == "tag":
            self.tags.append(values.get("href", "").rpartition("#")[2])

    def _detail(self, said: _Said, tag: str, classes: frozenset[str], values: dict[str, str]) -> None:
        if classes & {"dt", "published"}:
            said.at = values.get("title", "")
        elif "duration" in classes:
            self.duration = values.get("title", "")
        elif "tel" in classes:
            said.tel = values.get("href", "").removeprefix("tel:")
        elif tag == "abbr" and "fn" in classes and not self._in("haudio"):
            said.me = True
        elif tag == "img" or (classes & {"video", "audio", "vcard"} and tag == "a"):
            said.media.append(values.get("src") or values.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        said = self._said()
        if said is None or not self._open:
            return
        if self._within("q"):
            said.text += data
        elif "fn" in self._open[-1][1] and self._in("vcard"):
            said.name += data.strip()

    def _said(self) -> _Said | None:
        if self._in("message") and self.messages:
            return self.messages[-1]
        return self.call if self._in("haudio") else None

    def _in(self, name: str) -> bool:
        return any(name in classes for _, classes in self._open)

    def _within(self, tag: str) -> bool:
        return any(tag == name for name, _ in self._open)


def _time(text: str) -> int | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return max(0, round(found.timestamp() * 1000)) if found.tzinfo is not None else None


def _content(archive: zipfile.ZipFile, name: str, limit: int) -> bytes | None:
    """A file of the archive; None where it is longer than it may be, whatever its list says, or cannot be read."""
    try:
        with archive.open(name) as file:
            data = file.read(limit + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, KeyError, OSError, ValueError):
        return None
    return data if len(data) <= limit else None


def _list_bytes(file: IO[bytes]) -> int:
    """How long the archive says that its list is (APPNOTE 4.3.14, 4.3.16)."""
    end = file.seek(0, 2)
    file.seek(max(0, end - 66_000))
    tail = file.read()
    last = tail.rfind(b"PK\x05\x06")
    if last < 0:
        return 0
    size = int.from_bytes(tail[last + 12 : last + 16], "little")
    wide = tail.rfind(b"PK\x06\x06")
    if size == 0xFFFFFFFF and wide >= 0:
        return int.from_bytes(tail[wide + 40 : wide + 48], "little")
    return size
