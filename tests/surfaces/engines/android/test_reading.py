"""Packages are read in sandboxes: what comes out is a stranger's word, and nothing there holds the server up."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from pileus.core.errors import PileusError, Unavailable
from pileus.surfaces.engines.android import apk, icon, jars, manifest, reading, users
from pileus.surfaces.engines.android.archive import Archive, BadApk
from pileus.surfaces.engines.android.reader import Answer
from pileus.surfaces.engines.android.system import manifest as record
from pileus.surfaces.engines.android.system.packages import Installed, load

WRITES = "import sys, os; path = '/out/answer.json'; "


def refusal(file: Path) -> PileusError:
    with pytest.raises(PileusError) as caught:
        asyncio.run(reading.check(file))
    return caught.value


def test_a_package_is_read_as_in_this_process(apidemos: Path) -> None:
    digest, checked = asyncio.run(reading.check(apidemos))
    assert digest == jars.sha256(apidemos)
    assert checked == apk.check(apidemos)
    picture = asyncio.run(reading.icon(apidemos, checked.apk.icon))
    assert picture is not None
    assert Image.open(io.BytesIO(picture)).size == (icon.SIDE, icon.SIDE)
    assert asyncio.run(reading.icon(apidemos, None)) is None
    assert asyncio.run(reading.icon(apidemos, 1)) is None


def test_a_private_file_is_read_and_left_as_it_was(apidemos: Path, tmp_path: Path) -> None:
    private = tmp_path / "private.apk"
    private.write_bytes(apidemos.read_bytes())
    private.chmod(0o600)
    before = private.stat()
    assert asyncio.run(reading.check(private))[1].apk.package == "io.appium.android.apis"
    assert (private.stat().st_mode, private.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@pytest.mark.skipif(not users.own(), reason="as a plain user the reader runs as that user")
def test_a_clone_that_others_may_not_read_is_named(
    apidemos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "src"
    shutil.copytree(reading._code()[0] / "pileus", clone / "pileus", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(reading, "_code", lambda whole=reading._code(): [clone, *whole[1:]])
    assert asyncio.run(reading.check(apidemos))[1].apk.package == "io.appium.android.apis"
    clone.chmod(0o700)
    found = refusal(apidemos)
    assert (found.code, str(clone) in found.detail) == ("sandbox-unreadable", True)


def test_a_refusal_keeps_its_code(tmp_path: Path) -> None:
    path = tmp_path / "a.apk"
    path.write_bytes(b"%PDF-1.7")
    found = refusal(path)
    assert isinstance(found, BadApk)
    assert (found.code, found.detail) == ("not-an-apk", "This file is not an Android package.")


def test_one_that_takes_without_end_is_ended(apidemos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_START", "while {paths!r}: pass")
    monkeypatch.setattr(reading, "WITHIN", 0.2)
    assert refusal(apidemos).code == "apk-endless"
    assert not users._lent
    assert asyncio.run(reading.icon(apidemos, 1)) is None


@pytest.mark.parametrize(
    ("does", "code"),
    [
        ("os.symlink('/etc/hostname', path)", "apk-reader"),
        ("os.mkdir(path)", "apk-malformed"),
        ("os.kill(os.getpid(), 11)", "apk-malformed"),
        ("open(path, 'w').write('{{')", "apk-malformed"),
        ("open(path, 'w').write('{{}}')", "apk-malformed"),
        ("open(path, 'w').write(' ' * (9 << 20))", "apk-malformed"),
        ('open(path, "w").write(\'{{"code": "../../secret", "message": "x"}}\')', "apk-malformed"),
        ("open(path, 'w').truncate(1 << 30)", "apk-malformed"),
        ("os.chdir('/out'); [(os.mkdir('d'), os.chdir('d')) for _ in range(3000)]", "apk-reader"),
    ],
)
def test_one_that_was_taken_over_gains_nothing(
    apidemos: Path, monkeypatch: pytest.MonkeyPatch, does: str, code: str
) -> None:
    monkeypatch.setattr(reading, "_START", WRITES + f"{{paths!r}}; {does}")
    assert refusal(apidemos).code == code
    assert asyncio.run(outcome(apidemos)) is None


async def outcome(file: Path) -> bytes | None:
    try:
        return await reading.icon(file, 1)
    except Unavailable:
        return None


@pytest.mark.parametrize(("name", "fits"), [("org.example.app", True), ("../../../etc", False), ("org", False)])
def test_a_name_that_would_be_a_path_is_no_package(apidemos: Path, name: str, fits: bool) -> None:
    """Names folders, so it is looked at again outside."""
    true = asyncio.run(reading.check(apidemos))[1]
    forged = apk.Checked(apk.Apk(**{**vars(true.apk), "package": name}), true.signer)
    assert reading._credible(forged) is fits


def test_it_sees_no_file_of_the_server(apidemos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "key"
    secret.write_text("hush")
    secret.chmod(0o644)
    seen = f"[p for p in ({str(secret)!r}, {str(apidemos)!r}, '/etc/passwd', '/var') if os.path.exists(p)]"
    says = f'open(path, "w").write(\'{{{{"code": "apk-saw", "message": "%s"}}}}\' % {seen})'
    monkeypatch.setattr(reading, "_START", WRITES + f"{{paths!r}}; {says}")
    assert refusal(apidemos).detail == "[]"


def test_a_manifest_is_read_as_in_this_process(apidemos: Path, tmp_path: Path) -> None:
    found = asyncio.run(reading.manifest(apidemos, "io.appium.android.apis"))
    with Archive(apidemos) as archive:
        assert found == manifest.read(archive)
    assert len([item for item in found.components if item.kind == "activity"]) > 300
    # Kept, and taken from what was kept: there is no package beside it.
    record.keep(tmp_path, found)
    loaded = load(Installed(found.package, "app", str(tmp_path)))
    assert (loaded.components, loaded.queries, loaded.label) == (found.components, found.queries, "API Demos")
    with pytest.raises(BadApk):
        asyncio.run(reading.manifest(apidemos, "org.example.other"))


@pytest.mark.parametrize("damage", ["package", "component", "format", "text", "none"])
def test_a_record_that_is_not_the_packages_is_not_used(apidemos: Path, tmp_path: Path, damage: str) -> None:
    with Archive(apidemos) as archive:
        true = manifest.read(archive)
    record.keep(tmp_path, true)
    installed = Installed(true.package, "app", str(tmp_path))
    load(installed)
    stolen = dataclasses.replace(true.components[0], package="org.example.other")
    changes = {"package": {"package": "org.example.other"}, "component": {"components": (stolen,)}}
    changes["format"] = {"format": record.FORMAT + 1}
    if damage in changes:
        record.keep(tmp_path, msgspec.structs.replace(true, **changes[damage]))
    elif damage == "text":
        (tmp_path / record.MANIFEST).write_text("{")
    else:
        (tmp_path / record.MANIFEST).unlink()
    with pytest.raises((record.BadRecord, OSError)):
        load(installed)


def test_one_that_was_taken_over_says_nothing_of_other_packages(
    apidemos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(apidemos) as archive:
        true = manifest.read(archive)
    stolen = dataclasses.replace(true.components[0], package="org.example.other")
    forged = msgspec.json.encode(Answer(manifest=msgspec.structs.replace(true, components=(stolen,)))).decode()
    says = f"open(path, 'w').write({forged!r})".replace("{", "{{").replace("}", "}}")
    monkeypatch.setattr(reading, "_START", WRITES + f"{{paths!r}}; {says}")
    with pytest.raises(BadApk):
        asyncio.run(reading.manifest(apidemos, true.package))


def test_an_accounts_system_has_no_reader_of_packages() -> None:
    """What is not there is not reached by what a package says."""
    code = "import pileus.surfaces.engines.android.system.__main__, sys; "
    code += (
        "sys.exit(any(f'pileus.surfaces.engines.android.{name}' in sys.modules for name in ('axml', 'archive')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_web_process_has_no_decoders_of_pictures() -> None:
    code = "import pileus.cloud.web, sys; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
