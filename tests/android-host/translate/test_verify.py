"""Every class of every package that Pileus is tried with passes the JVM's verifier, with the framework beside it,
and none is lost.

The packages are those of the compatibility table. Compose is built for minutes, and the source distributions are
fetched: these are a night's.
"""

from __future__ import annotations

import os
import re
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from struct import unpack_from

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import apk
from pileus.surfaces.engines.android.archive import BadApk
from tools.compat.fixtures import LIST, Fixture, fixtures

from .toolchain import Toolchain

KNOWN = tomllib.loads(LIST.read_text(encoding="utf-8"))
DEX = re.compile(r"classes\d*\.dex")
NIGHTLY = "PILEUS_NIGHTLY" in os.environ
LONG = ("compose", "widgets", "chores")
"""Sample apps that take more than a minute to build."""
NO_CODE = ("not-an-apk", "apk-truncated", "apk-no-code")
LINKED = 0.98
"""The part of the classes that name nothing that is nowhere: apps carry some for libraries they go without."""

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(1800),
]


def packages() -> Iterator[str]:
    """Names of packages, and of source distributions that hold many."""
    yield from (item["name"] for item in KNOWN["modules"])
    yield from (item["name"] for item in KNOWN["samples"] if NIGHTLY or item["app"] not in LONG)
    if NIGHTLY:
        yield from (item["project"] for item in KNOWN["sdists"])


@pytest.mark.parametrize("name", list(packages()))
def test_real_packages_are_verified(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = packages_of(name)
    assert found
    for number, package in enumerate(found):
        folder = tmp_path / str(number)
        folder.mkdir()
        told = verified(Toolchain.of(folder), package.file())
        with capsys.disabled():
            print(f"\n{package.name}: {told}")


def packages_of(name: str) -> Sequence[Fixture]:
    every = fixtures(Settings.from_env().cache_dir / "compat")
    if name in (item["project"] for item in KNOWN["sdists"]):
        return [one for one in every if one.group == name and is_readable(one.file())]
    return [next(one for one in every if one.name == name)]


def is_readable(package: Path) -> bool:
    """Whether it is an archive with code, well signed or not: others are refused before they are translated."""
    try:
        apk.check(package)
    except BadApk as refusal:
        return refusal.code not in NO_CODE
    return True


def verified(tools: Toolchain, package: Path) -> str:
    """Translates a package and links its classes; what was counted."""
    jar = tools.folder / "classes.jar"
    told = tools.translate(package, jar, more=tools.framework())
    assert [line for line in told if line.startswith("failed")] == []
    with zipfile.ZipFile(jar) as archive:
        made = set(archive.namelist())
    assert made == set(classes(package))
    # The instrumented framework names Robolectric's classes.
    libraries = [*tools.framework(), *tools.runtime.store.paths("host")]
    lines = tools.java(
        tools.tools(), "dev.pileus.translate.VerifyAll", jar, *libraries, options=["-Xverify:all"]
    ).splitlines()
    assert [line for line in lines if line.startswith("refused")] == []
    linked, lacking = (int(lines[-1].split()[i]) for i in (1, 3))
    assert linked + lacking == len(made)
    assert linked >= LINKED * len(made), [line for line in lines if line.startswith("lacking")][:20]
    return lines[-1]


def classes(package: Path) -> Iterator[str]:
    """The files that the classes of a package go to, by the tables of its DEX files (DEX format, header_item)."""
    with zipfile.ZipFile(package) as archive:
        for dex in (archive.read(name) for name in archive.namelist() if DEX.fullmatch(name)):
            _, strings, _, types, *_, count, defined = unpack_from("<12I", dex, 0x38)
            for at in range(defined, defined + 32 * count, 32):
                (place,) = unpack_from("<I", dex, types + 4 * unpack_from("<I", dex, at)[0])
                (text,) = unpack_from("<I", dex, strings + 4 * place)
                while dex[text] & 0x80:
                    text += 1
                text += 1
                name = dex[text : dex.index(0, text)].decode("utf-8", "surrogatepass")
                yield f"{name[1:-1]}.class"
