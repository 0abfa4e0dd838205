"""Databases of iOS, archives of Google Voice, Signal's plaintext, and the way back out."""

from __future__ import annotations

import io
import sqlite3
import tracemalloc
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pileus.cloud.services.messages.formats import apple, choose, export, voice
from pileus.cloud.services.messages.formats.items import AT_ONCE_BYTES, Found, Item, Skipped
from pileus.cloud.services.messages.rules import MAX_BODY_BYTES, Call, Message, check_message
from pileus.core.errors import Invalid, PileusError, TooLarge
from tests.cloud.services.messages.test_imports import message, read, why

PEOPLE = "INSERT INTO handle VALUES ('+8613800138000'), ('lin@example.org');"
SCHEMA = f"""
CREATE TABLE message (text TEXT, attributedBody BLOB, date INTEGER, is_from_me INTEGER, is_read INTEGER,
  service TEXT, error INTEGER, is_sent INTEGER, is_delivered INTEGER, date_delivered INTEGER, handle_id INTEGER,
  associated_message_type INTEGER, item_type INTEGER, cache_has_attachments INTEGER);
CREATE TABLE handle (id TEXT);
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER);
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER);
{PEOPLE}
INSERT INTO chat_handle_join VALUES (1, 1), (2, 1), (2, 2);
"""
NS = 600_000_000_123_000_000
MS = NS // 1_000_000 + apple.EPOCH_S * 1000


def database(folder: Path, rows: list[dict[str, Any]], schema: str = SCHEMA) -> bytes:
    path = folder / "sms.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(schema)
        for row in rows:
            one = {"date": NS, "is_from_me": 0, "service": "SMS", "handle_id": 1, "is_read": 1} | row
            chat = one.pop("chat", 1)
            marks = ", ".join("?" * len(one))
            insert = f"INSERT INTO message ({', '.join(one)}) VALUES ({marks})"
            number = db.execute(insert, tuple(one.values())).lastrowid
            db.execute("INSERT INTO chat_message_join VALUES (?, ?)", (chat, number))
        db.commit()
    return path.read_bytes()


def typed(text: str) -> bytes:
    data = text.encode()
    length = bytes([len(data)]) if len(data) < 128 else b"\x81" + len(data).to_bytes(2, "little")
    head = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x94\x84\x01+"
    return head + length + data + b"\x86"


def test_a_database_of_ios_is_read(tmp_path: Path) -> None:
    rich_text = "late 好" * 30
    data = database(
        tmp_path,
        [
            {"text": "西湖见"},
            {"attributedBody": typed(rich_text), "is_from_me": 1, "is_delivered": 1, "service": "iMessage"},
            {"text": "all", "chat": 2, "handle_id": 2, "is_read": 0},
            {"text": "old", "date": 600_000_000},
            {"text": "liked", "associated_message_type": 2001},
            {"text": "\ufffc", "cache_has_attachments": 1},
            {"text": "not sent", "is_from_me": 1, "error": 22},
        ],
    )
    for size in (7, 1 << 20):
        one, rich, group, old, *skipped, failed = read(data, size)
        assert message(one) == Message("+8613800138000", MS, "in", "西湖见", state="received")
        assert message(rich).body == rich_text
        assert (message(rich).state, message(rich).via) == ("delivered", "imessage")
        assert message(group).people == ("+8613800138000", "lin@example.org")
        assert (message(group).address, message(group).read) == ("lin@example.org", False)
        assert message(old).date_ms == MS // 1000 * 1000
        assert message(failed).state == "failed"
        assert [(item.line, why(item)[:16]) for item in skipped] == [
            (5, "This is a reacti"),
            (6, "The attachments "),
            (6, "The message has "),
        ]


def test_a_database_of_an_old_ios_has_fewer_columns(tmp_path: Path) -> None:
    schema = SCHEMA.replace("attributedBody BLOB, ", "").replace(", cache_has_attachments INTEGER", "")
    (one,) = read(database(tmp_path, [{"text": "西湖"}], schema))
    assert message(one).body == "西湖"


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i AS id FROM n"
AS_VIEW = SCHEMA.replace("TABLE handle (id TEXT)", f"VIEW handle AS {ENDLESS}").replace(PEOPLE, "")


@pytest.mark.parametrize("schema", ["CREATE TABLE other (a)", AS_VIEW])
def test_other_databases_are_refused(tmp_path: Path, schema: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(database(tmp_path, [], schema))
    assert caught.value.code == "import-format"


def test_an_endless_query_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apple, "STEPS", 10)
    monkeypatch.setattr(apple, "MAX_LOOKS", 5)
    with pytest.raises(Invalid) as caught:
        read(database(tmp_path, [{"text": f"{at}"} for at in range(50)]))
    assert caught.value.code == "import-malformed"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damaged_database_does_more_than_break_off(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(database(tmp_path, [{"text": f"西湖 {at}"} for at in range(20)]))
    for _ in range(data.draw(st.integers(1, 40))):
        whole[data.draw(st.integers(16, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert ending(bytes(whole[: data.draw(st.integers(16, len(whole)))])) in {
        "",
        "import-malformed",
        "import-format",
    }


def ending(data: bytes) -> str:
    """How reading a file ended: "" or the error's code."""
    try:
        read(data)
    except PileusError as error:
        return error.code
    return ""


TEXT = """<html><head><title>Bob</title></head><body><div class="hChatLog hfeed">
<div class="message"><abbr class="dt" title="2020-06-26T20:07:50.283-07:00">x</abbr>:
<cite class="sender vcard"><a class="tel" href="tel:+14155550100"><span class="fn">Bob</span></a></cite>:
<q>Tea &amp; 西湖<br>at noon</q></div>
<div class="message"><abbr class="dt" title="2020-06-26T20:08:00.000-07:00">x</abbr>:
<cite class="sender vcard"><a class="tel" href="tel:+14155550199"><abbr class="fn" title="">Me</abbr></a></cite>:
<q>ok</q><div><img src="Bob - Text - 1-1" alt="Image MMS Attachment"></div><img src="gone"></div>
<div class="message"><abbr class="dt" title="soon">x</abbr>: <q>x</q></div></div></body></html>"""
PARTICIPANTS = """<div class="participants">Group conversation with:
<cite class="sender vcard"><a class="tel" href="tel:+14155550100"><span class="fn">Bob</span></a></cite>,
<cite class="sender vcard"><a class="tel" href="tel:+14155550101"><span class="fn">Ada</span></a></cite></div>"""
CALL = """<div class="haudio"><span class="album">Call Log for</span><span class="fn">Placed call to Bob</span>
<div class="contributor vcard">To <a class="tel" href="tel:+14155550100"><span class="fn">Bob</span></a></div>
<abbr class="published" title="2011-02-03T04:05:06.000Z">x</abbr> <abbr class="duration" title="PT1M30S">x</abbr>
<div class="tags">Labels: <a rel="tag" href="http://www.google.com/voice#placed">Placed</a></div></div>"""


def archive(files: dict[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(f"Takeout/Voice/Calls/{name}", content)
    return data.getvalue()


def test_an_archive_of_google_voice_is_read() -> None:
    files: dict[str, bytes | str] = {
        "Bob - Text - 2020.html": TEXT,
        "Bob - Text - 1-1.jpg": b"picture",
        "Group Conversation - 2020.html": PARTICIPANTS + TEXT,
        "Bob - Placed - 2011.html": CALL,
    }
    came, lost, went, strange, *group, call = read(archive(files))
    assert message(came).body == "Tea & 西湖\nat noon"
    assert (message(came).address, message(came).contact) == ("+14155550100", "Bob")
    assert message(came).date_ms == 1593227270283
    assert why(lost) == "The attachment 'gone' cannot be decoded. The message is kept without it."
    assert isinstance(went, Found)
    assert (message(went).direction, message(went).address, went.blobs) == ("out", "+14155550100", (b"picture",))
    assert message(went).parts[0].type == "image/jpeg"
    assert isinstance(strange, Skipped)
    assert message(group[0]).people == ("+14155550100", "+14155550101")
    assert isinstance(call, Found)
    assert call.value == Call("+14155550100", 1296705906000, "out", 90, "Bob", "Google Voice")


def test_a_hostile_archive_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "MAX_PAGE_BYTES", 1000)
    (item,) = read(archive({"a - Text.html": "x" * 2000}))
    assert why(item) == "The page 'Takeout/Voice/Calls/a - Text.html' cannot be read, or is too large."
    deep = archive({"a - Text.html": "<div>" * 150})
    assert read(deep) == []
    monkeypatch.setattr(voice, "MAX_LIST_BYTES", 10)
    with pytest.raises(TooLarge):
        read(deep)
    monkeypatch.setattr(choose, "MAX_SPOOL_BYTES", 100)
    with pytest.raises(TooLarge) as caught:
        read(deep)
    assert caught.value.code == "import-too-large"


def test_another_archive_is_refused() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("a.txt", "x")
    assert ending(other.getvalue()) == "import-format"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damaged_archive_does_more_than_break_off(data: st.DataObject) -> None:
    whole = bytearray(archive({"Bob - Text - 2020.html": TEXT, "b.html": CALL}))
    for _ in range(data.draw(st.integers(1, 40))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(4, len(whole)))])
    assert ending(cut) in {"", "import-malformed", "import-format", "import-element"}


@given(st.text(max_size=300))
def test_no_page_does_anything_but_be_read(text: str) -> None:
    page = voice._Page()
    page.feed(text + CALL[: len(text)])
    page.close()


def test_signals_plaintext_is_read_as_what_it_is() -> None:
    (item,) = read(
        b"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><!-- File Created By Signal -->"
        b'<smses count="1">'
        b'<sms protocol="0" address="+14155550100" contact_name="Bob" date="1467000000000" type="2" subject="null"'
        b' body="ok" toa="null" sc_toa="null" service_center="null" read="1" status="-1" locked="0" /></smses>'
    )
    assert message(item) == Message("+14155550100", 1467000000000, "out", "ok", "Bob", "sent")


NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="~\ufffe\uffff"), min_size=1
).filter(lambda text: text == text.strip() and text not in ("null", "(Unknown)", "insert-address-token"))
BODIES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"), min_size=1)
STATES = st.sampled_from(["received", "sent", "delivered", "failed", "unsent"])


def back(text: str, root: str = "smses") -> Item:
    (item,) = read((export.head(root, 1) + text + export.foot(root)).encode())
    return item


@given(NAMES, st.integers(1, 10**12), BODIES, STATES)
def test_what_is_written_is_read_again(address: str, date: int, body: str, state: str) -> None:
    direction = "in" if state == "received" else "out"
    written = Message(address, date, direction, body, "Mei", state, sim="2")
    found = message(back(export.message(written.fields(), [])))
    clean = "".join(char if char >= " " or char in "\t\n\r" else export.LOST for char in body)
    assert (found.body, found.address, found.date_ms) == ("" if clean == "null" else clean, address, date)
    assert (found.state, found.contact, found.sim) == (state, "Mei", "2")


def test_a_group_with_a_picture_is_written_and_read_again() -> None:
    (item,) = read(
        b'<smses><mms date="5" msg_box="1" address="+1~+2" sub="Tea" sub_id="1"><parts>'
        b'<part ct="text/plain" text="x"/><part ct="image/png" cl="a.png" data="QUJD"/></parts>'
        b'<addrs><addr address="+2" type="137"/></addrs></mms></smses>'
    )
    assert isinstance(item, Found)
    again = back(export.message(message(item).fields(), item.blobs))
    assert isinstance(again, Found)
    assert (again.value, again.blobs) == (item.value, item.blobs)
    out = Message("+1", 5, "out", "x", state="sent", people=("+1", "+2"))
    assert message(back(export.message(out.fields(), []))) == out


@pytest.mark.parametrize("kind", ["in", "out", "missed", "voicemail", "rejected", "blocked", "elsewhere"])
def test_a_call_is_written_and_read_again(kind: str) -> None:
    call = Call("+1", 5, kind, 7, "Mei", "2")
    item = back(export.call(call.fields()), "calls")
    assert isinstance(item, Found)
    assert item.value == call


def test_what_an_import_left_at_a_crash_is_swept_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "import-left").write_bytes(b"x" * 100)
    (tmp_path / "index").write_bytes(b"x")
    reader = choose.AnyReader(tmp_path)
    reader.feed(apple.HEAD + b"\0" * 100)
    choose.sweep(tmp_path)
    assert len(list(tmp_path.glob("import-*"))) == 1, "it is under way"
    with pytest.raises(Invalid):
        reader.close()
    reader.drop()
    assert [one.name for one in tmp_path.iterdir()] == ["index"]


def test_a_huge_address_costs_no_memory(tmp_path: Path) -> None:
    """One handle of a megabyte in two hundred places: once it was two hundred megabytes."""
    data = database(tmp_path, [{"text": "hi", "chat": number} for number in range(1, 201)])
    path = tmp_path / "sms.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE handle SET id = ? WHERE ROWID = 1", ("x" * (1 << 20),))
        db.execute("DELETE FROM chat_handle_join")
        db.executemany("INSERT INTO chat_handle_join VALUES (?, 1)", [(number,) for number in range(1, 201)])
        db.commit()
    assert len(data) < 1 << 20
    tracemalloc.start()
    try:
        items = list(apple.read(path))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(items) == 200
    assert most < 16 << 20
    with pytest.raises(PileusError):
        check_message(message(items[0]).fields(""))


def test_what_is_given_at_once_is_bounded_by_bytes(tmp_path: Path) -> None:
    """Large texts, and large attachments of an archive, count as many small ones do."""
    rows: list[dict[str, Any]] = [{"text": f"{number}" + "好" * 200_000} for number in range(100)]
    reader = choose.AnyReader(tmp_path)
    reader.feed(database(tmp_path, [*rows, {"text": "x" * (MAX_BODY_BYTES + 1)}]))
    assert reader.waiting > 100 * 600_000
    batches = []
    while batch := reader.close():
        batches.append(batch)
    reader.drop()
    assert max(sum(one.weight for one in batch) for batch in batches) < AT_ONCE_BYTES + 300_000
    items = [one for batch in batches for one in batch]
    assert [message(one).body[:2] for one in items[:2]] == ["0好", "1好"]
    assert (len(items), items[-1]) == (101, Skipped(101, "message-too-large"))
    assert Found(1, message(items[0]), (b"123",)).weight == len(message(items[0]).body) + 3
