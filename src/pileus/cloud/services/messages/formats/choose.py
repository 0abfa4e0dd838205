"""Choosing a reader by how a file begins. No framework, no I/O."""

from __future__ import annotations

import codecs

from pileus.cloud.services.messages.formats.items import Item, Reader
from pileus.cloud.services.messages.formats.lines import LinesReader
from pileus.cloud.services.messages.formats.xml import XmlReader
from pileus.core.errors import Invalid

SNIFF_BYTES = 1 << 16


class AnyReader:
    """Chooses the reader by the first character of the file that is not a space."""

    def __init__(self) -> None:
        self._head = b""
        self._reader: Reader | None = None

    def feed(self, data: bytes) -> list[Item]:
        if self._reader is not None:
            return self._reader.feed(data)
        self._head += data
        first = self._head.removeprefix(codecs.BOM_UTF8).lstrip()
        if not first and len(self._head) < SNIFF_BYTES:
            return []
        if len(self._head) < 3 and codecs.BOM_UTF8.startswith(self._head):
            return []
        if first[:1] == b"<" or self._head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            self._reader = XmlReader()
        elif first[:1] == b"{":
            self._reader = LinesReader()
        else:
            raise Invalid("import-format", "The file is neither SMS Backup & Restore XML nor JSON lines.", line=1)
        head, self._head = self._head, b""
        return self._reader.feed(head)

    def close(self) -> list[Item]:
        if self._reader is None:
            raise Invalid("import-empty", "The file has no messages: it is empty.", line=1)
        return self._reader.close()
