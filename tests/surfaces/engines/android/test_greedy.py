"""Small packages that would take hours to read: the work is bounded, and what passes the bound is refused."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from pileus.surfaces.engines.android import apk, chunks, icon, resources
from pileus.surfaces.engines.android.archive import Archive
from pileus.surfaces.engines.android.chunks import Chunk, Malformed, Strings
from pileus.surfaces.engines.android.resources import Found, Resources

LABEL = 0x7F010000


class Counted(Resources):
    """Counts the entries that it is asked for."""

    entries = 0

    def all(self, resource: int) -> list[Found]:
        found = super().all(resource)
        self.entries += len(found)
        return found


def labels(of: Resources) -> dict[str, str]:
    return {language: value.text or "" for language, value in of.by_language(LABEL).items()}


def test_a_label_is_read_once_however_many_languages_it_has(tables: ModuleType) -> None:
    kinds = [(1, b"", [tables.text(0)]), *((1, tables.language(n), [tables.text(1)]) for n in range(400))]
    table = Counted(tables.table(["Plain", "Foreign"], *kinds))
    named = labels(table)
    assert (named[""], len(named), set(named.values())) == ("Plain", 401, {"Plain", "Foreign"})
    assert table.entries == 401


def test_a_label_by_reference_is_followed_in_its_language(tables: ModuleType) -> None:
    kinds = [
        (1, b"", [tables.reference(0x7F020000)]),
        (1, b"de", [tables.reference(0x7F020000)]),
        (2, b"", [tables.text(0)]),
        (2, b"de", [tables.text(1)]),
    ]
    assert labels(Resources(tables.table(["Time", "Zeit"], *kinds))) == {"": "Time", "de": "Zeit"}


def test_a_label_in_thousands_of_languages_is_refused(tables: ModuleType) -> None:
    kinds = [(1, tables.language(n), [tables.text(0)]) for n in range(2000)]
    with pytest.raises(Malformed, match="2000 languages"):
        labels(Resources(tables.table(["x"], *kinds)))


def test_a_table_is_asked_so_often_and_no_more(tables: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Resources(tables.table(["x"], *((1, b"", [tables.text(0)]) for _ in range(10))))
    monkeypatch.setattr(resources, "MAX_LOOKUPS", 100)
    for _ in range(10):
        assert len(table.all(LABEL)) == 10
    with pytest.raises(Malformed, match="without end"):
        table.all(LABEL)


def test_strings_that_overlap_are_not_decoded_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_STRINGS", 5000)
    head = struct.pack("<HHIIIIII", chunks.STRING_POOL, 28, 28 + 40 + 1004, 10, 0, 0, 68, 0)
    data = head + bytes(40) + struct.pack("<H", 500) + bytes(1002)
    pool = Strings(data, Chunk(chunks.STRING_POOL, 0, 28, len(data)))
    assert [len(pool[index]) for index in (0, 1, 2, 3, 4, 4, 4)] == [500] * 7
    with pytest.raises(Malformed, match="strings without end"):
        pool[5]


def test_an_icon_that_leads_everywhere_is_followed_once(
    tables: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five drawables, each of which is the next one in twelve ways: 12⁵ ways to nothing."""
    chain = [tables.reference(LABEL + step + 1) for step in range(4)] + [tables.text(0)]
    data = tables.table(["res/none.png"], *((1, b"", chain) for _ in range(12)))
    table = Counted(data)
    monkeypatch.setattr(apk, "table_of", lambda _archive: table)
    with Archive(_archive(tmp_path, data)) as archive:
        assert icon.draw(archive, LABEL) is None
    assert table.entries <= 5 * 12


def test_an_icon_of_many_parts_is_left_out(tables: ModuleType, tmp_path: Path) -> None:
    """The last of its parts could be drawn, but nobody looks that far."""
    few, many = ([(chunks.STRING, 0)] * count + [(chunks.FIRST_COLOUR, 0xFF00FF00)] for count in (5, 500))
    for values, drawn in ((few, True), (many, False)):
        data = tables.table(["res/none.png"], *((1, b"", [value]) for value in values))
        with Archive(_archive(tmp_path, data)) as archive:
            assert (icon.draw(archive, LABEL) is not None) is drawn


def _archive(folder: Path, table: bytes) -> Path:
    path = folder / "a.apk"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("resources.arsc", table)
    return path
