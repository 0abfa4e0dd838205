"""Reading and writing vCards."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.contacts import cards
from pileus.cloud.services.contacts.cards import Broken, Card, CardReader, Item, write_card
from pileus.cloud.services.contacts.rules import check_contact
from pileus.core.errors import Invalid

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(100)).decode()
PHONE_21 = f"""BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=B8=
=89;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=E4=B8=89
TEL;CELL;PREF:138-0013-8000
TEL;WORK;FAX:+86 10 1234
NOTE;ENCODING=QUOTED-PRINTABLE:two=0D=0Alines; and = 3D
ADR;HOME:;;Lane 1\\; back;Hangzhou;;310000;China
PHOTO;ENCODING=BASE64;JPEG:{JPEG[:40]}
 {JPEG[40:80]}
{JPEG[80:]}

X-LUNAR;VALUE=1;TYPE=a:=raw\\value
END:VCARD
""".replace("= 3D", "=3D")
APPLE = """BEGIN:VCARD\r
VERSION:3.0\r
PRODID:-//Apple Inc.//iOS 17//EN\r
N:王;小明;;;\r
FN:王小明\r
X-PHONETIC-FIRST-NAME:Xiaoming\r
X-PHONETIC-LAST-NAME:Wang\r
item1.TEL;type=pref:+86 139 0000 0000\r
item1.X-ABLabel:船上\r
item2.URL;type=pref:http\\://example.org/a\\,b\r
item2.X-ABLabel:_$!<HomePage>!$_\r
item3.X-ABDATE;type=pref:2010-05-06\r
BDAY;X-APPLE-OMIT-YEAR=1604;value=date:1604-02-29\r
CATEGORIES:Family,Sailing\\, summer\r
IMPP;X-SERVICE-TYPE=QQ;type=HOME:x-apple:123\r
X-Unknown-Thing;Z=1;A="2;3":a\\,b\\;c\\nd\r
UID:9c1f\r
END:VCARD\r
"""


def read(data: bytes | str, size: int = 1 << 16) -> list[Item]:
    raw = data.encode() if isinstance(data, str) else data
    reader = CardReader()
    items = [item for at in range(0, len(raw), size) for item in reader.feed(raw[at : at + size])]
    return items + reader.close()


def one(data: bytes | str) -> dict[str, Any]:
    [card] = read(data)
    assert isinstance(card, Card), card
    check_contact(card.fields)
    return card.fields


def wrap(*lines: str, version: str = "4.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def test_a_card_of_an_old_phone_is_read() -> None:
    fields = one(PHONE_21.replace("\n", "\r\n"))
    assert fields["n"] == [{"value": ["张", "三", "", "", ""]}]
    assert fields["fn"] == [{"value": "张三"}]
    assert fields["tel"] == [
        {"value": "138-0013-8000", "params": {"PREF": ["1"], "TYPE": ["cell"]}},
        {"value": "+86 10 1234", "params": {"TYPE": ["work", "fax"]}},
    ]
    assert fields["note"] == [{"value": "two\nlines; and = 3D".replace("= 3D", "=")}]
    assert fields["adr"][0]["value"] == ["", "", "Lane 1; back", "Hangzhou", "", "310000", "China"]
    assert fields["photo"] == [{"value": f"data:image/jpeg;base64,{JPEG}"}]
    assert fields["x-lunar"] == [{"value": "=raw\\value", "params": {"VALUE": ["1"], "TYPE": ["a"]}}]


@pytest.mark.parametrize("charset", ["GBK", "gb2312", "Big5"])
def test_chinese_in_the_encodings_of_old_phones(charset: str) -> None:
    name = "".join(f"={byte:02X}" for byte in "張三".encode("gb18030" if charset != "Big5" else "big5"))
    fields = one(wrap(f"N;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:;{name};;;", version="2.1"))
    assert fields["fn"] == [{"value": "張三"}]
    raw = f"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET={charset}:".encode() + "張三".encode(
        "gb18030" if charset != "Big5" else "big5"
    )
    assert one(raw + b"\nEND:VCARD")["fn"] == [{"value": "張三"}]


def test_a_file_in_utf_16_is_read() -> None:
    assert one(APPLE.encode("utf-16"))["fn"] == [{"value": "王小明"}]
    assert one(b"\xef\xbb\xbf" + APPLE.encode())["uid"] == [{"value": "9c1f"}]


def test_what_apple_writes_is_kept() -> None:
    fields = one(APPLE)
    assert fields["tel"] == [{"value": "+86 139 0000 0000", "params": {"PREF": ["1"]}, "group": "item1"}]
    assert fields["x-ablabel"][0] == {"value": "船上", "group": "item1"}
    assert fields["x-phonetic-last-name"] == [{"value": "Wang"}]
    assert fields["url"][0]["value"] == "http://example.org/a,b"
    assert fields["bday"] == [{"value": "--0229", "params": {"VALUE": ["date"]}}]
    assert fields["categories"] == [{"value": ["Family", "Sailing, summer"]}]
    assert fields["x-unknown-thing"] == [
        {"value": r"a\,b\;c\nd", "params": {"Z": ["1"], "A": ["2;3"]}, "name": "X-Unknown-Thing"}
    ]


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@pytest.mark.parametrize("text", [PHONE_21, APPLE])
def test_nothing_is_lost_by_writing_and_reading_again(text: str, version: Any) -> None:
    fields = one(text)
    written = write_card(fields, version)
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    assert one(written) == fields


def test_an_unknown_property_is_written_byte_by_byte_as_it_came() -> None:
    line = 'X-Vendor;Z=1;A="2;3":a\\,b\\;c\\nd,;^n'
    for version in ("3.0", "4.0"):
        written = write_card(one(wrap("FN:A", line, version=version)), version)  # type: ignore[arg-type]
        assert line in written.replace("\r\n ", "")


def test_what_the_versions_write_differently() -> None:
    fields = one(APPLE)
    old, new = write_card(fields, "3.0"), write_card(fields, "4.0")
    assert "BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1604:1604-02-29" in old
    assert "BDAY;VALUE=date:--0229" in new
    assert "item1.TEL;TYPE=pref:+86 139 0000 0000" in old
    assert "item1.TEL;PREF=1:+86 139 0000 0000" in new
    assert "item1.X-ABLabel:船上" in old
    photo = one(PHONE_21)
    assert f"PHOTO;ENCODING=b;TYPE=JPEG:{JPEG}" in write_card(photo, "3.0").replace("\r\n ", "")
    assert f"PHOTO:data:image/jpeg;base64,{JPEG}" in write_card(photo, "4.0").replace("\r\n ", "")
    group = one(wrap("FN:Crew", "KIND:group", "MEMBER:urn:uuid:a", "GENDER:O", "ANNIVERSARY:20100506"))
    assert "X-ADDRESSBOOKSERVER-KIND:group" in write_card(group, "3.0")
    assert one(write_card(group, "3.0")) == {**group, "n": [{"value": [""] * 5}]}


def test_carets_are_read_and_written_where_4_0_has_them() -> None:
    fields = one(wrap("FN:A", """ADR;LABEL="Lane 1^n^'Old^' house, back":;;Lane 1;;;;"""))
    assert fields["adr"][0]["params"] == {"LABEL": ['Lane 1\n"Old" house, back']}
    assert one(write_card(fields, "4.0")) == fields


def test_an_address_that_is_a_uri_keeps_its_signs() -> None:
    fields = one(wrap("FN:A", "TEL;VALUE=uri:tel:+1-201-555-0123;ext=5"))
    assert fields["tel"][0]["value"] == "tel:+1-201-555-0123;ext=5"
    assert "tel:+1-201-555-0123;ext=5" in write_card(fields, "4.0")


@pytest.mark.parametrize("size", [1, 3, 64])
def test_pieces_of_any_size_give_the_same(size: int) -> None:
    data = (APPLE + PHONE_21).encode()
    assert read(data, size) == read(data)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["FN:Broken", "no colon here"], "vcard-line"),
        (["FN:Broken", "TEL;=x:1"], "vcard-line"),
        (["FN:Broken", "N;CHARSET=klingon:x"], "vcard-encoding"),
        (["FN:Broken", "PHOTO;ENCODING=b:***"], "vcard-binary"),
        (["FN:Broken", *["NOTE:x"] * 1001], "vcard-too-many"),
        (["FN:"], "vcard-empty"),
    ],
)
def test_a_broken_card_is_named_and_the_next_one_read(lines: list[str], code: str) -> None:
    broken, fine = read(wrap(*lines) + APPLE)
    assert isinstance(broken, Broken)
    assert (broken.line, broken.code) == (1, code)
    assert broken.name == ("" if code == "vcard-empty" else "Broken")
    assert isinstance(fine, Card)
    assert fine.line == len(lines) + 4


def test_cards_that_do_not_end_are_named() -> None:
    items = read("BEGIN:VCARD\nFN:One\n" + APPLE + "BEGIN:VCARD\nFN:Last")
    assert [type(item) for item in items] == [Broken, Card, Broken]
    assert [item.code for item in items if isinstance(item, Broken)] == ["vcard-unfinished"] * 2
    assert [item.name for item in items] == ["One", "王小明", "Last"]


def test_an_unknown_version_and_text_in_no_encoding_are_named() -> None:
    assert [item.code for item in read(wrap("FN:A", version="9.0")) if isinstance(item, Broken)] == [
        "vcard-version"
    ]
    latin = wrap("FN:J").encode().replace(b"FN:J", b"FN:J\xf6rg")
    assert [item.code for item in read(latin) if isinstance(item, Broken)] == ["vcard-encoding"]


def test_a_file_without_a_card_is_refused() -> None:
    with pytest.raises(Invalid) as failure:
        read("milk\nbread\n")
    assert failure.value.code == "vcard-none"


def test_a_card_without_bounds_is_dropped_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MAX_CARD_BYTES", 2000)
    lines = wrap("FN:Long", *["NOTE:" + "x" * 90] * 50)
    line = wrap("FN:Line", "NOTE:" + "x" * 5000)
    for size in (100, 10_000):
        items = read(lines + line + APPLE, size)
        assert [getattr(item, "code", "") for item in items] == ["vcard-too-large", "vcard-too-large", ""]
        assert [item.name for item in items] == ["Long", "Line", "王小明"]


def test_an_agent_within_a_card_is_kept_as_text() -> None:
    agent = ["AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Secretary", "END:VCARD"]
    fields = one(wrap("FN:Boss", *agent, "TEL:1", version="2.1"))
    assert fields["fn"] == [{"value": "Boss"}]
    assert "FN:Secretary" in fields["agent"][0]["value"]
    assert fields["tel"] == [{"value": "1"}]


def test_names_are_put_together_as_their_language_does() -> None:
    assert one(wrap("N:Berg;Anna;Maria;Dr.;MSc"))["fn"][0]["value"] == "Dr. Anna Maria Berg MSc"
    assert one(wrap("N:欧阳;娜娜;;;"))["fn"][0]["value"] == "欧阳娜娜"
    assert one(wrap("ORG:Tea House;Shop"))["fn"][0]["value"] == "Tea House"
    assert one(wrap("TEL:+49 30 1"))["fn"][0]["value"] == "+49 30 1"


def test_the_same_card_has_the_same_id_whatever_its_revision() -> None:
    first, second = read(wrap("FN:A", "REV:20240101T000000Z") + wrap("FN:A", "REV:20250101T000000Z"))
    assert isinstance(first, Card)
    assert isinstance(second, Card)
    assert first.id == second.id
    bare, urn = read(wrap("FN:A", "UID:F0") + wrap("FN:B", "UID:urn:uuid:f0"))
    assert isinstance(bare, Card)
    assert isinstance(urn, Card)
    assert bare.id == urn.id


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60)


@given(TEXT, st.lists(TEXT, max_size=4), st.lists(TEXT.map(lambda text: text.replace("\n", "")), max_size=3))
def test_any_text_comes_back(note: str, parts: list[str], types: list[str]) -> None:
    fields: dict[str, Any] = {"fn": [{"value": "A"}], "note": [{"value": note}], "adr": [{"value": parts or [""]}]}
    if types:
        fields["note"][0]["params"] = {"X-P": types}
    again = one(write_card(fields, "4.0"))
    assert again["note"] == fields["note"]
    assert again["adr"][0]["value"][: len(parts)] == parts
    assert not any(again["adr"][0]["value"][len(parts) :])


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    for item in read(b"BEGIN:VCARD\nFN:A\n" + data + b"\nEND:VCARD\n" + APPLE.encode()):
        assert isinstance(item, Card | Broken)


NEXT = b"BEGIN:VCARD\nVERSION:4.0\nFN:Next\nEND:VCARD\n"
HOSTILE = {
    "quoted parameters": b'X-A;B="' + b"x;" * (4 << 20) + b'":1',
    "soft breaks": b"NOTE;QUOTED-PRINTABLE:=\n" + b"a=\n" * (2 << 20) + b"a",
    "folds of a head": b"X-A" + b"\n ;A" * (2 << 20) + b":1",
    "an agent's lines": b"AGENT:\nBEGIN:VCARD\n" + b"A:\n" * (3 << 19) + b"END:VCARD",
    "many values": b"NICKNAME:" + b"ab," * (4 << 20),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_card_of_megabytes_is_read_in_time_that_grows_with_it(hostile: bytes) -> None:
    """What grew with the square took hours. The next card is read."""
    reader = CardReader()
    items = reader.feed(b"BEGIN:VCARD\nVERSION:2.1\nFN:Eve\n" + hostile + b"\nEND:VCARD\n" + NEXT)
    assert len(items) == 2
    assert isinstance(items[1], Card)
    assert items[1].name == "Next"


def test_an_agent_is_the_text_of_its_property() -> None:
    agent = b"AGENT:\nBEGIN:VCARD\nFN:Bo\nAGENT:\nBEGIN:VCARD\nFN:Cy\nEND:VCARD\nEND:VCARD\nTEL:1\n"
    [card] = CardReader().feed(b"BEGIN:VCARD\nVERSION:2.1\nFN:Al\n" + agent + b"END:VCARD\n")
    assert isinstance(card, Card)
    assert [prop["value"] for prop in card.fields["tel"]] == ["1"]
    [told] = card.fields["agent"]
    assert told["value"].count("VCARD") == 4
    assert "FN:Cy" in told["value"]
