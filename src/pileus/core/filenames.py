"""Names of files: what one may be, and how a second one of a name is called. Pure."""

from __future__ import annotations

import unicodedata

from pileus.core.errors import Invalid

NAME_BYTES = 255
_NEVER = r"/\u0000-\u001f\u007f-\u009f\u2028\u2029"
NAME = rf"[^{_NEVER}]*[^\s{_NEVER}][^{_NEVER}]*"
"""What `clean_name` takes, but for lone surrogates, the two names of dots, and the bound in bytes."""


def clean_name(name: str) -> str:
    """A name in Unicode form C; raises `Invalid` saying what is wrong with it."""
    plain = unicodedata.normalize("NFC", name)
    if not plain.strip() or plain in (".", ".."):
        raise Invalid("bad-name", f"{plain!r} is not a file's name.")
    if any(char == "/" or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in plain):
        raise Invalid("bad-name", "A file's name has no slash and no control characters.")
    if len(plain.encode()) > NAME_BYTES:
        raise Invalid("bad-name", f"A file's name has at most {NAME_BYTES} bytes.")
    return plain


def printable(name: str) -> str:
    """A name that somebody else chose, for a terminal or a log: what is no character to be read is escaped."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)


def numbered(name: str, number: int) -> str:
    """`photo.jpg` as `photo (2).jpg`, still within the bound of names."""
    return tagged(name, str(number))


def tagged(name: str, tag: str) -> str:
    """`photo.jpg` as `photo (tag).jpg`, still within the bound of names: the stem gives way, then the tag."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 16 or " " in ending:
        stem, dot, ending = name, "", ""
    room = NAME_BYTES - len(f" (){dot}{ending}".encode())
    tag = tag.encode()[: room - 1].decode(errors="ignore")
    room -= len(tag.encode())
    return f"{stem.encode()[:room].decode(errors='ignore')} ({tag}){dot}{ending}"
