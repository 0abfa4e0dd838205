"""The jars that the Android host needs: named by android-host/jars.toml, fetched once a machine, checked.

`python -m pileus.surfaces.engines.android.jars` fetches what is missing into `cache_dir/jars` (some 430 MB)
with resume; where all are there it needs no network. With `--tests` it fetches what only tests and benches use
too, and with `--list FILE` what that file names into `cache_dir/libraries`. PILEUS_MAVEN_URL names another Maven
repository.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from pileus.core import durable
from pileus.core.errors import PileusError, Unavailable
from pileus.core.settings import Settings

ROOT = Path(__file__).resolve().parents[5]
MANIFEST = ROOT / "android-host" / "jars.toml"
RUNNING = ("host", "framework", "translate", "build")
TESTING = (*RUNNING, "test", "fuzz", "bench")
PARALLEL = 3
TRIES = 4

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Jar:
    """A jar: `maven` is `group:artifact:version[:extension]`; `size` and `sha256` are of the file that is served;
    `extract` names the member that is kept (the classes of an AAR)."""

    name: str
    maven: str
    use: tuple[str, ...]
    size: int
    sha256: str
    extract: str | None = None

    @property
    def served(self) -> str:
        """Its path in a Maven repository."""
        group, artifact, version, *rest = self.maven.split(":")
        extension = rest[0] if rest else "jar"
        return f"{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.{extension}"


@dataclass(frozen=True)
class Manifest:
    """What jars.toml says."""

    repository: str
    jars: tuple[Jar, ...]
    others: tuple[str, ...] = ()
    """Repositories that are asked for what the first does not have: Google's, for AndroidX."""


def read_manifest(path: Path = MANIFEST) -> Manifest:
    """The list of jars; raises `Unavailable` where this installation has no Android host."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unavailable("android-missing", "This installation has no Android host (android-host).") from error
    jars = tuple(Jar(**{**item, "use": tuple(item["use"])}) for item in data["jars"])
    others = tuple(data.get("others", ()))
    return Manifest(os.environ.get("PILEUS_MAVEN_URL") or data["repository"], jars, others)


class JarStore:
    """The jars of a machine; a file there with its name is whole and was checked."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest

    def path(self, jar: Jar) -> Path:
        return self.folder / jar.name

    def paths(self, *uses: str) -> list[Path]:
        """The files for these uses, in the manifest's order; raises `Unavailable` where one is missing."""
        wanted = [jar for jar in self.manifest.jars if set(jar.use) & set(uses)]
        missing = [jar.name for jar in wanted if not self.path(jar).exists()]
        if missing:
            raise Unavailable(
                "android-jars-missing",
                f"{len(missing)} parts of the Android framework are missing; run `make setup` with a network.",
            )
        return [self.path(jar) for jar in wanted]

    def missing(self, uses: Sequence[str] = TESTING) -> list[Jar]:
        return [jar for jar in self.manifest.jars if set(jar.use) & set(uses) and not self.path(jar).exists()]

    def fetch(self, jar: Jar, client: httpx.Client, advance: Advance) -> None:
        """Fetches one jar, going on where an earlier try stopped; raises `Unavailable`.

        Blocks. The file gets its name only after its checksum was found right.
        """
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # whatever the umask: apps are other users
        part = self.folder / f"{jar.name}.part"
        urls = [f"{one.rstrip('/')}/{jar.served}" for one in (self.manifest.repository, *self.manifest.others)]
        url, *elsewhere = urls
        problem = ""
        for _ in range(TRIES + len(elsewhere)):
            try:
                _receive(client, url, part, jar, advance)
            except (httpx.HTTPError, OSError) as error:
                problem = str(error) or type(error).__name__
                if _is_missing(error) and elsewhere:
                    url = elsewhere.pop(0)
                continue
            if sha256(part) == jar.sha256:
                self._place(part, jar)
                return
            problem = "its checksum is wrong"
            advance(-part.stat().st_size)
            part.unlink()
        raise Unavailable("jar-unavailable", f"{jar.name} could not be fetched from {url}: {problem}.")

    def _place(self, part: Path, jar: Jar) -> None:
        if jar.extract is not None:
            inner = part.with_suffix(".inner")
            with zipfile.ZipFile(part) as archive, archive.open(jar.extract) as source, inner.open("wb") as target:
                shutil.copyfileobj(source, target)
            part.unlink()
            part = inner
        part.chmod(0o644)
        durable.publish(part, self.path(jar))


def jar_store(settings: Settings) -> JarStore:
    """The machine's jars."""
    return JarStore(settings.cache_dir / "jars", read_manifest())


def library_folder(settings: Settings) -> Path:
    """Where what only sample apps are made of is kept."""
    return settings.cache_dir / "libraries"


def fetch_all(store: JarStore, jars: Sequence[Jar], advance: Callable[[Jar, int], None]) -> None:
    """Fetches several at a time; raises the first problem after the others ended."""

    def one(jar: Jar) -> None:
        store.fetch(jar, client, lambda size: advance(jar, size))

    largest_first = sorted(jars, key=lambda jar: -jar.size)
    with (
        httpx.Client(timeout=httpx.Timeout(60, connect=20), follow_redirects=True) as client,
        ThreadPoolExecutor(PARALLEL) as pool,
    ):
        problems = [future.exception() for future in [pool.submit(one, jar) for jar in largest_first]]
    for problem in problems:
        if problem is not None:
            raise problem


def sha256(path: Path) -> str:
    """The file's digest in hex; blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(parts: Sequence[str]) -> str:
    """One short digest of several."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def main() -> int:
    """Fetches what is missing, with a progress bar."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    try:
        store, jars = _wanted(sys.argv[1:])
        if not jars:
            return 0
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns) as progress:
            task = progress.add_task("Android framework", total=sum(jar.size for jar in jars))
            fetch_all(store, jars, lambda _, size: progress.advance(task, size))
    except PileusError as error:
        print(f"pileus: {error.detail}", file=sys.stderr)
        return 1
    return 0


def _wanted(words: Sequence[str]) -> tuple[JarStore, list[Jar]]:
    settings = Settings.from_env()
    if "--list" in words:
        manifest = read_manifest(Path(words[words.index("--list") + 1]))
        store = JarStore(library_folder(settings), manifest)
        return store, store.missing([use for jar in manifest.jars for use in jar.use])
    store = jar_store(settings)
    return store, store.missing(TESTING if "--tests" in words else RUNNING)


def _is_missing(error: Exception) -> bool:
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (403, 404)


def _receive(client: httpx.Client, url: str, part: Path, jar: Jar, advance: Advance) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > jar.size:
        part.unlink()
        have = 0
    if have == jar.size:
        advance(have)
        return
    headers: dict[str, Any] = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=headers) as answer:
        answer.raise_for_status()
        if have and answer.status_code != 206:
            have = 0
        advance(have)
        done = have
        try:
            with part.open("ab" if have else "wb") as file:
                for block in answer.iter_raw():
                    file.write(block)
                    done += len(block)
                    advance(len(block))
                    if done > jar.size:
                        raise OSError("more came than was announced")
        except BaseException:
            advance(-done)
            raise


if __name__ == "__main__":
    raise SystemExit(main())
