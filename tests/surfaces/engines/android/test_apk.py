"""Reading packages: what real ones say, and what is done about those that lie."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import struct
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pileus.surfaces.engines.android import apk, axml, icon
from pileus.surfaces.engines.android.apk import Checked
from pileus.surfaces.engines.android.archive import Archive, BadApk
from pileus.surfaces.engines.android.chunks import Malformed
from pileus.surfaces.engines.android.resources import Resources
from pileus.surfaces.engines.android.signature import Signer


def code_of(path: Path) -> str:
    with pytest.raises(BadApk) as caught:
        apk.check(path)
    assert caught.value.detail
    return caught.value.code


def rezip(source: Path, target: Path, *, drop: set[str] = frozenset(), **changed: bytes) -> Path:
    """A copy with entries left out or changed; names have `__` for a dot."""
    new = {name.replace("__", "."): data for name, data in changed.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in old.namelist():
            if name not in drop:
                out.writestr(name, new.pop(name, None) or old.read(name))
        for name, data in new.items():
            out.writestr(name, data)
    return target


def test_a_real_package_says_who_it_is(apidemos: Path) -> None:
    checked = apk.check(apidemos)
    found = checked.apk
    assert (found.package, found.version_code, found.label) == ("io.appium.android.apis", 25, "API Demos")
    assert (found.min_sdk, found.target_sdk, found.dex) == (17, 33, ("classes.dex",))
    assert found.launcher.name == "io.appium.android.apis.ApiDemos"
    assert len({item.name for item in found.activities}) == len(found.activities) > 300
    assert "android.permission.VIBRATE" in found.permissions
    assert checked.signer.scheme == "v2"
    assert len(checked.signer.digest) == 64


def test_several_dex_files_are_found_in_order(appium_settings: Path) -> None:
    found = apk.check(appium_settings).apk
    assert found.dex[0] == "classes.dex"
    assert found.dex[1:] == tuple(f"classes{number}.dex" for number in range(2, len(found.dex) + 1))


def test_the_icon_is_a_small_square(apidemos: Path) -> None:
    with Archive(apidemos) as archive:
        picture = icon.draw(archive, apk.read(archive).icon)
    assert picture is not None
    assert len(picture) <= icon.MAX_BYTES
    image = Image.open(io.BytesIO(picture))
    assert image.size == (icon.SIDE, icon.SIDE)
    assert len(image.convert("RGB").getcolors(1 << 20) or []) > 16


def test_a_changed_byte_breaks_the_signature(apidemos: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(apidemos) as source:
        entry = source.getinfo("classes.dex")
    data = bytearray(apidemos.read_bytes())
    data[entry.header_offset + 30 + len(entry.filename) + 1000] ^= 1
    path = tmp_path / "changed.apk"
    path.write_bytes(data)
    assert code_of(path) in {"apk-signature-wrong", "apk-truncated"}


def test_a_repacked_package_is_not_taken_for_signed(apidemos: Path, tmp_path: Path) -> None:
    assert code_of(rezip(apidemos, tmp_path / "a.apk")) in {"apk-unsigned", "apk-signature-wrong"}


def test_what_is_no_package(tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    path.write_bytes(b"%PDF-1.7 something else entirely")
    assert code_of(path) == "not-an-apk"
    path.write_bytes(b"")
    assert code_of(path) == "not-an-apk"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("hello.txt", "hello")
    assert code_of(path) == "not-an-apk"


def test_a_cut_package(apidemos: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    path.write_bytes(apidemos.read_bytes()[: 1 << 20])
    assert code_of(path) == "apk-truncated"


def test_a_bomb_is_seen_before_it_is_unpacked(apidemos: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    shutil.copy(apidemos, path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as out,
        out.open("assets/zeros", "w") as zeros,
    ):
        for _ in range(1200):
            zeros.write(bytes(1 << 20))
    began = time.monotonic()
    assert code_of(path) == "apk-zip-bomb"
    assert time.monotonic() - began < 1


def test_entries_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("a" * 8, random.Random(1).randbytes(100_000))
        for number in range(200):
            twin = zipfile.ZipInfo(f"twin{number:04}")
            twin.header_offset, twin.file_size, twin.compress_size = 0, 100_000, 100_000
            twin.CRC = out.infolist()[0].CRC
            out.filelist.append(twin)
        out._didModify = True
    assert code_of(path) == "apk-zip-bomb"


def test_archives_that_could_be_read_in_two_ways_are_refused(zips: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    found = {}
    for name, (_, make) in zips.REFUSED.items():
        path.write_bytes(make())
        found[name] = code_of(path)
    assert found == {name: code for name, (code, _) in zips.REFUSED.items()}


def test_the_same_archives_without_their_trick_are_read(zips: ModuleType, tmp_path: Path) -> None:
    """The directory counts where an entry's own header has another size; a comment may be as long as there are."""
    path = tmp_path / "a.apk"
    shorter = replace(zips.GOOD[0], local_size=3)
    for content in (
        zips.archive(zips.GOOD),
        zips.archive([shorter, *zips.GOOD[1:]]),
        zips.archive(zips.GOOD, comment=b"x" * zips.MAX_COMMENT),
        zips.archive([*zips.GOOD, zips.Entry("assets/a..b/...")]),
    ):
        path.write_bytes(content)
        with Archive(path) as archive:
            assert archive.names[:2] == ["AndroidManifest.xml", "classes.dex"]
            assert archive.read("AndroidManifest.xml", 100) == b"manifest"


def test_more_files_than_an_app_may_have_are_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    with zipfile.ZipFile(path, "w") as out:
        for number in range(65_001):
            out.writestr(f"f{number}", b"")
    assert code_of(path) == "apk-too-many-files"


def test_absurd_resource_tables(apidemos: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(apidemos) as source:
        table = bytearray(source.read("resources.arsc"))
    struct.pack_into("<I", table, 12 + 8, 0x7FFFFFFF)
    assert code_of(rezip(apidemos, tmp_path / "a.apk", resources__arsc=bytes(table))) == "apk-resources-malformed"
    with pytest.raises(Malformed):
        Resources(b"\x02\x00\x0c\x00\x0c\x00\x00\x00\xff\xff\xff\xff")


def test_a_package_without_activities(apidemos: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(apidemos) as source:
        manifest = source.read("AndroidManifest.xml")
    for old, new in (("activity", "activitx"), ("activity-alias", "activitx-alias")):
        utf8 = bytes([len(old), len(old)]) + old.encode() + b"\0"
        utf16 = struct.pack("<H", len(old)) + old.encode("utf-16-le") + b"\0\0"
        manifest = manifest.replace(utf8, utf8.replace(old.encode(), new.encode()))
        manifest = manifest.replace(utf16, utf16.replace(old.encode("utf-16-le"), new.encode("utf-16-le")))
    assert code_of(rezip(apidemos, tmp_path / "a.apk", AndroidManifest__xml=manifest)) == "apk-no-activities"


def test_a_package_name_cannot_be_a_path(apidemos: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(apidemos) as source:
        manifest = source.read("AndroidManifest.xml")
    old, new = "io.appium.android.apis", "../../../../../etc/pas"
    for code in ("utf-8", "utf-16-le"):
        manifest = manifest.replace(old.encode(code), new.encode(code))
    assert axml.parse(manifest).text("package") == new
    assert code_of(rezip(apidemos, tmp_path / "a.apk", AndroidManifest__xml=manifest)) == "apk-resources-malformed"


def test_an_update_keeps_its_signer_and_goes_forward(apidemos: Path) -> None:
    checked = apk.check(apidemos)
    apk.check_update(checked.signer.digest, 25, checked)
    with pytest.raises(BadApk) as caught:
        apk.check_update("0" * 64, 25, checked)
    assert caught.value.code == "apk-signer-changed"
    with pytest.raises(BadApk) as caught:
        apk.check_update(checked.signer.digest, 26, checked)
    assert caught.value.code == "apk-downgrade"
    rotated = Checked(checked.apk, Signer("v3", "f" * 64, ("0" * 64,)))
    apk.check_update("0" * 64, 25, rotated)


@settings(max_examples=120, deadline=5000)
@given(cut=st.floats(0, 1), seed=st.integers(0, 1 << 32), flips=st.integers(0, 24))
def test_damage_gives_a_typed_error_and_nothing_else(
    apidemos: Path, tmp_path_factory: pytest.TempPathFactory, cut: float, seed: int, flips: int
) -> None:
    data = bytearray(_whole(apidemos))
    chance = random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if cut < 0.5:
        del data[int(len(data) * cut * 2) :]
    elif not flips:
        data[len(data) // 2] ^= 1
    path = tmp_path_factory.mktemp("damage") / "a.apk"
    path.write_bytes(data)
    try:
        assert code_of(path)
    finally:
        path.unlink()


@settings(max_examples=300, deadline=2000)
@given(seed=st.integers(0, 1 << 32), flips=st.integers(1, 40))
def test_damaged_tables_and_manifests_give_typed_errors(apidemos: Path, seed: int, flips: int) -> None:
    table, manifest = _parts(apidemos)
    chance = random.Random(seed)
    for kind, part in (("table", bytearray(table)), ("manifest", bytearray(manifest))):
        for _ in range(flips):
            at = chance.randrange(min(len(part), 4096)) if chance.random() < 0.5 else chance.randrange(len(part))
            part[at] = chance.randrange(256)
        with contextlib.suppress(Malformed):
            if kind == "manifest":
                axml.parse(bytes(part))
            else:
                resources = Resources(bytes(part))
                for resource in (0x7F080052, 0x7F0B0001, 0x7F0B0100):
                    resources.best(resource)


_CACHE: dict[Path, bytes] = {}


def _whole(path: Path) -> bytes:
    return _CACHE.setdefault(path, path.read_bytes())


def _parts(path: Path) -> tuple[bytes, bytes]:
    key = path / "parts"
    if key not in _CACHE:
        with zipfile.ZipFile(path) as source:
            _CACHE[key], _CACHE[path / "manifest"] = (
                source.read("resources.arsc"),
                source.read("AndroidManifest.xml"),
            )
    return _CACHE[key], _CACHE[path / "manifest"]
