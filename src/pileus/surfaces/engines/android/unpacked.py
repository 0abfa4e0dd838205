"""Parts of the framework's jars as files, unpacked once a machine, so that each app's process only maps them.

`cache_dir/framework/DIGEST/native/` has fonts, Unicode and hyphenation data and the native library;
`resources.apk` beside it has the framework's resources, their table stored plainly. What has its name is whole.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pileus.core import durable
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import jars
from pileus.surfaces.engines.android.jars import Jar, JarStore

FORMAT = "1"
LIBRARY = "native/linux/x86_64/libandroid_runtime.so"
_DATA = ("fonts/", "hyphen-data/", "icu/icudt")
_TABLE = "resources.arsc"
_RESOURCES = ("AndroidManifest.xml", "assets/", "res/")
_FONTS = "org.robolectric:nativeruntime-dist-compat:"


@dataclass(frozen=True)
class Unpacked:
    """Where the files are."""

    folder: Path

    @property
    def native(self) -> Path:
        return self.folder / "native"

    @property
    def resources(self) -> Path:
        return self.folder / "resources.apk"


def unpacked(settings: Settings, store: JarStore) -> Unpacked:
    """Where they are on this machine, or will be."""
    digest = jars.digest([*sorted(jar.sha256 for jar in _sources(store)), FORMAT])
    return Unpacked(settings.cache_dir.resolve() / "framework" / digest)


def unpack(target: Unpacked, store: JarStore) -> None:
    """Unpacks what is not there yet; blocks for some seconds."""
    if target.folder.exists():
        return
    target.folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=target.folder.parent, suffix=".part"))
    try:
        unpack_jars([store.path(jar) for jar in _sources(store)], Unpacked(part))
        for path in (part, *part.rglob("*")):  # whatever the umask: apps are other users
            path.chmod(0o755 if path.is_dir() else 0o644)
        durable.publish(part, target.folder)
    except OSError:
        if not target.folder.exists():  # else another set-up was quicker
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def unpack_jars(sources: Sequence[Path], target: Unpacked) -> None:
    """Unpacks from these jars, the framework's first."""
    for source in sources:
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
            for name in names:
                if name == LIBRARY:
                    _file(archive, name, target.native / Path(name).name)
                elif name.startswith(_DATA) and not name.endswith("/"):
                    _file(archive, name, target.native / name)
            if _TABLE in names:
                _resources(archive, names, target.resources)


def _sources(store: JarStore) -> list[Jar]:
    found = store.manifest.jars
    return [jar for jar in found if "framework" in jar.use] + [
        jar for jar in found if jar.maven.startswith(_FONTS)
    ]


def _file(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with archive.open(name) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def _resources(archive: zipfile.ZipFile, names: Sequence[str], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        # First, so that it begins at a multiple of four and is read where it is mapped.
        made.writestr(zipfile.ZipInfo(_TABLE), archive.read(_TABLE), zipfile.ZIP_STORED)
        for name in names:
            if name.startswith(_RESOURCES) and not name.endswith("/"):
                made.writestr(zipfile.ZipInfo(name), archive.read(name), zipfile.ZIP_DEFLATED)
