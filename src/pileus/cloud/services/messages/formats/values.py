"""Keeping long attribute values of XML away from its parser: no framework, no I/O.

The picture of an MMS stands as text in one attribute. The parser reads an unfinished element from its begin
whenever more of it comes, so such a value costs the square of its length, and is kept whole; beyond a bound no
message needs it.
"""

from __future__ import annotations

import re

LONGEST = 12 << 20
"""Bytes; more than the largest part of a message that is kept has in base64."""

_TAG = re.compile(rb"[\"'>]")
# Texts and whole elements in a row; nothing in it is given back, so that it costs no more than its length.
_WHOLE = re.compile(rb"""(?>[^<]*+<[A-Za-z/](?>[^"'>]++|"[^"]*+"|'[^']*+')*+>)++""")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_OPENING = max(map(len, _ENDS))


class Shortener:
    """Gives bytes of XML as they came, but `mark` in place of each attribute value longer than `LONGEST`.

    The mark is followed by the value's line feeds, so that lines keep their numbers. For encodings in which
    markup is ASCII. What a document type holds is given as it is.
    """

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._rest = b""
        self._until = b""
        """What ends the comment, CDATA section, instruction or value that has begun."""
        self._in_tag = self._in_value = self._raw = False
        self._value = bytearray()
        self._long = False
        self._lines = 0
        self.has_cut = False
        """Whether a mark stands anywhere in what was given."""

    def feed(self, data: bytes) -> bytes:
        if self._raw:
            return data
        data, self._rest = self._rest + data, b""
        out = bytearray()
        at = 0
        while at < len(data):
            step = self._step_value if self._in_value else self._step_tag if self._in_tag else self._step_text
            after = step(data, at, out)
            if after == at:
                self._rest = data[at:]
                break
            at = after
        return bytes(out)

    def close(self) -> bytes:
        """What was held back of a value or an opening that never ended."""
        return bytes(self._value) + self._rest

    def _step_text(self, data: bytes, at: int, out: bytearray) -> int:
        if self._until:
            return self._step_until(data, at, out, self._until)
        whole = _WHOLE.match(data, at) if len(data) - at <= LONGEST else None
        if whole is not None:
            out += whole[0]
            return whole.end()
        begin = data.find(b"<", at)
        if begin < 0:
            out += data[at:]
            return len(data)
        out += data[at:begin]
        head = data[begin : begin + _OPENING]
        for opening, end in _ENDS.items():
            if head.startswith(opening):
                out += opening
                self._until = end
                return begin + len(opening)
            if opening.startswith(head):  # not enough of it to tell
                self._rest = data[begin:]
                return len(data)
        if head.startswith(b"<!"):
            self._raw = True
            out += data[begin:]
            return len(data)
        out += b"<"
        self._in_tag = True
        return begin + 1

    def _step_until(self, data: bytes, at: int, out: bytearray, end: bytes) -> int:
        found = data.find(end, at)
        if found >= 0:
            out += data[at : found + len(end)]
            self._until = b""
            return found + len(end)
        # The end may have begun; it is looked for again with what comes.
        safe = max(len(data) - len(end) + 1, at)
        out += data[at:safe]
        return safe

    def _step_tag(self, data: bytes, at: int, out: bytearray) -> int:
        found = _TAG.search(data, at)
        if found is None:
            out += data[at:]
            return len(data)
        out += data[at : found.end()]
        if found[0] == b">":
            self._in_tag = False
        else:
            self._in_value, self._until = True, found[0]
        return found.end()

    def _step_value(self, data: bytes, at: int, out: bytearray) -> int:
        end = data.find(self._until, at)
        part = data[at:] if end < 0 else data[at:end]
        if not self._long and len(self._value) + len(part) > LONGEST:
            self._long = self.has_cut = True
            self._lines += self._value.count(b"\n")
            self._value.clear()
        if self._long:
            self._lines += part.count(b"\n")
        else:
            self._value += part
        if end < 0:
            return len(data)
        if self._long:
            out += self._mark + b"\n" * min(self._lines, LONGEST)
        out += self._value + self._until
        self._value.clear()
        self._lines = 0
        self._in_value = self._long = False
        self._until = b""
        return end + 1
