"""Reading message files."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.messages.formats import lines, values, xml
from pileus.cloud.services.messages.formats.choose import AnyReader
from pileus.cloud.services.messages.formats.items import Found, Item, Skipped
from pileus.cloud.services.messages.formats.lines import LinesReader
from pileus.cloud.services.messages.formats.xml import XmlReader
from pileus.cloud.services.messages.reasons import sentence
from pileus.cloud.services.messages.rules import Call, Draft, Message
from pileus.core.errors import Invalid, PileusError, TooLarge

XML = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<smses count="4">
  <sms protocol="0" address="+8613800138000" date="1700000000000" type="1" body="西湖见 &#128512;" read="0"
    contact_name="Mei" sub_id="2" date_sent="1699999999000" />
  <sms address="10086" date="1700000000001" type="2" body="ok" read="1" contact_name="(Unknown)" status="0" />
  <mms date="1700000000002" msg_box="1" address="+8613800138000~+8613800138001" sub="Tea" contact_name="Mei, Lin">
    <parts><part ct="application/smil" text="x" /><part ct="text/plain" text="茶" />
      <part ct="image/png" cl="a.png" data="iVBORw0K" /></parts>
    <addrs><addr address="+8613800138001" type="137" /><addr address="+8613800138000" type="151" /></addrs></mms>
  <sms address="10086" date="soon" type="1" body="x" />
</smses>
"""


def message(item: Item) -> Message:
    assert isinstance(item, Found)
    assert isinstance(item.value, Message)
    return item.value


def why(item: Item) -> str:
    assert isinstance(item, Skipped)
    return sentence(item.code, item.values, "en")


def read(data: bytes, size: int = 1 << 16) -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        reader = AnyReader(Path(folder))
        try:
            items = [item for at in range(0, len(data), size) for item in reader.feed(data[at : at + size])]
            while rest := reader.close():
                items += rest
        finally:
            reader.drop()
        assert list(Path(folder).iterdir()) == []
    return items


def test_an_xml_backup_is_read() -> None:
    first, second, mms, bad = read(XML.encode())
    assert (message(first).body, message(first).direction, message(first).contact) == ("西湖见 😀", "in", "Mei")
    assert (first.line, message(first).read, message(first).sim) == (3, False, "2")
    assert message(first).sent_ms == 1_699_999_999_000
    assert (message(second).direction, message(second).contact) == ("out", "")
    assert message(second).state == "delivered"
    assert isinstance(mms, Found)
    assert (mms.line, mms.blobs) == (6, (b"\x89PNG\r\n",))
    assert message(mms).address == "+8613800138001"
    assert message(mms).people == ("+8613800138000", "+8613800138001")
    assert (message(mms).subject, message(mms).body) == ("Tea", "茶")
    assert [(part.type, part.name, part.size) for part in message(mms).parts] == [("image/png", "a.png", 6)]
    assert "'soon'" in why(bad)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_pieces_of_any_size_give_the_same(size: int) -> None:
    assert read(XML.encode(), size) == read(XML.encode())


def test_messages_before_a_break_are_given_first() -> None:
    reader = XmlReader()
    items = reader.feed(XML.encode().split(b"  <mms")[0] + b"<<<")
    assert [type(item) for item in items] == [Found, Found]
    with pytest.raises(Invalid) as caught:
        reader.close()
    assert caught.value.code == "import-malformed"
    assert caught.value.extra["line"] == 6


def test_a_cut_file_is_told() -> None:
    with pytest.raises(Invalid) as caught:
        read(XML.encode()[:-10])
    assert caught.value.code == "import-malformed"


BOMB = """<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<smses><sms address="1" date="1" type="1" body="&b;" /></smses>"""
OUTSIDE = '<!DOCTYPE smses SYSTEM "file:///etc/passwd"><smses/>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_document_types_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(text.encode())
    assert caught.value.code == "import-doctype"


def test_other_xml_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        read(b"<html><body/></html>")
    assert caught.value.code == "import-format"


def test_deep_xml_is_refused() -> None:
    with pytest.raises(Invalid):
        read(b"<smses>" + b"<a>" * 100)


def test_an_endless_element_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_TOKEN_BYTES", 1000)
    with pytest.raises(TooLarge):
        read(b"<smses><!-- " + b"x" * 3000, 500)


def test_many_elements_do_not_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_TOKEN_BYTES", 1000)
    line = b'<sms address="1" date="1" type="1" body="x"/>\n'
    assert len(read(b"<smses>" + line * 300 + b"</smses>", 100)) == 300


def test_a_picture_of_any_size_goes_by(tmp_path: Path) -> None:
    reader = AnyReader(tmp_path)
    items = reader.feed(b'<smses>\n<mms date="1"><parts><part data="')
    piece = b"QUJD" * (1 << 14)
    for _ in range(1400):  # more than what may stand between two elements
        items += reader.feed(piece)
    items += reader.feed(b'\n" /></parts></mms>\n<sms address="1" date="1" type="1" body="x"/></smses>')
    items += reader.close()
    assert [(type(item), item.line) for item in items] == [(Skipped, 2), (Skipped, 2), (Found, 4)]
    assert [why(item) for item in items[:2]] == [
        "The attachment '' has more than 8388608 bytes. The message is kept without it.",
        "The message has no text and no attachment.",
    ]


def test_the_parser_gets_an_unfinished_element_by_doubling_pieces() -> None:
    reader = XmlReader()
    handed: list[int] = []
    parse = reader._parse
    reader._parse = lambda data, last: (handed.append(len(data)), parse(data, last))[1]  # type: ignore[method-assign, func-returns-value]
    reader.feed(b"<smses><!-- ")
    for _ in range(256):
        reader.feed(b"x" * 1024)
    reader.feed(b" --></smses>")
    assert reader.close() == []
    assert len(handed) < 24
    assert sum(handed) > 256 * 1024


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_message_that_is_too_long_is_skipped(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(values, "LONGEST", 100)
    long = "<sms address='1' date='1' type='1'\nbody='" + '"<&#10;é\n' * 40 + "'/>\n"
    fine = "<!-- ' --><sms address='1' date='1' type='1' body=\"it's\"/><![CDATA[<\"]]>"
    items = read(f"<?xml version='1.0'?><smses>\n{long}{fine}</smses>".encode().replace(b"<&", b"&"), size)
    assert [(type(item), item.line) for item in items] == [(Skipped, 2), (Found, 44)]
    assert isinstance(items[1], Found)
    assert message(items[1]).body == "it's"


@given(
    st.lists(st.sampled_from([*"<>\"'=/ a&\n", "<!--", "-->", "<?", "?>", "<![CDATA[", "]]>", "<!D"])),
    st.integers(1, 9),
)
def test_what_is_not_too_long_stays_as_it_is(parts: list[str], size: int) -> None:
    data = "".join(parts).encode()
    shortener = values.Shortener(b"?")
    given_out = b"".join(shortener.feed(data[at : at + size]) for at in range(0, len(data), size))
    assert given_out + shortener.close() == data


@pytest.mark.parametrize(("kind", "direction", "state"), [(k, *v) for k, v in xml.TYPES.items()])
def test_types_of_xml(kind: str, direction: str, state: str) -> None:
    (item,) = read(f'<smses><sms address="1" date="1" type="{kind}" body="x"/></smses>'.encode())
    assert isinstance(item, Found)
    assert (message(item).direction, message(item).fields()["state"]) == (direction, state)


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ('address="1" date="1" type="9" body="x"', "type"),
        ('address="1" date="1" type="1"', "body"),
        ('address="1" type="1" body="x"', "date"),
        ('address="1" date="99999999999999999999" type="1" body="x"', "date"),
    ],
)
def test_skipped_xml_says_why(attributes: str, word: str) -> None:
    (item,) = read(f"<smses>\n<sms {attributes}/></smses>".encode())
    assert isinstance(item, Skipped)
    assert item.line == 2
    assert word in why(item)


def test_json_lines_are_read() -> None:
    good = {"address": "10086", "date_ms": 5, "direction": "in", "body": "西湖", "contact": "Mei"}
    rows = [json.dumps(good), "", "{oops", "[1]", json.dumps({**good, "kind": "fax"}), json.dumps(good)]
    items = read("\ufeff".encode() + "\r\n".join(rows).encode())
    assert [(type(item), item.line) for item in items] == [
        (Found, 1),
        (Skipped, 3),
        (Skipped, 4),
        (Skipped, 5),
        (Found, 6),
    ]
    assert isinstance(items[0], Found)
    assert message(items[0]).body == "西湖"


@pytest.mark.parametrize(
    "change",
    [
        {"address": 1},
        {"body": None},
        {"date_ms": "5"},
        {"date_ms": True},
        {"date_ms": 1.5},
        {"direction": None},
        {"contact": ["x"]},
        {"read": "yes"},
        {"body": "\ud800"},
    ],
)
def test_skipped_json_says_why(change: dict[str, object]) -> None:
    good = {"address": "10086", "date_ms": 5, "direction": "in", "body": "x"}
    (item,) = read(json.dumps({**good, **change}).encode())
    assert why(item)


def test_a_line_too_long_is_skipped_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 200)
    good = json.dumps({"address": "1", "date_ms": 5, "direction": "in", "body": "x"}).encode()
    long = json.dumps({"address": "1", "date_ms": 5, "direction": "in", "body": "y" * 300}).encode()
    for size in (1, 50, 10_000):
        items = read(good + b"\n" + long + b"\n" + good, size)
        assert [(type(item), item.line) for item in items] == [(Found, 1), (Skipped, 2), (Found, 3)]


def test_deeply_nested_json_is_skipped() -> None:
    (item,) = read(b'{"a":' + b"[" * 100_000)
    assert isinstance(item, Skipped)


@pytest.mark.parametrize("data", [b"", b"  \n ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read(data)
    assert caught.value.code == "import-empty"


@pytest.mark.parametrize("data", [b"PK", b"SQLite", b"hello", b"\x00" * 100, b" " * 70_000])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read(data)
    assert caught.value.code == "import-format"


PRINTABLE = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=60
)


# A text that is not there is "null" in these files: they cannot tell it from the word.
@given(PRINTABLE.filter(lambda text: text != "null"), st.integers(0, 10**13), st.integers(1, 40))
def test_any_text_survives_xml(body: str, date: int, size: int) -> None:
    text = f'<smses><sms address="1" date="{date}" type="1" body={quoteattr(body)}/></smses>'
    (item,) = read(text.encode(), size)
    assert isinstance(item, Found)
    assert (message(item).body, message(item).date_ms) == (body, date)


@given(st.lists(PRINTABLE, max_size=8), st.integers(1, 40))
def test_any_texts_survive_json_lines(bodies: list[str], size: int) -> None:
    rows = [{"address": "1", "date_ms": 1, "direction": "out", "body": body} for body in bodies]
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    reader = LinesReader()
    items = [item for at in range(0, len(data), size) for item in reader.feed(data[at : at + size])]
    items += reader.close()
    assert [message(item).body for item in items] == bodies


@given(st.binary(max_size=300), st.sampled_from([b"<", b"{", b"<smses>", b""]), st.integers(1, 50))
def test_no_file_does_anything_but_be_read_or_refused(rest: bytes, head: bytes, size: int) -> None:
    with suppress(PileusError):
        read(head + rest, size)


def mms(parts: str, attributes: str = 'msg_box="2" address="+1~+2"') -> list[Item]:
    return read(f'<smses><mms date="5" {attributes}><parts>{parts}</parts></mms></smses>'.encode())


def test_broken_parts_are_left_out_and_told() -> None:
    good, bad = '<part ct="image/png" data="QUJD"/>', '<part ct="image/png" name="b.png" data="QUJ"/>'
    skipped, found = mms(good + bad)
    assert why(skipped) == "The attachment 'b.png' cannot be decoded. The message is kept without it."
    assert isinstance(found, Found)
    assert found.blobs == (b"ABC",)
    assert [type(item) for item in mms(bad)] == [Skipped, Skipped]


def test_parts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_PART_BYTES", 9)
    monkeypatch.setattr(xml, "MAX_PARTS_BYTES", 10)
    part = '<part ct="image/png" data="{}"/>'
    items = mms(part.format("QUJD" * 4) + part.format("QUJD" * 3) + part.format("QUJD"))
    assert [item.code for item in items if isinstance(item, Skipped)] == ["part-too-large", "parts-too-large"]
    found = items[-1]
    assert isinstance(found, Found)
    assert found.blobs == (b"ABC" * 3,)


def test_calls_and_drafts_are_read() -> None:
    calls = (
        '<calls><call number="10086" date="7" type="3" duration="0" subscription_id="1"/><call date="1"/></calls>'
    )
    found, skipped = read(calls.encode())
    assert isinstance(found, Found)
    assert found.value == Call("10086", 7, "missed", sim="1")
    assert why(skipped) == "The attribute number is missing."
    (draft,) = read(b'<smses><sms address="1" date="5" type="3" body="later"/></smses>')
    assert isinstance(draft, Found)
    assert draft.value == Draft(("1",), "later", 5)
