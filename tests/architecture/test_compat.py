"""The page of what real Android packages do says what was found, and nothing else."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from pileus.surfaces.engines.android.probe import Finding
from pileus.surfaces.texts import sentence
from tools.compat import fixtures
from tools.compat.before import Before
from tools.compat.campaign import Found
from tools.compat.fixtures import ROOT
from tools.compat.page import Known, draws, page, start_of
from tools.compat.sheets import sheets
from tools.compat.trial import NOT_KEPT, YES, Row

DEVICE = {"org.x.Old": "it asks for what was taken away"}


def found(*rows: Row) -> Found:
    names = [row.finding.activity for row in rows]
    return Found("X", "X", label="An X", package="org.x", activities=names, rows=list(rows))


def test_a_start_is_judged_by_what_came_of_it_and_by_what_a_device_does() -> None:
    cases = {
        Row(Finding("org.x.Main", "ok")): "yes",
        Row(Finding("org.x.Main", "crash", "it broke")): "crash",
        Row(Finding("org.x.Old", "crash", "it broke")): "as on a device",
        Row(Finding("org.x.Old", "ok")): "yes",
        Row(Finding("org.x.Main", "unsupported", "It needs native code.")): "apart",
        Row(Finding("org.x.Main", "ok"), lacks=("gap-opengl",)): "apart",
        Row(Finding("org.x.Main", "crash"), lacks=("gap-opengl",)): "crash",
        Row(Finding("org.x.Main", "finished")): "finished",
        Row(Finding("org.x.Old", "finished")): "as on a device",
    }
    assert {row: start_of(row, DEVICE) for row in cases} == cases


def test_a_page_is_empty_by_what_it_draws_and_by_what_a_device_draws() -> None:
    empty = {"org.x.Empty": "it waits for a finger"}
    cases = {
        Row(Finding("org.x.Main", "ok", blank_below_bar=False)): "yes",
        Row(Finding("org.x.Main", "ok", blank_below_bar=True)): "nothing",
        Row(Finding("org.x.Empty", "ok", blank_below_bar=True)): "as on a device",
        Row(Finding("org.x.Empty", "ok", blank_below_bar=False)): "yes",
        Row(Finding("org.x.Main", "ok", blank_below_bar=False), lacks=("gap-opengl",)): "",
        Row(Finding("org.x.Main", "crash")): "",
    }
    assert {row: draws(row, empty) for row in cases} == cases


def test_the_page_counts_and_gives_reasons() -> None:
    good = Row(Finding("org.x.Main", "ok", "", 212, False), YES, YES, NOT_KEPT)
    turned = Row(Finding("org.x.Turned", "ok", "", 300, True), YES, "no: it fell over | badly")
    empty = Row(Finding("org.x.Empty", "ok", "", 200, True), YES, YES, YES)
    cube = Row(Finding("org.x.Cube", "ok", "", 250, False), YES, YES, YES, ("gap-opengl",))
    old = Row(Finding("org.x.Old", "crash", "NullPointerException"))
    refused = Found("X", "Bad", refused="apk-unsigned: The package is not signed.")
    text = page(
        [("x", found(good, turned, empty, cube, old)), ("bad", refused)],
        {"x": ["x-1.webp"]},
        Known(DEVICE, {"org.x.Empty": "it waits for a finger"}, {"org.x.Main": "it is fine"}),
    )

    assert "| X | 5 | 4 | 2 | 1 | 1 | 0 | 4 | 3 | 2 |" in text
    assert "| `Main` | yes | yes | yes | yes | not kept | 212 |" in text
    assert "| `Main` | it is fine |" in text
    assert "| `Turned` | rotates: it fell over \\| badly; nothing is drawn below the bars |" in text
    assert "| `Empty` | it waits for a finger |" in text
    assert "| `Cube` | apart |  | yes | yes | yes | 250 |" in text
    assert f"| `Cube` | on the screen: “{sentence('gap-opengl')}” |" in text
    assert "| `Old` | it asks for what was taken away |" in text
    assert "| Bad | The package is not signed. |" in text
    assert "](pictures/compat/x-1.webp)" in text


def test_what_was_not_tried_stays_as_it_was_said(tmp_path: Path) -> None:
    good = Row(Finding("org.x.Main", "ok", "", 212, False), YES, YES, YES)
    whole = [
        ("x", found(good)),
        ("x-y", Found("X", "X, minified", label="Y", package="org.y", rows=[good], activities=["org.x.Main"])),
        ("bad", Found("X", "Bad", refused="apk-unsigned: The package is not signed.")),
    ]
    known = Known(DEVICE, {}, {})
    text = page(whole, {"x": ["x-1.webp"]}, known)
    untried = [(key, Found("X", one.name)) for key, one in whole]
    assert page(untried, {}, known, Before(text)) == text
    again = page([(whole[0][0], found(good, good)), *untried[1:]], {"x": ["x-1.webp"]}, known, Before(text))
    assert again != text
    assert [line for line in text.splitlines() if "minified" in line] == [
        line for line in again.splitlines() if "minified" in line
    ]


def test_sheets_hold_what_was_drawn_and_replace_older_ones(tmp_path: Path) -> None:
    pictures, out = tmp_path / "pictures", tmp_path / "out"
    pictures.mkdir()
    out.mkdir()
    (out / "x-7.webp").write_bytes(b"old")
    for name in ("org.x.Main", "org.x.Turned"):
        Image.new("RGB", (480, 800), "red").save(pictures / f"{name}.png")
    names = sheets(
        pictures, found(*(Row(Finding(f"org.x.{n}", "ok")) for n in ("Main", "Old", "Turned"))), out, "x"
    )

    assert names == ["x-1.webp"]
    assert sorted(path.name for path in out.iterdir()) == ["x-1.webp"]
    with Image.open(out / "x-1.webp") as sheet:
        red, green, blue = sheet.convert("RGB").getpixel((130, 90))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60


def test_packages_come_out_of_an_archive_and_nothing_else(tmp_path: Path) -> None:
    archive = tmp_path / "project.tar.gz"
    with tarfile.open(archive, "w:gz") as whole:
        for name in ("project/tests/a.apk", "../../b.apk", "project/setup.py"):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            whole.addfile(entry, io.BytesIO(b"x"))
    assert [path.name for path in fixtures.unpack(archive, tmp_path / "apks")] == ["a.apk", "b.apk"]
    assert {path.name for path in tmp_path.iterdir()} == {"project.tar.gz", "apks"}


def test_a_distribution_gives_what_the_list_names(tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as whole:
        for name in ("a-1.apk", "a-2.apk", "b.apk", "c.apk"):
            whole.addfile(tarfile.TarInfo(f"project/{name}"), io.BytesIO())
    item = {"project": "p", "file": "p-1.tar.gz", "sha256": hashlib.sha256(content.getvalue()).hexdigest()}
    (tmp_path / "sdists").mkdir()
    (tmp_path / "sdists" / "p-1.tar.gz").write_bytes(content.getvalue())

    def names(**more: object) -> list[str]:
        return [path.name for path in fixtures.carried({**item, **more}, tmp_path)]

    assert names() == ["a-1.apk", "a-2.apk", "b.apk", "c.apk"]
    assert names(skip=["a-*", "c.apk"]) == ["b.apk"]
    assert names(only=["a-*", "c.apk"], skip=["a-2.apk"]) == ["a-1.apk", "c.apk"]


def test_a_source_distribution_that_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sdists").mkdir()
    (tmp_path / "sdists" / "p-1.tar.gz").write_bytes(b"changed")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(fixtures.httpx.HTTPError):  # it asks for the right one instead of taking this one
        fixtures.sdist("p", "p-1.tar.gz", "0" * 64, tmp_path)


def test_the_nightly_run_tries_all_real_packages_whatever_the_tests_say() -> None:
    commands = subprocess.run(
        # Said by a make that runs the tests, or not: this one neither tells its folder nor is another's part.
        ["make", "--no-print-directory", "-n", "nightly"],
        cwd=ROOT,
        env={
            name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tests, _, rest = commands.partition("|| status=1;")
    assert "PILEUS_NIGHTLY=1" in tests
    assert "tests/fuzz" in tests
    assert "python -m tools.compat || status=1;" in rest
    assert rest.rstrip().endswith("exit $status")
