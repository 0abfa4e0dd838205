"""The engine's side of the translator: in a sandbox, with progress, and a list of what has no translation."""

from __future__ import annotations

import asyncio
import zipfile
from pathlib import Path

import pytest

from pileus.core.errors import Invalid
from pileus.surfaces.engines.android import packages

from .toolchain import Batch

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("translate")]

TORN = """
.class public LTorn;
.super Ljava/lang/Object;
.method public static quoted()V
.registers 1
const/4 v0, 0x5
throw v0
.end method
"""


def package(folder: Path, *files: bytes) -> Path:
    """An APK of DEX files alone."""
    apk = folder / "base.apk"
    with zipfile.ZipFile(apk, "w") as out:
        for number, content in enumerate(files, 1):
            out.writestr("classes.dex" if number == 1 else f"classes{number}.dex", content)
    return apk


def translated(batch: Batch, apk: Path) -> tuple[list[packages.Failure], list[float]]:
    """What failed, and the progress that was told."""
    told: list[float] = []

    async def progress(_phase: str, fraction: float) -> None:
        told.append(fraction)

    runtime, target = batch.tools.runtime, apk.with_name("classes.jar")
    return asyncio.run(packages.translate(runtime, apk, target, progress)), told


def test_several_dex_files_and_a_method_that_fails(assembled: Batch, tmp_path: Path) -> None:
    source = tmp_path / "Torn.smali"
    source.write_text(TORN)
    torn = assembled.tools.smali([source], tmp_path / "torn.dex").read_bytes()
    apk = package(tmp_path, assembled.classes.read_bytes(), torn)
    failures, told = translated(assembled, apk)
    assert [failure.member for failure in failures] == ["LTorn;->quoted()V"]
    assert "register v0 holds constant 5" in failures[0].why
    assert told[-1] == 1.0
    assert told == sorted(told)
    with zipfile.ZipFile(tmp_path / "classes.jar") as jar:
        assert {"Torn.class", "Odd.class", "Shapes$Leaf.class"} <= set(jar.namelist())


def test_a_package_that_cannot_be_read_is_refused_with_a_sentence(assembled: Batch, tmp_path: Path) -> None:
    apk = package(tmp_path, assembled.classes.read_bytes()[:-100])
    with pytest.raises(Invalid) as caught:
        translated(assembled, apk)
    assert caught.value.code == "apk-not-translated"
    assert "The file was cut" in caught.value.detail
