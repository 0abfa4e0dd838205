"""From Java or smali to DEX and back to the JVM: each step is one process for as many programs as there are."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

HERE = Path(__file__).resolve().parent
QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto")
KEPT = """
-keep class * { public static void run(java.lang.StringBuilder); }
-keep class Handles, Reflected, Reflected$* { *; }
-keepattributes *Annotation*, Signature, InnerClasses, EnclosingMethod, Exceptions, AnnotationDefault
-dontwarn **
"""


class ToolFailed(Exception):
    """A tool's own words on why it gave up."""


@dataclass(frozen=True)
class Toolchain:
    """The tools; `folder` is where they may write."""

    runtime: java.Runtime
    folder: Path
    translator: Path
    """The translator's jar: the built one, or one with a bug seeded into it."""

    @staticmethod
    def of(folder: Path, translator: Path = java.TRANSLATOR_JAR) -> Toolchain:
        runtime = java.runtime(Settings.from_env())
        return Toolchain(runtime, folder, translator)

    @property
    def home(self) -> Path:
        return self.runtime.home

    def jar(self, name: str) -> Path:
        [found] = [one for one in self.runtime.store.manifest.jars if one.name.startswith(f"{name}-")]
        return self.runtime.store.path(found)

    def framework(self) -> list[Path]:
        return self.runtime.store.paths("framework")

    def java(self, path: Sequence[Path], main: str, *arguments: str | Path, options: Sequence[str] = ()) -> str:
        """Runs a main class to its end; what it wrote. Raises `ToolFailed`."""
        joined = os.pathsep.join(map(str, path))
        command = [self.runtime.java, *QUICK, *options, "-cp", joined, main, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ToolFailed(f"{main}: {done.stdout[-3000:]}\n{done.stderr[-6000:]}")
        return done.stdout

    def tools(self) -> list[Path]:
        """The test tools written in Java, compiled once a folder, with what they need on the class path."""
        made = self.folder / "tools"
        libraries = self.runtime.store.paths("test")
        if not made.exists():
            self.compile([HERE / "java"], made, [java.TRANSLATOR_JAR, *libraries])
        return [made, self.translator, *(path for path in libraries if not path.name.startswith("ecj-"))]

    def compile(self, sources: Sequence[Path], classes: Path, path: Sequence[Path] = ()) -> None:
        """The Eclipse compiler; debug information as javac writes it."""
        libraries = ["-cp", os.pathsep.join(map(str, path))] if path else []
        options = ["-25", "-nowarn", "-proc:none", "-g", "-d", str(classes)]
        self.java(
            [self.jar("ecj")], "org.eclipse.jdt.internal.compiler.batch.Main", *options, *libraries, *sources
        )

    def d8(self, classes: Path, out: Path, *options: str) -> Path:
        """DEX of a jar or folder of class files."""
        return self._dex("com.android.tools.r8.D8", classes, out, options)

    def r8(self, classes: Path, out: Path, *options: str, rules: str = KEPT) -> Path:
        """The same, shrunk, optimized and with short names."""
        kept = out.with_suffix(".pro")
        kept.write_text(rules)
        return self._dex("com.android.tools.r8.R8", classes, out, ["--pg-conf", str(kept), *options])

    def _dex(self, main: str, classes: Path, out: Path, options: Sequence[str]) -> Path:
        files = [classes] if classes.is_file() else sorted(classes.rglob("*.class"))
        listed = out.with_suffix(".args")
        listed.write_text("\n".join(map(str, files)))
        level = [] if "--min-api" in options else ["--min-api", "26"]
        where = ["--lib", str(self.home), "--output", str(out)]
        self.java([self.jar("r8")], main, *level, *options, *where, f"@{listed}", options=["-Xmx2g"])
        return out

    def smali(self, sources: Sequence[Path], out: Path, api: int = 29) -> Path:
        """DEX of smali text."""
        self.java(self.tools(), "dev.pileus.translate.Smali", str(api), out, *sources)
        return out

    def translate(self, dex: Path, out: Path, more: Sequence[Path] = ()) -> list[str]:
        """Translates, with the framework where one is given; the lines that the translator wrote."""
        path = [self.translator, *self.runtime.store.paths("translate")]
        return self.java(path, java.TRANSLATOR_MAIN, dex, out, *more).splitlines()

    def run(self, classes: Path, names: Sequence[str]) -> Mapping[str, str]:
        """What each program says, by name, with the verifier at work."""
        listed, said = self.folder / "names.txt", self.folder / "said.txt"
        listed.write_text("\n".join(names))
        tools = self.tools()[:1]
        self.java(tools, "dev.pileus.translate.RunAll", classes, listed, said, options=["-Xverify:all"])
        parts = said.read_text(encoding="utf-8", errors="surrogateescape").split("== ")[1:]
        return {name: text for name, _, text in (part.partition("\n") for part in parts)}


@dataclass(frozen=True)
class Batch:
    """Programs as class files, and what each says on the JVM."""

    tools: Toolchain
    classes: Path
    said: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.tools.folder

    @staticmethod
    def compile(tools: Toolchain, sources: Sequence[Path], names: Sequence[str]) -> Batch:
        made = tools.folder / "classes"
        tools.compile(sources, made)
        jar = packed(made)
        return Batch(tools, jar, tools.run(jar, names))

    def d8(self, mode: str) -> Path:
        """The programs as D8 compiles them; once."""
        out = self.folder / f"d8{mode}.zip"
        return out if out.exists() else self.tools.d8(self.classes, out, mode)

    def r8(self) -> Path:
        """The programs as R8 shrinks and optimizes them; once."""
        out = self.folder / "r8.zip"
        return out if out.exists() else self.tools.r8(self.classes, out, "--release")

    def check(self, name: str, dex: Path, without: Sequence[str] = ()) -> None:
        """Translates DEX code of the programs back and compares what they say; all is translated."""
        jar = self.folder / f"{name}.jar"
        told = self.tools.translate(dex, jar)
        assert [line for line in told if line.startswith("failed")] == []
        expected = {one: text.strip() for one, text in self.said.items() if one not in without}
        said = {one: text.strip() for one, text in self.tools.run(jar, list(expected)).items()}
        wrong = {one: difference(expected[one], text) for one, text in said.items() if text != expected[one]}
        assert said.keys() == expected.keys()
        assert not wrong, f"{len(wrong)} of {len(said)}: {dict(list(wrong.items())[:5])}"


def difference(one: str, two: str) -> str:
    """The first line in which two texts differ."""
    for left, right in zip_longest(one.splitlines(), two.splitlines()):
        if left != right:
            return f"{(left or '')[:300]!r} became {(right or '')[:300]!r}"
    return ""


def packed(classes: Path) -> Path:
    """A jar of a folder of class files."""
    jar = classes.with_suffix(".jar")
    with zipfile.ZipFile(jar, "w") as out:
        for path in sorted(classes.rglob("*.class")):
            out.write(path, path.relative_to(classes))
    return jar
