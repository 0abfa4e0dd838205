"""Readers of packages, resource tables, DEX code, messages and AT commands under libFuzzer, by atheris and Jazzer.

Each night ten minutes for the parts of packages, and ten for what a modem reads; in between, some hundred inputs
show that the harness works, and every find of a night is tried again: a file below `finds/TARGET`. The first ones
there were made by hand (`zips.py`, `tables.py`).
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

from . import readers

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
APK = ROOT / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
TRANSLATE = ROOT / "android-host" / "translate" / "src"
PROGRAM = ROOT / "tests" / "android-host" / "translate"
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
LENGTH = "-max_total_time=150" if NIGHTLY else "-runs=1000"
MODEM = {"message", "terminal"}
MODEM_LENGTH = "-max_total_time=300" if NIGHTLY else "-runs=1000"
LIBRARY_LEVEL = "21"
"""What Jazzer can read of class files."""

pytestmark = [pytest.mark.timeout(900)]


def finds(target: str) -> list[Path]:
    return sorted(path for path in (HERE / "finds" / target).glob("*") if path.name != ".gitkeep")


@pytest.mark.parametrize("target", list(readers.TARGETS))
def test_what_was_found_is_mended(target: str) -> None:
    assert finds(target)
    for path in finds(target):
        readers.once(target, path.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("target", list(readers.TARGETS))
def test_readers(target: str, tmp_path: Path) -> None:
    if not NIGHTLY:  # a night without its fuzzer fails
        pytest.importorskip("atheris", reason="atheris has no wheel for this Python or processor")
    seeds, kept = tmp_path / "seeds", tmp_path / "found"
    seeds.mkdir()
    kept.mkdir()
    seed(target, seeds)
    length = MODEM_LENGTH if target in MODEM else LENGTH
    options = [length, f"-artifact_prefix={kept}/", "-timeout=20", "-rss_limit_mb=2000"]
    command = [sys.executable, "-m", "tests.fuzz.drive", target, str(seeds), *options]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PILEUS_FUZZ_DIR": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{list(kept.iterdir())}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert "Done " in done.stderr


@pytest.mark.slow
@pytest.mark.android
def test_dex(tmp_path: Path, toolchain: ModuleType) -> None:
    tools = toolchain.Toolchain.of(tmp_path)
    classes, seeds, kept = tmp_path / "classes", tmp_path / "seeds", tmp_path / "found"
    seeds.mkdir()
    kept.mkdir()
    libraries = tools.runtime.store.paths("translate")
    target = PROGRAM / "java" / "dev" / "pileus" / "translate" / "FuzzDex.java"
    compiler = [f"-{LIBRARY_LEVEL}", "-nowarn", "-proc:none", "-d", str(classes)]
    compiler += ["-cp", os.pathsep.join(map(str, libraries)), str(TRANSLATE), str(target)]
    tools.java([tools.jar("ecj")], "org.eclipse.jdt.internal.compiler.batch.Main", *compiler)
    for name in ("Control", "Exceptions"):
        program = tmp_path / name
        tools.compile([PROGRAM / "corpus" / f"{name}.java"], program)
        with zipfile.ZipFile(tools.d8(program, tmp_path / f"{name}.zip")) as made:
            (seeds / f"{name}.dex").write_bytes(made.read("classes.dex"))
    for path in finds("dex"):
        (seeds / path.name).write_bytes(path.read_bytes())
    fuzzer = [*tools.runtime.store.paths("fuzz"), classes, *libraries]
    done = subprocess.run(
        [
            *(tools.runtime.java, "-Xmx1g", "-cp", os.pathsep.join(map(str, fuzzer))),
            *("com.code_intelligence.jazzer.Jazzer", "--target_class=dev.pileus.translate.FuzzDex"),
            *("--instrumentation_includes=dev.pileus.translate.**", "--disabled_hooks=*"),
            *(str(seeds), LENGTH, f"-artifact_prefix={kept}/", "-timeout=20", "-rss_limit_mb=3000"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{list(kept.iterdir())}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert "Done " in done.stderr or "DONE" in done.stderr


@pytest.fixture(scope="session")
def toolchain() -> ModuleType:
    """`toolchain.py` of the translator's tests, whose folder lies in one that is no package's name."""
    name = "android_translate"
    if name not in sys.modules:
        place = [str(PROGRAM)]
        found = importlib.util.spec_from_file_location(
            name, PROGRAM / "__init__.py", submodule_search_locations=place
        )
        assert found is not None
        assert found.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
    return importlib.import_module(f"{name}.toolchain")


def seed(target: str, folder: Path) -> None:
    """What the fuzzer begins with: real parts, and what was found before."""
    for path in finds(target):
        (folder / path.name).write_bytes(path.read_bytes())
    if target in MODEM:
        return
    with zipfile.ZipFile(APK) as package:
        if target == "manifest":
            (folder / "manifest").write_bytes(package.read("AndroidManifest.xml"))
        elif target == "table":
            (folder / "table").write_bytes(package.read("resources.arsc"))
        else:
            with zipfile.ZipFile(folder / "small", "w", zipfile.ZIP_DEFLATED) as small:
                for name in ("AndroidManifest.xml", "classes.dex"):
                    small.writestr(
                        name, package.read(name)[:20_000] if name.endswith("dex") else package.read(name)
                    )


def test_settings_know_the_fuzzer() -> None:
    """Jazzer is fetched with what tests need, and never with what a phone needs."""
    jars = java.built(Settings.from_env()).store.manifest.jars
    assert [jar.use for jar in jars if jar.name.startswith("jazzer")] == [("fuzz",), ("fuzz",)]
