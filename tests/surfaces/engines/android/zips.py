"""ZIP archives made by hand, entry by entry, for what a library would not write. Source: APPNOTE.TXT 4.3."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

MAX_COMMENT = 0xFFFF


@dataclass(frozen=True)
class Entry:
    """A stored entry; `local` and `local_size` are what its own header says where that is not the directory's."""

    name: str
    content: bytes = b"x"
    local: str | None = None
    local_size: int | None = None


GOOD = (Entry("AndroidManifest.xml", b"manifest"), Entry("classes.dex", b"code"))


def archive(entries: Sequence[Entry], before: bytes = b"", comment: bytes = b"") -> bytes:
    """What is before it counts in the offsets, as in a file that is two things at once."""
    body, directory = before, b""
    for entry in entries:
        name, local = entry.name.encode(), (entry.name if entry.local is None else entry.local).encode()
        size = len(entry.content)
        seen = size if entry.local_size is None else entry.local_size
        fixed = struct.pack("<HHHHHI", 20, 0, 0, 0, 0x21, zlib.crc32(entry.content))
        directory += b"PK\1\2" + struct.pack("<H", 20) + fixed + struct.pack("<II", size, size)
        directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, len(body)) + name
        body += b"PK\3\4" + fixed + struct.pack("<IIHH", seen, seen, len(local), 0) + local + entry.content
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), len(comment))
    return body + directory + b"PK\5\6" + end + comment


def _manifest(changed: Entry) -> bytes:
    return archive([changed, *GOOD[1:]])


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "twice": ("apk-malformed", lambda: archive([*GOOD, Entry("classes.dex", b"other")])),
    "climbing": ("apk-malformed", lambda: archive([*GOOD, Entry("lib/x86_64/../../../../evil.so")])),
    "absolute": ("apk-malformed", lambda: archive([*GOOD, Entry("/data/app/evil")])),
    "other-name": ("apk-truncated", lambda: _manifest(replace(GOOD[0], local="AndroidManifest.xmm"))),
    "beyond": ("apk-truncated", lambda: archive(GOOD).replace(b"PK\1\2", b"PK\1\3", 1)),
    "janus": ("not-an-apk", lambda: archive(GOOD, before=b"dex\n035\0" + bytes(104))),
    "two-ends": ("apk-truncated", lambda: archive(GOOD, comment=archive(()))),
}
"""Archives that one reader could take for another thing than the next one does, and the codes they get."""
