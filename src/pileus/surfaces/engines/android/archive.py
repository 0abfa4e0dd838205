"""A ZIP archive that may have been made to harm: bounded before anything in it is unpacked.

Source: APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pileus.core.errors import Invalid

MAX_ENTRIES = 65_000
MAX_DIRECTORY = 64 << 20
MAX_TOTAL = 4 << 30
MAX_RATIO = 120
RATIO_FROM = 128 << 20
"""Unpacked bytes below which the ratio does not matter."""

_END = b"PK\x05\x06"
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    MemoryError,
)


class BadApk(Invalid):
    """Something is wrong with a package; `code` starts with `apk-` or is `not-an-apk`."""


class Archive:
    """The entries of an APK. Raises `BadApk` for everything that is wrong with it; close it after use."""

    def __init__(self, source: Path | BinaryIO) -> None:
        self.file: BinaryIO = source.open("rb") if isinstance(source, Path) else source
        self.size = os.fstat(self.file.fileno()).st_size
        try:
            self.directory, self.end = self._find_directory()
            self._zip = zipfile.ZipFile(self.file)
            self._bound()
        except _UNREADABLE as error:
            self.file.close()
            if isinstance(error, BadApk):
                raise
            raise _truncated() from error
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()
        self.file.close()

    @property
    def names(self) -> list[str]:
        return [entry.filename for entry in self._zip.infolist()]

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str, limit: int) -> bytes:
        """The whole entry; raises `BadApk` where it is missing, damaged, or unpacks to more than `limit` bytes."""
        if name not in self:
            raise BadApk("apk-truncated", f"The package lacks its entry {name}.")
        if self._zip.getinfo(name).file_size > limit:
            raise BadApk("apk-zip-bomb", f"{name} unpacks to more than {limit >> 20} MB.")
        try:
            return self._zip.read(name)
        except (*_UNREADABLE, NotImplementedError) as error:
            raise BadApk("apk-truncated", f"{name} in the package is damaged.") from error

    def chunks(self, name: str, size: int = 1 << 20) -> Iterator[bytes]:
        """The entry's bytes in parts; raises like `read`."""
        try:
            with self._zip.open(name) as entry:
                while part := entry.read(size):
                    yield part
        except (*_UNREADABLE, NotImplementedError) as error:
            raise BadApk("apk-truncated", f"{name} in the package is damaged.") from error

    def _find_directory(self) -> tuple[int, int]:
        """Offsets of the central directory and of its end record."""
        if self.file.read(4) != b"PK\x03\x04":
            raise BadApk("not-an-apk", "This file is not an Android package.")
        tail_size = min(self.size, 22 + 0xFFFF)
        self.file.seek(self.size - tail_size)
        tail = self.file.read(tail_size)
        at = tail.rfind(_END)
        while at >= 0:
            if len(tail) - at >= 22 and len(tail) - at - 22 == struct.unpack_from("<H", tail, at + 20)[0]:
                break
            at = tail.rfind(_END, 0, at)
        if at < 0:
            raise _truncated()
        entries, size, offset = struct.unpack_from("<HII", tail, at + 10)
        end = self.size - tail_size + at
        if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
            raise BadApk("apk-too-many-files", f"The package has more than {MAX_ENTRIES} entries.")
        if offset + size != end:
            raise _truncated()
        self.file.seek(0, os.SEEK_SET)
        return offset, end

    def _bound(self) -> None:
        packed = total = 0
        seen: set[str] = set()
        for entry in self._zip.infolist():
            packed += entry.compress_size
            total += entry.file_size
            if entry.filename in seen:
                raise BadApk("apk-malformed", f"The package holds {entry.filename[:80]!r} twice.")
            seen.add(entry.filename)
            if entry.filename.startswith("/") or ".." in entry.filename.split("/"):
                raise BadApk("apk-malformed", f"The package's entry {entry.filename[:80]!r} leads out of it.")
            if entry.header_offset + 30 + entry.compress_size > self.directory:
                raise _truncated()
            if entry.flag_bits & 1:
                raise BadApk("apk-malformed", "The package has encrypted entries.")
        if packed > self.directory or len(seen) > MAX_ENTRIES:
            raise BadApk("apk-zip-bomb", "Entries of the package overlap.")
        if total > MAX_TOTAL or (total > RATIO_FROM and total > MAX_RATIO * max(packed, 1)):
            raise BadApk("apk-zip-bomb", f"The package would unpack to {total >> 20} MB.")


def _truncated() -> BadApk:
    return BadApk("apk-truncated", "The package is cut off or damaged; download it again.")
