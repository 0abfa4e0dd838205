"""Finding contacts that may be one."""

from __future__ import annotations

from typing import Any

import pytest

from pileus.cloud.services.contacts.duplicates import MOST, e164, folded_name, suggestions, usual_region


def person(name: str, *numbers: str, mail: str = "", **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"fn": [{"value": name}], **more}
    if numbers:
        fields["tel"] = [{"value": one} for one in numbers]
    if mail:
        fields["email"] = [{"value": mail}]
    return fields


def found(*people: dict[str, Any], **more: Any) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    numbered = {str(number): one for number, one in enumerate(people)}
    return [(one.contacts, one.reasons) for one in suggestions(numbered, **more)]


def test_the_same_number_however_it_is_written() -> None:
    people = person("A", "+86 138 0013 8000"), person("B", "13800138000"), person("C", "0086-138-0013-8000")
    assert found(*people, region="CN") == [(("0", "1", "2"), ("number",))]
    assert found(*people, region="DE") == [(("0", "1", "2"), ("number",))]
    assert found(people[1], person("D", "0138 00138000"), region="CN") == [(("0", "1"), ("number",))]


def test_the_region_is_that_of_most_numbers_where_none_is_named() -> None:
    people = (
        person("A", "+49 30 901820"),
        person("B", "030 901820"),
        person("C", "+49 89 1"),
        person("D", "+1 201"),
    )
    assert usual_region(people) == "DE"
    assert found(*people) == [(("0", "1"), ("number",))]


@pytest.mark.parametrize(
    ("value", "region", "told"),
    [
        ("(0)30 901820", "DE", "+4930901820"),
        ("tel:+1-201-555-0123", None, "+12015550123"),
        ("10086", None, "10086"),
        ("*100#", "DE", "*100#"),
        ("call me", "DE", "call me"),
    ],
)
def test_numbers_in_e164(value: str, region: str | None, told: str) -> None:
    assert e164(value, region) == told


def test_mail_and_names() -> None:
    assert found(person("A", mail="a@x.org"), person("B", mail="A@X.org ")) == [(("0", "1"), ("mail",))]
    assert found(person("Anna Bérg"), person("berg, ANNA")) == [(("0", "1"), ("name",))]
    assert found(person("张三"), person("张三"), person("张四")) == [(("0", "1"), ("name",))]
    assert folded_name("Ｚ. Berg") == "berg z"


def test_those_that_share_most_come_first() -> None:
    people = (
        person("A", "+493011111"),
        person("B", "+493011111"),
        person("C", "+493022222"),
        person("C", "+493022222"),
    )
    assert found(*people) == [(("2", "3"), ("name", "number")), (("0", "1"), ("number",))]


def test_what_is_no_duplicate() -> None:
    assert found(person("A", "10086"), person("B", "10086")) == []
    assert found(person("Crew", kind=[{"value": "group"}]), person("Crew")) == []
    office = [person(f"Person {number}", "+493011111") for number in range(MOST + 1)]
    assert found(*office) == []
    pair = person("Same"), person("Same")
    assert found(*pair, distinct=[frozenset({"0", "1", "7"})]) == []
    assert found(*pair, person("Same"), distinct=[frozenset({"0", "1"})]) != []
