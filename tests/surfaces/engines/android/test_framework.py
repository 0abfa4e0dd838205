"""framework.jar stands for the framework's own jar: nothing of it that an app's process can ask for is missing."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from pileus.cli.android import doctor
from pileus.surfaces.engines.android import java
from pileus.surfaces.engines.android.jars import JarStore

SERVER = re.compile(rb"com/android/server/[\w/$]+")
LEFT_OUT = ("META-INF/", "java/", "org/w3c/", "org/xml/sax/", "res/", "javax/xml/", "com/android/server/")


@pytest.fixture(scope="module")
def jars(samples: ModuleType) -> tuple[zipfile.ZipFile, zipfile.ZipFile]:
    """The framework's own, and ours."""
    return zipfile.ZipFile(samples.jar("android-all-")), zipfile.ZipFile(java.HOST_JAR.with_name("framework.jar"))


def test_all_classes_of_apps_processes_are_there(jars: tuple[zipfile.ZipFile, zipfile.ZipFile]) -> None:
    own, ours = (set(jar.namelist()) for jar in jars)
    wanted = {name for name in own if name.endswith(".class") and not name.startswith(LEFT_OUT)}
    assert len(wanted) > 40_000
    assert wanted <= ours


def test_what_those_name_of_the_system_server_is_there(jars: tuple[zipfile.ZipFile, zipfile.ZipFile]) -> None:
    own, ours = jars
    named = {
        f"{found.decode()}.class"
        for entry in ours.namelist()
        if entry.startswith(("android/", "com/android/internal/")) and entry.endswith(".class")
        for found in SERVER.findall(ours.read(entry))
    } & set(own.namelist())
    assert "com/android/server/LocalServices.class" in named
    assert named <= set(ours.namelist())
    assert sum(name.startswith("com/android/server/") for name in ours.namelist()) < 1000


@pytest.mark.parametrize(
    "wanted",
    [
        lambda name: name.startswith("android/icu/impl/data/") and not name.endswith((".class", "/")),
        lambda name: name.startswith("com/android/i18n/phonenumbers/data/") and not name.endswith("/"),
        lambda name: name == "build.prop",
    ],
    ids=["words and rules of languages", "phone numbers", "properties"],
)
def test_the_data_that_its_classes_read_is_there(
    jars: tuple[zipfile.ZipFile, zipfile.ZipFile], wanted: Callable[[str], bool]
) -> None:
    own, ours = jars
    names = {name for name in own.namelist() if wanted(name)}
    assert names
    assert names <= set(ours.namelist())


def test_a_host_reads_neither_it_nor_what_was_copied(samples: ModuleType, tmp_path: Path) -> None:
    runtime = java.built(samples._settings())
    command = runtime.host("/link/host.sock", "/data/app")
    path = [Path(part).name for part in command[command.index("-cp") + 1].split(":")]
    assert path[:2] == ["framework.jar", "pileus-host.jar"]
    assert not [name for name in path if name.startswith(("android-all", "bcprov"))]


def test_an_archive_of_another_cache_folder_is_not_used_and_said(
    samples: ModuleType,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Java looks at the folder and times of each jar, and refuses an archive without a word."""
    runtime = java.built(samples._settings())
    assert runtime.archive_lacks() is None  # the control: what set-up made fits
    assert f"-XX:AOTCache={runtime.archive}" in runtime.host("/link/host.sock", "/data/app")
    jars = tmp_path / "jars"
    jars.mkdir()
    for path in runtime.store.folder.iterdir():
        if path.is_file():
            (jars / path.name).symlink_to(path.resolve())
    other = replace(runtime, store=JarStore(jars, runtime.store.manifest))
    assert other.archive_lacks() == "other"
    with caplog.at_level(logging.WARNING):
        assert not [part for part in other.host("/link/host.sock", "/data/app") if "AOTCache" in part]
    assert "another cache folder" in caplog.text
    monkeypatch.setattr(java, "built", lambda _settings: other)
    for language, words in (("en", "another cache folder"), ("zh", "另一个缓存目录")):
        monkeypatch.setenv("LC_ALL", language)
        doctor()
        assert words in capsys.readouterr().out
