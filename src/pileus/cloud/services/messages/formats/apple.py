"""`sms.db` of iOS (and `chat.db` of macOS): an SQLite file. Blocks; reads the file that it is given, nothing else.

The form is not documented by Apple; read are the tables that all versions since iOS 6 have, and those of the
columns that are there. Attachments lie beside the file in a backup, so they are told as missing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from pileus.cloud.services.messages.formats.items import Found, Item, Skipped
from pileus.cloud.services.messages.rules import MAX_ADDRESS_BYTES, MAX_BODY_BYTES, MAX_PEOPLE, Message
from pileus.core.errors import Invalid

HEAD = b"SQLite format 3\0"
EPOCH_S = 978_307_200
"""2001-01-01 UTC, from which Apple counts."""
MAX_VALUE_BYTES = 8 << 20
STEPS = 1_000_000
"""Instructions of SQLite between two looks at the bound below."""
MAX_LOOKS = 10_000
WANTED = (
    *("text", "attributedBody", "date", "is_from_me", "is_read", "service", "error", "is_sent", "is_delivered"),
    *("date_delivered", "associated_message_type", "item_type", "cache_has_attachments"),
)
TABLES = frozenset({"message", "handle", "chat_message_join", "chat_handle_join"})
# A text in a typedstream: after its class, its length in one byte, or in the two or four that follow 0x81 or 0x82.
_TEXT = re.compile(rb"NSString\x01[\x94\x95]\x84\x01\+([\x00-\x7f]|\x81..|\x82....)", re.DOTALL)
OBJECT = "\ufffc"
"""Stands for an attachment in a text."""


def read(path: Path) -> Iterator[Item]:
    """Messages by rising number, which is their `line`. Raises `Invalid` for what is no such file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as db:
        _restrain(db)
        try:
            yield from _messages(db)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise Invalid("import-malformed", f"The database cannot be read: {error}.", line=0) from None


def text_of(body: bytes) -> str:
    """The text in an `attributedBody`; "" where none is found."""
    match = _TEXT.search(body)
    if match is None:
        return ""
    length = match[1]
    size = length[0] if len(length) == 1 else int.from_bytes(length[1:], "little")
    return body[match.end() : match.end() + size].decode("utf-8", "replace")


def _restrain(db: sqlite3.Connection) -> None:
    """The file is a stranger's: no functions by its schema, no endless query, no huge value."""
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    looks = [0]

    def look() -> bool:
        looks[0] += 1
        return looks[0] > MAX_LOOKS

    db.set_progress_handler(look, STEPS)
    db.text_factory = lambda data: data.decode("utf-8", "replace")


def _messages(db: sqlite3.Connection) -> Iterator[Item]:
    kinds = dict(db.execute("SELECT name, type FROM sqlite_master WHERE sql LIKE 'CREATE TABLE %'"))
    if any(kinds.get(name) != "table" for name in TABLES):
        raise Invalid("import-format", "The database is not of Apple's messages.", line=0)
    there = {row[1] for row in db.execute("PRAGMA table_info(message)")}
    columns = ", ".join(f"m.{name}" if name in there else "NULL" for name in WANTED)
    rows = db.execute(
        "SELECT m.ROWID, m.handle_id, (SELECT chat_id FROM chat_message_join AS j WHERE j.message_id = m.ROWID"  # noqa: S608
        f" LIMIT 1), {columns} FROM message AS m ORDER BY m.ROWID"
    )
    address_of, people_of = _address_book(db)
    for number, handle, chat, *values in rows:
        row = dict(zip(WANTED, values, strict=True))
        yield from _items(number, address_of(handle), people_of(chat), row)


def _address_book(db: sqlite3.Connection) -> tuple[Callable[[Any], str], Callable[[Any], list[str]]]:
    """Who a handle is, and who are in a chat. No file makes it larger than some megabytes.

    What is longer than an address comes one character too long, and a chat with too many people with one too
    many: the rules refuse those.
    """
    text = f"substr(CAST(id AS TEXT), 1, {MAX_ADDRESS_BYTES + 1})"

    @lru_cache(10_000)
    def address(handle: Any) -> str:
        found = db.execute(f"SELECT {text} FROM handle WHERE ROWID = ?", (handle,)).fetchone()  # noqa: S608
        return str(found[0]) if found is not None and found[0] is not None else ""

    @lru_cache(100)
    def people(chat: Any) -> list[str]:
        joined = db.execute(
            f"SELECT handle_id FROM chat_handle_join WHERE chat_id = ? LIMIT {MAX_PEOPLE + 1}",  # noqa: S608
            (chat,),
        )
        return [one for (handle,) in joined.fetchall() if (one := address(handle))]

    return address, people


def _items(number: int, address: str, people: list[str], row: dict[str, Any]) -> Iterator[Item]:
    if row["item_type"] or 2000 <= _whole(row["associated_message_type"]) < 4000:
        yield Skipped(number, "no-message")
        return
    body = row["text"] if isinstance(row["text"], str) else ""
    if not body and isinstance(row["attributedBody"], bytes):
        body = text_of(row["attributedBody"])
    body = body.replace(OBJECT, "").strip()
    if row["cache_has_attachments"]:
        yield Skipped(number, "part-elsewhere")
    if not body:
        yield Skipped(number, "message-empty")
        return
    if len(body) > MAX_BODY_BYTES:
        yield Skipped(number, "message-too-large")
        return
    out = bool(row["is_from_me"])
    someone = address or (people[0] if people else "")
    yield Found(
        number,
        Message(
            people[0] if out and people else someone,
            _time(row["date"]),
            "out" if out else "in",
            body,
            state=_state(row) if out else "received",
            read=out or bool(row["is_read"]),
            people=tuple(people) if len(people) > 1 else (),
            via="" if row["service"] in (None, "SMS", "RCS") else str(row["service"]).lower()[:40],
            delivered_ms=_time(row["date_delivered"]) if out and row["date_delivered"] else 0,
        ),
    )


def _state(row: dict[str, Any]) -> str:
    if row["error"]:
        return "failed"
    if row["is_delivered"]:
        return "delivered"
    return "sent" if row["is_sent"] in (None, 1) else "unsent"


def _time(value: Any) -> int:
    """Nanoseconds since iOS 11, seconds before."""
    number = _whole(value)
    milliseconds = number // 1_000_000 if number > 10**11 else number * 1000
    return max(0, milliseconds + EPOCH_S * 1000)


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0
