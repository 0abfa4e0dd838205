"""Choosing a reader by how a file begins."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from io import BufferedWriter
from pathlib import Path

from pileus.cloud.services.messages.formats import apple, voice
from pileus.cloud.services.messages.formats.items import Item, Reader, some
from pileus.cloud.services.messages.formats.lines import LinesReader
from pileus.cloud.services.messages.formats.xml import XmlReader
from pileus.core.errors import Invalid, StorageFull, TooLarge, is_disk_full

SNIFF_BYTES = 1 << 16
MAX_SPOOL_BYTES = 8 << 30
PREFIX = "import-"
WHOLE = {apple.HEAD: apple.read, voice.HEAD: voice.read}
"""Files that are read when all of them is there, by their first bytes."""
SHORTEST = max(map(len, WHOLE))


class AnyReader:
    """Chooses the reader by how the file begins.

    XML and lines are read as they come. Of a database or an archive the end is needed first: it is kept on the
    disk of `folder` meanwhile, until `drop`. All calls may block.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head = b""
        self._reader: Reader | None = None
        self._spool: Spool | None = None
        self._rest: Iterator[Item] | None = None

    def feed(self, data: bytes) -> list[Item]:
        if self._spool is not None:
            self._spool.write(data)
            return []
        if self._reader is not None:
            return self._reader.feed(data)
        self._head += data
        first = self._head.removeprefix(codecs.BOM_UTF8).lstrip()
        if not first and len(self._head) < SNIFF_BYTES:
            return []
        if len(self._head) < SHORTEST and self._may_be_more():
            return []
        head, self._head = self._head, b""
        for beginning, read in WHOLE.items():
            if head.startswith(beginning):
                self._spool = Spool(self._folder, read)
                self._spool.write(head)
                return []
        if first[:1] == b"<" or head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            self._reader = XmlReader()
        elif first[:1] == b"{":
            self._reader = LinesReader()
        else:
            raise Invalid(
                "import-format",
                "The file is none of those that are read: SMS Backup & Restore XML, JSON lines, sms.db of iOS,"
                " Google Voice's archive.",
                line=1,
            )
        return self._reader.feed(head)

    def close(self) -> list[Item]:
        """The next items after the file's end, [] when all were given: ask again until then."""
        if self._rest is None:
            self._rest = self._ending()
        return some(self._rest)

    @property
    def waiting(self) -> int:
        """Bytes that are on the disk until the file's end."""
        return self._spool.size if self._spool is not None else 0

    def drop(self) -> None:
        """Takes away what was kept meanwhile."""
        if self._spool is not None:
            self._spool.drop()

    def _ending(self) -> Iterator[Item]:
        if self._spool is not None:
            return self._spool.read()
        if self._head.removeprefix(codecs.BOM_UTF8).strip():
            # Shorter than a beginning that it could have had.
            self._head += b"\n" * SHORTEST
            first = self.feed(b"")
            return (
                self._spool.read()
                if self._spool
                else iter([*first, *(self._reader.close() if self._reader else [])])
            )
        if self._reader is None:
            raise Invalid("import-empty", "The file has no messages: it is empty.", line=1)
        return iter(self._reader.close())

    def _may_be_more(self) -> bool:
        return any(one.startswith(self._head) for one in (codecs.BOM_UTF8, *WHOLE))


class Spool:
    """A file of somebody's on the disk while it comes. It is locked: `sweep` finds those that a crash left."""

    def __init__(self, folder: Path, read: Callable[[Path], Iterator[Item]]) -> None:
        self._read = read
        self.size = 0
        self._file, self._path = _locked(folder)

    def write(self, data: bytes) -> None:
        """Raises `TooLarge`, and `StorageFull` where the disk is."""
        self.size += len(data)
        if self.size > MAX_SPOOL_BYTES:
            raise TooLarge("import-too-large", f"The file has more than {MAX_SPOOL_BYTES} bytes.", line=0)
        with _disk():
            self._file.write(data)

    def read(self) -> Iterator[Item]:
        with _disk():
            self._file.flush()
        return self._read(self._path)

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what was not written yet is not wanted
            self._file.close()


def sweep(folder: Path) -> None:
    """Removes what imports of a process that is no more have left. Blocks."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(BlockingIOError, FileNotFoundError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _locked(folder: Path) -> tuple[BufferedWriter, Path]:
    while True:
        number, name = tempfile.mkstemp(dir=folder, prefix=PREFIX)
        file, path = os.fdopen(number, "wb"), Path(name)
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():  # else a sweep came between
            return file, path
        file.close()


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise StorageFull from error
        raise
