"""What a file's record may be, names, ranges and headers. Pure."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pileus.core.errors import Conflict, Invalid, PileusError
from pileus.core.filenames import clean_name
from pileus.core.ids import is_record_id

FOLDER = "inode/directory"
FOLDERS = (FOLDER, "folder")
LARGEST = 1 << 42
"""Bytes of one file: 4 TiB."""
TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
HASH = re.compile(r"[0-9a-f]{64}")
RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
UNKNOWN = "application/octet-stream"
SEALED = "application/vnd.pileus.sealed"
"""What a file of the vault is for the cloud (docs/design/vault.md)."""
SEALED_START = b"PILEUSVT\x01"
"""What every content of the vault begins with: magic and version."""
KEY_ID = 16
"""Bytes of the id of a vault's key: the first of what is `sealed`, and in a content's header from `KEY_AT` on."""
KEY_AT = 16
OFFSET = re.compile(r"[0-9]{1,18}")
SEALED_NAME = re.compile(r"[0-9a-f]{32}( \(\d{1,9}\))?")
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
MOST_SEALED = 2000
OTHER_KEY = "vault-other-key"
TEXT_BYTES = 1 << 20
TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript", "application/toml"})
TEXT_ENDINGS = frozenset(
    {"txt", "md", "csv", "tsv", "json", "xml", "html", "htm", "yaml", "yml", "toml", "ini", "log", "srt", "tex"}
    | {"org", "rst", "py", "js", "ts", "java", "c", "h", "cpp", "rs", "go", "sh", "sql"}
)
PICTURE_ENDINGS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "tif", "tiff", "avif", "heic", "heif"})
PICTURE_TYPES = frozenset(
    f"image/{name}" for name in ("jpeg", "png", "gif", "webp", "tiff", "avif", "heic", "heif")
)
DAY_MS = 24 * 3600 * 1000
ALL_KEPT_MS = DAY_MS
"""For so long every earlier content of a file is kept; then the last of each day."""


class RangeRefused(PileusError):
    """RFC 9110 §15.5.17: the range has no byte of the file."""

    status = 416
    code = "range"


def check_wish(parent: str, size: int, type_: str, blake3: str | None) -> None:
    """An upload's other members; raises `Invalid`."""
    if parent and not is_record_id(parent):
        raise Invalid("bad-parent", "The parent is no folder's id.")
    if not 0 <= size <= LARGEST:
        raise Invalid("bad-size", f"A file has 0 to {LARGEST} bytes.")
    if TYPE.fullmatch(type_) is None or type_ == FOLDER:
        raise Invalid("bad-type", f"{type_[:80]!r} is not a media type of a file.")
    if blake3 is not None and HASH.fullmatch(blake3) is None:
        raise Invalid("bad-hash", "A BLAKE3 hash has 64 lower-case hexadecimal digits.")


def check_sealed(sealed: object, name: str, type_: object) -> None:
    """What a file or folder of the vault may be ("" is none of it): nothing in the clear tells what it is.

    Raises `Invalid`.
    """
    if sealed == "":
        if type_ == SEALED:
            raise Invalid("bad-sealed", "A file of the vault says what it is called, sealed.")
        return
    if not isinstance(sealed, str) or len(sealed) > MOST_SEALED or BASE64.fullmatch(sealed) is None:
        raise Invalid("bad-sealed", f"What is sealed is Base64 of at most {MOST_SEALED} characters.")
    if type_ not in (SEALED, *FOLDERS) or SEALED_NAME.fullmatch(name) is None:
        raise Invalid("bad-sealed", "In the clear a file of the vault has a number for its name, and no kind.")


def key_of(sealed: str) -> str:
    """The id of the key by which a file or folder of the vault is sealed, in hex; "" where it tells none."""
    try:
        return base64.b64decode(sealed)[:KEY_ID].hex()
    except binascii.Error:
        return ""


def check_content(head: bytes, sealed: str) -> None:
    """That a content begins as those of the vault do, with the key that its record names. Raises `PileusError`."""
    if not head.startswith(SEALED_START):
        raise Invalid("bad-sealed", "What arrived was not sealed by the vault.", status=422)
    if head[KEY_AT : KEY_AT + KEY_ID].hex() != key_of(sealed):
        raise other_key()


def other_key() -> Conflict:
    """Of what was sealed before the vault was started over, say: nobody could read it."""
    return Conflict(OTHER_KEY, "This was sealed with another key than the vault has by now.")


def check_replacing(fields: Mapping[str, Any], sealed: str) -> None:
    """A file of the vault gets sealed contents alone, another one none; raises `Conflict`."""
    if bool(fields.get("sealed")) != bool(sealed):
        raise Conflict("sealed-file", "What is in the vault stays sealed, and what is not in it is not.")


def is_folder(fields: Mapping[str, Any]) -> bool:
    return fields.get("type") in FOLDERS


def has_words(fields: Mapping[str, Any]) -> bool:
    """Whether a file's content is text that is looked through when its owner searches."""
    if is_folder(fields) or not 0 < int(fields.get("size", 0)) <= TEXT_BYTES:
        return False
    ending = str(fields.get("name", "")).lower().rpartition(".")[2]
    type_ = str(fields.get("type", ""))
    return type_.startswith("text/") or type_ in TEXT_TYPES or ending in TEXT_ENDINGS


def is_picture(fields: Mapping[str, Any]) -> bool:
    """Whether a file may have a thumbnail, by its type or its ending; what is in it is not looked at."""
    ending = str(fields.get("name", "")).lower().rpartition(".")[2]
    type_ = str(fields.get("type", ""))
    return not is_folder(fields) and (type_ in PICTURE_TYPES or (type_ == UNKNOWN and ending in PICTURE_ENDINGS))


def text_of(data: bytes) -> str:
    """A file's bytes as text: UTF-8, UTF-16 by its mark, else GB 18030; "" for what is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        return ""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode(errors="ignore")


def check_file(fields: Mapping[str, Any]) -> None:
    """A record as it would be kept, whoever wrote it."""
    name, parent = fields.get("name"), fields.get("parent")
    if not isinstance(name, str) or not isinstance(parent, str):
        raise Invalid("malformed-file", "A file has a name and a parent.")
    if clean_name(name) != name:
        raise Invalid("bad-name", "A file's name is in Unicode form C.")
    check_sealed(fields.get("sealed", ""), name, fields.get("type"))
    if parent and not is_record_id(parent):
        raise Invalid("bad-parent", "The parent is no folder's id.")
    size = fields.get("size", 0)
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= LARGEST:
        raise Invalid("bad-size", "A size is a number of bytes.")
    modified = fields.get("modified_ms", 0)
    if isinstance(modified, bool) or not isinstance(modified, int | float):
        raise Invalid("malformed-file", "modified_ms is a number of milliseconds.")
    if is_folder(fields) == ("object" in fields):
        raise Invalid("malformed-file", "A file has an object, which an upload makes; a folder has none.")


def parse_offset(text: str | None) -> int:
    if text is None or OFFSET.fullmatch(text) is None:
        raise Invalid("bad-offset", "Upload-Offset says from which byte on the body goes.")
    return int(text)


def parse_range(text: str | None, size: int) -> tuple[int, int] | None:
    """Start and end (excluded) of a single range; None: all of it. Raises `RangeRefused`.

    Other units and several ranges are ignored, as RFC 9110 §14.2 allows.
    """
    found = RANGE.fullmatch(text.strip()) if text else None
    if found is None:
        return None
    first, last, tail = found.groups()
    if tail is not None:
        start, end = max(size - int(tail), 0), size
        if int(tail) == 0:
            start = size
    else:
        start, end = int(first), size if not last else min(int(last) + 1, size)
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeRefused(detail=f"The file has {size} bytes.", size=size)
    return start, end


def disposition(name: str) -> str:
    """RFC 6266: always an attachment, the name in UTF-8 beside a plain one."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def matches(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names this content (weak comparison, RFC 9110 §13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in header.split(",")]
