"""From Java or smali to DEX and back to the JVM: each step is one process for as many programs as there are."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

from .sifting import Sieve, ToolCrashed, ToolFailed

HERE = Path(__file__).resolve().parent
SHARED = ("Support.java",)
REFUSED = "\nfailed java.lang.VerifyError: "
"""What a program says whose class files the JVM refuses."""
Compile = Callable[[Sequence[Path], Path], None]
QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto")
KEPT = """
-keep class * { public static void run(java.lang.StringBuilder); }
-keep class Handles, Reflected, Reflected$* { *; }
-keepattributes *Annotation*, Signature, InnerClasses, EnclosingMethod, Exceptions, AnnotationDefault
-dontwarn **
"""


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
        return run([self.runtime.java, *QUICK, *options, "-cp", joined, main, *map(str, arguments)], main)

    def tools(self) -> list[Path]:
        """The test tools written in Java, compiled once a folder, with what they need on the class path."""
        made = self.folder / "tools"
        libraries = self.runtime.store.paths("test")
        if not made.exists():
            self.compile([HERE / "java"], made, [java.TRANSLATOR_JAR, *libraries])
        return [made, self.translator, *(path for path in libraries if not path.name.startswith("ecj-"))]

    def compile(self, sources: Sequence[Path], classes: Path, path: Sequence[Path] = ()) -> None:
        """The Eclipse compiler; debug information as javac writes it. Raises `ToolFailed`."""
        libraries = ["-cp", os.pathsep.join(map(str, path))] if path else []
        options = ["-25", "-nowarn", "-proc:none", "-g", "-d", str(classes)]
        ecj = "org.eclipse.jdt.internal.compiler.batch.Main"
        with crashing():
            self.java([self.jar("ecj")], ecj, *options, *libraries, *sources)

    def javac(self, sources: Sequence[Path], classes: Path) -> None:
        """A JDK's compiler: that of the Java that runs, or another of the system. Raises `ToolFailed`."""
        beside = self.home / "bin" / "javac"
        found = str(beside) if beside.exists() else shutil.which("javac")
        if found is None:
            raise ToolFailed("javac is missing: install a JDK (Debian: apt-get install default-jdk-headless).")
        files = [file for source in sources for file in ([source] if source.is_file() else source.glob("*.java"))]
        options = ["-nowarn", "-Xlint:none", "-proc:none", "-g", "-encoding", "UTF-8", "-d", str(classes)]
        with crashing():
            run([found, "-J-XX:TieredStopAtLevel=1", *options, *map(str, files)], "javac")

    def d8(self, classes: Path | Sequence[Path], out: Path, *options: str) -> Path:
        """DEX of a jar, a folder of class files, or files."""
        return self._dex("com.android.tools.r8.D8", classes, out, options)

    def r8(self, classes: Path | Sequence[Path], out: Path, *options: str, rules: str = KEPT) -> Path:
        """The same, shrunk, optimized and with short names."""
        kept = out.with_suffix(".pro")
        kept.write_text(rules)
        return self._dex("com.android.tools.r8.R8", classes, out, ["--pg-conf", str(kept), *options])

    def _dex(self, main: str, classes: Path | Sequence[Path], out: Path, options: Sequence[str]) -> Path:
        given = [classes] if isinstance(classes, Path) else classes
        files = [file for one in given for file in ([one] if one.is_file() else sorted(one.rglob("*.class")))]
        listed = out.with_suffix(".args")
        listed.write_text("\n".join(map(str, files)))
        level = [] if "--min-api" in options else ["--min-api", "26"]
        where = ["--lib", str(self.home), "--output", str(out)]
        try:
            self.java([self.jar("r8")], main, *level, *options, *where, f"@{listed}", options=["-Xmx2g"])
        except ToolFailed as failure:
            # It was given class files that a compiler wrote: whatever it says of them, it is its own failure.
            raise ToolCrashed(*failure.args) from failure
        return out

    def smali(self, sources: Sequence[Path], out: Path, api: int = 29) -> Path:
        """DEX of smali text."""
        self.java(self.tools(), "dev.pileus.translate.Smali", str(api), out, *sources)
        return out

    def translate(self, dex: Path, out: Path, more: Sequence[Path] = ()) -> list[str]:
        """Translates, with the framework where one is given; the lines that the translator wrote."""
        path = [self.translator, *self.runtime.store.paths("translate")]
        return self.java(path, java.TRANSLATOR_MAIN, dex, out, *more).splitlines()

    def in_parts(self, dex: Path, out: Path, portion: int) -> list[str]:
        """The same, with methods of no more than some instructions."""
        path = [*self.tools()[:1], self.translator, *self.runtime.store.paths("translate")]
        return self.java(path, "dev.pileus.translate.InParts", str(portion), dex, out).splitlines()

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
    """Programs as class files, what each says on the JVM, and which of them a tool crashed on."""

    tools: Toolchain
    classes: Path
    said: Mapping[str, str]
    sieve: Sieve = field(default_factory=lambda: Sieve(0))

    @property
    def folder(self) -> Path:
        return self.tools.folder

    @staticmethod
    def compile(tools: Toolchain, sources: Mapping[str, Sequence[Path]], sieve: Sieve | None = None) -> Batch:
        """Programs by the compiler that they go through, `ecj` or `javac`. What several share is in a file that
        `SHARED` names and is compiled with each."""
        made, sieve = tools.folder / "classes", sieve or Sieve(0)
        names = [source.stem for files in sources.values() for source in files if source.name not in SHARED]
        for compiler, files in sources.items():
            compile_one = tools.compile if compiler == "ecj" else tools.javac

            def attempt(part: Sequence[str], files: Sequence[Path], one: Compile) -> None:
                one([file for file in files if file.stem in part or file.name in SHARED], made)

            own = [name for name in names if any(file.stem == name for file in files)]
            sieve.run(own, partial(attempt, files=files, one=compile_one))
        jar = packed(made)
        said = dict(tools.run(jar, [name for name in names if name not in sieve.aside]))
        for name in [name for name, text in said.items() if REFUSED in text]:
            _, at, what = said.pop(name).partition(REFUSED)
            sieve.take_out(name, f"a compiler wrote what the verifier refuses: {(at + what).strip()}")
        return Batch(tools, jar, said, sieve)

    def d8(self, mode: str, *options: str) -> Path:
        """The programs as D8 compiles them; once."""
        name = "".join(["d8", mode, *options])
        return self._once(f"{name}.zip", lambda files, out: self.tools.d8(files, out, mode, *options))

    def r8(self) -> Path:
        """The programs as R8 shrinks and optimizes them; once."""
        return self._once("r8.zip", lambda files, out: self.tools.r8(files, out, "--release"))

    def _once(self, name: str, dex: Callable[[Sequence[Path], Path], Path]) -> Path:
        out = self.folder / name
        files = {file: file.stem.split("$")[0] for file in sorted((self.folder / "classes").rglob("*.class"))}

        def attempt(part: Sequence[str]) -> Path:
            left = {*self.said, *self.sieve.aside} - set(part)
            return dex([file for file, program in files.items() if program not in left], out)

        return out if out.exists() else self.sieve.run(list(self.said), attempt)

    def check(self, name: str, dex: Path, without: Sequence[str] = (), portion: int = 0) -> None:
        """Translates DEX code of the programs back and compares what they say; all is translated. Left out are
        programs that were set aside, and those `without`. With a `portion`, methods are written in parts."""
        jar = self.folder / f"{name}.jar"
        told = self.tools.in_parts(dex, jar, portion) if portion else self.tools.translate(dex, jar)
        assert [line for line in told if line.startswith("failed")] == []
        left = {*without, *self.sieve.aside}
        expected = {one: text.strip() for one, text in self.said.items() if one not in left}
        said = {one: text.strip() for one, text in self.tools.run(jar, list(expected)).items()}
        wrong = {one: difference(expected[one], text) for one, text in said.items() if text != expected[one]}
        assert said.keys() == expected.keys()
        assert not wrong, f"{len(wrong)} of {len(said)}: {dict(list(wrong.items())[:5])}"


def run(command: Sequence[str | Path], name: str) -> str:
    """Runs a program to its end; what it wrote. Raises `ToolFailed`."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolFailed(f"{name}: {done.stdout[-3000:]}\n{done.stderr[-6000:]}")
    return done.stdout


@contextmanager
def crashing() -> Iterator[None]:
    """Tells a compiler that broke, and says so or left the trace of its stack, from one that refuses a program."""
    try:
        yield
    except ToolFailed as failure:
        crashed = any(sign in str(failure) for sign in ("\n\tat ", "Internal compiler error"))
        raise ToolCrashed(*failure.args) if crashed else failure from None


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
