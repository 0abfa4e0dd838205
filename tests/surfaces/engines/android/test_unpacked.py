"""What is unpacked of the framework's jars: which files, mapped where, whole or not at all."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from pileus.surfaces.engines.android.jars import Jar, JarStore, Manifest
from pileus.surfaces.engines.android.unpacked import LIBRARY, Unpacked, unpack, unpack_jars

TABLE = b"\x02\x00\x0c\x00" + bytes(range(251)) * 40


def framework(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("android/app/Activity.class", b"class")
        jar.writestr("res/layout/row.xml", b"row" * 100)
        jar.writestr("resources.arsc", TABLE)
        jar.writestr("AndroidManifest.xml", b"manifest")
        jar.writestr("hyphen-data/hyph-de.hyb", b"de")
        jar.writestr("icu/icudt76l.dat", b"unicode")
        jar.writestr(LIBRARY, b"elf")
        jar.writestr("native/mac/aarch64/libandroid_runtime.dylib", b"other")
    return path


def fonts(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr("fonts/", b"")
        jar.writestr("fonts/fonts.xml", b"list")
        jar.writestr("native/linux/x86_64/other.so", b"no")
    return path


def test_data_become_files_and_resources_a_package(tmp_path: Path) -> None:
    target = Unpacked(tmp_path / "out")
    target.folder.mkdir()
    unpack_jars([framework(tmp_path / "f.jar"), fonts(tmp_path / "d.jar")], target)
    files = {str(p.relative_to(target.native)) for p in target.native.rglob("*") if p.is_file()}
    assert files == {"fonts/fonts.xml", "hyphen-data/hyph-de.hyb", "icu/icudt76l.dat", "libandroid_runtime.so"}
    with zipfile.ZipFile(target.resources) as made:
        assert set(made.namelist()) == {"resources.arsc", "res/layout/row.xml", "AndroidManifest.xml"}
        assert made.read("res/layout/row.xml") == b"row" * 100


def test_the_table_lies_plainly_at_a_multiple_of_four(tmp_path: Path) -> None:
    target = Unpacked(tmp_path)
    unpack_jars([framework(tmp_path / "f.jar")], target)
    raw = target.resources.read_bytes()
    with zipfile.ZipFile(target.resources) as made:
        start = made.getinfo("resources.arsc").header_offset
    name, extra = struct.unpack_from("<HH", raw, start + 26)
    at = start + 30 + name + extra
    assert at % 4 == 0
    assert raw[at : at + len(TABLE)] == TABLE


def test_what_broke_off_leaves_nothing_and_is_done_again(tmp_path: Path) -> None:
    jars = (
        Jar("f.jar", "org:framework:1", ("framework",), 1, "00"),
        Jar("d.jar", "org.robolectric:nativeruntime-dist-compat:1", ("host",), 1, "01"),
    )
    store = JarStore(tmp_path, Manifest("", jars))
    target = Unpacked(tmp_path / "framework" / "digest")
    framework(tmp_path / "f.jar")
    with pytest.raises(FileNotFoundError):
        unpack(target, store)
    assert list(target.folder.parent.iterdir()) == []
    fonts(tmp_path / "d.jar")
    unpack(target, store)
    assert (target.native / "fonts" / "fonts.xml").read_bytes() == b"list"
    assert [p.name for p in target.folder.parent.iterdir()] == ["digest"]
