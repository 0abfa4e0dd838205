"""Reading message files."""

from __future__ import annotations

import json
from contextlib import suppress
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.messages import imports, values
from pileus.cloud.services.messages.imports import AnyReader, Found, Item, LinesReader, Skipped, XmlReader
from pileus.core.errors import Invalid, PileusError, TooLarge

XML = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<smses count="4">
  <sms protocol="0" address="+8613800138000" date="1700000000000" type="1" body="西湖见 &#128512;" read="0"
    contact_name="Mei" />
  <sms address="10086" date="1700000000001" type="2" body="ok" read="1" contact_name="(Unknown)" />
  <mms date="1700000000002"><parts><part text="a" /></parts></mms>
  <sms address="10086" date="soon" type="1" body="x" />
</smses>
"""


def read(data: bytes, size: int = 1 << 16) -> list[Item]:
    reader = AnyReader()
    items = [item for at in range(0, len(data), size) for item in reader.feed(data[at : at + size])]
    return items + reader.close()


def test_an_xml_backup_is_read() -> None:
    items = read(XML.encode())
    first, second, mms, bad = items
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    assert (first.message.body, first.message.direction, first.message.contact) == ("西湖见 😀", "in", "Mei")
    assert (first.line, first.message.read) == (3, False)
    assert (second.message.direction, second.message.contact) == ("out", "")
    assert isinstance(mms, Skipped)
    assert mms.line == 6
    assert "MMS" in mms.why
    assert isinstance(bad, Skipped)
    assert "'soon'" in bad.why


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
    monkeypatch.setattr(imports, "MAX_TOKEN_BYTES", 1000)
    with pytest.raises(TooLarge):
        read(b"<smses><!-- " + b"x" * 3000, 500)


def test_many_elements_do_not_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MAX_TOKEN_BYTES", 1000)
    line = b'<sms address="1" date="1" type="1" body="x"/>\n'
    assert len(read(b"<smses>" + line * 300 + b"</smses>", 100)) == 300


def test_a_picture_of_any_size_goes_by() -> None:
    reader = AnyReader()
    items = reader.feed(b'<smses>\n<mms date="1"><parts><part data="')
    piece = b"QUJD" * (1 << 14)
    for _ in range(1400):  # more than what may stand between two elements
        items += reader.feed(piece)
    items += reader.feed(b'\n" /></parts></mms>\n<sms address="1" date="1" type="1" body="x"/></smses>')
    items += reader.close()
    assert [(type(item), item.line) for item in items] == [(Skipped, 2), (Found, 4)]


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
    assert items[1].message.body == "it's"


@given(
    st.lists(st.sampled_from([*"<>\"'=/ a&\n", "<!--", "-->", "<?", "?>", "<![CDATA[", "]]>", "<!D"])),
    st.integers(1, 9),
)
def test_what_is_not_too_long_stays_as_it_is(parts: list[str], size: int) -> None:
    data = "".join(parts).encode()
    shortener = values.Shortener(b"?")
    given_out = b"".join(shortener.feed(data[at : at + size]) for at in range(0, len(data), size))
    assert given_out + shortener.close() == data


@pytest.mark.parametrize(("kind", "direction", "state"), [(k, *v) for k, v in imports.XML_TYPES.items()])
def test_types_of_xml(kind: str, direction: str, state: str) -> None:
    (item,) = read(f'<smses><sms address="1" date="1" type="{kind}" body="x"/></smses>'.encode())
    assert isinstance(item, Found)
    assert (item.message.direction, item.message.fields()["state"]) == (direction, state)


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ('address="1" date="1" type="3" body="x"', "draft"),
        ('address="1" date="1" type="9" body="x"', "type"),
        ('address="1" date="1" type="1"', "body"),
        ('address="1" type="1" body="x"', "date"),
        ('address="" date="1" type="1" body="x"', "address"),
        ('address="1" date="99999999999999999999" type="1" body="x"', "date"),
    ],
)
def test_skipped_xml_says_why(attributes: str, why: str) -> None:
    (item,) = read(f"<smses>\n<sms {attributes}/></smses>".encode())
    assert isinstance(item, Skipped)
    assert item.line == 2
    assert why in item.why


def test_json_lines_are_read() -> None:
    good = {"address": "10086", "date_ms": 5, "direction": "in", "body": "西湖", "contact": "Mei"}
    lines = [json.dumps(good), "", "{oops", "[1]", json.dumps({**good, "direction": "up"}), json.dumps(good)]
    items = read("\ufeff".encode() + "\r\n".join(lines).encode())
    assert [(type(item), item.line) for item in items] == [
        (Found, 1),
        (Skipped, 3),
        (Skipped, 4),
        (Skipped, 5),
        (Found, 6),
    ]
    assert isinstance(items[0], Found)
    assert items[0].message.body == "西湖"


@pytest.mark.parametrize(
    "change",
    [
        {"address": 1},
        {"body": None},
        {"date_ms": "5"},
        {"date_ms": True},
        {"date_ms": 1.5},
        {"date_ms": -1},
        {"direction": None},
        {"contact": ["x"]},
        {"read": "yes"},
        {"body": "\ud800"},
    ],
)
def test_skipped_json_says_why(change: dict[str, object]) -> None:
    good = {"address": "10086", "date_ms": 5, "direction": "in", "body": "x"}
    (item,) = read(json.dumps({**good, **change}).encode())
    assert isinstance(item, Skipped)
    assert item.why


def test_a_line_too_long_is_skipped_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MAX_LINE_BYTES", 200)
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


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"hello", b"\x00" * 100, b" " * 70_000])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read(data)
    assert caught.value.code == "import-format"


PRINTABLE = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=60
)


@given(PRINTABLE, st.integers(0, 10**13), st.integers(1, 40))
def test_any_text_survives_xml(body: str, date: int, size: int) -> None:
    text = f'<smses><sms address="1" date="{date}" type="1" body={quoteattr(body)}/></smses>'
    (item,) = read(text.encode(), size)
    assert isinstance(item, Found)
    assert (item.message.body, item.message.date_ms) == (body, date)


@given(st.lists(PRINTABLE, max_size=8), st.integers(1, 40))
def test_any_texts_survive_json_lines(bodies: list[str], size: int) -> None:
    rows = [{"address": "1", "date_ms": 1, "direction": "out", "body": body} for body in bodies]
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    reader = LinesReader()
    items = [item for at in range(0, len(data), size) for item in reader.feed(data[at : at + size])]
    items += reader.close()
    assert [item.message.body for item in items if isinstance(item, Found)] == bodies


@given(st.binary(max_size=300), st.sampled_from([b"<", b"{", b"<smses>", b""]), st.integers(1, 50))
def test_no_file_does_anything_but_be_read_or_refused(rest: bytes, head: bytes, size: int) -> None:
    with suppress(PileusError):
        read(head + rest, size)
