"""Every sentence exists in both languages with the same places to fill."""

from __future__ import annotations

import re

from pileus.surfaces.texts import TEXTS, sentence


def test_both_languages_are_complete() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["zh"])
    for code, english in TEXTS["en"].items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", TEXTS["zh"][code])), code


def test_the_locale_chooses() -> None:
    assert sentence("taken-over", "zh-CN", device="平板") == "此应用现在在 平板 上。"
    assert sentence("taken-over", "fr", device="Tab") == "This app is now on Tab."
