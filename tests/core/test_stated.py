"""What the document says is what the rules ask."""

from __future__ import annotations

import base64 as codec
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.accounts.stated import AccountName, NewPassword, VisibleName
from pileus.cloud.services.files.routes import FileName
from pileus.cloud.services.messages.numbers import Region, known_region
from pileus.core import stated
from pileus.core.errors import PileusError
from pileus.core.filenames import NAME_BYTES, clean_name

# Letters that stand alone, marks that join, signs between, what is not seen, and what is no name at all.
SIGNS = st.sampled_from("aZ9éß中文あ한नि́ ⃣  ​­…·.-_'’/\\\x00\x1f\x7f\x85\u2028\u2029ⅷ½①😀\ue000\u0378")
TEXTS = (
    st.text(SIGNS, max_size=5)
    | st.text(SIGNS, max_size=2).map(lambda one: one * 40)
    | st.text(st.characters(max_codepoint=0x7FF), max_size=5)
)


def allows(kind: Any) -> Callable[[object], bool]:
    return jsonschema_rs.validator_for(msgspec.json.schema(kind)).is_valid


def takes(rule: Callable[[str], object], text: str) -> bool:
    try:
        rule(text)
    except PileusError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (AccountName, rules.account_name),
        (VisibleName, lambda name: rules.visible_name("device-name", name)),
        (FileName, clean_name),
        (NewPassword, rules.check_password),
    ],
    ids=["account", "visible", "file", "password"],
)
def test_a_name_is_allowed_where_its_rule_takes_it(kind: Any, rule: Callable[[str], object]) -> None:
    allowed = allows(kind)

    @given(TEXTS)
    @example("a" * rules.PASSWORD_LONGEST)
    @example("a" * (rules.PASSWORD_LONGEST + 1))
    @example("..")
    @example("a" * NAME_BYTES)
    @example("a" * (NAME_BYTES + 1))
    def play(text: str) -> None:
        plain = unicodedata.normalize("NFC", text)
        told = plain if kind in (FileName, NewPassword) else plain.strip()
        if kind is FileName and len(told) <= NAME_BYTES < len(told.encode()):
            return  # a bound in bytes cannot be said
        assert allowed(told) == takes(rule, told), ascii(told)

    play()


@given(st.binary(max_size=12), st.integers(0, 9), st.integers(0, 9))
def test_base64_is_of_so_many_bytes(data: bytes, least: int, more: int) -> None:
    allowed = allows(Annotated[str, stated.base64(least, least + more)])
    text = codec.b64encode(data).decode()
    assert allowed(text) == (least <= len(data) <= least + more)
    if text.endswith("="):
        assert not allowed(text.rstrip("="))


@given(st.sampled_from(["CN", "de", " us ", "", "C", "CNN", "中国", "C N"]))
def test_a_region_is_two_letters(text: str) -> None:
    assert allows(Region)(text) == takes(known_region, text)


def test_what_is_said_refuses_nothing() -> None:
    """The rule does, by a code of its own."""
    assert msgspec.json.decode(b'"short"', type=NewPassword) == "short"
    with pytest.raises(PileusError, match="at least 8"):
        rules.check_password("short")
